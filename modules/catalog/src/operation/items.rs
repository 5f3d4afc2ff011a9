//! The items of a category, or one item.

use std::collections::HashMap;

use diesel::BoolExpressionMethods;
use loggia_sdk::Counted;
use loggia_sdk::prelude::*;
use loggia_site::{Entries, cursor};
use loggia_sql::Connection;

use super::elements::{self, Elements};
use super::facts::Facts;
use super::place;
use super::single::{self, One, Wanted};
use crate::Catalog;
use crate::permission::Permission;
use crate::sight::Sight;
use crate::store::item::{self, ItemEntry};
use crate::store::selection::Selection;

/// How many items a page has where the caller does not say it.
const PAGE: i64 = 20;
/// Parameters of `get/items`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Items {
    /// One item; without it a list is shown.
    id: Option<i64>,
    /// The id of the application.
    #[schemars(extend("x-missing" = "ZOO_ANS"))]
    app: i64,
    /// The id of the category whose items are listed; 0 is all of the application.
    category: Option<i64>,
    /// How many items a page has, 20 where nothing is said; with 0 all are shown. Negative shows none.
    limit: Option<i64>,
    /// The number of the page; the first is 1.
    page: Option<i64>,
    /// Where the page begins, instead of `page`: empty at first, then what `next` was.
    cursor: Option<String>,
    /// The members of each item that are shown, separated by commas.
    fields: Option<Vec<String>>,
    /// Only items that the caller may change, and of them those of this state: 1 published, 0 unpublished,
    /// 2 archived, -2 trashed. Authors see their own, editors all.
    #[schemars(range(min = -2, max = 2))]
    state: Option<i64>,
}

/// A list, or one.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Answered {
    /// Some items.
    List(List),
    /// The item that was asked for.
    One(Box<One>),
}

/// A page of items.
#[derive(Serialize, JsonSchema)]
pub(crate) struct List {
    /// How many there are on all pages.
    total: i64,
    /// How many a page has; 0 where it has all.
    limit: i64,
    /// The number of the page.
    page: i64,
    /// The cursor of the next page, where the request had one; empty at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// The items.
    items: Entries<Entry>,
}

/// An item in a list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Entry {
    /// What single items show too.
    #[serde(flatten)]
    facts: Facts,
    /// Its elements, where the settings include them.
    #[serde(skip_serializing_if = "Option::is_none")]
    elements: Option<Elements>,
}

/// Shows items that the caller may see.
pub(crate) fn get(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: Items,
) -> Result<Counted<Answered>, Fault> {
    let versioned = match parameters.id {
        Some(id) => one(catalog, call, &parameters, id)?,
        None => Versioned {
            version: None,
            members: Answered::List(list(catalog, call, &parameters)?),
        },
    };
    Ok(Counted {
        versioned,
        count: "hits",
    })
}

fn one(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: &Items,
    id: i64,
) -> Result<Versioned<Answered>, Fault> {
    let wanted = Wanted {
        application: parameters.app,
        id,
    };
    let (version, one) = match parameters.state {
        None => single::get(catalog, call, wanted)?,
        Some(state) => single::get_of_state(catalog, call, wanted, state)?,
    };
    Ok(Versioned {
        version: Some(version),
        members: Answered::One(Box::new(one)),
    })
}

fn list(catalog: &Catalog, call: &Call<'_>, parameters: &Items) -> Result<List, Fault> {
    let category = parameters.category.ok_or(Fault::new("ZOO_CNS"))?;
    let mut connection = call.database()?;
    let application = place::application(&mut connection, call, parameters.app)?.id;
    let (sight, of_writer) = match parameters.state {
        None => (Sight::of(catalog, call), None),
        Some(state) => {
            let permission = Permission::of_writer(catalog, call)?;
            let whose = permission.whose()?;
            (permission.sight(catalog, call), Some((state, whose)))
        }
    };
    if category != 0 {
        place::category(&mut connection, &sight, application, category)?;
    }
    let selection = Selection {
        application,
        sight,
        category: (category != 0).then_some(category),
        of_writer,
    };
    page(catalog, call, &mut connection, &selection, parameters)
}

fn page(
    catalog: &Catalog,
    call: &Call<'_>,
    connection: &mut Connection,
    selection: &Selection,
    parameters: &Items,
) -> Result<List, Fault> {
    let now_ms = call.host().clock().now_ms();
    let now = catalog.memory.now(connection, now_ms)?;
    let ids = catalog.ids(connection, now, selection)?;
    let limit = parameters.limit.unwrap_or(PAGE);
    let page = parameters.page.unwrap_or(1).max(1);
    let from = match parameters.cursor.as_deref() {
        None => (page - 1).saturating_mul(limit),
        Some("") => 0,
        Some(place) => behind(connection, selection, place, &ids)?,
    };
    let rows = item::among(
        connection,
        selection.among_known(),
        slice(&ids, from, limit),
    )?;
    let total = i64::try_from(ids.len()).map_err(Fault::internal)?;
    let last = rows.last().filter(|_| limit > 0);
    let last = last.filter(|_| from.saturating_add(limit) < total);
    let next = match last {
        Some(last) => cursor::write(&(last.priority, &last.name, last.id))?,
        None => String::new(),
    };
    let items = entries(catalog, call, connection, rows)?;
    Ok(List {
        total,
        limit: limit.max(0),
        page,
        next: parameters.cursor.as_ref().map(|_| next),
        items: Entries::of(items, parameters.fields.as_deref())?,
    })
}

/// The ids of a page; all that are left with 0, none with a negative limit.
fn slice(ids: &[i64], from: i64, limit: i64) -> &[i64] {
    let whole = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let rest = ids.get(whole(from)..).unwrap_or_default();
    match limit {
        ..0 => &[],
        0 => rest,
        most => &rest[..rest.len().min(whole(most))],
    }
}

/// How many items stand before the one behind a cursor. Where the cursor's own item is gone from the list, those behind
/// it are counted.
fn behind(
    connection: &mut Connection,
    selection: &Selection,
    place: &str,
    ids: &[i64],
) -> Result<i64, Fault> {
    let (priority, name, id): (i64, String, i64) = cursor::read(place)?;
    let found = if let Some(position) = ids.iter().position(|known| *known == id) {
        position + 1
    } else {
        let rest = item::behind(priority, name, id);
        let rest = item::count(connection, Box::new(selection.condition().and(rest)))?;
        ids.len().saturating_sub(usize::try_from(rest).unwrap_or(0))
    };
    i64::try_from(found).map_err(Fault::internal)
}

fn entries(
    catalog: &Catalog,
    call: &Call<'_>,
    connection: &mut Connection,
    rows: Vec<ItemEntry>,
) -> Result<Vec<Entry>, Fault> {
    let mut made = HashMap::new();
    if catalog.settings.include_elements && !rows.is_empty() {
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let columns = item::elements(connection, &ids)?;
        made = elements::of_items(catalog, call, connection, columns)?;
    }
    let entry = |row: ItemEntry| Entry {
        elements: made.remove(&row.id).map(|made| made.elements),
        facts: Facts::of(row),
    };
    Ok(rows.into_iter().map(entry).collect())
}
