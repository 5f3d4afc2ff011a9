//! Everything that the search may find: first the categories, then the articles.

use loggia_sdk::prelude::*;
use loggia_sdk::search::{GetSearchables, Searchable, Searchables};
use loggia_site::page::last_of_full;
use loggia_site::searchables::{Page, page};
use loggia_sql::Connection;

use crate::Content;
use crate::searchable::{document, offered_category};
use crate::store::{article, category};

/// Gives a page.
pub(crate) fn get(
    _content: &Content,
    call: &Call<'_>,
    parameters: GetSearchables,
) -> Result<Searchables, Fault> {
    page(
        &mut call.database()?,
        &parameters,
        &[&categories, &articles],
    )
}

fn categories(connection: &mut Connection, after: i64, limit: i64) -> Result<Page, Fault> {
    let rows = category::after(connection, after, limit)?;
    let last = last_of_full(&rows, limit).map(|last| last.id);
    let entries = rows.into_iter().map(offered_category);
    Ok(Page::new(last, entries.map(Searchable::Category)))
}

fn articles(connection: &mut Connection, after: i64, limit: i64) -> Result<Page, Fault> {
    let rows = article::published_after(connection, after, limit)?;
    let last = last_of_full(&rows, limit).map(|last| last.id);
    let entries = rows.into_iter().map(document);
    Ok(Page::new(last, entries.map(Searchable::Document)))
}
