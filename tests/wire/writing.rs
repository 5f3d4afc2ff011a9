//! Writing on the wire: the modern and the REST form, entity tags, sessions by cookie, and GET, which writes nothing.

use std::fs;

use loggia_tests::client::{Answer, Client};
use loggia_tests::site::{Node, Site};
use loggia_tests::wait::soon;
use serde_json::json;

use crate::fixture::{self, log_in, session};

const JSON: &str = "application/json";

fn send(client: &Client, method: &str, path: &str, body: &serde_json::Value) -> Answer {
    client.send(method, path, Some(JSON), body.to_string().as_bytes())
}

/// Adds an article and gives its id.
fn article(node: &Node, client: &Client, title: &str) -> String {
    let category: i64 = node.fact("/content/category").parse().expect("a number");
    let added = send(
        client,
        "POST",
        "/post/content/articles",
        &json!({ "category": category, "title": title }),
    );
    let id = added.json()["id"].as_str().map(str::to_owned);
    id.unwrap_or_else(|| panic!("nothing was added: {}", added.text()))
}

#[test]
fn an_article_is_written_in_the_modern_form_with_real_statuses() {
    for site in Site::each() {
        let node = site.node();
        let client = node
            .endpoint("semantic")
            .with_key(&node.fact("/keys/unlimited"));
        let id = article(&node, &client, "Modern");
        let path = format!("/content/articles/{id}");
        let read = client.get(&path);
        assert_eq!(
            (read.status, &read.json()["title"]),
            (200, &json!("Modern"))
        );
        let tag = read.header("etag").expect("an entity tag").to_owned();
        let known = client.with("If-None-Match", &tag).get(&path);
        assert_eq!(known.status, 304);
        let change = json!({ "introtext": "<p>new</p>" });
        let changed = send(&client.with("If-Match", &tag), "PUT", &path, &change);
        assert_eq!(changed.status, 200, "{}", changed.text());
        let changed_again = send(&client.with("If-Match", &tag), "PUT", &path, &change);
        assert_eq!(changed_again.status, 412);
        assert_eq!(client.get(&path).json()["content"], "<p>new</p>");
        let gone = send(&client, "DELETE", &path, &json!({}));
        assert_eq!(gone.status, 200, "{}", gone.text());
        assert_eq!(client.get(&path).status, 404);
        let guest = node.endpoint("semantic");
        assert_eq!(send(&guest, "PUT", &path, &change).status, 401);
    }
}

#[test]
fn the_rest_form_writes_by_post_and_never_by_get() {
    for site in Site::each() {
        let node = site.node();
        let client = node
            .endpoint("free")
            .with_key(&node.fact("/keys/unlimited"));
        let id = article(&node, &client, "By post");
        let path = format!("/delete/content/articles/{id}");
        assert_eq!(client.get(&path).error_code(), "REQ_MNA");
        let read = format!("/get/content/articles/{id}");
        assert_eq!(client.get(&read).json()["title"], "By post");
        assert_eq!(client.post_form(&path, &[]).json()["status"], "ok");
        assert_eq!(client.get(&read).error_code(), "CNT_ANF");
        let back = client.post_form(&format!("/post/content/publish/{id}"), &[]);
        assert_eq!(back.json()["status"], "ok");
        assert_eq!(client.get(&read).json()["title"], "By post");
    }
}

#[test]
fn a_session_writes_by_its_accounts_permissions_and_a_cookie_needs_a_proof() {
    for site in fixture::each("") {
        let node = site.node();
        let free = node.endpoint("free");
        let category = node.fact("/content/category");
        let add = |client: &Client, title: &str, session: &str| {
            let form = [
                ("category", category.as_str()),
                ("title", title),
                ("session_id", session),
            ];
            client.post_form("/post/content/articles", &form)
        };
        let member = session(&node, "member");
        assert_eq!(add(&free, "A", &member).error_code(), "CNT_ANA");
        let admin = session(&node, "admin");
        assert_eq!(add(&free, "B", &admin).json()["added"], true);
        let answer = log_in(&node, "admin");
        let cookie = answer.header("set-cookie").expect("a cookie");
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let browser = free.with("Cookie", &cookie);
        let form = [("category", category.as_str()), ("title", "C")];
        let add_by_cookie = |browser: &Client| browser.post_form("/post/content/articles", &form);
        assert_eq!(add_by_cookie(&browser).error_code(), "REQ_AUR");
        let same_site = browser.with("Sec-Fetch-Site", "same-origin");
        assert_eq!(add_by_cookie(&same_site).json()["added"], true);
    }
}

#[test]
fn guests_see_what_the_site_has_given_to_their_groups() {
    for site in Site::each() {
        let node = site.node();
        let level = json!({ "id": 70, "title": "Everybody here", "position": 9, "groups": [1] });
        let line = json!({ "module": "core", "kind": "view_level", "record": level }).to_string();
        let file = site.folder().join("levels.ndjson");
        fs::write(&file, line).expect("the file can be written");
        let file = file.to_str().expect("a path that is text");
        site.operator(&["import", "ndjson", file]).done();
        let editor = node
            .endpoint("free")
            .with_key(&node.fact("/keys/unlimited"));
        let category: i64 = node.fact("/content/category").parse().expect("a number");
        let article = json!({ "category": category, "title": "For everybody here", "access": 70 });
        let added = send(&editor, "POST", "/post/content/articles", &article).json();
        let id = added["id"].as_str().expect("it was added");
        let path = format!("/get/content/articles/{id}");
        soon(|| node.endpoint("free").get(&path).json()["title"] == "For everybody here");
    }
}
