//! Items of menus.

use std::collections::HashMap;

use diesel::BoxableExpression;
use diesel::dsl::count_star;
use diesel::expression::expression_types::NotSelectable;
use diesel::prelude::*;
use loggia_site::Page;
use loggia_sql::{Backend, Connection, JsonText};

use super::condition::{self, Condition};
use super::schema::{menu_item, menu_menu};
use crate::sight::Sight;

/// An item.
#[derive(Clone, Debug, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = menu_item, check_for_backend(Backend), treat_none_as_null = true)]
pub(crate) struct ItemRow {
    pub(crate) id: i64,
    pub(crate) menu_id: i64,
    pub(crate) parent_id: i64,
    pub(crate) level: i64,
    pub(crate) position: i64,
    pub(crate) place: i64,
    pub(crate) title: String,
    pub(crate) alias: String,
    pub(crate) note: String,
    pub(crate) path: String,
    pub(crate) link: String,
    pub(crate) kind: String,
    pub(crate) home: bool,
    pub(crate) browser_navigation: i64,
    pub(crate) params: JsonText,
    pub(crate) language: String,
    pub(crate) state: i64,
    pub(crate) view_level_id: i64,
    pub(crate) publish_up_ms: Option<i64>,
    pub(crate) publish_down_ms: Option<i64>,
}

/// What a list is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Id,
    Title,
    Alias,
    Path,
    Level,
    Access,
    Place,
}

/// An order; where it leaves two items equal, their ids decide.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    pub(crate) column: Column,
    pub(crate) descending: bool,
}

/// Which items of a menu are counted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Counted {
    Visible,
    Unpublished,
    Trashed,
}

type Ordered = Box<dyn BoxableExpression<menu_item::table, Backend, SqlType = NotSelectable>>;

/// An item, whoever asks.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<ItemRow>> {
    menu_item::table
        .find(id)
        .select(ItemRow::as_select())
        .first(connection)
        .optional()
}

/// An item by menu and parent, alias and language, whoever asks.
pub(crate) fn by_alias(
    connection: &mut Connection,
    (menu, parent): (i64, i64),
    alias: &str,
    language: &str,
) -> QueryResult<Option<ItemRow>> {
    menu_item::table
        .filter(menu_item::menu_id.eq(menu))
        .filter(menu_item::parent_id.eq(parent))
        .filter(menu_item::alias.eq(alias))
        .filter(menu_item::language.eq(language))
        .select(ItemRow::as_select())
        .first(connection)
        .optional()
}

/// An item with the name of its menu, where the caller may see it.
pub(crate) fn visible(
    connection: &mut Connection,
    sight: &Sight,
    id: i64,
) -> QueryResult<Option<(ItemRow, String)>> {
    let seen = menu_item::table
        .filter(condition::items(sight))
        .select(menu_item::id)
        .into_boxed::<Backend>();
    menu_item::table
        .inner_join(menu_menu::table)
        .filter(menu_item::id.eq(id))
        .filter(menu_item::id.eq_any(seen))
        .select((ItemRow::as_select(), menu_menu::menutype))
        .first(connection)
        .optional()
}

/// The items of a menu.
pub(crate) fn of_menu(menu: i64) -> Condition {
    Box::new(menu_item::menu_id.eq(menu))
}

/// The items right below one.
pub(crate) fn right_below(parent: i64) -> Condition {
    Box::new(menu_item::parent_id.eq(parent))
}

/// The items down to a level.
pub(crate) fn down_to(level: i64) -> Condition {
    Box::new(menu_item::level.le(level))
}

/// How many items meet a condition.
pub(crate) fn count(connection: &mut Connection, condition: Condition) -> QueryResult<i64> {
    menu_item::table
        .filter(condition)
        .count()
        .get_result(connection)
}

/// How many items each of these menus has.
pub(crate) fn counts(
    connection: &mut Connection,
    sight: &Sight,
    counted: Counted,
    menus: &[i64],
) -> QueryResult<HashMap<i64, i64>> {
    let condition = match counted {
        Counted::Visible => condition::items(sight),
        Counted::Unpublished => condition::in_state(sight, 0),
        Counted::Trashed => condition::in_state(sight, -2),
    };
    let counts: Vec<(i64, i64)> = menu_item::table
        .filter(menu_item::menu_id.eq_any(menus.to_vec()))
        .filter(condition)
        .group_by(menu_item::menu_id)
        .select((menu_item::menu_id, count_star()))
        .load(connection)?;
    Ok(counts.into_iter().collect())
}

/// A page of the items that meet a condition.
pub(crate) fn page(
    connection: &mut Connection,
    condition: Condition,
    order: Order,
    page: Page,
) -> QueryResult<Vec<ItemRow>> {
    let by_id = Order {
        column: Column::Id,
        ..order
    };
    let mut query = menu_item::table
        .filter(condition)
        .select(ItemRow::as_select())
        .order(ordered(order))
        .then_order_by(ordered(by_id))
        .into_boxed();
    if let Some(limit) = page.limit {
        query = query.limit(limit).offset(page.offset.unwrap_or(0));
    }
    query.load(connection)
}

fn ordered(order: Order) -> Ordered {
    macro_rules! by {
        ($column:ident) => {
            if order.descending {
                Box::new(menu_item::$column.desc()) as Ordered
            } else {
                Box::new(menu_item::$column.asc()) as Ordered
            }
        };
    }
    match order.column {
        Column::Id => by!(id),
        Column::Title => by!(title),
        Column::Alias => by!(alias),
        Column::Path => by!(path),
        Column::Level => by!(level),
        Column::Access => by!(view_level_id),
        Column::Place => by!(place),
    }
}

/// Adds an item and gives its id.
pub(crate) fn add(connection: &mut Connection, row: &ItemRow) -> QueryResult<i64> {
    diesel::insert_into(menu_item::table)
        .values((
            (
                menu_item::menu_id.eq(row.menu_id),
                menu_item::parent_id.eq(row.parent_id),
                menu_item::level.eq(row.level),
                menu_item::position.eq(row.position),
                menu_item::place.eq(row.place),
                menu_item::title.eq(&row.title),
                menu_item::alias.eq(&row.alias),
                menu_item::note.eq(&row.note),
                menu_item::path.eq(&row.path),
                menu_item::link.eq(&row.link),
            ),
            (
                menu_item::kind.eq(&row.kind),
                menu_item::home.eq(row.home),
                menu_item::browser_navigation.eq(row.browser_navigation),
                menu_item::params.eq(&row.params),
                menu_item::language.eq(&row.language),
                menu_item::state.eq(row.state),
                menu_item::view_level_id.eq(row.view_level_id),
                menu_item::publish_up_ms.eq(row.publish_up_ms),
                menu_item::publish_down_ms.eq(row.publish_down_ms),
            ),
        ))
        .returning(menu_item::id)
        .get_result(connection)
}

/// Changes everything of an item.
pub(crate) fn save(connection: &mut Connection, row: &ItemRow) -> QueryResult<()> {
    diesel::update(menu_item::table.find(row.id))
        .set(row)
        .execute(connection)
        .map(drop)
}
