//! Who finds what: nothing that one may not read shows, in results or in totals.

use serde_json::{Value, json};

use crate::site::{MEMBERS, PUBLIC, Site, checked, titles, total};

/// Who searches.
#[derive(Clone, Copy, Debug)]
enum Who {
    Guest,
    Member,
    Operator,
}

fn found(site: &Site, words: &str, who: Who) -> (Vec<String>, i64) {
    let call = match who {
        Who::Guest => site.search(words),
        Who::Member => site.search(words).as_user(site.member),
        Who::Operator => site.search(words).as_operator(),
    };
    let answer = checked(call.with("ordering", "alpha"));
    (titles(&answer), total(&answer))
}

#[test]
fn what_one_may_not_read_is_in_no_result_and_no_total() {
    for site in Site::each() {
        site.category(1, &json!({ "view_levels": [PUBLIC] }));
        site.category(2, &json!({ "view_levels": [MEMBERS], "parent_id": 1 }));
        site.category(3, &json!({ "parent_id": 2 }));
        site.category(4, &json!({ "is_published": false }));
        site.category(5, &json!({ "parent_id": 4 }));
        let documents = [
            ("open", json!({ "category_id": 1 })),
            (
                "for members",
                json!({ "category_id": 1, "view_levels": [MEMBERS] }),
            ),
            (
                "for both",
                json!({ "category_id": 1, "view_levels": [PUBLIC, MEMBERS] }),
            ),
            ("in members", json!({ "category_id": 2 })),
            ("below members", json!({ "category_id": 3 })),
            ("in a draft", json!({ "category_id": 4 })),
            ("below a draft", json!({ "category_id": 5 })),
            ("nowhere", json!({ "category_id": 99 })),
            (
                "early",
                json!({ "category_id": 1, "publish_up_ms": 4_000_000_000_000_i64 }),
            ),
            ("late", json!({ "category_id": 1, "publish_down_ms": 1000 })),
            (
                "in time",
                json!({ "category_id": 1, "publish_up_ms": 1, "publish_down_ms": 4_000_000_000_000_i64 }),
            ),
            ("private", json!({ "private": true })),
            ("level nobody has", json!({ "view_levels": [777] })),
        ];
        let own = [
            "quartz", "velvet", "jigsaw", "umbrella", "falcon", "nectar", "bishop", "saddle",
            "pumpkin", "walrus", "glacier", "thimble", "orchid",
        ];
        for ((id, (title, members)), own) in (1..).zip(&documents).zip(own) {
            let mut members = Value::clone(members);
            members["title"] = json!(title);
            members["text"] = json!(format!("common {own}"));
            site.document(id, &members);
        }
        let matrix = [
            (Who::Guest, vec!["in time", "open"]),
            (
                Who::Member,
                vec![
                    "below members",
                    "for both",
                    "for members",
                    "in members",
                    "in time",
                    "open",
                ],
            ),
        ];
        for (who, expected) in matrix {
            let (titles, total) = found(&site, "common", who);
            assert_eq!(titles, expected, "{who:?}");
            assert_eq!(usize::try_from(total), Ok(expected.len()), "{who:?}");
            for ((title, _), own) in documents.iter().zip(own) {
                let total = found(&site, own, who).1;
                assert_eq!(
                    total,
                    i64::from(expected.contains(title)),
                    "{who:?} {title}"
                );
            }
        }
        let operator = found(&site, "common", Who::Operator).0;
        assert!(operator.contains(&"private".to_owned()), "{operator:?}");
        assert!(!operator.contains(&"in a draft".to_owned()), "{operator:?}");
    }
}

#[test]
fn a_word_that_only_hidden_texts_have_is_as_one_that_nobody_has() {
    for site in Site::each() {
        site.document(
            1,
            &json!({ "title": "Hidden", "text": "mountains", "view_levels": [MEMBERS] }),
        );
        site.document(2, &json!({ "title": "Open", "text": "fountains" }));
        // Nothing that a guest may see has the word, so a wrong character is forgiven him as ever.
        assert_eq!(found(&site, "mountains", Who::Guest).0, ["Open"]);
        assert_eq!(found(&site, "fountains", Who::Guest).0, ["Open"]);
    }
}

#[test]
fn hiding_a_category_hides_what_is_in_it_from_the_next_search_on() {
    for site in Site::each() {
        site.category(1, &json!({}));
        site.category(2, &json!({ "parent_id": 1 }));
        site.document(
            1,
            &json!({ "title": "One", "text": "common", "category_id": 2 }),
        );
        assert_eq!(site.titles("common"), ["One"]);
        site.category(1, &json!({ "view_levels": [MEMBERS] }));
        assert!(site.titles("common").is_empty());
        site.category(1, &json!({ "title": "Renamed" }));
        assert_eq!(site.titles("common"), ["One"]);
        site.write(&[(true, "content", 1, Value::Null)]);
        assert!(site.titles("common").is_empty());
    }
}
