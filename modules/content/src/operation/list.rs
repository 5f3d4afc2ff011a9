//! Lists of articles, a page at a time.

use loggia_sdk::prelude::*;
use loggia_site::Page;

use super::item::{self, Item};
use crate::Content;
use crate::sight::Sight;
use crate::store::article::{self, Order};
use crate::store::condition::Condition;
use crate::store::schema::content_article;

/// The part of a list that is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// How many articles a page has; none where it is negative.
    pub(crate) limit: Option<i64>,
    /// The first one shown.
    pub(crate) offset: Option<i64>,
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
    /// The articles.
    articles: Vec<Item>,
}

impl List {
    pub(crate) fn new(total: i64, page: Page, articles: Vec<Item>) -> Self {
        List {
            total,
            limit: page.limit,
            offset: page.offset,
            pages_current: page.current,
            pages_total: page.total,
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
    window: Window,
) -> Result<List, Fault> {
    let mut connection = call.database()?;
    let total = article::count(&mut connection, chosen())?;
    let page = Page::of(total, window.limit, window.offset);
    let rows = if window.limit.is_some_and(|limit| limit < 0) {
        Vec::new()
    } else {
        article::page(&mut connection, chosen(), order, page)?
    };
    let with_tags = content.settings.add_tags_in_article_list;
    let items = item::items(content, call, sight, rows, with_tags)?;
    Ok(List::new(total, page, items))
}
