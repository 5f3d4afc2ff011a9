//! Lists of articles, a page at a time.

use loggia_sdk::prelude::*;
use loggia_site::{Entries, Page, cursor};

use super::item::{self, Item};
use crate::sight::Sight;
use crate::store::article::{self, ArticleRow, Order, Start};
use crate::store::condition::Condition;
use crate::store::schema::content_article;
use crate::{Content, store};

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
    /// An empty list.
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

/// Shows a page of the articles that meet a condition, with the total of all of them.
pub(crate) fn page(
    content: &Content,
    call: &Call<'_>,
    sight: &Sight,
    chosen: impl Fn() -> Condition<content_article::table>,
    order: Order,
    window: &Window,
) -> Result<List, Fault> {
    let mut connection = call.database()?;
    let total = article::count(&mut connection, chosen())?;
    let show = |rows: Vec<ArticleRow>| {
        let with_tags = content.settings.add_tags_in_article_list;
        let items = item::items(content, call, sight, rows, with_tags)?;
        Entries::of(items, window.fields.as_deref())
    };
    if window.limit.is_some_and(|limit| limit < 0) {
        let page = Page::of(total, window.limit, window.offset);
        return Ok(List::new(total, page, show(Vec::new())?));
    }
    if let Some(place) = &window.cursor {
        let limit = window.limit.filter(|&limit| limit > 0).unwrap_or(PAGE);
        let start = match place.as_str() {
            "" => Start::Offset(0),
            place => Start::Behind(cursor::read(place)?),
        };
        let rows = article::page(&mut connection, chosen(), order, &start, Some(limit))?;
        let last = rows.last().filter(|_| store::is_full(&rows, limit));
        let next = last.map(|last| cursor::write(&order.place_of(last)));
        let page = Page {
            limit: Some(limit),
            ..Page::WHOLE
        };
        return Ok(List {
            next: Some(next.transpose()?.unwrap_or_default()),
            ..List::new(total, page, show(rows)?)
        });
    }
    let page = Page::of(total, window.limit, window.offset);
    let start = Start::Offset(page.offset.unwrap_or(0));
    let rows = article::page(&mut connection, chosen(), order, &start, page.limit)?;
    Ok(List::new(total, page, show(rows)?))
}
