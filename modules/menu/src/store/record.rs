//! Whole rows, for moving in and out: read by their ids, written with them.

use diesel::prelude::*;
use loggia_sdk::prelude::{Deserialize, Serialize};
use loggia_site::records::{Unwritten, document};
use loggia_sql::{Backend, Connection, JsonText};

use super::schema::{menu_item, menu_menu};

/// A menu.
#[derive(Debug, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = menu_menu, check_for_backend(Backend))]
pub(crate) struct MenuRecord {
    pub(crate) id: i64,
    pub(crate) menutype: String,
    pub(crate) title: String,
    pub(crate) description: String,
}

/// An item. Its level, place and path follow from parents, positions and aliases.
#[derive(Debug, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = menu_item, check_for_backend(Backend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct ItemRecord {
    pub(crate) id: i64,
    pub(crate) menu_id: i64,
    pub(crate) parent_id: i64,
    #[serde(default)]
    pub(crate) level: i64,
    pub(crate) position: i64,
    #[serde(default)]
    pub(crate) place: i64,
    pub(crate) title: String,
    pub(crate) alias: String,
    pub(crate) note: String,
    #[serde(default)]
    pub(crate) path: String,
    pub(crate) link: String,
    pub(crate) kind: String,
    pub(crate) home: bool,
    pub(crate) browser_navigation: i64,
    #[serde(with = "document")]
    pub(crate) params: JsonText,
    pub(crate) language: String,
    pub(crate) state: i64,
    pub(crate) view_level_id: i64,
    pub(crate) publish_up_ms: Option<i64>,
    pub(crate) publish_down_ms: Option<i64>,
}

/// The menus behind an id.
pub(crate) fn menus(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<MenuRecord>> {
    menu_menu::table
        .filter(menu_menu::id.gt(after))
        .order(menu_menu::id)
        .limit(limit)
        .select(MenuRecord::as_select())
        .load(connection)
}

/// The items behind an id.
pub(crate) fn items(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<ItemRecord>> {
    menu_item::table
        .filter(menu_item::id.gt(after))
        .order(menu_item::id)
        .limit(limit)
        .select(ItemRecord::as_select())
        .load(connection)
}

/// Adds or replaces a menu.
pub(crate) fn put_menu(connection: &mut Connection, record: &MenuRecord) -> Result<(), Unwritten> {
    diesel::insert_into(menu_menu::table)
        .values(record)
        .on_conflict(menu_menu::id)
        .do_update()
        .set(record)
        .execute(connection)?;
    Ok(())
}

/// Adds or replaces an item; the tree is grown afterwards.
pub(crate) fn put_item(connection: &mut Connection, record: &ItemRecord) -> Result<(), Unwritten> {
    diesel::insert_into(menu_item::table)
        .values(record)
        .on_conflict(menu_item::id)
        .do_update()
        .set(record)
        .execute(connection)?;
    Ok(())
}

/// The menus that these items are of.
pub(crate) fn menus_of(connection: &mut Connection, items: &[i64]) -> QueryResult<Vec<i64>> {
    menu_item::table
        .filter(menu_item::id.eq_any(items.to_vec()))
        .select(menu_item::menu_id)
        .distinct()
        .load(connection)
}

/// Deletes menus; those with items stay.
pub(crate) fn delete_menus(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    let full = menu_item::table.select(menu_item::menu_id);
    let empty = menu_menu::table
        .filter(menu_menu::id.eq_any(ids.to_vec()))
        .filter(menu_menu::id.ne_all(full));
    diesel::delete(empty).execute(connection)
}

/// Deletes items.
pub(crate) fn delete_items(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    diesel::delete(menu_item::table.filter(menu_item::id.eq_any(ids.to_vec()))).execute(connection)
}
