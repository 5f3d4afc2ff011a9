//! Everything that the search may find: first the categories, then the messages.

use loggia_sdk::prelude::*;
use loggia_sdk::search::{GetSearchables, Searchable, Searchables};
use loggia_site::page::last_of_full;
use loggia_site::searchables::{Page, page};
use loggia_sql::Connection;

use crate::Forum;
use crate::searchable::{documents, offered_category};
use crate::store::{category, message};

/// Gives a page.
pub(crate) fn get(
    forum: &Forum,
    call: &Call<'_>,
    parameters: GetSearchables,
) -> Result<Searchables, Fault> {
    let messages = |connection: &mut Connection, after: i64, limit: i64| {
        let rows = message::shown_after(connection, after, limit)?;
        let last = last_of_full(&rows, limit).map(|last| last.id);
        let entries = documents(forum, connection, rows)?.into_iter();
        Ok(Page::new(last, entries.map(Searchable::Document)))
    };
    page(
        &mut call.database()?,
        &parameters,
        &[&categories, &messages],
    )
}

fn categories(connection: &mut Connection, after: i64, limit: i64) -> Result<Page, Fault> {
    let rows = category::after(connection, after, limit)?;
    let last = last_of_full(&rows, limit).map(|last| last.id);
    let entries = rows.into_iter().map(offered_category);
    Ok(Page::new(last, entries.map(Searchable::Category)))
}
