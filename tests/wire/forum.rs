//! The forum on the wire: writing in the modern and the REST form, acts, and what an endpoint may show.

use loggia_tests::client::{Answer, Client};
use serde_json::{Value, json};

use crate::fixture::{self, session};

const STAFF: &str = r#"
[[endpoint]]
name = "staff"
path = "/api/staff"
access = "key"
personal_data = ["email"]
"#;

fn send(client: &Client, method: &str, path: &str, body: &Value) -> Answer {
    client.send(
        method,
        path,
        Some("application/json"),
        body.to_string().as_bytes(),
    )
}

#[test]
fn a_conversation_is_held_in_the_rest_form_and_never_by_get() {
    for site in fixture::each(STAFF) {
        let node = site.node();
        let free = node.endpoint("free");
        let category = node.fact("/forum/category");
        let (member, outsider) = (session(&node, "member"), session(&node, "outsider"));
        let topic = [
            ("catid", category.as_str()),
            ("subject", "On the wire"),
            ("message", "[b]first[/b]"),
            ("session_id", member.as_str()),
        ];
        let query = loggia_tests::client::encoded(&topic);
        let by_get = free.get(&format!("/post/kunena/topics?{query}"));
        assert_eq!(by_get.error_code(), "REQ_MNA");
        let posted = free.post_form("/post/kunena/topics", &topic).json();
        let (topic, first) = (posted["topic"].clone(), posted["post"].clone());
        let (topic, first) = (
            topic.as_str().expect("a topic"),
            first.as_str().expect("a post"),
        );
        let answer = [
            ("topic", topic),
            ("message", "second"),
            ("session_id", outsider.as_str()),
        ];
        let posted = free.post_form("/post/forum/posts", &answer);
        assert_eq!(posted.json()["hold"], "0", "{}", posted.text());
        let as_outsider = [("session_id", outsider.as_str())];
        let thanked = free.post_form(&format!("/post/forum/thanks/{first}"), &as_outsider);
        assert_eq!(thanked.json()["thanks"], 1, "{}", thanked.text());
        let lock = format!("/post/forum/lock/{topic}");
        assert_eq!(free.post_form(&lock, &as_outsider).error_code(), "KUN_ANA");
        assert_eq!(free.post_form(&lock, &[]).error_code(), "REQ_AUR");
        let admin = session(&node, "admin");
        let locked = free.post_form(&lock, &[("session_id", admin.as_str())]);
        assert_eq!(locked.json()["locked"], true, "{}", locked.text());
        let read = format!("/get/forum/topics/{topic}");
        let shown = free.get(&format!("{read}?format=html")).json();
        assert_eq!(shown["first_post_message"], "<b>first</b>");
        assert_eq!(shown["messages"][1]["email"], "");
        let staff = node
            .server()
            .below("/api/staff")
            .with_key(&node.fact("/keys/unlimited"));
        let shown = staff.get(&read).json();
        assert_eq!(
            (&shown["messages"][1]["email"], &shown["messages"][1]["ip"]),
            (&json!("outsider@example.org"), &json!(""))
        );
    }
}

#[test]
fn a_message_is_changed_deleted_and_restored_in_the_modern_form_with_real_statuses() {
    for site in fixture::each("") {
        let node = site.node();
        let client = node
            .endpoint("semantic")
            .with_key(&node.fact("/keys/unlimited"));
        let category: i64 = node.fact("/forum/category").parse().expect("a number");
        let topic = json!({ "catid": category, "subject": "Modern", "message": "*a*", "markup": "markdown" });
        let once = client.with("Idempotency-Key", "one");
        let posted = send(&once, "POST", "/forum/topics", &topic);
        assert_eq!(posted.status, 200, "{}", posted.text());
        assert_eq!(
            send(&once, "POST", "/forum/topics", &topic).json(),
            posted.json()
        );
        let posted = posted.json();
        let (topic, post) = (&posted["topic"], &posted["post"]);
        let path = format!("/forum/posts/{}", post.as_str().expect("a post"));
        let read = client.get(&path);
        assert_eq!(read.json()["post"]["message"], "*a*");
        let tag = read.header("etag").expect("an entity tag").to_owned();
        assert_eq!(client.with("If-None-Match", &tag).get(&path).status, 304);
        let change = json!({ "message": "*b*" });
        let change = || send(&client.with("If-Match", &tag), "PUT", &path, &change);
        assert_eq!(change().status, 200);
        assert_eq!(change().status, 412);
        let html = client.get(&format!("{path}?format=html")).json();
        assert_eq!(html["post"]["message"], "<p><em>b</em></p>\n");
        assert_eq!(send(&client, "DELETE", &path, &json!({})).status, 200);
        let topic = format!("/forum/topics/{}", topic.as_str().expect("a topic"));
        assert_eq!(client.get(&topic).status, 404);
        let restore = path.replace("posts", "restore");
        assert_eq!(send(&client, "POST", &restore, &json!({})).status, 200);
        assert_eq!(client.get(&topic).status, 200);
        let guest = node.endpoint("semantic");
        assert_eq!(send(&guest, "DELETE", &path, &json!({})).status, 401);
    }
}
