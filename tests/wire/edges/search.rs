//! The search: its areas, in the ways in which clients write lists, and its pages.

use loggia_tests::site::Site;
use serde_json::json;

use super::{Asked, add, call, each, each_site, page};
use crate::fixture::operate;

fn fill(site: &Site, asked: &Asked<'_>) {
    let category = add(site, &["content", "category", "--title", "Edges"]);
    for title in ["Quagga one", "Quagga two", "Quagga three"] {
        let words = [
            "content",
            "article",
            "--category",
            &category,
            "--title",
            title,
        ];
        add(site, &[&words[..], &["--introtext", "quagga"]].concat());
    }
    let forum = add(site, &["forum", "category", "--name", "Edges"]);
    let operator = asked.node.endpoint("key");
    let operator = operator.with_key(&asked.node.fact("/keys/unlimited"));
    let topic = json!({
        "catid": forum.parse::<i64>().expect("a number"), "subject": "Quagga four", "message": "quagga",
    });
    let answer = operator.post_json("/post/kunena/topics", &topic);
    assert_eq!(answer.json()["status"], "ok", "{}", answer.text());
    let app = add(site, &["catalog", "application", "--name", "Edges"]);
    let words = [
        "catalog",
        "type",
        "--app",
        &app,
        "--name",
        "Thing",
        "--elements",
        "[]",
    ];
    operate(site, &words);
    let words = [
        "catalog",
        "item",
        "--app",
        &app,
        "--type",
        "thing",
        "--name",
        "Quagga five",
    ];
    add(site, &words);
}

#[test]
fn areas_are_one_or_several_by_either_name_of_their_modules() {
    each_site("", |site, asked| {
        fill(site, asked);
        let totals = |members: &[(&str, &str)]| {
            let word = [("searchword", "quagga")];
            let answer = asked.answer(&call("get", "search", "site", &[&word, members].concat()));
            assert_eq!(
                answer["total"],
                each(&answer, "results", "title").len(),
                "{answer}"
            );
            answer["total"].clone()
        };
        assert_eq!(totals(&[]), 5);
        for (area, total) in [
            ("content", 3),
            ("forum", 1),
            ("kunena", 1),
            ("catalog", 1),
            ("zoo", 1),
            ("nothing", 0),
        ] {
            assert_eq!(totals(&[("areas[]", area)]), total, "{area}");
        }
        assert_eq!(totals(&[("areas[]", "")]), 5, "an empty name asks for all");
        // What a JSON object cannot have twice, a query can, and JSON has lists.
        let free = asked.node.endpoint("free");
        for (areas, total) in [
            ("areas[]=kunena&areas[]=content", 4),
            ("areas[0]=content&areas[1]=zoo", 4),
            ("areas[a]=kunena&areas[b]=nothing", 1),
        ] {
            let path = format!("/get/search/site?searchword=quagga&{areas}");
            let answer = free.get(&path);
            assert_eq!(answer.json()["total"], total, "{areas}: {}", answer.text());
        }
        let list = json!({
            "action": "get", "module": "search", "resource": "site", "searchword": "quagga",
            "areas": ["kunena", "content"],
        });
        assert_eq!(free.post_json("", &list).json()["total"], 4);
    });
}

#[test]
fn pages_are_of_twenty_and_the_last_one_stands_for_all_beyond() {
    each_site("", |site, asked| {
        fill(site, asked);
        let found = |members: &[(&str, &str)]| {
            let word = [("searchword", "quagga"), ("ordering", "alpha")];
            asked.answer(&call("get", "search", "site", &[&word, members].concat()))
        };
        let all = found(&[]);
        assert_eq!(page(&all), json!([5, 20, 0, 1, 1]));
        assert_eq!(page(&found(&[("limit", "0")])), json!([5, 20, 0, 1, 1]));
        let last = found(&[("limit", "2"), ("limitstart", "99")]);
        assert_eq!(page(&last), json!([5, 2, 4, 3, 3]));
        let titles = each(&all, "results", "title");
        assert_eq!(each(&last, "results", "title"), titles[4..]);
        assert_eq!(
            found(&[("searchphrase", "nonsense"), ("limit", "20")]),
            all,
            "an unknown phrase is all"
        );
        let code = |word: &str| asked.code(&call("get", "search", "site", &[("searchword", word)]));
        assert_eq!(
            (code(" "), code("ab")),
            ("SRH_WNS".to_owned(), "SRH_WTS".to_owned())
        );
    });
}
