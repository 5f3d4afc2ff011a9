//! The forum of the demo site: a small tree of which a guest sees a part, and topics with several messages. What is
//! there already is not added again.

use serde_json::{Value, json};

use super::facts::DemoForum;
use super::operate::operate;
use crate::app::House;

/// The view level of those who have an account.
const REGISTERED: i64 = 2;

/// Adds categories, topics and messages, and gives those that a guest sees.
pub(super) fn forum(house: &House) -> Result<DemoForum, String> {
    let section = category(house, &json!({ "name": "Community" }))?;
    let below = |name: &str, more: Value| {
        let mut members = json!({ "name": name, "parent": number(&section)? });
        if let (Some(members), Value::Object(more)) = (members.as_object_mut(), more) {
            members.extend(more);
        }
        category(house, &members)
    };
    let help = below(
        "Help",
        json!({ "description": "<p>Ask, and somebody knows.</p>", "icon": "help" }),
    )?;
    let child = json!({ "name": "First steps", "parent": number(&help)? });
    category(house, &child)?;
    below("For members", json!({ "access": REGISTERED }))?;
    below("Not yet open", json!({ "state": 0 }))?;
    let topic = topic(
        house,
        &help,
        "How do I begin?",
        &[
            "I have just installed it. [b]What now?[/b]",
            "Read [url=https://example.org/]the first page[/url].",
            "That helped, thank you.",
        ],
    )?;
    self::topic(house, &help, "Where is the manual?", &["I cannot find it."])?;
    Ok(DemoForum {
        category: help,
        topic,
    })
}

/// Adds a category, or finds it there, and gives its id.
fn category(house: &House, members: &Value) -> Result<String, String> {
    let saved = operate(house, "forum", "put", "categories", members, None)?;
    text(&saved, "id")
}

/// Adds a topic with its messages, or finds it there, and gives its id.
fn topic(
    house: &House,
    category: &str,
    subject: &str,
    messages: &[&str],
) -> Result<String, String> {
    let catid = number(category)?;
    let listed = operate(
        house,
        "forum",
        "get",
        "topics",
        &json!({ "catid": catid }),
        None,
    )?;
    let there = listed["topics"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|topic| topic["subject"] == subject);
    if let Some(there) = there {
        return text(there, "id");
    }
    let mut messages = messages.iter();
    let first = messages.next().copied().unwrap_or(subject);
    let members = json!({
        "catid": catid, "subject": subject, "message": first, "name": "The demo",
    });
    let posted = operate(house, "forum", "post", "topics", &members, None)?;
    let topic = text(&posted, "topic")?;
    for message in messages {
        let members = json!({ "topic": number(&topic)?, "message": message, "name": "The demo" });
        operate(house, "forum", "post", "posts", &members, None)?;
    }
    Ok(topic)
}

fn text(answer: &Value, name: &str) -> Result<String, String> {
    let text = answer[name].as_str().map(str::to_owned);
    text.ok_or_else(|| format!("the forum answered without {name}"))
}

fn number(id: &str) -> Result<i64, String> {
    id.parse().map_err(|_| format!("{id} is no id"))
}
