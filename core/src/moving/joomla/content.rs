//! Categories, tags and articles.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::feed::Feed;
use super::made::{Made, batch, noted};
use super::object::{object, record, text_of};
use super::site::{Site, keys};
use super::tree::Tree;
use crate::moving::Outcome;
use crate::moving::merge::Batch;
use crate::moving::record::Record;
use crate::moving::source::Row;
use crate::service::clock::now_ms;

const MODULE: &str = "content";

/// The feeds of this part.
pub(super) const FEEDS: [Feed; 3] = [
    Feed::new(MODULE, "category", "categories", categories),
    Feed::new(MODULE, "tag", "tags", tags),
    Feed::new(MODULE, "article", "content", articles),
];

/// The members that an article's images have here.
const IMAGES: [&str; 8] = [
    "image_intro",
    "float_intro",
    "image_intro_alt",
    "image_intro_caption",
    "image_fulltext",
    "float_fulltext",
    "image_fulltext_alt",
    "image_fulltext_caption",
];
/// Those of them that are addresses.
pub(super) const ADDRESSES: [&str; 2] = ["image_intro", "image_fulltext"];
/// The members of an article's metadata.
const METADATA: [&str; 4] = ["robots", "author", "rights", "xreference"];

pub(super) const OF_CONTENT: &str = "t.\"extension\" = 'com_content'";

fn categories(site: &mut Site, after: i64) -> Outcome<Batch> {
    let places = places(site)?;
    let tree = Tree::read(site, "categories", "parent_id", OF_CONTENT)?;
    let rows = site.page("categories", "id", after, OF_CONTENT)?;
    batch(rows, "id", |row| {
        let metadata = object(row, "metadata");
        let id = row.number("id");
        let (place, mut notes) = (tree.place(id), Vec::new());
        let made = record(json!({
            "id": id,
            "parent_id": place.parent(),
            "level": row.number("level"),
            "position": places.get(&id).copied().unwrap_or(0),
            "title": row.text("title"),
            "alias": row.text("alias"),
            "description": row.text("description"),
            "metadesc": row.text("metadesc"),
            "metakey": row.text("metakey"),
            "page_title": text_of(&metadata, "page_title"),
            "author": text_of(&metadata, "author"),
            "robots": text_of(&metadata, "robots"),
            "language": row.text("language").trim(),
            "state": place.state(row.number("published"), &mut notes),
            "view_level_id": row.number("access"),
            "version": 1,
        }));
        Ok(noted(made, &notes))
    })
}

/// The place of each category among its siblings: `lft` itself would change with every category before it.
fn places(site: &mut Site) -> Outcome<HashMap<i64, i64>> {
    let sql = format!(
        "SELECT t.\"id\", t.\"parent_id\" FROM {} t WHERE {OF_CONTENT} ORDER BY t.\"lft\", t.\"id\"",
        site.table("categories")
    );
    let (mut places, mut children) = (HashMap::new(), HashMap::<i64, i64>::new());
    for row in site.rows(&sql)? {
        let place = children.entry(row.number("parent_id")).or_default();
        *place += 1;
        places.insert(row.number("id"), *place);
    }
    Ok(places)
}

fn tags(site: &mut Site, after: i64) -> Outcome<Batch> {
    let rows = site.page("tags", "id", after, "t.\"alias\" <> 'root'")?;
    batch(rows, "id", |row| {
        Ok(Made::Record(record(json!({
            "id": row.number("id"), "title": row.text("title"), "alias": row.text("alias"),
            "state": row.number("published"), "view_level_id": row.number("access"), "version": 1,
        }))))
    })
}

fn articles(site: &mut Site, after: i64) -> Outcome<Batch> {
    let rows = site.page("content", "id", after, "1 = 1")?;
    let ids = keys(&rows, "id");
    let authors = site.beside("users", "id", &keys(&rows, "created_by"), "1 = 1")?;
    let tags = tags_of(site, &ids)?;
    let featured = featured(site, &ids)?;
    batch(rows, "id", |row| {
        let id = row.number("id");
        let author = authors
            .get(&row.number("created_by"))
            .and_then(|rows| rows.first());
        let mut made = article(row);
        made.insert(
            "author_name".to_owned(),
            author
                .map_or_else(String::new, |row| row.text("name"))
                .into(),
        );
        made.insert(
            "tags".to_owned(),
            json!(tags.get(&id).cloned().unwrap_or_default()),
        );
        if let Some(featured) = &featured {
            made.insert("featured".to_owned(), featured.contains_key(&id).into());
        }
        let mut notes = Vec::new();
        if let Some(images) = made.get_mut("images") {
            site.attached.name_in(images, &ADDRESSES, &mut notes);
        }
        Ok(noted(made, &notes))
    })
}

fn article(row: &Row) -> Record {
    let created_ms = row.time_ms("created").unwrap_or(0);
    record(json!({
        "id": row.number("id"),
        "category_id": row.number("catid"),
        "title": row.text("title"),
        "alias": row.text("alias"),
        "introduction": row.text("introtext"),
        "full_text": row.text("fulltext"),
        "featured": row.number("featured") != 0,
        "position": row.number("ordering"),
        "hits": row.number("hits"),
        "created_ms": created_ms,
        "created_by": row.number("created_by"),
        "author_alias": row.text("created_by_alias"),
        "modified_ms": row.time_ms("modified").unwrap_or(created_ms),
        "modified_by": row.number("modified_by"),
        "publish_up_ms": row.time_ms("publish_up"),
        "publish_down_ms": row.time_ms("publish_down"),
        "metadesc": row.text("metadesc"),
        "metakey": row.text("metakey"),
        "metadata": chosen(&object(row, "metadata"), &METADATA),
        "images": chosen(&object(row, "images"), &IMAGES),
        "language": row.text("language").trim(),
        "state": row.number("state"),
        "view_level_id": row.number("access"),
        "version": 1,
    }))
}

/// The members of these names, as texts.
fn chosen(object: &Record, names: &[&str]) -> Value {
    let members = names
        .iter()
        .map(|name| ((*name).to_owned(), text_of(object, name).into()));
    Value::Object(members.collect())
}

fn tags_of(site: &mut Site, articles: &[i64]) -> Outcome<HashMap<i64, Vec<i64>>> {
    if !site.has("tags")? {
        return Ok(HashMap::new());
    }
    let condition = format!(
        "t.\"type_alias\" = 'com_content.article' AND t.\"tag_id\" IN (SELECT \"id\" FROM {})",
        site.table("tags")
    );
    let found = site.beside(
        "contentitem_tag_map",
        "content_item_id",
        articles,
        &condition,
    )?;
    let tags = found.into_iter().map(|(article, rows)| {
        let mut tags = keys(&rows, "tag_id");
        tags.sort_unstable();
        tags.dedup();
        (article, tags)
    });
    Ok(tags.collect())
}

/// The featured articles, where their time is up to now: Joomla 4 and 5 let it begin and end. None where the article
/// itself says it.
fn featured(site: &mut Site, articles: &[i64]) -> Outcome<Option<HashMap<i64, Vec<Row>>>> {
    if !site.has_column("content_frontpage", "featured_up")? {
        return Ok(None);
    }
    let mut found = site.beside("content_frontpage", "content_id", articles, "1 = 1")?;
    let now_ms = now_ms();
    found.retain(|_, rows| {
        rows.iter().any(|row| {
            row.time_ms("featured_up")
                .is_none_or(|begin| begin <= now_ms)
                && row.time_ms("featured_down").is_none_or(|end| end > now_ms)
        })
    });
    Ok(Some(found))
}
