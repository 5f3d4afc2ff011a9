//! What the one search over all modules finds of this one: published items, in their first categories. An application
//! is the category of what lies in none; its id is there below zero, since categories have theirs.
//!
//! Whoever has changed something names what he has changed, behind his own statements and in the same transaction;
//! what the tables say of it then is handed in.

use std::collections::HashMap;

use loggia_sdk::search::{Category, Document, plain_text};
use loggia_sdk::{Call, Fault};
use loggia_site::searchables::{offer, offer_categories};
use loggia_sql::Connection;
use serde_json::{Map, Value};

use crate::Catalog;
use crate::element::{self, Definition, Element, Kind};
use crate::operation::{Metadata, document};
use crate::sight::PUBLISHED;
use crate::store::application::{self, ApplicationRow};
use crate::store::category::{self, CategoryRow};
use crate::store::item::{self, ItemRow};
use crate::store::{IDS, item_type};

/// The one area of this module.
const AREA: &str = <Catalog as loggia_sdk::Module>::NAME;

/// Hands in items as they are now, and takes back those that are gone, not published, or not to be found.
pub(crate) fn items_changed(
    call: &Call<'_>,
    connection: &mut Connection,
    ids: &[i64],
) -> Result<(), Fault> {
    for ids in ids.chunks(IDS) {
        let rows = item::searchable(connection, ids)?;
        let documents = documents(connection, rows)?;
        offer(call, connection, (AREA, ids), &documents)?;
    }
    Ok(())
}

/// Hands in categories as they are now, and takes back those that are gone.
pub(crate) fn categories_changed(
    call: &Call<'_>,
    connection: &mut Connection,
    ids: &[i64],
) -> Result<(), Fault> {
    for ids in ids.chunks(IDS) {
        let rows = category::by_ids(connection, ids)?;
        let categories: Vec<Category> = rows.into_iter().map(offered_category).collect();
        offer_categories(call, connection, (AREA, ids), &categories)?;
    }
    Ok(())
}

/// Hands in applications as they are now, and takes back those that are gone.
pub(crate) fn applications_changed(
    call: &Call<'_>,
    connection: &mut Connection,
    ids: &[i64],
) -> Result<(), Fault> {
    for ids in ids.chunks(IDS) {
        let rows = application::by_ids(connection, ids)?;
        let offered: Vec<Category> = rows.into_iter().map(offered_application).collect();
        let ids: Vec<i64> = ids.iter().map(|id| -id).collect();
        offer_categories(call, connection, (AREA, &ids), &offered)?;
    }
    Ok(())
}

/// Items as they are found.
pub(crate) fn documents(
    connection: &mut Connection,
    rows: Vec<ItemRow>,
) -> Result<Vec<Document>, Fault> {
    let mut ids: Vec<i64> = rows.iter().map(|row| row.facts.type_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut types = HashMap::new();
    for row in item_type::among(connection, &ids)? {
        types.insert(row.id, element::of_column(&row.facts.elements)?);
    }
    rows.into_iter()
        .map(|row| {
            let elements = types.get(&row.facts.type_id).map_or(&[][..], Vec::as_slice);
            offered_item(row, elements)
        })
        .collect()
}

fn offered_item(row: ItemRow, elements: &[Element]) -> Result<Document, Fault> {
    let metadata: Metadata = document(&row.facts.metadata)?;
    let data: Map<String, Value> = document(&row.facts.elements)?;
    let item = row.facts;
    // What only some readers of the item see must not be found by all of them.
    let is_for_all =
        |definition: &Definition| definition.access == 1 || definition.access == item.view_level_id;
    let texts: Vec<String> = elements
        .iter()
        .filter(|element| is_for_all(&element.definition))
        .filter_map(|element| Some(text(element, data.get(&element.identifier)?)))
        .collect();
    let category = match item.primary_category_id {
        0 => -item.application_id,
        id => id,
    };
    Ok(Document {
        area: AREA.to_owned(),
        id: row.id,
        category_id: Some(category),
        text: texts.join(" "),
        author: item.created_by_alias,
        title: item.name,
        alias: item.alias,
        metadesc: metadata.description,
        metakey: metadata.keywords,
        language: "*".to_owned(),
        created_ms: item.created_ms,
        modified_ms: item.modified_ms,
        popularity: row.hits,
        publish_up_ms: item.publish_up_ms,
        publish_down_ms: item.publish_down_ms,
        view_levels: vec![item.view_level_id],
        private: false,
        href: format!("get/catalog/items/{}?app={}", row.id, item.application_id),
    })
}

/// The words of an element's value.
fn text(element: &Element, data: &Value) -> String {
    let definition = &element.definition;
    let mut words = Vec::new();
    let mut add = |name: &str, text: &str| match (definition.kind, name) {
        (Kind::Textarea, "value") if definition.html => words.push(plain_text(text)),
        (Kind::Text | Kind::Textarea | Kind::Country, _)
        | (_, "title" | "caption" | "text" | "custom_title") => words.push(text.to_owned()),
        (Kind::Select, _) => {
            let option = definition
                .options
                .iter()
                .find(|option| option.value == text);
            words.extend(option.map(|option| option.name.clone()));
        }
        _ => {}
    };
    each_text("", data, &mut add);
    words.join(" ")
}

fn each_text(name: &str, data: &Value, add: &mut impl FnMut(&str, &str)) {
    match data {
        Value::String(text) => add(name, text),
        Value::Object(members) => members
            .iter()
            .for_each(|(name, value)| each_text(name, value, add)),
        _ => {}
    }
}

/// A category as its items are found by it.
pub(crate) fn offered_category(row: CategoryRow) -> Category {
    Category {
        area: AREA.to_owned(),
        id: row.id,
        parent_id: Some(match row.facts.parent_id {
            0 => -row.facts.application_id,
            id => id,
        }),
        title: row.facts.name,
        alias: row.facts.alias,
        is_published: row.facts.state == PUBLISHED,
        view_levels: vec![row.facts.view_level_id],
    }
}

/// An application as everything in it is found by it.
pub(crate) fn offered_application(row: ApplicationRow) -> Category {
    Category {
        area: AREA.to_owned(),
        id: -row.id,
        parent_id: None,
        title: row.facts.name,
        alias: row.facts.alias,
        is_published: row.facts.state == PUBLISHED,
        view_levels: vec![row.facts.view_level_id],
    }
}
