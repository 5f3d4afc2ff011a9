//! Writing, changing, deleting and restoring.

use serde_json::json;

use crate::board::{Board, id, messages, ok, subjects};

#[test]
fn what_is_written_is_checked_by_field() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let (topic, _) = board.topic(board.author, category, "One");
        let (elsewhere, _) = board.topic(board.author, category, "Two");
        let other = board.reply(board.author, elsewhere, "x");
        let post =
            |resource: &str, members| board.call("post", resource, &members).as_user(board.member);
        let topics = |members| post("topics", members).fault();
        assert_eq!(topics(json!({ "subject": "s", "message": "m" })), "KUN_CNS");
        assert_eq!(
            topics(json!({ "catid": 9999, "subject": "s", "message": "m" })),
            "KUN_CNF"
        );
        assert_eq!(
            topics(json!({ "catid": category, "message": "m" })),
            "REQ_PNV"
        );
        assert_eq!(
            topics(json!({ "catid": category, "subject": "s", "message": "" })),
            "REQ_PNV"
        );
        let blank = json!({ "catid": category, "subject": " ", "message": "m" });
        assert_eq!(topics(blank), "REQ_PNV");
        let lines = json!({ "catid": category, "subject": "a\r\nBcc: b", "message": "m" });
        assert_eq!(topics(lines), "REQ_PNV");
        let long = "x".repeat(65_537);
        assert_eq!(
            topics(json!({ "catid": category, "subject": "s", "message": long })),
            "REQ_PNV"
        );
        let named =
            json!({ "catid": category, "subject": "s", "message": "m", "author": board.author });
        assert_eq!(topics(named), "KUN_ANA");
        let anonymous =
            json!({ "catid": category, "subject": "s", "message": "m", "anonymous": true });
        assert_eq!(topics(anonymous), "KUN_ANA");
        let posts = |members| post("posts", members).fault();
        assert_eq!(posts(json!({ "topic": 9999, "message": "m" })), "KUN_TNF");
        assert_eq!(
            posts(json!({ "topic": topic, "message": "m", "parent": other })),
            "KUN_PNF"
        );
        assert_eq!(
            posts(json!({ "topic": topic, "message": "m", "markup": "html" })),
            "REQ_PNV"
        );
        assert_eq!(subjects(board.get("topics").with("catid", category)).1, 2);
    }
}

#[test]
fn a_request_that_comes_again_with_its_key_writes_once() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let members = json!({ "catid": category, "subject": "Once", "message": "m" });
        let send = |members: &serde_json::Value| {
            let call = board.call("post", "topics", members).as_user(board.author);
            call.header("idempotency-key", "k1")
        };
        let first = ok(send(&members));
        assert_eq!(ok(send(&members)), first);
        let other = json!({ "catid": category, "subject": "Twice", "message": "m" });
        assert_eq!(send(&other).fault(), "REQ_IKU");
        assert_eq!(subjects(board.get("topics").with("catid", category)).1, 1);
    }
}

#[test]
fn authors_change_their_own_and_stale_changes_are_refused() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let (topic, first) = board.topic(board.author, category, "Old");
        let text = |text: &str| json!({ "id": first, "message": text, "markup": "markdown" });
        let put = |members| board.call("put", "posts", &members);
        assert_eq!(put(text("x")).as_user(board.member).fault(), "KUN_ANA");
        let changed = put(text("**new**")).header("if-match", "\"1-0\"");
        ok(changed.as_user(board.author));
        let stale = put(text("late")).header("if-match", "\"1-0\"");
        assert_eq!(stale.as_user(board.author).fault(), "REQ_PCF");
        let html = board.get("topics").with("id", topic).with("format", "html");
        assert_eq!(messages(html), ["<p><strong>new</strong></p>\n"]);
        let subject = json!({ "id": topic, "subject": "New" });
        let rename = || board.call("put", "topics", &subject);
        assert_eq!(rename().as_user(board.member).fault(), "KUN_ANA");
        ok(rename().as_user(board.author));
        let list = board.get("topics").with("catid", category);
        assert_eq!(subjects(list), (vec!["New".to_owned()], 1));
    }
}

#[test]
fn the_time_for_changes_passes_for_authors_but_not_for_moderators() {
    for board in Board::each_with(&json!({ "edit_time_s": -1 })) {
        let moderators = json!([board.moderator]);
        let category = board.category(&json!({ "name": "Help", "moderators": moderators }));
        let (topic, first) = board.topic(board.author, category, "Old");
        let put = || board.call("put", "posts", &json!({ "id": first, "message": "x" }));
        assert_eq!(put().as_user(board.author).fault(), "KUN_ANA");
        assert_eq!(
            board
                .act("delete", "topics", topic)
                .as_user(board.author)
                .fault(),
            "KUN_ANA"
        );
        ok(put().as_user(board.moderator));
        ok(board
            .act("delete", "topics", topic)
            .as_user(board.moderator));
    }
}

