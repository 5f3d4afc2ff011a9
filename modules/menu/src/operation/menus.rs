//! The menus of the site, or one of them.

use std::collections::HashMap;

use loggia_sdk::prelude::*;
use loggia_site::Page;

use super::Direction;
use crate::Menu;
use crate::sight::{Sight, is_editor};
use crate::store::item::{self, Counted};
use crate::store::menu::{self, Column, MenuRow, Order};

/// Parameters of `get/menus`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Menus {
    /// One menu; without it a list is shown.
    id: Option<i64>,
    /// How many menus a page has; without it, or with 0, all are shown. Negative shows none.
    limit: Option<i64>,
    /// The first one shown; only with `limit`.
    offset: Option<i64>,
    /// What the list is ordered by: `title` where nothing else is said.
    #[schemars(extend("x-fallback" = true))]
    orderby: Option<OrderBy>,
    /// `asc`, or `desc` for the other way round.
    #[schemars(extend("x-fallback" = true))]
    orderdir: Option<Direction>,
}

/// What a list is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderBy {
    Id,
    Menutype,
    Title,
}

/// A list, or one.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Answered {
    /// Some menus.
    List(List),
    /// The menu that was asked for.
    One(One),
}

/// A page of menus.
#[derive(Serialize, JsonSchema)]
pub(crate) struct List {
    /// How many there are on all pages.
    total: i64,
    /// How many a page has.
    limit: Option<i64>,
    /// The first one shown.
    offset: Option<i64>,
    /// The number of the page.
    pages_current: Option<i64>,
    /// How many pages there are.
    pages_total: Option<i64>,
    /// The menus.
    menus: Vec<Entry>,
}

/// A menu in a list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Entry {
    /// The menu.
    #[serde(flatten)]
    menu: One,
    /// How many items it has that the caller may see.
    count_published: String,
    /// How many are not published; 0 for who may not edit.
    count_unpublished: String,
    /// How many are in the trash; 0 for who may not edit.
    count_trashed: String,
}

/// A menu.
#[derive(Serialize, JsonSchema)]
pub(crate) struct One {
    /// The id.
    id: String,
    /// The name by which its items are asked for.
    menutype: String,
    /// The title.
    title: String,
    /// What it is for.
    description: String,
}

impl From<MenuRow> for One {
    fn from(row: MenuRow) -> Self {
        One {
            id: row.id.to_string(),
            menutype: row.menutype,
            title: row.title,
            description: row.description,
        }
    }
}

/// Shows menus.
pub(crate) fn get(menu: &Menu, call: &Call<'_>, parameters: Menus) -> Result<Answered, Fault> {
    match parameters.id {
        Some(id) => {
            let found = menu::by_id(&mut call.database()?, id)?;
            let row = found.ok_or(Fault::new("MNU_MNF"))?;
            Ok(Answered::One(row.into()))
        }
        None => list(menu, call, &parameters).map(Answered::List),
    }
}

fn list(menu: &Menu, call: &Call<'_>, parameters: &Menus) -> Result<List, Fault> {
    let mut connection = call.database()?;
    let total = menu::count(&mut connection)?;
    let page = Page::of(total, parameters.limit, parameters.offset);
    let rows = if parameters.limit.is_some_and(|limit| limit < 0) {
        Vec::new()
    } else {
        menu::page(&mut connection, order(parameters), page)?
    };
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let sight = Sight::of(menu, call);
    let published = item::counts(&mut connection, &sight, Counted::Visible, &ids)?;
    let (unpublished, trashed) = if is_editor(menu, call) {
        (
            item::counts(&mut connection, &sight, Counted::Unpublished, &ids)?,
            item::counts(&mut connection, &sight, Counted::Trashed, &ids)?,
        )
    } else {
        (HashMap::new(), HashMap::new())
    };
    let count = |counts: &HashMap<i64, i64>, id: i64| counts.get(&id).unwrap_or(&0).to_string();
    let menus = rows.into_iter().map(|row| Entry {
        count_published: count(&published, row.id),
        count_unpublished: count(&unpublished, row.id),
        count_trashed: count(&trashed, row.id),
        menu: row.into(),
    });
    Ok(List {
        total,
        limit: page.limit,
        offset: page.offset,
        pages_current: page.current,
        pages_total: page.total,
        menus: menus.collect(),
    })
}

fn order(parameters: &Menus) -> Order {
    let column = match parameters.orderby.unwrap_or(OrderBy::Title) {
        OrderBy::Id => Column::Id,
        OrderBy::Menutype => Column::Menutype,
        OrderBy::Title => Column::Title,
    };
    Order {
        column,
        descending: parameters.orderdir == Some(Direction::Desc),
    }
}
