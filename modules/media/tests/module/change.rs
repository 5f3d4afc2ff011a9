//! What is changed of a file that is there: its name, and who may have it.

use image::ImageFormat;
use loggia_testkit::TestCall;
use serde_json::{Value, json};

use crate::album::{Album, MANAGERS, MEMBERS, picture, sent};

impl Album {
    fn put(&self, id: i64, members: &Value) -> TestCall<'_> {
        let members = members.as_object().expect("members are an object");
        let call = self.host.call("put", "files").with("id", id);
        members
            .iter()
            .fold(call, |call, (name, value)| call.with(name, value.clone()))
    }

    fn item(&self, id: i64) -> TestCall<'_> {
        let call = self.host.call("get", "items").with("id", id);
        call.as_user(self.ada)
    }
}

fn tag(call: TestCall<'_>) -> String {
    call.answer_header("etag").expect("an entity tag")
}

#[test]
fn another_view_level_holds_at_once_for_the_file_and_its_thumbnails() {
    for album in Album::each() {
        let id = album.add(
            &picture(ImageFormat::Png, 200, 200),
            &json!({ "name": "a" }),
        );
        let whole = || album.get(id);
        let small = || album.get(id).with("width", 64);
        let seen = || [whole(), small()].map(|call| call.send().is_ok());
        let seen_by_grace =
            || [whole(), small()].map(|call| call.as_user(album.grace).send().is_ok());
        assert_eq!((seen(), seen_by_grace()), ([true; 2], [true; 2]));
        let before = sent(whole()).etag;
        for (level, guest, member) in [
            (MEMBERS, false, true),
            (MANAGERS, false, false),
            (1, true, true),
        ] {
            let changed = album.put(id, &json!({ "access": level })).as_operator();
            assert_eq!(changed.json()["access"], level.to_string());
            assert_eq!(
                (seen(), seen_by_grace()),
                ([guest; 2], [member; 2]),
                "{level}"
            );
            assert!(whole().as_user(album.ada).send().is_ok(), "its owner's");
        }
        let call = album.put(id, &json!({ "name": "Our garden.exe" }));
        let changed = call.as_user(album.ada).json();
        assert_eq!(
            (&changed["name"], &changed["access"]),
            (&json!("Our-garden.png"), &json!("1"))
        );
        assert_eq!(sent(small()).name, "Our-garden-64x64.png");
        assert_ne!(sent(whole()).etag, before, "it is sent by another name");
        assert_eq!(album.item(id).json(), changed);
    }
}

#[test]
fn a_file_is_changed_by_its_owner_and_keys_to_levels_that_they_have() {
    for album in Album::each() {
        let open = album.add(b"open", &json!({}));
        let closed = album.add(b"closed", &json!({}));
        let of_key = album.put(closed, &json!({ "access": MANAGERS }));
        of_key.with_key(1, &["media.write"]).json();
        let put = |id: i64, level: i64| album.put(id, &json!({ "access": level }));
        assert_eq!(put(open, 2).fault(), "REQ_AUR");
        let other_key = put(open, 2).with_key(1, &["content.manage"]);
        assert_eq!(other_key.fault(), "REQ_AKN");
        assert_eq!(put(open, 2).as_user(album.grace).fault(), "MED_ANA");
        assert_eq!(put(closed, 2).as_user(album.grace).fault(), "MED_FNF");
        assert_eq!(put(99_999, 2).as_user(album.grace).fault(), "MED_FNF");
        for level in [MANAGERS, 777] {
            assert_eq!(put(open, level).as_user(album.ada).fault(), "MED_ANA");
        }
        let shown = put(closed, MEMBERS).with_key(1, &["media.write"]).json();
        assert_eq!(shown["user"], album.ada.to_string(), "it stays its owner's");
        assert_eq!(put(open, MANAGERS).as_operator().json()["access"], "3");
        let item = |user: i64| {
            let call = album.host.call("get", "items").with("id", open);
            call.as_user(user)
        };
        assert_eq!(item(album.ada).json()["access"], "3");
        assert_eq!(item(album.grace).fault(), "MED_FNF");
        for (member, value) in [
            ("access", json!(-1)),
            ("access", json!(0)),
            ("access", json!("many")),
            ("name", json!("x".repeat(1001))),
        ] {
            let call = album.put(open, &json!({ member: value }));
            let refused = call.as_user(album.ada).json();
            let told = refused["error_description"].as_str().unwrap_or_default();
            assert_eq!(refused["error_code"], "REQ_PNV", "{refused}");
            assert!(told.contains(member), "{refused}");
        }
        let nothing = album.host.call("put", "files").as_user(album.ada);
        assert_eq!(nothing.fault(), "MED_FNS");
    }
}

#[test]
fn what_has_been_changed_since_it_was_read_is_not_changed_or_deleted() {
    for album in Album::each() {
        let id = album.add(b"text", &json!({}));
        let put = |tag: &str| {
            let call = album.put(id, &json!({ "access": MEMBERS }));
            call.as_user(album.ada).header("if-match", tag)
        };
        let delete = |tag: &str| {
            let call = album.host.call("delete", "files").with("id", id);
            call.as_user(album.ada).header("if-match", tag)
        };
        let of_bytes = sent(album.get(id)).etag;
        let of_facts = tag(album.item(id));
        let next = tag(put(&of_bytes));
        for late in [&of_bytes, &of_facts] {
            assert_eq!(put(late).fault(), "REQ_PCF");
            assert_eq!(delete(late).fault(), "REQ_PCF");
        }
        let last = tag(put(&next));
        assert_eq!(delete(&last).json(), json!({ "status": "ok" }));
    }
}

#[test]
fn a_file_that_is_sent_again_with_its_key_is_taken_once() {
    for album in Album::each() {
        let post = |bytes: &[u8], name: &str| {
            let call = album.post(bytes).with("name", name);
            call.header("idempotency-key", "one")
        };
        let first = post(b"text", "a").json();
        assert_eq!(first["status"], "ok", "{first}");
        assert_eq!(post(b"text", "a").json(), first);
        assert_eq!(post(b"other", "a").fault(), "REQ_IKU");
        assert_eq!(post(b"text", "b").fault(), "REQ_IKU");
        assert_eq!(album.stored(), 1, "nothing is left of what was not taken");
        let list = album.host.call("get", "items").as_user(album.ada).json();
        assert_eq!(list["total"], 1);
        let of_grace = album.host.call("post", "files").as_user(album.grace);
        let of_grace = of_grace.with_file("file", b"other").with("name", "a");
        let hers = of_grace.header("idempotency-key", "one").json();
        assert_ne!(hers["id"], first["id"], "the key is her own");
    }
}