#[test]
fn what_is_deleted_is_gone_from_every_count_and_comes_back_whole() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let (topic, first) = board.topic(board.author, category, "One");
        let answer = board.reply(board.member, topic, "answer");
        let state = || {
            let one = ok(board.get("categories").with("id", category));
            let list = ok(board.get("topics").with("catid", category));
            let posts = list["topics"][0]["posts"].clone();
            let last = one["last_post_id"].clone();
            (
                id(&one["numTopics"]),
                id(&one["numPosts"]),
                id(&last),
                posts,
                id(&list["total"]),
            )
        };
        let whole = state();
        assert_eq!(whole, (1, 2, answer, json!("2"), 1));
        let delete = |user| board.act("delete", "posts", answer).as_user(user);
        assert_eq!(delete(board.author).fault(), "KUN_ANA");
        let gone = ok(delete(board.member));
        assert_eq!(gone["hold"], "2");
        assert_eq!(state(), (1, 1, first, json!("1"), 1));
        assert_eq!(board.get("posts").with("id", answer).fault(), "KUN_PNF");
        let restore = |post: i64, user| board.act("post", "restore", post).as_user(user);
        assert_eq!(restore(answer, board.author).fault(), "KUN_PNF");
        ok(restore(answer, board.member));
        assert_eq!(state(), whole);
        let delete = |user| board.act("delete", "topics", topic).as_user(user);
        assert_eq!(
            delete(board.author).fault(),
            "KUN_ANA",
            "others have answered"
        );
        ok(delete(board.manager));
        ok(delete(board.manager));
        assert_eq!(state(), (0, 0, 0, json!(null), 0));
        assert_eq!(board.get("topics").with("id", topic).fault(), "KUN_TNF");
        let deleted = board
            .get("topics")
            .with("catid", category)
            .with("deleted", 1);
        assert_eq!(subjects(deleted.as_user(board.manager)).1, 1);
        let deleted = board
            .get("topics")
            .with("catid", category)
            .with("deleted", 1);
        assert_eq!(subjects(deleted.as_user(board.author)).1, 0);
        assert_eq!(restore(first, board.author).fault(), "KUN_PNF");
        ok(restore(first, board.manager));
        assert_eq!(state(), whole);
    }
}

#[test]
fn nobodys_name_stands_where_the_category_allows_it() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Secrets", "allow_anonymous": true }));
        let members = json!({
            "catid": category, "subject": "s", "message": "m", "anonymous": true, "name": "A friend",
        });
        let posted = ok(board.call("post", "topics", &members).as_user(board.author));
        let one = ok(board.get("topics").with("id", posted["topic"].clone()));
        assert_eq!(
            (&one["first_post_userid"], &one["first_post_guest_name"]),
            (&json!("0"), &json!("A friend"))
        );
        let key =
            json!({ "catid": category, "subject": "s", "message": "m", "author": board.member });
        let posted = ok(board
            .call("post", "topics", &key)
            .with_key(1, &["forum.manage"]));
        let one = ok(board.get("topics").with("id", posted["topic"].clone()));
        assert_eq!(one["first_post_guest_name"], "member");
    }
}

#[test]
fn who_writes_again_too_soon_is_told_to_wait() {
    for board in Board::each_with(&json!({ "interval_s": 3600 })) {
        let category = board.category(&json!({ "name": "Help" }));
        let (topic, _) = board.topic(board.author, category, "One");
        let members = json!({ "topic": topic, "message": "m" });
        let reply = |user| board.call("post", "posts", &members).as_user(user);
        assert_eq!(reply(board.author).fault(), "REQ_RLM");
        ok(reply(board.member));
        ok(reply(board.manager));
        ok(reply(board.manager));
    }
}

#[test]
fn whoever_writes_at_once_is_counted_once() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let other = board.category(&json!({ "name": "Other" }));
        let (first, _) = board.topic(board.author, category, "One");
        let (second, _) = board.topic(board.author, category, "Two");
        std::thread::scope(|scope| {
            for number in 0..4 {
                let board = &board;
                scope.spawn(move || {
                    for round in 0..6 {
                        let topic = if (number + round) % 2 == 0 {
                            first
                        } else {
                            second
                        };
                        let post = board.reply(board.author, topic, "m");
                        if round % 3 == 0 {
                            ok(board.act("delete", "posts", post).as_user(board.author));
                        }
                        let to = if round % 2 == 0 { other } else { category };
                        let to = board.act("post", "move", topic).with("catid", to);
                        ok(to.as_user(board.manager));
                    }
                });
            }
        });
        let mut counted = [0, 0];
        for category in [category, other] {
            let one = ok(board.get("categories").with("id", category));
            let list = ok(board.get("topics").with("catid", category));
            let topics = list["topics"].as_array().unwrap();
            assert_eq!(id(&one["numTopics"]), i64::try_from(topics.len()).unwrap());
            let posts: i64 = topics.iter().map(|topic| id(&topic["posts"])).sum();
            assert_eq!(id(&one["numPosts"]), posts);
            let last = topics.first().map_or(0, |topic| id(&topic["last_post_id"]));
            assert_eq!(id(&one["last_post_id"]), last);
            counted[0] += topics.len();
            counted[1] += usize::try_from(posts).unwrap();
        }
        assert_eq!(
            counted,
            [2, 2 + 4 * 4],
            "two topics, and four of six messages of four writers"
        );
    }
}
