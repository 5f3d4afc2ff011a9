//! Items.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use loggia_site::records::document;
use loggia_sql::{Backend, Connection, JsonText, lock_rows};
use serde::{Deserialize, Serialize};

use super::IDS;
use super::condition::{self, Condition, Place};
use super::schema::catalog_item;
use crate::sight::{PUBLISHED, Sight};

/// An item.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = catalog_item, check_for_backend(Backend))]
pub(crate) struct ItemRow {
    pub(crate) id: i64,
    pub(crate) hits: i64,
    #[diesel(embed)]
    #[serde(flatten)]
    pub(crate) facts: ItemFacts,
}

/// What an item is beside its id and its hits, which its readers add to.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(
    table_name = catalog_item,
    check_for_backend(Backend),
    treat_none_as_null = true,
    treat_none_as_default_value = false
)]
pub(crate) struct ItemFacts {
    pub(crate) application_id: i64,
    pub(crate) type_id: i64,
    pub(crate) name: String,
    pub(crate) alias: String,
    pub(crate) state: i64,
    pub(crate) view_level_id: i64,
    pub(crate) publish_up_ms: Option<i64>,
    pub(crate) publish_down_ms: Option<i64>,
    pub(crate) priority: i64,
    pub(crate) searchable: bool,
    pub(crate) comments_enabled: bool,
    pub(crate) primary_category_id: i64,
    pub(crate) created_ms: i64,
    pub(crate) created_by: i64,
    pub(crate) created_by_alias: String,
    pub(crate) modified_ms: i64,
    pub(crate) modified_by: i64,
    #[serde(with = "document")]
    pub(crate) elements: JsonText,
    #[serde(with = "document")]
    pub(crate) metadata: JsonText,
    pub(crate) version: i64,
}

/// What lists show of an item beside its elements.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = catalog_item, check_for_backend(Backend))]
pub(crate) struct ItemEntry {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) alias: String,
    pub(crate) priority: i64,
    pub(crate) created_by: i64,
    pub(crate) modified_by: i64,
    pub(crate) publish_up_ms: Option<i64>,
    pub(crate) publish_down_ms: Option<i64>,
    pub(crate) created_ms: i64,
    pub(crate) modified_ms: i64,
}

/// The elements of an item, with its type.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = catalog_item, check_for_backend(Backend))]
pub(crate) struct ItemElements {
    pub(crate) id: i64,
    pub(crate) type_id: i64,
    pub(crate) elements: JsonText,
}

/// An item that is to be changed, whoever asks; it stays as it is until the transaction ends.
pub(crate) fn to_change(connection: &mut Connection, id: i64) -> QueryResult<Option<ItemRow>> {
    let query = catalog_item::table.find(id).select(ItemRow::as_select());
    lock_rows(query).get_result(connection).optional()
}

/// An item by its application and alias, whoever asks.
pub(crate) fn by_alias(
    connection: &mut Connection,
    application: i64,
    alias: &str,
) -> QueryResult<Option<ItemRow>> {
    catalog_item::table
        .filter(catalog_item::application_id.eq(application))
        .filter(catalog_item::alias.eq(alias))
        .select(ItemRow::as_select())
        .first(connection)
        .optional()
}

/// An item, of this application where one is named, where the caller may see it.
pub(crate) fn visible(
    connection: &mut Connection,
    sight: &Sight,
    application: Option<i64>,
    id: i64,
) -> QueryResult<Option<ItemRow>> {
    // Whoever names an application has looked at it.
    let place = application.map_or(Place::Unknown, |_| Place::Application);
    let mut query = catalog_item::table
        .filter(catalog_item::id.eq(id))
        .filter(condition::items(sight, place))
        .select(ItemRow::as_select())
        .into_boxed();
    if let Some(application) = application {
        query = query.filter(catalog_item::application_id.eq(application));
    }
    query.first(connection).optional()
}

/// Which of these items a caller may see, with their types.
pub(crate) fn visible_among(
    connection: &mut Connection,
    sight: &Sight,
    ids: &[i64],
) -> QueryResult<Vec<(i64, i64)>> {
    let mut found = Vec::new();
    for ids in ids.chunks(IDS) {
        let some: Vec<(i64, i64)> = catalog_item::table
            .filter(catalog_item::id.eq_any(ids.to_vec()))
            .filter(condition::items(sight, Place::Unknown))
            .select((catalog_item::id, catalog_item::type_id))
            .load(connection)?;
        found.extend(some);
    }
    Ok(found)
}

