//! Whole rows, written with their ids, for moving in.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use loggia_site::records::{Unwritten, delete_lowest_first};
use loggia_sql::{Connection, JsonText};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::application::ApplicationRow;
use super::category::CategoryRow;
use super::item::ItemRow;
use super::item_type::TypeRow;
use super::membership;
use super::revision::RevisionRow;
use super::schema::{
    catalog_application, catalog_category, catalog_category_ancestor, catalog_item,
    catalog_item_category, catalog_revision, catalog_type,
};
use crate::element::Element;

/// An item with its categories.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PlacedItem {
    #[serde(flatten)]
    pub(crate) item: ItemRow,
    /// The ids of its categories, ascending.
    pub(crate) categories: Vec<i64>,
}

/// Adds or replaces an application.
pub(crate) fn put_application(
    connection: &mut Connection,
    record: &ApplicationRow,
) -> Result<(), Unwritten> {
    diesel::insert_into(catalog_application::table)
        .values(record)
        .on_conflict(catalog_application::id)
        .do_update()
        .set(&record.facts)
        .execute(connection)?;
    Ok(())
}

/// Adds or replaces a type.
pub(crate) fn put_type(connection: &mut Connection, record: &TypeRow) -> Result<(), Unwritten> {
    if let Err(error) = serde_json::from_str::<Vec<Element>>(&record.facts.elements.0) {
        return Err(Unwritten::Rule(format!("elements: {error}")));
    }
    diesel::insert_into(catalog_type::table)
        .values(record)
        .on_conflict(catalog_type::id)
        .do_update()
        .set(&record.facts)
        .execute(connection)?;
    Ok(())
}

/// Adds or replaces a category; the tree is grown afterwards.
pub(crate) fn put_category(
    connection: &mut Connection,
    record: &CategoryRow,
) -> Result<(), Unwritten> {
    texts("content", &record.facts.content)?;
    texts("metadata", &record.facts.metadata)?;
    diesel::insert_into(catalog_category::table)
        .values(record)
        .on_conflict(catalog_category::id)
        .do_update()
        .set(&record.facts)
        .execute(connection)?;
    Ok(())
}

/// Adds or replaces an item with its categories.
pub(crate) fn put_item(connection: &mut Connection, record: &PlacedItem) -> Result<(), Unwritten> {
    let PlacedItem { item, categories } = record;
    texts("metadata", &item.facts.metadata)?;
    if serde_json::from_str::<Map<String, Value>>(&item.facts.elements.0).is_err() {
        return Err(Unwritten::Rule("elements: must be an object".to_owned()));
    }
    diesel::insert_into(catalog_item::table)
        .values(item)
        .on_conflict(catalog_item::id)
        .do_update()
        .set((&item.facts, catalog_item::hits.eq(item.hits)))
        .execute(connection)?;
    let categories: BTreeSet<i64> = categories.iter().copied().collect();
    let categories: Vec<i64> = categories.into_iter().collect();
    Ok(membership::save(connection, item.id, &categories)?)
}

/// Adds or replaces a revision.
pub(crate) fn put_revision(
    connection: &mut Connection,
    record: &RevisionRow,
) -> Result<(), Unwritten> {
    diesel::insert_into(catalog_revision::table)
        .values(record)
        .on_conflict(catalog_revision::id)
        .do_update()
        .set(&record.facts)
        .execute(connection)?;
    Ok(())
}

/// Refuses a column that is no object of texts.
fn texts(name: &str, column: &JsonText) -> Result<(), Unwritten> {
    match serde_json::from_str::<BTreeMap<String, String>>(&column.0) {
        Ok(_) => Ok(()),
        Err(error) => Err(Unwritten::Rule(format!("{name}: {error}"))),
    }
}

/// Deletes applications; those with something in them stay.
pub(crate) fn delete_applications(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    let with_types = catalog_type::table.select(catalog_type::application_id);
    let with_categories = catalog_category::table.select(catalog_category::application_id);
    let with_items = catalog_item::table.select(catalog_item::application_id);
    let empty = catalog_application::table
        .filter(catalog_application::id.eq_any(ids.to_vec()))
        .filter(catalog_application::id.ne_all(with_types))
        .filter(catalog_application::id.ne_all(with_categories))
        .filter(catalog_application::id.ne_all(with_items));
    diesel::delete(empty).execute(connection)
}

/// Deletes types; those that items have stay.
pub(crate) fn delete_types(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    let used = catalog_item::table
        .filter(catalog_item::type_id.eq_any(ids.to_vec()))
        .select(catalog_item::type_id);
    let unused = catalog_type::table
        .filter(catalog_type::id.eq_any(ids.to_vec()))
        .filter(catalog_type::id.ne_all(used));
    diesel::delete(unused).execute(connection)
}

/// Deletes categories; those with items or categories in them stay.
pub(crate) fn delete_categories(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    let full = catalog_item_category::table
        .filter(catalog_item_category::category_id.eq_any(ids.to_vec()))
        .select(catalog_item_category::category_id);
    let above = catalog_category_ancestor::table
        .filter(catalog_category_ancestor::distance.gt(0))
        .select(catalog_category_ancestor::ancestor_id);
    let empty = catalog_category::table
        .filter(catalog_category::id.eq_any(ids.to_vec()))
        .filter(catalog_category::id.ne_all(full))
        .filter(catalog_category::id.ne_all(above));
    delete_lowest_first(|| diesel::delete(empty.clone()).execute(connection))
}

/// Deletes items.
pub(crate) fn delete_items(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    diesel::delete(catalog_item::table.filter(catalog_item::id.eq_any(ids.to_vec())))
        .execute(connection)
}

/// Deletes revisions.
pub(crate) fn delete_revisions(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    diesel::delete(catalog_revision::table.filter(catalog_revision::id.eq_any(ids.to_vec())))
        .execute(connection)
}
