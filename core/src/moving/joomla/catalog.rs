//! ZOO: applications, types of items, categories, items with their elements.

mod element;
mod types;

pub(super) use types::accesses;

use serde_json::{Value, json};

use super::feed::Feed;
use super::made::{Made, batch, noted};
use super::object::{object, record, text_of};
use super::site::{Site, keys};
use super::tree::Tree;
use crate::moving::Outcome;
use crate::moving::merge::Batch;
use crate::moving::record::Record;

const MODULE: &str = "catalog";

/// The feeds of this part.
pub(super) const FEEDS: [Feed; 4] = [
    Feed::new(MODULE, "application", "zoo_application", applications),
    Feed::new(MODULE, "type", "zoo_application", types::types),
    Feed::new(MODULE, "category", "zoo_category", categories),
    Feed::new(MODULE, "item", "zoo_item", items),
];

const CONTENT: [&str; 4] = ["subtitle", "image", "image_width", "image_height"];
/// The members of elements that are addresses of files.
pub(super) const ADDRESSES: [&str; 2] = ["file", "lightbox_image"];
const METADATA: [&str; 5] = ["title", "description", "keywords", "robots", "author"];

fn applications(site: &mut Site, after: i64) -> Outcome<Batch> {
    let rows = site.page("zoo_application", "id", after, "1 = 1")?;
    batch(rows, "id", |row| {
        let id = row.number("id");
        let alias = match row.text("alias") {
            none if none.is_empty() => format!("{}-{id}", row.text("application_group")),
            alias => alias,
        };
        Ok(Made::Record(record(json!({
            "id": id, "name": row.text("name"), "alias": alias, "description": row.text("description"), "state": 1,
            "view_level_id": 1, "version": 1,
        }))))
    })
}

fn categories(site: &mut Site, after: i64) -> Outcome<Batch> {
    let tree = tree(site)?;
    let rows = site.page("zoo_category", "id", after, "1 = 1")?;
    batch(rows, "id", |row| {
        let place = tree.place(row.number("id"));
        let params = object(row, "params");
        let (mut content, mut notes) = (chosen(&params, "content", &CONTENT), Vec::new());
        site.attached.name_in(&mut content, &["image"], &mut notes);
        let made = record(json!({
            "id": row.number("id"),
            "application_id": row.number("application_id"),
            "parent_id": place.parent(),
            "position": row.number("ordering"),
            "name": row.text("name"),
            "alias": row.text("alias"),
            "description": row.text("description"),
            "content": content,
            "metadata": chosen(&params, "metadata", &METADATA),
            "state": place.state(row.number("published"), &mut notes),
            "view_level_id": 1,
            "version": 1,
        }));
        Ok(noted(made, &notes))
    })
}

fn items(site: &mut Site, after: i64) -> Outcome<Batch> {
    let tree = tree(site)?;
    let rows = site.page("zoo_item", "id", after, "1 = 1")?;
    let ids = keys(&rows, "id");
    let placed = site.beside(
        "zoo_category_item",
        "item_id",
        &ids,
        "t.\"category_id\" > 0",
    )?;
    batch(rows, "id", |row| {
        let id = row.number("id");
        let params = object(row, "params");
        let created_ms = row.time_ms("created").unwrap_or(0);
        let mut categories = placed
            .get(&id)
            .map(|rows| keys(rows, "category_id"))
            .unwrap_or_default();
        categories.sort_unstable();
        categories.dedup();
        let (mut state, mut notes) = (row.number("state"), Vec::new());
        let is_placed = !categories.is_empty();
        categories.retain(|category| tree.has(*category));
        if is_placed && categories.is_empty() {
            // In no category it would be shown whatever those were that are gone.
            notes.push("none of its categories is there: it is not published".to_owned());
            state = state.min(0);
        }
        let primary: i64 = text_of(&params, "config.primary_category")
            .parse()
            .unwrap_or(0);
        let application = row.number("application_id");
        let mut elements = element::filled(&object(row, "elements"));
        site.attached.name_in(&mut elements, &ADDRESSES, &mut notes);
        let made = record(json!({
            "id": id,
            "application_id": application,
            "type_id": types::id(application, &row.text("type")),
            "name": row.text("name"),
            "alias": row.text("alias"),
            "state": state,
            "view_level_id": row.number("access").max(1),
            "publish_up_ms": row.time_ms("publish_up"),
            "publish_down_ms": row.time_ms("publish_down"),
            "priority": row.number("priority"),
            "searchable": row.number("searchable") != 0,
            "comments_enabled": text_of(&params, "config.enable_comments") == "1",
            "primary_category_id": primary,
            "created_ms": created_ms,
            "created_by": row.number("created_by"),
            "created_by_alias": row.text("created_by_alias"),
            "modified_ms": row.time_ms("modified").unwrap_or(created_ms),
            "modified_by": row.number("modified_by"),
            "hits": row.number("hits"),
            "elements": elements,
            "metadata": chosen(&params, "metadata", &METADATA),
            "version": 1,
            "categories": categories,
        }));
        Ok(noted(made, &notes))
    })
}

fn tree(site: &mut Site) -> Outcome<Tree> {
    if site.has("zoo_category")? {
        Tree::read(site, "zoo_category", "parent", "1 = 1")
    } else {
        Ok(Tree::default())
    }
}

/// Some of the parameters, whose names begin with what they belong to.
fn chosen(params: &Record, prefix: &str, names: &[&str]) -> Value {
    let member = |name: &&str| {
        let value = text_of(params, &format!("{prefix}.{name}"));
        ((*name).to_owned(), value.into())
    };
    Value::Object(names.iter().map(member).collect())
}
