//! Who may do what with which item: a matrix of callers, operations and items.

use loggia_testkit::TestCall;
use serde_json::{Value, json};

use crate::library::{MEMBERS, Shop, items, names};

/// Everybody who calls, in the order of the columns below.
const CALLERS: [&str; 9] = [
    "guest",
    "member",
    "author",
    "other author",
    "editor",
    "publisher",
    "manager",
    "key",
    "other key",
];

fn by<'h>(shop: &Shop, call: TestCall<'h>, caller: &str) -> TestCall<'h> {
    match caller {
        "guest" => call,
        "member" => call.as_user(shop.member),
        "author" => call.as_user(shop.author),
        "other author" => call.as_user(shop.other_author),
        "editor" => call.as_user(shop.editor),
        "publisher" => call.as_user(shop.publisher),
        "manager" => call.as_user(shop.manager),
        "key" => call.with_key(1, &["catalog.write"]),
        _ => call.with_key(1, &["release.manage"]),
    }
}

/// `+` for success, else the code's letters.
fn outcome(answer: &Value) -> &str {
    if answer["status"] == "ok" {
        "+"
    } else {
        let code = answer["error_code"].as_str().expect("a code");
        code.split('_').next_back().unwrap_or_default()
    }
}

/// The items by which callers differ, all written by the author.
fn records(shop: &Shop) -> [(&'static str, i64); 5] {
    let closed = shop.category("Closed", 0, &json!({ "state": 0 }));
    let mine = |name: &str, categories: &[i64], more: Value| {
        let more = crate::library::merged(&json!({ "created_by": shop.author }), &more);
        shop.product(name, categories, &more)
    };
    [
        ("published", mine("published", &[], json!({}))),
        ("draft", mine("draft", &[], json!({ "state": 0 }))),
        (
            "members",
            mine("members", &[], json!({ "access": MEMBERS })),
        ),
        ("hidden", mine("hidden", &[closed], json!({}))),
        ("special", mine("special", &[], json!({ "access": 6 }))),
    ]
}

#[test]
fn reading_shows_to_each_caller_what_is_for_him() {
    for shop in Shop::each() {
        let reads = [
            // guest, member, author, other author, editor, publisher, manager, key, other key
            ("published", None, "+ + + + + + + + +"),
            ("published", Some(1), "ANA ANA + ANA + + + ANA ANA"),
            ("draft", None, "INF INF INF INF INF INF INF INF INF"),
            ("draft", Some(0), "ANA INF + INF + + + ANA ANA"),
            ("members", None, "ANA + + + + + + ANA ANA"),
            ("hidden", None, "INF INF INF INF INF INF INF INF INF"),
            ("hidden", Some(1), "ANA INF + INF + + + ANA ANA"),
            ("special", None, "ANA ANA ANA ANA ANA ANA ANA ANA ANA"),
            ("special", Some(1), "ANA ANA + ANA ANA ANA ANA ANA ANA"),
        ];
        let records = records(&shop);
        for (name, state, wanted) in reads {
            let of_name = records.iter().find(|(known, _)| *known == name);
            let (_, id) = of_name.expect("a record");
            let found: Vec<String> = CALLERS
                .iter()
                .map(|caller| {
                    let mut call = shop.item(*id);
                    if let Some(state) = state {
                        call = call.with("state", state);
                    }
                    outcome(&by(&shop, call, caller).json()).to_owned()
                })
                .collect();
            assert_eq!(found.join(" "), wanted, "{name} {state:?} for {CALLERS:?}");
        }
        for caller in CALLERS {
            let (found, total) = names(&items(by(&shop, shop.items(0), caller)));
            assert_eq!(Ok(total), i64::try_from(found.len()), "{caller}");
            let wanted: &[&str] = match caller {
                "guest" | "key" | "other key" => &["published"],
                _ => &["members", "published"],
            };
            assert_eq!(found, wanted, "{caller}");
        }
    }
}

#[test]
fn writing_is_open_to_each_caller_as_far_as_his_groups_go() {
    type Asked = fn(&Shop, i64) -> TestCall<'_>;
    let operations: [(&str, Asked, [&str; 3]); 9] = [
        (
            "change",
            |shop, id| {
                shop.host
                    .call("put", "items")
                    .with("id", id)
                    .with("name", "x")
            },
            [
                "AUR ANA + ANA + + + + AKN",
                "AUR INF + INF + + + + AKN",
                "AUR ANA + ANA ANA ANA ANA + AKN",
            ],
        ),
        (
            "state",
            |shop, id| {
                shop.host
                    .call("put", "items")
                    .with("id", id)
                    .with("state", 1)
            },
            [
                "AUR ANA ANA ANA ANA + + + AKN",
                "AUR ANA ANA ANA ANA + + + AKN",
                "AUR ANA ANA ANA ANA ANA ANA + AKN",
            ],
        ),
        (
            "author",
            |shop, id| {
                let put = shop.host.call("put", "items").with("id", id);
                put.with("created_by", shop.author)
            },
            [
                "AUR ANA ANA ANA ANA ANA + + AKN",
                "AUR ANA ANA ANA ANA ANA + + AKN",
                "AUR ANA ANA ANA ANA ANA ANA + AKN",
            ],
        ),
        (
            "revisions",
            |shop, id| shop.get("revisions").with("id", id),
            [
                "AUR ANA + ANA + + + + AKN",
                "AUR INF + INF + + + + AKN",
                "AUR ANA + ANA ANA ANA ANA + AKN",
            ],
        ),
        (
            "archive",
            |shop, id| shop.host.call("post", "archive").with("id", id),
            [
                "AUR ANA ANA ANA ANA + + + AKN",
                "AUR INF ANA INF ANA + + + AKN",
                "AUR ANA ANA ANA ANA ANA ANA + AKN",
            ],
        ),
        (
            "publish",
            |shop, id| shop.host.call("post", "publish").with("id", id),
            [
                "AUR ANA ANA ANA ANA + + + AKN",
                "AUR INF ANA INF ANA + + + AKN",
                "AUR ANA ANA ANA ANA ANA ANA + AKN",
            ],
        ),
        (
            "list of the trash",
            |shop, _| shop.items(0).with("state", -2),
            [
                "ANA ANA + + + + + ANA ANA",
                "ANA ANA + + + + + ANA ANA",
                "ANA ANA + + + + + ANA ANA",
            ],
        ),
        (
            "category",
            |shop, _| {
                let put = shop.host.call("put", "categories").with("app", shop.app);
                put.with("name", "x")
            },
            [
                "AUR ANA ANA ANA ANA ANA + + AKN",
                "AUR ANA ANA ANA ANA ANA + + AKN",
                "AUR ANA ANA ANA ANA ANA + + AKN",
            ],
        ),
        (
            "add",
            |shop, _| {
                let post = shop.host.call("post", "items").with("app", shop.app);
                post.with("type", "product").with("name", "x")
            },
            [
                "AUR ANA + + + + + + AKN",
                "AUR ANA + + + + + + AKN",
                "AUR ANA + + + + + + AKN",
            ],
        ),
    ];
    for shop in Shop::each() {
        let records = records(&shop);
        let of = |wanted: &str| {
            let found = records.iter().find(|(name, _)| *name == wanted);
            found.expect("a record").1
        };
        for (operation, asked, wanted) in &operations {
            for (record, wanted) in ["published", "draft", "special"].into_iter().zip(wanted) {
                let found: Vec<String> = CALLERS
                    .iter()
                    .map(|caller| {
                        // Each caller finds the item as it was at first.
                        let state = i64::from(record != "draft");
                        let first = json!({
                            "id": of(record), "state": state, "created_by": shop.author,
                        });
                        shop.saved("items", &first);
                        let answer = by(&shop, asked(&shop, of(record)), caller).json();
                        outcome(&answer).to_owned()
                    })
                    .collect();
                assert_eq!(
                    found.join(" "),
                    *wanted,
                    "{operation} of {record} for {CALLERS:?}"
                );
            }
        }
    }
}

#[test]
fn applications_and_types_are_the_operators() {
    for shop in Shop::each() {
        for resource in ["applications", "types"] {
            let put = || {
                let put = shop.host.call("put", resource).with("name", "x");
                put.with("app", shop.app)
            };
            assert_eq!(put().fault(), "REQ_AKR", "{resource}");
            assert_ne!(
                put().as_user(shop.manager).json()["status"],
                "ok",
                "{resource}"
            );
            assert_eq!(
                put().with_key(1, &["release.manage"]).fault(),
                "REQ_AKN",
                "{resource}"
            );
            assert_eq!(
                put().with_key(1, &["catalog.write"]).json()["status"],
                "ok",
                "{resource}"
            );
        }
    }
}
