//! The items of a menu, or one of them.

use diesel::BoolExpressionMethods;
use loggia_sdk::prelude::*;
use loggia_site::Page;
use serde_json::Value;

use super::Direction;
use crate::Menu;
use crate::sight::Sight;
use crate::store::item::{self, Column, ItemRow, Order};
use crate::store::{condition, menu};

/// Parameters of `get/items`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Items {
    /// One item; without it a list is shown, of `menutype`.
    id: Option<i64>,
    /// The name of the menu.
    menutype: Option<String>,
    /// Only those right below this item; `root` or 0 is the top.
    parentid: Option<String>,
    /// Only those down to this level; 1 is the top.
    level: Option<i64>,
    /// How many items a page has; without it, or with 0, all are shown. Negative shows none.
    limit: Option<i64>,
    /// The first one shown; only with `limit`.
    offset: Option<i64>,
    /// What the list is ordered by: `ordering`, the order of the menu, where nothing else is said.
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
    Title,
    Alias,
    Path,
    Level,
    Access,
    Ordering,
}

/// A list, or one.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Answered {
    /// Some items.
    List(List),
    /// The item that was asked for.
    One(Box<Item>),
}

/// A page of items.
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
    /// The items.
    items: Vec<Item>,
}

/// An item of a menu.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Item {
    /// The id.
    id: String,
    /// The name of its menu.
    menutype: String,
    /// The title.
    title: String,
    /// What stands for the title in addresses.
    alias: String,
    /// A remark.
    note: String,
    /// The aliases from the top down to this one.
    path: String,
    /// Where it leads.
    link: String,
    /// What it is: `component`, `url`, `alias`, `separator`, `heading`.
    #[serde(rename = "type")]
    kind: String,
    /// 1: nothing else is shown.
    published: String,
    /// The item above, or `root`.
    parent_id: String,
    /// How deep it lies; 1 at the top.
    level: String,
    /// Whether it opens a window of its own, as Joomla counts: 0, 1, 2.
    #[serde(rename = "browserNav")]
    browser_navigation: String,
    /// The id of its view level.
    access: String,
    /// The language tag, or `*`.
    language: String,
    /// Whether it is the site's first page: `1` or `0`.
    home: String,
    /// Whatever else the site knows of it.
    params: Value,
}

/// Shows items that the caller may see.
pub(crate) fn get(menu: &Menu, call: &Call<'_>, parameters: Items) -> Result<Answered, Fault> {
    let sight = Sight::of(menu, call);
    match parameters.id {
        Some(id) => {
            let found = item::visible(&mut call.database()?, &sight, id)?;
            let (row, menutype) = found.ok_or(Fault::new("MNU_INF"))?;
            Ok(Answered::One(Box::new(shown(row, &menutype)?)))
        }
        None => list(call, &sight, &parameters).map(Answered::List),
    }
}

fn list(call: &Call<'_>, sight: &Sight, parameters: &Items) -> Result<List, Fault> {
    let menutype = parameters.menutype.as_deref().unwrap_or_default().trim();
    if menutype.is_empty() {
        return Err(Fault::new("MNU_MNS"));
    }
    let mut connection = call.database()?;
    let of = menu::by_type(&mut connection, menutype)?.ok_or(Fault::new("MNU_MNF"))?;
    let parent = parameters.parentid.as_deref().and_then(parent);
    let chosen = || {
        let mut chosen = condition::items(sight);
        chosen = Box::new(chosen.and(item::of_menu(of.id)));
        if let Some(parent) = parent {
            chosen = Box::new(chosen.and(item::right_below(parent)));
        }
        if let Some(level) = parameters.level.filter(|&level| level > 0) {
            chosen = Box::new(chosen.and(item::down_to(level)));
        }
        chosen
    };
    let total = item::count(&mut connection, chosen())?;
    let page = Page::of(total, parameters.limit, parameters.offset);
    let rows = if parameters.limit.is_some_and(|limit| limit < 0) {
        Vec::new()
    } else {
        item::page(&mut connection, chosen(), order(parameters), page)?
    };
    let items = rows.into_iter().map(|row| shown(row, &of.menutype));
    Ok(List {
        total,
        limit: page.limit,
        offset: page.offset,
        pages_current: page.current,
        pages_total: page.total,
        items: items.collect::<Result<_, _>>()?,
    })
}

/// The id of an item above: what has no number in it, such as `root`, is the top; an empty text is not given.
fn parent(text: &str) -> Option<i64> {
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    (!text.is_empty()).then(|| digits[..end].parse().unwrap_or(0))
}

fn order(parameters: &Items) -> Order {
    let column = match parameters.orderby.unwrap_or(OrderBy::Ordering) {
        OrderBy::Id => Column::Id,
        OrderBy::Title => Column::Title,
        OrderBy::Alias => Column::Alias,
        OrderBy::Path => Column::Path,
        OrderBy::Level => Column::Level,
        OrderBy::Access => Column::Access,
        OrderBy::Ordering => Column::Place,
    };
    Order {
        column,
        descending: parameters.orderdir == Some(Direction::Desc),
    }
}

fn shown(row: ItemRow, menutype: &str) -> Result<Item, Fault> {
    Ok(Item {
        id: row.id.to_string(),
        menutype: menutype.to_owned(),
        title: row.title,
        alias: row.alias,
        note: row.note,
        path: row.path,
        link: row.link,
        kind: row.kind,
        published: row.state.to_string(),
        parent_id: match row.parent_id {
            0 => "root".to_owned(),
            parent => parent.to_string(),
        },
        level: row.level.to_string(),
        browser_navigation: row.browser_navigation.to_string(),
        access: row.view_level_id.to_string(),
        language: row.language,
        home: i64::from(row.home).to_string(),
        params: serde_json::from_str(&row.params.0).map_err(Fault::internal)?,
    })
}

#[cfg(test)]
mod tests {
    use super::parent;

    #[test]
    fn the_item_above_is_read_as_ids_are_and_root_is_the_top() {
        for (text, id) in [
            ("", None),
            ("root", Some(0)),
            ("0", Some(0)),
            ("12-about", Some(12)),
            ("99999999999999999999", Some(0)),
        ] {
            assert_eq!(parent(text), id, "{text}");
        }
    }
}
