//! Who may send, have and delete files.

use serde_json::{Value, json};

use crate::album::{Album, MANAGERS, MEMBERS, sent};

#[test]
fn only_members_and_keys_with_the_scope_send_and_delete() {
    for album in Album::each() {
        let id = album.add(b"text", &json!({}));
        let post = || album.host.call("post", "files").with_file("file", b"text");
        let delete = || album.host.call("delete", "files").with("id", id);
        let list = || album.host.call("get", "items");
        for guest in [post().fault(), delete().fault(), list().fault()] {
            assert_eq!(guest, "REQ_AUR");
        }
        let other =
            |call: loggia_testkit::TestCall<'_>| call.with_key(1, &["content.manage"]).fault();
        assert_eq!(
            [other(post()), other(delete()), other(list())],
            ["REQ_AKN"; 3]
        );
        assert_eq!(delete().as_user(album.grace).fault(), "MED_ANA");
        let of_key = post().with_key(1, &["media.write"]).json();
        assert_eq!(of_key["user"], "0");
        let of_grace = post()
            .as_user(album.grace)
            .with_key(1, &["media.write"])
            .json();
        assert_eq!(of_grace["user"], album.grace.to_string());
        let total = |call: loggia_testkit::TestCall<'_>| call.json()["total"].clone();
        assert_eq!(total(list().as_user(album.ada)), 1);
        assert_eq!(
            total(list().as_user(album.ada).with("user", album.grace)),
            1
        );
        assert_eq!(total(list().with_key(1, &["media.write"])), 3);
        assert_eq!(total(list().as_operator().with("user", album.grace)), 1);
        let by_key = delete().with_key(1, &["media.write"]).json();
        assert_eq!(by_key, json!({ "status": "ok" }));
    }
}

#[test]
fn a_file_is_sent_to_its_owner_and_to_those_of_its_view_level() {
    for album in Album::each() {
        let open = album.add(b"open", &json!({}));
        let closed = album.add(b"closed", &json!({ "access": MEMBERS }));
        let denied = album.post(b"x").with("access", MANAGERS);
        assert_eq!(denied.fault(), "MED_ANA");
        let own = album.host.call("post", "files").as_operator();
        let own = own
            .with_file("file", b"managed")
            .with("access", MANAGERS)
            .json();
        let managed: i64 = own["id"].as_str().unwrap().parse().unwrap();
        let may = |id: i64, user: Option<i64>| {
            let call = album.get(id);
            let call = match user {
                Some(user) => call.as_user(user),
                None => call,
            };
            call.send().is_ok()
        };
        assert_eq!(
            [open, closed, managed].map(|id| may(id, None)),
            [true, false, false]
        );
        assert_eq!(
            [open, closed, managed].map(|id| may(id, Some(album.grace))),
            [true, true, false]
        );
        assert_eq!(album.get(closed).fault(), "MED_FNF");
        assert_eq!(album.get(closed).with("width", 64).fault(), "MED_FNF");
        let with_key = album.get(managed).with_key(1, &["media.write"]);
        assert_eq!(with_key.fault(), "MED_FNF", "a key is a guest here");
        assert_eq!(sent(album.get(managed).as_operator()).bytes, b"managed");
        let hidden = album.host.call("delete", "files").as_user(album.grace);
        assert_eq!(hidden.with("id", managed).fault(), "MED_FNF");
    }
}

#[test]
fn a_persons_files_are_exported_and_erased() {
    for album in Album::each() {
        album.add(b"mine", &json!({ "name": "mine" }));
        let of_grace = album.host.call("post", "files").as_user(album.grace);
        of_grace.with_file("file", b"hers").json();
        let house = album.host.house();
        let export = house.export_person(album.ada).unwrap();
        let files = export["media"]["files"].as_array().unwrap().clone();
        assert_eq!((files.len(), &files[0]["name"]), (1, &json!("mine.txt")));
        house.erase_person(album.ada).unwrap();
        assert_eq!(album.stored(), 1);
        let left: Value = album.host.call("get", "items").as_operator().json();
        assert_eq!(left["items"][0]["user"], album.grace.to_string());
    }
}
