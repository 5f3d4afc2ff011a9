//! Who may do what: every operation by every kind of caller on records of every kind.

use loggia_testkit::TestCall;
use serde_json::{Value, json};

use crate::board::{Board, MEMBERS};

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Guest,
    Member,
    Author,
    Moderator,
    Manager,
    OtherKey,
    Key,
}

const EVERYBODY: [Who; 7] = [
    Who::Guest,
    Who::Member,
    Who::Author,
    Who::Moderator,
    Who::Manager,
    Who::OtherKey,
    Who::Key,
];

fn by<'b>(board: &Board, who: Who, call: TestCall<'b>) -> TestCall<'b> {
    match who {
        Who::Guest => call,
        Who::Member => call.as_user(board.member),
        Who::Author => call.as_user(board.author),
        Who::Moderator => call.as_user(board.moderator),
        Who::Manager => call.as_user(board.manager),
        Who::OtherKey => call.with_key(2, &["content.manage"]),
        Who::Key => call.with_key(1, &["forum.manage"]),
    }
}

/// A topic of the author's with his answer, in a category of a kind.
struct Record {
    kind: &'static str,
    category: i64,
    topic: i64,
    first: i64,
    answer: i64,
}

/// An operation, and what it is called with on a record.
type Act = (&'static str, &'static str, fn(&Record) -> Value);

/// Whether somebody may call an operation, by its action and resource.
type May<'m> = &'m dyn Fn(&str, &str) -> bool;

/// Every operation that changes something.
const ACTS: [Act; 15] = [
    (
        "post",
        "posts",
        |record| json!({ "topic": record.topic, "message": "m" }),
    ),
    (
        "put",
        "posts",
        |record| json!({ "id": record.answer, "message": "m" }),
    ),
    (
        "put",
        "topics",
        |record| json!({ "id": record.topic, "subject": "s" }),
    ),
    (
        "post",
        "attachments",
        |record| json!({ "post": record.answer, "file": "media:1" }),
    ),
    ("delete", "posts", |record| json!({ "id": record.answer })),
    ("delete", "topics", |record| json!({ "id": record.topic })),
    ("post", "approve", |record| json!({ "id": record.first })),
    ("post", "hold", |record| json!({ "id": record.answer })),
    ("post", "restore", |record| json!({ "id": record.first })),
    ("post", "lock", |record| json!({ "id": record.topic })),
    ("post", "stick", |record| json!({ "id": record.topic })),
    (
        "post",
        "move",
        |record| json!({ "id": record.topic, "catid": record.category }),
    ),
    ("post", "thanks", |record| json!({ "id": record.answer })),
    (
        "post",
        "subscriptions",
        |record| json!({ "topic": record.topic }),
    ),
    (
        "post",
        "topics",
        |record| json!({ "catid": record.category, "subject": "s", "message": "m" }),
    ),
];

/// One record of each kind: what stands in the word is where it is or how it is.
fn records(board: &Board) -> Vec<Record> {
    let record = |kind: &'static str, category: &Value| {
        let mut members = category.clone();
        members["name"] = kind.into();
        members["moderators"] = json!([board.moderator]);
        let category = board.category(&members);
        let (topic, first) = board.topic(board.author, category, kind);
        let answer = board.reply(board.author, topic, kind);
        Record {
            kind,
            category,
            topic,
            first,
            answer,
        }
    };
    let open = record("open", &json!({}));
    let closed = record("members", &json!({ "access": MEMBERS }));
    let draft = record("draft", &json!({}));
    board.category(&json!({ "id": draft.category, "state": 0 }));
    let held = record("held", &json!({}));
    let deleted = record("deleted", &json!({}));
    for (act, id) in [("hold", held.first), ("hold", held.answer)] {
        crate::board::ok(board.act("post", act, id).as_user(board.manager));
    }
    crate::board::ok(
        board
            .act("delete", "topics", deleted.topic)
            .as_user(board.manager),
    );
    vec![open, closed, draft, held, deleted]
}

/// Whether a caller sees a record.
fn sees(who: Who, kind: &str) -> bool {
    let moderates = matches!(who, Who::Moderator | Who::Manager);
    match kind {
        "open" => true,
        "members" => !matches!(who, Who::Guest | Who::OtherKey | Who::Key),
        "draft" | "deleted" => moderates,
        "held" => moderates || who == Who::Author,
        other => panic!("{other}"),
    }
}

#[test]
fn nobody_reads_what_is_not_for_him() {
    for board in Board::each() {
        for record in records(&board) {
            for who in EVERYBODY {
                let (sees, kind) = (sees(who, record.kind), record.kind);
                let asked = |resource: &str, name: &str, id: i64| {
                    by(&board, who, board.get(resource).with(name, id)).json()
                };
                let one = asked("topics", "id", record.topic);
                assert_eq!(one["status"] == "ok", sees, "{who:?} {kind}: {one}");
                if !sees {
                    assert_eq!(one["error_code"], "KUN_TNF", "{who:?} {kind}");
                }
                for post in [record.first, record.answer] {
                    let post = asked("posts", "id", post);
                    assert_eq!(post["status"] == "ok", sees, "{who:?} {kind}: {post}");
                }
                let hides_category = matches!(kind, "members" | "draft") && !sees;
                let category = asked("categories", "id", record.category);
                let list = asked("topics", "catid", record.category);
                for answer in [&category, &list] {
                    assert_eq!(
                        answer["status"] == "ko",
                        hides_category,
                        "{who:?} {kind}: {answer}"
                    );
                }
                if hides_category {
                    assert_eq!(list["error_code"], "KUN_CNF");
                    continue;
                }
                // Even who sees what is held finds it in no count that everybody is shown.
                let counted = json!(if matches!(kind, "held" | "deleted") {
                    "0"
                } else {
                    "1"
                });
                assert_eq!(category["numTopics"], counted, "{who:?} {kind}");
                let listed = sees && kind != "deleted";
                assert_eq!(
                    list["total"],
                    json!(if listed { "1" } else { "0" }),
                    "{who:?} {kind}"
                );
                assert_eq!(
                    list["topics"].as_array().unwrap().len(),
                    usize::from(listed)
                );
            }
        }
    }
}