/// How many items meet a condition.
pub(crate) fn count(
    connection: &mut Connection,
    condition: Condition<catalog_item::table>,
) -> QueryResult<i64> {
    catalog_item::table
        .filter(condition)
        .count()
        .get_result(connection)
}

/// The ids of the items that meet a condition: those of the highest priority first, by name.
pub(crate) fn ids(
    connection: &mut Connection,
    condition: Condition<catalog_item::table>,
) -> QueryResult<Vec<i64>> {
    catalog_item::table
        .filter(condition)
        .order((
            catalog_item::priority.desc(),
            catalog_item::name,
            catalog_item::id,
        ))
        .select(catalog_item::id)
        .load(connection)
}

/// When the next item begins or ends to be shown.
pub(crate) fn next_time(connection: &mut Connection, now_ms: i64) -> QueryResult<Option<i64>> {
    let up: Option<i64> = catalog_item::table
        .filter(catalog_item::publish_up_ms.gt(now_ms))
        .select(diesel::dsl::min(catalog_item::publish_up_ms))
        .first(connection)?;
    let down: Option<i64> = catalog_item::table
        .filter(catalog_item::publish_down_ms.gt(now_ms))
        .select(diesel::dsl::min(catalog_item::publish_down_ms))
        .first(connection)?;
    Ok(up.into_iter().chain(down).min())
}

/// Those of these items that meet a condition, in the order of their ids here.
pub(crate) fn among(
    connection: &mut Connection,
    condition: Condition<catalog_item::table>,
    ids: &[i64],
) -> QueryResult<Vec<ItemEntry>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let entries = catalog_item::table
        .filter(condition)
        .select(ItemEntry::as_select());
    // Nobody pages through so many: one statement for all that meet the condition is less than many.
    let mut rows: Vec<ItemEntry> = if ids.len() > IDS {
        entries.load(connection)?
    } else {
        let of_ids = entries.filter(catalog_item::id.eq_any(ids.to_vec()));
        of_ids.load(connection)?
    };
    let places: HashMap<i64, usize> = ids.iter().copied().zip(0..).collect();
    rows.retain(|row| places.contains_key(&row.id));
    rows.sort_unstable_by_key(|row| places.get(&row.id).copied());
    Ok(rows)
}

/// The items behind one with this priority, name and id.
pub(crate) fn behind(priority: i64, name: String, id: i64) -> Condition<catalog_item::table> {
    let by_id = catalog_item::name
        .eq(name.clone())
        .and(catalog_item::id.gt(id));
    let by_name = catalog_item::name.gt(name).or(by_id);
    let of_priority = catalog_item::priority.eq(priority).and(by_name);
    Box::new(catalog_item::priority.lt(priority).or(of_priority))
}

/// The elements of these items.
pub(crate) fn elements(connection: &mut Connection, ids: &[i64]) -> QueryResult<Vec<ItemElements>> {
    let mut found = Vec::new();
    for ids in ids.chunks(IDS) {
        let some: Vec<ItemElements> = catalog_item::table
            .filter(catalog_item::id.eq_any(ids.to_vec()))
            .select(ItemElements::as_select())
            .load(connection)?;
        found.extend(some);
    }
    Ok(found)
}

/// Adds so many hits to each of these items.
pub(crate) fn add_hits(connection: &mut Connection, hits: i64, ids: &[i64]) -> QueryResult<()> {
    for ids in ids.chunks(IDS) {
        diesel::update(catalog_item::table.filter(catalog_item::id.eq_any(ids.to_vec())))
            .set(catalog_item::hits.eq(catalog_item::hits + hits))
            .execute(connection)?;
    }
    Ok(())
}

/// Adds an item and gives its id.
pub(crate) fn add(connection: &mut Connection, facts: &ItemFacts) -> QueryResult<i64> {
    diesel::insert_into(catalog_item::table)
        .values((facts, catalog_item::hits.eq(0)))
        .returning(catalog_item::id)
        .get_result(connection)
}

