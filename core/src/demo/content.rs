//! The articles of the demo site: a small tree of which a guest sees a part. Each step names what it adds by
//! its place and alias, so doing it again adds nothing.

use serde_json::{Value, json};

use super::facts::DemoContent;
use super::operate::operate;
use crate::app::House;

/// The view level of those who have an account.
const REGISTERED: i64 = 2;

/// Adds categories, tags and articles, and gives those that a guest sees.
pub(super) fn content(house: &House) -> Result<DemoContent, String> {
    let category = |members: Value| put(house, "categories", &members);
    let news = category(json!({
        "title": "News", "description": "<p>What happens here.</p>", "metadesc": "News of the demo site",
        "robots": "index, follow",
    }))?;
    let parent = number(&news)?;
    let events = category(json!({ "title": "Events", "parent": parent, "ordering": 1 }))?;
    let members = json!({
        "title": "For members", "parent": parent, "ordering": 2, "access": REGISTERED,
    });
    let members = category(members)?;
    let drafts = category(json!({ "title": "Drafts", "state": 0 }))?;
    let tag = put(house, "tags", &json!({ "title": "Opening" }))?;
    let other = put(house, "tags", &json!({ "title": "Summer" }))?;
    let tags = json!([number(&tag)?, number(&other)?]);
    let article = article_in(
        house,
        &news,
        "We are open",
        json!({ "featured": true, "tags": tags }),
    )?;
    article_in(
        house,
        &news,
        "What members read",
        json!({ "access": REGISTERED, "tags": tags }),
    )?;
    article_in(
        house,
        &events,
        "A summer evening",
        json!({ "tags": [number(&other)?] }),
    )?;
    article_in(house, &members, "The minutes", json!({}))?;
    article_in(house, &drafts, "Not yet written", json!({ "tags": tags }))?;
    Ok(DemoContent {
        category: news,
        article,
        tag,
    })
}

fn article_in(house: &House, category: &str, title: &str, more: Value) -> Result<String, String> {
    let mut members = json!({
        "category": number(category)?, "title": title, "author": "The demo",
        "introtext": format!("<p>{title}.</p>"), "fulltext": "<p>This is the rest of it.</p>",
        "images": { "image_intro": "images/demo.png", "image_intro_alt": title },
    });
    if let (Some(members), Value::Object(more)) = (members.as_object_mut(), more) {
        members.extend(more);
    }
    put(house, "articles", &members)
}

/// Adds something, or finds it there, and gives its id.
fn put(house: &House, resource: &str, members: &Value) -> Result<String, String> {
    let saved = operate(house, "content", "put", resource, members, None)?;
    let id = saved["id"].as_str().map(str::to_owned);
    id.ok_or_else(|| format!("content put/{resource} answered without an id"))
}

fn number(id: &str) -> Result<i64, String> {
    id.parse().map_err(|_| format!("{id} is no id"))
}