#[test]
fn nobody_does_what_is_not_his_to_do() {
    for board in Board::each() {
        let records = records(&board);
        for (action, resource, members) in ACTS {
            for record in &records {
                for who in [Who::Guest, Who::OtherKey, Who::Member] {
                    let call = board.call(action, resource, &members(record));
                    let code = by(&board, who, call).json()["error_code"].clone();
                    let context = format!("{who:?} {action}/{resource} of {}", record.kind);
                    if who != Who::Member {
                        let codes = [json!("REQ_AUR"), json!("REQ_AKR"), json!("REQ_AKN")];
                        assert!(codes.contains(&code), "{context}: {code}");
                        continue;
                    }
                    let sees = sees(who, record.kind);
                    // A member writes where he reads, and what he may not do with what he sees is said.
                    let free = ["thanks", "subscriptions"].contains(&resource)
                        || (action == "post" && ["topics", "posts"].contains(&resource));
                    let of_open_category = resource == "topics" && action == "post";
                    let hides_category = matches!(record.kind, "draft");
                    if (sees && free) || (of_open_category && !hides_category) {
                        assert_eq!(code, Value::Null, "{context}");
                    } else if sees {
                        assert_eq!(code, "KUN_ANA", "{context}");
                    } else {
                        let codes = [json!("KUN_TNF"), json!("KUN_PNF"), json!("KUN_CNF")];
                        assert!(codes.contains(&code), "{context}: {code}");
                    }
                }
            }
        }
    }
}

#[test]
fn moderators_have_no_rights_beyond_their_category_and_keys_have_all() {
    for board in Board::each() {
        let own = board.category(&json!({ "name": "Own", "moderators": [board.moderator] }));
        let other = board.category(&json!({ "name": "Other" }));
        let (in_own, _) = board.topic(board.author, own, "a");
        let (in_other, first) = board.topic(board.author, other, "b");
        let lock = |topic: i64, who| by(&board, who, board.act("post", "lock", topic)).json();
        assert_eq!(lock(in_own, Who::Moderator)["status"], "ok");
        assert_eq!(lock(in_other, Who::Moderator)["error_code"], "KUN_ANA");
        assert_eq!(lock(in_other, Who::Manager)["status"], "ok");
        assert_eq!(lock(in_other, Who::Key)["status"], "ok");
        let delete = board.act("delete", "topics", in_other);
        assert_eq!(by(&board, Who::Key, delete).json()["status"], "ok");
        let restore = board.act("post", "restore", first);
        assert_eq!(
            by(&board, Who::Moderator, restore).json()["error_code"],
            "KUN_PNF"
        );
        let restore = board.act("post", "restore", first).as_operator();
        assert_eq!(restore.json()["status"], "ok");
    }
}

#[test]
fn authors_moderators_managers_and_keys_do_what_is_theirs() {
    let everything = |_: &str, _: &str| true;
    // His answer is to his own topic, so he may delete that, too.
    let author = |action: &str, resource: &str| {
        let own = ["attachments", "posts", "topics", "subscriptions"];
        own.contains(&resource) && (action != "get")
    };
    // Behind a key stands nobody who could thank or be mailed.
    let key = |_: &str, resource: &str| !["thanks", "subscriptions"].contains(&resource);
    let callers: [(Who, May<'_>); 4] = [
        (Who::Author, &author),
        (Who::Moderator, &everything),
        (Who::Manager, &everything),
        (Who::Key, &key),
    ];
    for board in Board::each() {
        for kind in ["open", "members"] {
            let access = if kind == "open" { 1 } else { MEMBERS };
            let members =
                json!({ "name": kind, "access": access, "moderators": [board.moderator] });
            let category = board.category(&members);
            for (who, may) in callers {
                for (action, resource, members) in ACTS {
                    let (topic, first) = board.topic(board.author, category, kind);
                    let record = Record {
                        kind: "open",
                        category,
                        topic,
                        first,
                        answer: board.reply(board.author, topic, kind),
                    };
                    let call = board.call(action, resource, &members(&record));
                    let answer = by(&board, who, call).json();
                    let code = answer["error_code"].clone();
                    let wanted = if may(action, resource) {
                        Value::Null
                    } else {
                        json!("KUN_ANA")
                    };
                    assert_eq!(
                        code, wanted,
                        "{who:?} {action}/{resource} of {kind}: {answer}"
                    );
                }
            }
        }
    }
}