/// Changes everything of an item but its hits.
pub(crate) fn save(connection: &mut Connection, id: i64, facts: &ItemFacts) -> QueryResult<()> {
    diesel::update(catalog_item::table.find(id))
        .set(facts)
        .execute(connection)
        .map(drop)
}

/// Changes the elements of an item, which stays of the same version.
pub(crate) fn save_elements(
    connection: &mut Connection,
    id: i64,
    elements: &JsonText,
) -> QueryResult<()> {
    diesel::update(catalog_item::table.find(id))
        .set(catalog_item::elements.eq(elements))
        .execute(connection)
        .map(drop)
}

/// All items of an account, oldest first.
pub(crate) fn of_person(connection: &mut Connection, user: i64) -> QueryResult<Vec<ItemRow>> {
    catalog_item::table
        .filter(catalog_item::created_by.eq(user))
        .order(catalog_item::id)
        .select(ItemRow::as_select())
        .load(connection)
}

/// Takes an account's id and names from its items, which stay; how many they were.
pub(crate) fn forget_person(connection: &mut Connection, user: i64) -> QueryResult<usize> {
    diesel::update(catalog_item::table.filter(catalog_item::modified_by.eq(user)))
        .set(catalog_item::modified_by.eq(0))
        .execute(connection)?;
    diesel::update(catalog_item::table.filter(catalog_item::created_by.eq(user)))
        .set((
            catalog_item::created_by.eq(0),
            catalog_item::created_by_alias.eq(""),
        ))
        .execute(connection)
}

/// The items behind an id, by their ids.
pub(crate) fn after(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<ItemRow>> {
    catalog_item::table
        .filter(catalog_item::id.gt(after))
        .order(catalog_item::id)
        .limit(limit)
        .select(ItemRow::as_select())
        .load(connection)
}

/// Which of these items searches find, as far as their states say.
pub(crate) fn searchable(connection: &mut Connection, ids: &[i64]) -> QueryResult<Vec<ItemRow>> {
    catalog_item::table
        .filter(catalog_item::id.eq_any(ids.to_vec()))
        .filter(catalog_item::state.eq(PUBLISHED))
        .filter(catalog_item::searchable.eq(true))
        .select(ItemRow::as_select())
        .load(connection)
}

/// The items behind an id that searches find, by their ids.
pub(crate) fn searchable_after(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<ItemRow>> {
    catalog_item::table
        .filter(catalog_item::id.gt(after))
        .filter(catalog_item::state.eq(PUBLISHED))
        .filter(catalog_item::searchable.eq(true))
        .order(catalog_item::id)
        .limit(limit)
        .select(ItemRow::as_select())
        .load(connection)
}

/// Deletes an item for ever.
pub(crate) fn delete(connection: &mut Connection, id: i64) -> QueryResult<()> {
    diesel::delete(catalog_item::table.find(id))
        .execute(connection)
        .map(drop)
}

/// The ids of the items that an account has written.
pub(crate) fn ids_of_person(connection: &mut Connection, user: i64) -> QueryResult<Vec<i64>> {
    catalog_item::table
        .filter(catalog_item::created_by.eq(user))
        .select(catalog_item::id)
        .load(connection)
}

/// Takes a category that is to go from the items that belong to it first, and gives their ids.
pub(crate) fn leave_category(connection: &mut Connection, category: i64) -> QueryResult<Vec<i64>> {
    let of_category = catalog_item::table.filter(catalog_item::primary_category_id.eq(category));
    let ids = of_category.select(catalog_item::id).load(connection)?;
    diesel::update(of_category)
        .set(catalog_item::primary_category_id.eq(0))
        .execute(connection)?;
    Ok(ids)
}

/// The aliases of an application's items that begin so; an alias has no sign that `LIKE` takes for another.
pub(crate) fn aliases_beginning(
    connection: &mut Connection,
    application: i64,
    beginning: &str,
) -> QueryResult<HashSet<String>> {
    let aliases: Vec<String> = catalog_item::table
        .filter(catalog_item::application_id.eq(application))
        .filter(catalog_item::alias.like(format!("{beginning}%")))
        .select(catalog_item::alias)
        .load(connection)?;
    Ok(aliases.into_iter().collect())
}
