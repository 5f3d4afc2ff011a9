//! Files on the wire: sent in a form, fetched whole, in part and small.

use loggia_tests::client::{Answer, Client};
use loggia_tests::png::png;
use loggia_tests::site::Node;
use serde_json::{Value, json};

use crate::fixture::{self, session};

const BOUNDARY: &str = "----loggia-boundary-9a1c";

fn post(client: &Client, path: &str, file: &[u8], name: &str) -> Answer {
    let part = |disposition: &str| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n")
    };
    let mut body = part("name=\"name\"").into_bytes();
    body.extend(format!("\r\n{name}\r\n").bytes());
    body.extend(part("name=\"file\"; filename=\"../../evil.html\"").bytes());
    body.extend(b"Content-Type: text/html\r\n\r\n");
    body.extend(file);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    let media = format!("multipart/form-data; boundary={BOUNDARY}");
    client.send("POST", path, Some(&media), &body)
}

/// The free endpoint and the semantic one, each with the path of files.
fn doors(node: &Node, session: &str) -> [(Client, String); 2] {
    [
        (
            node.endpoint("free"),
            format!("/post/media/files?session_id={session}"),
        ),
        (
            node.endpoint("semantic"),
            format!("/media/files?session_id={session}"),
        ),
    ]
}

#[test]
fn an_image_is_sent_in_a_form_and_fetched_whole_in_part_and_small() {
    let image = png();
    for site in fixture::each("") {
        let node = site.node();
        let session = session(&node, "member");
        for (client, path) in doors(&node, &session) {
            let taken = post(&client, &path, &image, "../Our garden.php");
            assert_eq!(taken.json()["status"], "ok", "{}", taken.text());
            let id = taken.json()["id"].as_str().expect("an id").to_owned();
            let path = format!("/get/media/files/{id}");
            assert!(
                taken.json()["url"]
                    .as_str()
                    .is_some_and(|url| url.ends_with(&path))
            );
            let whole = client.get(&path);
            assert_eq!((whole.status, &whole.body), (200, &image));
            assert_eq!(whole.header("content-type"), Some("image/png"));
            assert_eq!(whole.header("x-content-type-options"), Some("nosniff"));
            let disposition = whole.header("content-disposition").unwrap_or_default();
            assert_eq!(disposition, "attachment; filename=\"Our-garden.png\"");
            let etag = whole.header("etag").expect("a tag").to_owned();
            let same = client.with("If-None-Match", &etag).get(&path);
            assert_eq!((same.status, same.body.len()), (304, 0));
            let part = client.with("Range", "bytes=1-3").get(&path);
            assert_eq!((part.status, &part.body[..]), (206, &b"PNG"[..]));
            let small = client.get(&format!("{path}?width=50"));
            assert_eq!(small.status, 200);
            assert_eq!(small.header("content-type"), Some("image/jpeg"));
            assert!(small.body.starts_with(b"\xff\xd8\xff"));
            assert_ne!(small.header("etag"), Some(etag.as_str()));
        }
    }
}

#[test]
fn a_hostile_file_is_refused_by_its_code_and_a_guest_sends_nothing() {
    let image = png();
    for site in fixture::each("") {
        let node = site.node();
        let session = session(&node, "member");
        for ((client, path), status) in doors(&node, &session).into_iter().zip([200, 422]) {
            let polyglot = [&image[..], b"<script>alert(1)</script>"].concat();
            for hostile in [&polyglot[..], &image[..90], b"<svg onload='alert(1)'/>"] {
                let refused = post(&client, &path, hostile, "a.png");
                assert_eq!(refused.error_code(), "MED_REF", "{}", refused.text());
                assert_eq!(refused.status, status);
            }
            let path = path.split('?').next().expect("a path");
            assert_eq!(post(&client, path, &image, "a.png").error_code(), "REQ_AUR");
        }
    }
}

