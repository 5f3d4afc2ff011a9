//! What the search is handed.

use serde_json::{Value, json};

use crate::board::{Board, MEMBERS, ok};

/// Everything that may be found: categories, and the texts of documents.
fn searchables(board: &Board) -> (Vec<Value>, Vec<Value>) {
    let (mut categories, mut documents, mut after) = (Vec::new(), Vec::new(), None);
    loop {
        let mut call = board.get("searchables").as_operator().with("limit", 2);
        if let Some(after) = after {
            call = call.with("after", after);
        }
        let page = ok(call);
        for entry in page["entries"].as_array().unwrap() {
            match (&entry["category"], &entry["document"]) {
                (Value::Null, document) => documents.push(document.clone()),
                (category, _) => categories.push(category.clone()),
            }
        }
        match page["next"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => return (categories, documents),
        }
    }
}

#[test]
fn shown_messages_are_handed_in_as_plain_text_and_others_are_not() {
    for board in Board::each() {
        let open = board.category(&json!({ "name": "Open", "access": MEMBERS }));
        let group = board.category(&json!({ "name": "Group", "group": 2 }));
        let (topic, first) = board.topic(board.author, open, "Café");
        let answer = board.reply(
            board.member,
            topic,
            "[b]bold[/b] [hide]secret[/hide] &amp; more",
        );
        let deleted = board.reply(board.member, topic, "deleted");
        ok(board.act("delete", "posts", deleted).as_user(board.member));
        let (gone, _) = board.topic(board.author, open, "Gone");
        ok(board.act("delete", "topics", gone).as_user(board.manager));
        let (categories, documents) = searchables(&board);
        assert_eq!(categories.len(), 2);
        assert_eq!(
            (
                &categories[0]["view_levels"],
                &categories[0]["is_published"]
            ),
            (&json!([MEMBERS]), &json!(true))
        );
        assert_eq!(
            (&categories[1]["id"], &categories[1]["is_published"]),
            (&json!(group), &json!(false)),
            "the search knows no groups"
        );
        let ids: Vec<&Value> = documents.iter().map(|document| &document["id"]).collect();
        assert_eq!(ids, [first, answer]);
        let document = &documents[1];
        assert_eq!(
            (
                &document["title"],
                &document["text"],
                &document["author"],
                &document["category_id"]
            ),
            (
                &json!("Café"),
                &json!("bold &amp; more"),
                &json!("member"),
                &json!(open)
            )
        );
        assert_eq!(document["href"], format!("get/forum/topics/{topic}"));
        assert_eq!(board.get("searchables").fault(), "REQ_AKR");
    }
}
