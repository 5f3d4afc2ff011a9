//! Articles and their categories.

use loggia_tests::site::Site;
use serde_json::{Value, json};

use super::{add, call, each, each_site, page};
use crate::form::Call;

/// A published category with three articles, below it one that is not published, and below that one that is, with an
/// article.
struct Tree {
    top: String,
    hidden: String,
    below: String,
    articles: Vec<String>,
    below_article: String,
    tag: String,
}

impl Tree {
    fn grow(site: &Site) -> Tree {
        let category = |title: &str, parent: &str, state: &str| {
            let words = ["content", "category", "--title", title, "--state", state];
            let more: &[&str] = if parent.is_empty() {
                &[]
            } else {
                &["--parent", parent]
            };
            add(site, &[&words, more].concat())
        };
        let top = category("Edges", "", "1");
        let hidden = category("Hidden", &top, "0");
        let below = category("Below", &hidden, "1");
        let tag = add(site, &["content", "tag", "--title", "Edge"]);
        let article = |title: &str, category: &str| {
            let words = [
                "content",
                "article",
                "--category",
                category,
                "--title",
                title,
            ];
            add(
                site,
                &[&words[..], &["--introtext", "<p>x</p>", "--tags", &tag]].concat(),
            )
        };
        let articles = ["One", "Two", "Three"].map(|title| article(title, &top));
        let below_article = article("Unseen", &below);
        Tree {
            top,
            hidden,
            below,
            articles: articles.to_vec(),
            below_article,
            tag,
        }
    }
}

fn articles(members: &[(&str, &str)]) -> Call {
    call("get", "content", "articles", members)
}

fn categories(members: &[(&str, &str)]) -> Call {
    call("get", "content", "categories", members)
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

#[test]
fn pages_are_null_without_a_limit_and_the_last_one_beyond_the_end() {
    each_site("", |site, asked| {
        let tree = Tree::grow(site);
        let of = |members: &[(&str, &str)]| {
            let category = [("catid", tree.top.as_str())];
            asked.answer(&articles(&[&category, members].concat()))
        };
        for members in [
            &[][..],
            &[("limit", "0")],
            &[("offset", "2")],
            &[("limit", "")],
        ] {
            let answer = of(members);
            assert_eq!(
                page(&answer),
                json!([3, null, null, null, null]),
                "{members:?}"
            );
            assert_eq!(
                sorted(each(&answer, "articles", "id")),
                sorted(tree.articles.clone())
            );
        }
        let answer = of(&[("limit", "-1")]);
        assert_eq!(answer["articles"], json!([]), "{answer}");
        assert_eq!(page(&of(&[("limit", "2")])), json!([3, 2, 0, 1, 2]));
        let last = of(&[("limit", "2"), ("offset", "99")]);
        assert_eq!(page(&last), json!([3, 2, 2, 2, 2]));
        assert_eq!(last["articles"].as_array().map(Vec::len), Some(1));
        let nothing = asked.answer(&articles(&[("catid", "99999")]));
        assert_eq!(page(&nothing), json!([0, null, null, null, null]));
        assert_eq!(nothing["articles"], json!([]));
        let tagged = |members: &[(&str, &str)]| {
            let tag = [("tagid", tree.tag.as_str())];
            asked.answer(&call(
                "get",
                "content",
                "tagarticles",
                &[&tag, members].concat(),
            ))
        };
        assert_eq!(page(&tagged(&[])), json!([3, null, null, null, null]));
        assert_eq!(
            page(&tagged(&[("limit", "2"), ("offset", "99")])),
            json!([3, 2, 2, 2, 2])
        );
        assert_eq!(
            each(&tagged(&[]), "articles", "title"),
            ["One", "Three", "Two"]
        );
    });
}

#[test]
fn an_alias_behind_an_id_and_unknown_orders_are_passed_over() {
    each_site("", |site, asked| {
        let tree = Tree::grow(site);
        let id = tree.articles[0].as_str();
        let plain = asked.answer(&articles(&[("id", id)]));
        for end in ["-one", ":one", "-", " one"] {
            let with_alias = format!("{id}{end}");
            assert_eq!(
                asked.answer(&articles(&[("id", &with_alias)])),
                plain,
                "{end}"
            );
        }
        let top = format!("{}-edges", tree.top);
        let plain = asked.answer(&categories(&[("id", &tree.top)]));
        assert_eq!(asked.answer(&categories(&[("id", &top)])), plain);
        assert_eq!(
            plain["numitems"], "3",
            "a single category is always counted"
        );
        let list = asked.answer(&articles(&[("catid", &tree.top)]));
        assert_eq!(asked.answer(&articles(&[("catid", &top)])), list);
        let strange = [
            ("catid", tree.top.as_str()),
            ("orderby", "nonsense"),
            ("orderdir", "sideways"),
        ];
        assert_eq!(asked.answer(&articles(&strange)), list);
        let strange = [
            ("catid", tree.top.as_str()),
            ("featured", "perhaps"),
            ("maxsubs", "x"),
        ];
        assert_eq!(asked.answer(&articles(&strange)), list);
        let tags = format!("{}-edge,99999", tree.tag);
        let tagged = asked.answer(&call("get", "content", "tagarticles", &[("tagid", &tags)]));
        assert_eq!(tagged["total"], 3);
        for wrong in ["99999", "0", "-1", "one"] {
            assert_eq!(
                asked.code(&articles(&[("id", wrong)])),
                "CNT_ANF",
                "{wrong}"
            );
            assert_eq!(
                asked.code(&categories(&[("id", wrong)])),
                "CNT_CNF",
                "{wrong}"
            );
        }
        assert_eq!(asked.code(&categories(&[("rootid", "99999")])), "CNT_NCF");
    });
}

#[test]
fn nothing_below_what_is_hidden_is_shown_or_counted() {
    each_site("", |site, asked| {
        let tree = Tree::grow(site);
        for id in [&tree.hidden, &tree.below] {
            assert_eq!(asked.code(&categories(&[("id", id)])), "CNT_CNF");
            assert_eq!(asked.code(&categories(&[("rootid", id)])), "CNT_NCF");
            assert_eq!(asked.answer(&articles(&[("catid", id)]))["total"], 0);
        }
        assert_eq!(
            asked.code(&articles(&[("id", &tree.below_article)])),
            "CNT_ANF"
        );
        let deep = [("catid", tree.top.as_str()), ("maxsubs", "9")];
        assert_eq!(asked.answer(&articles(&deep))["total"], 3);
        let titles = each(&asked.answer(&articles(&[])), "articles", "title");
        assert!(!titles.contains(&"Unseen".to_owned()), "{titles:?}");
        for root in [&[][..], &[("rootid", "root")], &[("rootid", "")]] {
            let members = [root, &[("recursive", "1"), ("countitems", "true")]].concat();
            let answer = asked.answer(&categories(&members));
            let ids = each(&answer, "categories", "id");
            assert_eq!(answer["total"], ids.len());
            assert!(
                ids.contains(&tree.top)
                    && !ids.contains(&tree.hidden)
                    && !ids.contains(&tree.below)
            );
            let of_top = |one: &&Value| one["id"] == tree.top.as_str();
            let top = answer["categories"]
                .as_array()
                .and_then(|all| all.iter().find(of_top));
            assert_eq!(top.map(|top| &top["numitems"]), Some(&json!("3")));
        }
        let uncounted = asked.answer(&categories(&[]));
        assert!(
            uncounted["categories"][0]["numitems"].is_null(),
            "{uncounted}"
        );
    });
}
