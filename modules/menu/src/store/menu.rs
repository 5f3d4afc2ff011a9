//! Menus.

use diesel::BoxableExpression;
use diesel::expression::expression_types::NotSelectable;
use diesel::prelude::*;
use loggia_site::Page;
use loggia_sql::{Backend, Connection};

use super::schema::menu_menu;

/// A menu.
#[derive(Clone, Debug, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = menu_menu, check_for_backend(Backend))]
pub(crate) struct MenuRow {
    pub(crate) id: i64,
    pub(crate) menutype: String,
    pub(crate) title: String,
    pub(crate) description: String,
}

/// What a list is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Id,
    Menutype,
    Title,
}

/// An order; where it leaves two menus equal, their ids decide.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    pub(crate) column: Column,
    pub(crate) descending: bool,
}

type Ordered = Box<dyn BoxableExpression<menu_menu::table, Backend, SqlType = NotSelectable>>;

/// A menu by its id.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<MenuRow>> {
    menu_menu::table
        .find(id)
        .select(MenuRow::as_select())
        .first(connection)
        .optional()
}

/// A menu by its name.
pub(crate) fn by_type(connection: &mut Connection, menutype: &str) -> QueryResult<Option<MenuRow>> {
    menu_menu::table
        .filter(menu_menu::menutype.eq(menutype))
        .select(MenuRow::as_select())
        .first(connection)
        .optional()
}

/// How many menus there are.
pub(crate) fn count(connection: &mut Connection) -> QueryResult<i64> {
    menu_menu::table.count().get_result(connection)
}

/// A page of the menus.
pub(crate) fn page(
    connection: &mut Connection,
    order: Order,
    page: Page,
) -> QueryResult<Vec<MenuRow>> {
    let by_id = Order {
        column: Column::Id,
        ..order
    };
    let mut query = menu_menu::table
        .select(MenuRow::as_select())
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
                Box::new(menu_menu::$column.desc()) as Ordered
            } else {
                Box::new(menu_menu::$column.asc()) as Ordered
            }
        };
    }
    match order.column {
        Column::Id => by!(id),
        Column::Menutype => by!(menutype),
        Column::Title => by!(title),
    }
}

/// Adds a menu and gives its id.
pub(crate) fn add(connection: &mut Connection, row: &MenuRow) -> QueryResult<i64> {
    diesel::insert_into(menu_menu::table)
        .values((
            menu_menu::menutype.eq(&row.menutype),
            menu_menu::title.eq(&row.title),
            menu_menu::description.eq(&row.description),
        ))
        .returning(menu_menu::id)
        .get_result(connection)
}

/// Changes everything of a menu.
pub(crate) fn save(connection: &mut Connection, row: &MenuRow) -> QueryResult<()> {
    diesel::update(menu_menu::table.find(row.id))
        .set(row)
        .execute(connection)
        .map(drop)
}