#[test]
fn an_articles_image_and_a_posts_attachment_are_files_sent_by_the_endpoint_that_was_asked() {
    let image = png();
    for site in fixture::each("") {
        let node = site.node();
        let member = session(&node, "member");
        let [(_, path), _] = doors(&node, &member);
        let taken = post(&node.endpoint("free"), &path, &image, "garden").json();
        let id = taken["id"].as_str().expect("an id");
        let file = format!("media:{id}");
        let (free, semantic) = (node.endpoint("free"), node.endpoint("semantic"));
        let key = node.fact("/keys/unlimited");
        let send = |path: &str, body: &Value| {
            let body = body.to_string();
            let json = Some("application/json");
            let answer = semantic
                .with_key(&key)
                .send("POST", path, json, body.as_bytes());
            assert_eq!(answer.status, 200, "{}", answer.text());
            answer.json()
        };
        let number = |fact: &str| node.fact(fact).parse::<i64>().expect("a number");
        let images = json!({ "image_intro": file });
        let article = json!({
            "category": number("/content/category"), "title": "With a picture", "images": images,
        });
        let article = send("/content/articles", &article)["id"].clone();
        let article = article.as_str().expect("an id");
        let topic = json!({
            "catid": number("/forum/category"), "subject": "With a picture", "message": "m",
        });
        let message = send("/forum/topics", &topic)["post"].clone();
        let message = message.as_str().expect("an id");
        let attachment = json!({
            "post": message.parse::<i64>().expect("a number"), "file": file, "name": "garden.png",
            "type": "image/png", "size": image.len(),
        });
        let path = format!("/forum/posts/{message}");
        let before = semantic.get(&path).header("etag").map(str::to_owned);
        let before = before.expect("a tag");
        let attach = || {
            let client = semantic.with_key(&key).with("If-Match", &before);
            let body = attachment.to_string();
            let json = Some("application/json");
            client.send("POST", "/forum/attachments", json, body.as_bytes())
        };
        let attached = attach();
        assert_eq!(attached.status, 200, "{}", attached.text());
        let version = |tag: Option<&str>| Some(tag?.split_once('-')?.0.to_owned());
        let now = version(semantic.get(&path).header("etag"));
        assert_eq!(version(attached.header("etag")), now);
        assert_eq!(attach().status, 412, "the message has another file now");
        for client in [&free, &semantic] {
            let article = client
                .get(&format!("/get/content/articles/{article}"))
                .json();
            let shown = article["images"]["image_intro"].as_str().expect("a URL");
            let message = client.get(&format!("/get/forum/posts/{message}")).json();
            let attached = &message["post"]["attachments"][0];
            assert_eq!(attached["url"], shown, "{attached}");
            assert_eq!(attached["filename"], "garden.png");
            let path = format!("/get/media/files/{id}");
            let own = client.address(&path);
            assert_eq!(shown, own);
            assert_eq!(client.get(&path).body, image);
            let small = client.get(&format!("{path}?width=50"));
            assert!(small.body.starts_with(b"\xff\xd8\xff"));
        }
    }
}

#[test]
fn a_file_that_came_in_is_given_other_readers_who_have_it_or_have_it_no_more_at_once() {
    let image = png();
    for site in fixture::each("") {
        let node = site.node();
        let member = session(&node, "member");
        let (_, path) = &doors(&node, &member)[0];
        let free = node.endpoint("free");
        let once = free.with("Idempotency-Key", "one");
        let taken = post(&once, path, &image, "garden");
        assert_eq!(post(&once, path, &image, "garden").json(), taken.json());
        assert_eq!(post(&once, path, b"other", "b").error_code(), "REQ_IKU");
        let list = format!("/get/media/items?session_id={member}");
        assert_eq!(free.get(&list).json()["total"], 1, "it was taken once");
        let id = taken.json()["id"].as_str().expect("an id").to_owned();
        let file = format!("/get/media/files/{id}");
        let small = format!("{file}?width=50");
        let first = free.get(&small).header("etag").map(str::to_owned);
        let first = first.expect("a tag");
        let known = |path: &str| free.with("If-None-Match", &first).get(path).status;
        assert_eq!(known(&small), 304);
        let semantic = node.endpoint("semantic");
        let put = |tag: &str, access: i64| {
            let path = format!("/media/files/{id}?session_id={member}");
            let body = json!({ "access": access }).to_string();
            let client = semantic.with("If-Match", tag);
            client.send("PUT", &path, Some("application/json"), body.as_bytes())
        };
        let tag = taken.header("etag").expect("a tag").to_owned();
        let closed = put(&tag, 2);
        assert_eq!(closed.status, 200, "{}", closed.text());
        assert_eq!(closed.json()["access"], "2");
        assert_eq!(put(&tag, 1).status, 412, "it has been changed since");
        for path in [&file, &small] {
            assert_eq!(free.get(path).error_code(), "MED_FNF");
            let known = free.with("If-None-Match", &first).get(path);
            assert_eq!(known.error_code(), "MED_FNF", "whoever had it before");
        }
        let with_session = |path: &str, sign: char| format!("{path}{sign}session_id={member}");
        assert_eq!(free.get(&with_session(&file, '?')).body, image);
        assert_eq!(free.get(&with_session(&small, '&')).status, 200);
        let tag = closed.header("etag").expect("a tag");
        assert_eq!(put(tag, 1).status, 200);
        assert_eq!(free.get(&file).body, image);
        let foreign = format!("/put/media/files/{id}");
        let guest = free.post_form(&foreign, &[("access", "2")]);
        assert_eq!(guest.error_code(), "REQ_AUR");
    }
}
