//! Found once it is written: on the node that wrote it and on another, after a kill, and by the operator's account.

use loggia::store::testing::TestDatabase;
use loggia_tests::client::{Answer, Client};
use loggia_tests::site::{Node, Site};
use serde_json::{Value, json};

const JSON: &str = "application/json";

fn operator(node: &Node) -> Client {
    node.endpoint("semantic")
        .with_key(&node.fact("/keys/unlimited"))
}

fn send(node: &Node, method: &str, path: &str, body: &Value) -> Answer {
    let answer = operator(node).send(method, path, Some(JSON), body.to_string().as_bytes());
    assert!(answer.status < 300, "{method} {path}: {}", answer.text());
    answer
}

/// Adds an article with a word in its text, and gives its path.
fn article(node: &Node, word: &str) -> String {
    let category: i64 = node.fact("/content/category").parse().expect("a number");
    let text = format!("<p>It says {word}.</p>");
    let body = json!({ "category": category, "title": format!("About {word}"), "introtext": text });
    let added = send(node, "POST", "/content/articles", &body);
    let id = added.json()["id"].as_str().map(str::to_owned);
    format!("/content/articles/{}", id.expect("an id"))
}

/// How many results a guest of a node finds.
fn total(node: &Node, word: &str) -> i64 {
    let answer = node.endpoint("free").get(&format!(
        "/get/search/site?searchword={word}&searchphrase=exact"
    ));
    let total = answer.json()["total"].as_i64();
    total.unwrap_or_else(|| panic!("{}", answer.text()))
}

#[test]
fn what_one_node_writes_the_other_finds_in_the_next_request() {
    let Some(database) = TestDatabase::postgresql() else {
        return;
    };
    let site = Site::new(database);
    let nodes = [site.node(), site.node()];
    for round in 0..20 {
        let (writer, reader) = (&nodes[round % 2], &nodes[(round + 1) % 2]);
        let word = format!("word{round}q");
        let path = article(writer, &word);
        assert_eq!(
            (total(reader, &word), total(writer, &word)),
            (1, 1),
            "{word}"
        );
        send(
            reader,
            "PUT",
            &path,
            &json!({ "introtext": "<p>changed</p>", "title": "Changed" }),
        );
        assert_eq!(
            (total(writer, &word), total(reader, &word)),
            (0, 0),
            "{word}"
        );
        send(writer, "DELETE", &path, &json!({}));
        assert_eq!(total(reader, "changed"), 0);
    }
}

#[test]
fn topics_and_items_are_found_on_the_other_node_too() {
    let Some(database) = TestDatabase::postgresql() else {
        return;
    };
    let site = Site::new(database);
    let nodes = [site.node(), site.node()];
    for round in 0..4 {
        let (writer, reader) = (&nodes[round % 2], &nodes[(round + 1) % 2]);
        let number = |pointer: &str| writer.fact(pointer).parse::<i64>().expect("a number");
        let word = format!("topic{round}q");
        let topic = json!({
            "catid": number("/forum/category"), "subject": format!("About {word}"), "message": word,
        });
        send(writer, "POST", "/forum/topics", &topic);
        assert_eq!(
            (total(reader, &word), total(writer, &word)),
            (1, 1),
            "{word}"
        );
        let word = format!("item{round}q");
        let path = format!("/catalog/items/{}", number("/catalog/item"));
        let item = json!({ "name": format!("About {word}") });
        send(writer, "PUT", &path, &item);
        assert_eq!(
            (total(reader, &word), total(writer, &word)),
            (1, 1),
            "{word}"
        );
    }
}

#[test]
fn what_was_written_before_a_kill_is_found_after_it() {
    for site in Site::each() {
        let node = site.node();
        let words: Vec<String> = (0..10).map(|round| format!("lasting{round}q")).collect();
        for word in &words {
            article(&node, word);
            assert_eq!(total(&node, word), 1, "{word}");
        }
        node.kill();
        let node = site.node();
        for word in &words {
            assert_eq!(total(&node, word), 1, "{word}");
        }
    }
}

#[test]
fn the_operator_compares_repairs_and_rebuilds_beside_a_running_node() {
    for site in Site::each() {
        let node = site.node();
        article(&node, "standing");
        for words in [
            ["search", "check"],
            ["search", "repair"],
            ["search", "rebuild"],
            ["search", "check"],
        ] {
            let told = site.operator(&[words[0], words[1], "--json"]).done().json();
            let content = &told["modules"]["content"];
            assert_eq!(
                (&content["missing"], &content["surplus"]),
                (&json!(0), &json!(0)),
                "{told}"
            );
            assert_eq!(total(&node, "standing"), 1);
        }
    }
}

#[test]
fn hidden_articles_are_in_no_total() {
    for site in Site::each() {
        let node = site.node();
        let path = article(&node, "treasure");
        assert_eq!(total(&node, "treasure"), 1);
        send(&node, "PUT", &path, &json!({ "state": 0 }));
        assert_eq!(total(&node, "treasure"), 0);
        send(&node, "PUT", &path, &json!({ "state": 1, "access": 3 }));
        assert_eq!(total(&node, "treasure"), 0);
        assert_eq!(total(&node, "minutes"), 0);
    }
}
