//! Everything that the search may find: first the applications, then the categories, then the items.

use loggia_sdk::prelude::*;
use loggia_sdk::search::{GetSearchables, Searchable, Searchables};
use loggia_site::page::last_of_full;
use loggia_site::searchables::{Page, page};
use loggia_sql::Connection;

use crate::Catalog;
use crate::searchable::{documents, offered_application, offered_category};
use crate::store::{application, category, item};

/// Gives a page.
pub(crate) fn get(
    _catalog: &Catalog,
    call: &Call<'_>,
    parameters: GetSearchables,
) -> Result<Searchables, Fault> {
    let connection = &mut call.database()?;
    page(
        connection,
        &parameters,
        &[&applications, &categories, &items],
    )
}

fn applications(connection: &mut Connection, after: i64, limit: i64) -> Result<Page, Fault> {
    let rows = application::after(connection, after, limit)?;
    let last = last_of_full(&rows, limit).map(|last| last.id);
    let entries = rows.into_iter().map(offered_application);
    Ok(Page::new(last, entries.map(Searchable::Category)))
}

fn categories(connection: &mut Connection, after: i64, limit: i64) -> Result<Page, Fault> {
    let rows = category::after(connection, after, limit)?;
    let last = last_of_full(&rows, limit).map(|last| last.id);
    let entries = rows.into_iter().map(offered_category);
    Ok(Page::new(last, entries.map(Searchable::Category)))
}

fn items(connection: &mut Connection, after: i64, limit: i64) -> Result<Page, Fault> {
    let rows = item::searchable_after(connection, after, limit)?;
    let last = last_of_full(&rows, limit).map(|last| last.id);
    let entries = documents(connection, rows)?.into_iter();
    Ok(Page::new(last, entries.map(Searchable::Document)))
}
