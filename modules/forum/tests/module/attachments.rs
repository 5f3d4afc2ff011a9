//! Files of the module media, attached to messages.

use loggia_testkit::TestCall;
use serde_json::{Value, json};

use crate::board::{Board, id, ok};

impl Board {
    fn attach(&self, user: i64, post: i64, more: &Value) -> Value {
        let mut members = json!({ "post": post, "file": "media:12" });
        let more = more.as_object().expect("an object").clone();
        members.as_object_mut().expect("an object").extend(more);
        self.call("post", "attachments", &members)
            .as_user(user)
            .json()
    }

    fn files_of(&self, post: i64) -> Value {
        let post = ok(self.act("get", "posts", post).as_user(self.manager));
        post["post"]["attachments"].clone()
    }
}

#[test]
fn an_author_attaches_a_file_and_takes_it_off_again() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let (topic, first) = board.topic(board.author, category, "One");
        let more = json!({ "name": "me.png", "type": "image/png", "size": 70, "comment": "Me" });
        let added = board.attach(board.author, first, &more);
        assert_eq!(
            (&added["post"], &added["hold"]),
            (&json!(first.to_string()), &json!("0")),
            "{added}"
        );
        let wanted = json!([{
            "id": added["id"], "filename": "me.png", "media_type": "image/png", "size": 70,
            "url": "http://localhost/test/get/media/files/12", "hash": "", "comment": "Me",
        }]);
        assert_eq!(board.files_of(first), wanted);
        let shown = ok(board.get("topics").with("id", topic).with("details", 1));
        assert_eq!(shown["messages"][0]["attachments"], wanted);
        let record = board.get("records").with("kind", "attachment");
        let record = ok(record.as_operator());
        assert_eq!(record["records"][0]["path"], "media:12", "{record}");
        let count = || {
            let list = ok(board.get("topics").with("catid", category));
            list["topics"][0]["attachments"].clone()
        };
        assert_eq!(count(), "1");
        let taken_off = board.act("delete", "attachments", id(&added["id"]));
        ok(taken_off.as_user(board.author));
        assert_eq!((board.files_of(first), count()), (json!([]), json!("0")));
        let again = board.act("delete", "attachments", id(&added["id"]));
        assert_eq!(again.as_user(board.author).fault(), "KUN_FNF");
    }
}

#[test]
fn only_its_author_and_moderators_attach_to_a_message() {
    for board in Board::each() {
        let category = json!({ "name": "Help", "moderators": [board.moderator] });
        let category = board.category(&category);
        let (topic, first) = board.topic(board.author, category, "One");
        for (user, wanted) in [
            (board.member, json!("KUN_ANA")),
            (board.moderator, Value::Null),
            (board.manager, Value::Null),
            (board.author, Value::Null),
        ] {
            let answer = board.attach(user, first, &json!({}));
            assert_eq!(answer["error_code"], wanted, "{answer}");
        }
        let file = id(&board.files_of(first)[0]["id"]);
        let remove = || board.act("delete", "attachments", file);
        assert_eq!(remove().as_user(board.member).fault(), "KUN_ANA");
        assert_eq!(board.files_of(first).as_array().map(Vec::len), Some(3));
        ok(board.act("post", "lock", topic).as_user(board.moderator));
        let locked = board.attach(board.author, first, &json!({}));
        assert_eq!(locked["error_code"], "KUN_ANA");
        assert_eq!(remove().as_user(board.author).fault(), "KUN_ANA");
        ok(board
            .act("delete", "topics", topic)
            .as_user(board.moderator));
        let hidden = board.attach(board.member, first, &json!({}));
        assert_eq!(hidden["error_code"], "KUN_PNF");
        assert_eq!(
            remove().as_user(board.member).fault(),
            "KUN_FNF",
            "as if it were not there"
        );
        ok(remove().as_user(board.moderator));
    }
}

#[test]
fn a_changed_file_awaits_approval_where_messages_do() {
    for board in Board::each() {
        let category = json!({ "name": "Help", "review": true });
        let category = board.category(&category);
        let (_, first) = board.topic(board.author, category, "One");
        ok(board.act("post", "approve", first).as_user(board.manager));
        let added = board.attach(board.author, first, &json!({}));
        assert_eq!(added["hold"], "1", "{added}");
        assert_eq!(board.get("posts").with("id", first).fault(), "KUN_PNF");
    }
}

#[test]
fn what_is_said_of_a_file_is_checked_by_member() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let (_, first) = board.topic(board.author, category, "One");
        for (member, value) in [
            ("file", json!("media:x")),
            ("file", json!("media:0")),
            ("file", json!("images/a.png")),
            ("file", json!("https://b.org/a.png")),
            ("type", json!("image")),
            ("type", json!("text/html\r\nX-Evil: 1")),
            ("size", json!(-1)),
            ("name", json!("a\nb")),
            ("comment", json!("a\nb")),
        ] {
            let refused = board.attach(board.author, first, &json!({ member: value }));
            let told = refused["error_description"].as_str().unwrap_or_default();
            assert_eq!(
                refused["error_code"], "REQ_PNV",
                "{member} {value}: {refused}"
            );
            assert!(told.contains(member), "{member} {value}: {told}");
        }
        for _ in 0..20 {
            let added = board.attach(board.author, first, &json!({}));
            assert_eq!(added["status"], "ok", "{added}");
        }
        let refused = board.attach(board.author, first, &json!({}));
        assert_eq!(refused["error_code"], "REQ_PNV", "{refused}");
        assert_eq!(board.files_of(first).as_array().map(Vec::len), Some(20));
    }
}

#[test]
fn a_file_changes_the_version_of_its_message_and_the_answer_bears_the_new_one() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let (_, first) = board.topic(board.author, category, "One");
        let members = json!({ "post": first, "file": "media:12" });
        let attach = |tag: &str| {
            let call = board.call("post", "attachments", &members);
            call.as_user(board.author).header("if-match", tag)
        };
        let tag = |call: TestCall<'_>| call.answer_header("etag").expect("an entity tag");
        let read = || tag(board.get("posts").with("id", first));
        let before = read();
        let added = tag(attach(&before));
        assert_eq!(attach(&before).fault(), "REQ_PCF");
        assert_eq!(version(&added), version(&read()));
        let file = id(&board.files_of(first)[0]["id"]);
        let remove = || {
            let call = board.act("delete", "attachments", file);
            call.as_user(board.author)
        };
        assert_eq!(remove().header("if-match", &before).fault(), "REQ_PCF");
        let removed = tag(remove().header("if-match", &added));
        assert_eq!(version(&removed), version(&read()));
        assert_ne!(version(&removed), version(&added));
    }
}

#[test]
fn a_file_that_is_attached_again_with_its_key_has_the_tag_of_the_first_time() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let (_, first) = board.topic(board.author, category, "One");
        let members = json!({ "post": first, "file": "media:12" });
        let attach = || {
            let call = board.call("post", "attachments", &members);
            let call = call.as_user(board.author).header("idempotency-key", "one");
            call.answer_header("etag")
        };
        let tag = attach().expect("an entity tag");
        assert_eq!(attach(), Some(tag));
        assert_eq!(board.files_of(first).as_array().map(Vec::len), Some(1));
    }
}

/// What a change is held against.
fn version(tag: &str) -> &str {
    tag.split_once('-').expect("a version").0
}
