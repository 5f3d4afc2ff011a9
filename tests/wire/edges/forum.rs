//! The forum.

use serde_json::json;

use super::{add, call, each, each_site};
use crate::form::Call;

fn categories(members: &[(&str, &str)]) -> Call {
    call("get", "kunena", "categories", members)
}

fn topics(members: &[(&str, &str)]) -> Call {
    call("get", "kunena", "topics", members)
}

#[test]
fn levels_are_one_or_so_many_or_all_and_hide_what_is_below_the_hidden() {
    each_site("", |site, asked| {
        let category = |name: &str, more: &[&str]| {
            add(
                site,
                &[&["forum", "category", "--name", name], more].concat(),
            )
        };
        let top = category("Edges", &[]);
        let middle = category("Middle", &["--parent", &top]);
        let low = category("Low", &["--parent", &middle]);
        let hidden = category("Hidden", &["--parent", &top, "--state", "0"]);
        let below = category("Below", &["--parent", &hidden]);
        let shown = |members: &[(&str, &str)]| {
            let answer = asked.answer(&categories(members));
            each(&answer, "categories", "id")
        };
        let with_alias = format!("{top}-edges");
        for parent in [top.as_str(), with_alias.as_str()] {
            let of = |levels: &[(&str, &str)]| shown(&[&[("parentid", parent)], levels].concat());
            let (one, two) = (vec![middle.clone()], vec![middle.clone(), low.clone()]);
            assert_eq!(of(&[]), one);
            assert_eq!(of(&[("levels", "1")]), one);
            assert_eq!(of(&[("levels", "2")]), two);
            assert_eq!(of(&[("levels", "0")]), two);
            assert_eq!(of(&[("levels", "0"), ("unpublished", "0")]), two);
            // To a guest, who moderates nothing, the parameter shows nothing more.
            assert_eq!(of(&[("levels", "0"), ("unpublished", "1")]), two);
        }
        for root in [&[][..], &[("parentid", "root")], &[("parentid", "0")]] {
            let members = [root, &[("levels", "0")]].concat();
            let ids = shown(&members);
            assert!(
                [&top, &middle, &low].iter().all(|id| ids.contains(id)),
                "{ids:?}"
            );
            assert!(!ids.contains(&hidden) && !ids.contains(&below), "{ids:?}");
            assert!(!shown(root).contains(&middle), "one level");
        }
        let plain = asked.answer(&categories(&[("id", &top)]));
        assert_eq!(asked.answer(&categories(&[("id", &with_alias)])), plain);
        for id in [&hidden, &below, &"99999".to_owned()] {
            assert_eq!(asked.code(&categories(&[("id", id)])), "KUN_CNF");
            assert_eq!(asked.code(&topics(&[("catid", id)])), "KUN_CNF");
        }
        let empty = asked.answer(&topics(&[("catid", &with_alias)]));
        assert_eq!(
            (&empty["total"], &empty["topics"]),
            (&json!("0"), &json!([]))
        );
    });
}

#[test]
fn topics_come_twenty_at_once_and_the_last_page_stands_for_all_beyond() {
    each_site("", |site, asked| {
        let category = add(site, &["forum", "category", "--name", "Many"]);
        let operator = asked.node.endpoint("key");
        let operator = operator.with_key(&asked.node.fact("/keys/unlimited"));
        for number in 0..23 {
            let topic = json!({
                "catid": category.parse::<i64>().expect("a number"),
                "subject": format!("Topic {number}"), "message": "x",
            });
            let answer = operator.post_json("/post/kunena/topics", &topic);
            assert_eq!(answer.json()["status"], "ok", "{}", answer.text());
        }
        let list = |members: &[(&str, &str)]| {
            let category = [("catid", category.as_str())];
            asked.answer(&topics(&[&category, members].concat()))
        };
        let first = list(&[]);
        assert_eq!(
            (&first["total"], &first["limit"]),
            (&json!("23"), &json!(20)),
            "{first}"
        );
        assert_eq!(each(&first, "topics", "id").len(), 20);
        assert_eq!(
            list(&[("limit", "20"), ("offset", "0"), ("orderdir", "desc")]),
            first
        );
        assert_eq!(list(&[("orderdir", "sideways")]), first);
        let last = list(&[("limit", "10"), ("offset", "500")]);
        assert_eq!(each(&last, "topics", "id").len(), 3);
        let mut turned = each(
            &list(&[("limit", "30"), ("orderdir", "asc")]),
            "topics",
            "id",
        );
        turned.reverse();
        assert_eq!(turned, each(&list(&[("limit", "30")]), "topics", "id"));
        let id = each(&first, "topics", "id").remove(0);
        let plain = asked.answer(&topics(&[("id", &id)]));
        let with_alias = format!("{id}-topic");
        assert_eq!(asked.answer(&topics(&[("id", &with_alias)])), plain);
        assert_eq!(asked.code(&topics(&[("id", "99999")])), "KUN_TNF");
    });
}
