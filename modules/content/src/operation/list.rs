//! Lists of articles, a page at a time.

use diesel::BoolExpressionMethods;
use loggia_sdk::prelude::*;
use loggia_site::{Entries, Page, cursor};
use loggia_sql::Connection;

use super::item::{self, Item};
use crate::Content;
use crate::store::article::{self, Order, Place};
use crate::store::selection::Selection;

/// How many articles a page has that begins at a cursor, where the caller does not say it.
const PAGE: i64 = 20;

/// The part of a list that is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    /// How many articles a page has; none where it is negative.
    pub(crate) limit: Option<i64>,
    /// The first one shown.
    pub(crate) offset: Option<i64>,
    /// Where the page begins instead: empty for the first page, then what the last one gave.
    pub(crate) cursor: Option<String>,
    /// The members of each article that are shown; all where none are named.
    pub(crate) fields: Option<Vec<String>>,
}

/// A page of articles.
#[derive(Serialize, JsonSchema)]
pub(crate) struct List {
    /// How many there are on all pages.
    total: i64,
    /// How many a page has, where the caller said it.
    limit: Option<i64>,
    /// The first one shown.
    offset: Option<i64>,
    /// The number of the page.
    pages_current: Option<i64>,
    /// How many pages there are.
    pages_total: Option<i64>,
    /// The cursor of the next page, where the request had one; empty at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// The articles.
    articles: Entries<Item>,
}

impl List {
    /// Of nothing.
    pub(crate) fn empty() -> Self {
        List::new(0, Page::WHOLE, Entries::Whole(Vec::new()))
    }

    fn new(total: i64, page: Page, articles: Entries<Item>) -> Self {
        List {
            total,
            limit: page.limit,
            offset: page.offset,
            pages_current: page.current,
            pages_total: page.total,
            next: None,
            articles,
        }
    }
}

/// Shows a page of the articles of a choice, with the total of all of them.
pub(crate) fn page(
    content: &Content,
    call: &Call<'_>,
    selection: &Selection,
    order: Order,
    window: &Window,
) -> Result<List, Fault> {
    let mut connection = call.database()?;
    let now = content
        .memory
        .now(&mut connection, call.host().clock().now_ms())?;
    let ids = content.ids(&mut connection, now, selection, order)?;
    let total = i64::try_from(ids.len()).map_err(Fault::internal)?;
    let mut show = |from: i64, most: Option<i64>| {
        let shown = slice(&ids, from, most);
        let rows = article::among(&mut connection, selection.condition(), shown)?;
        let last = rows.last().map(|last| order.place_of(last));
        let with_tags = content.settings.add_tags_in_article_list;
        let items = item::items(content, call, &selection.sight, rows, with_tags)?;
        Ok::<_, Fault>((Entries::of(items, window.fields.as_deref())?, last))
    };
    if window.limit.is_some_and(|limit| limit < 0) {
        let page = Page::of(total, window.limit, window.offset);
        return Ok(List::new(total, page, show(0, Some(0))?.0));
    }
    let Some(place) = &window.cursor else {
        let page = Page::of(total, window.limit, window.offset);
        return Ok(List::new(
            total,
            page,
            show(page.offset.unwrap_or(0), page.limit)?.0,
        ));
    };
    let limit = window.limit.filter(|&limit| limit > 0).unwrap_or(PAGE);
    let from = match place.as_str() {
        "" => 0,
        place => behind(&mut call.database()?, selection, order, place, &ids)?,
    };
    let (articles, last) = show(from, Some(limit))?;
    let next = last.filter(|_| from.saturating_add(limit) < total);
    let page = Page {
        limit: Some(limit),
        ..Page::WHOLE
    };
    Ok(List {
        next: Some(next.map_or(Ok(String::new()), |next| cursor::write(&next))?),
        ..List::new(total, page, articles)
    })
}

/// How many articles stand before the one behind a cursor. Where the cursor's own article is gone from the list, those
/// before it are counted.
fn behind(
    connection: &mut Connection,
    selection: &Selection,
    order: Order,
    place: &str,
    ids: &[i64],
) -> Result<i64, Fault> {
    let place: Place = cursor::read(place)?;
    let rest = article::behind(order, &place)?;
    let found = if let Some(position) = ids.iter().position(|&id| id == place.id()) {
        position + 1
    } else {
        let rest = article::count(connection, Box::new(selection.condition().and(rest)))?;
        ids.len().saturating_sub(usize::try_from(rest).unwrap_or(0))
    };
    i64::try_from(found).map_err(Fault::internal)
}

fn slice(ids: &[i64], from: i64, most: Option<i64>) -> &[i64] {
    let whole = |number: i64| usize::try_from(number.max(0)).unwrap_or(usize::MAX);
    let rest = ids.get(whole(from)..).unwrap_or_default();
    match most {
        Some(most) => &rest[..rest.len().min(whole(most))],
        None => rest,
    }
}
