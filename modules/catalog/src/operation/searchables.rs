//! Everything that the search may find, a page at a time: first the applications, then the categories, then the items.

use loggia_sdk::prelude::*;
use loggia_sdk::search::{GetSearchables, Searchable, Searchables};
use loggia_site::cursor;

use crate::Catalog;
use crate::searchable::{documents, offered_application, offered_category};
use crate::store::{application, category, is_full, item};

/// Where a page ended.
#[derive(Serialize, Deserialize)]
enum Place {
    Application(i64),
    Category(i64),
    Item(i64),
}

/// Gives a page.
pub(crate) fn get(
    _catalog: &Catalog,
    call: &Call<'_>,
    parameters: GetSearchables,
) -> Result<Searchables, Fault> {
    let limit = parameters.limit();
    let place = match &parameters.after {
        Some(after) => cursor::read(after)?,
        None => Place::Application(0),
    };
    let connection = &mut call.database()?;
    let (entries, next) = match place {
        Place::Application(after) => {
            let rows = application::after(connection, after, limit)?;
            let last = rows.last().filter(|_| is_full(&rows, limit));
            let next = last.map_or(Place::Category(0), |last| Place::Application(last.id));
            let entries = rows.into_iter().map(offered_application);
            (entries.map(Searchable::Category).collect(), Some(next))
        }
        Place::Category(after) => {
            let rows = category::after(connection, after, limit)?;
            let last = rows.last().filter(|_| is_full(&rows, limit));
            let next = last.map_or(Place::Item(0), |last| Place::Category(last.id));
            let entries = rows.into_iter().map(offered_category);
            (entries.map(Searchable::Category).collect(), Some(next))
        }
        Place::Item(after) => {
            let rows = item::searchable_after(connection, after, limit)?;
            let last = rows.last().filter(|_| is_full(&rows, limit));
            let next = last.map(|last| Place::Item(last.id));
            let entries = documents(connection, rows)?.into_iter();
            (entries.map(Searchable::Document).collect(), next)
        }
    };
    Ok(Searchables {
        entries,
        next: next.as_ref().map(cursor::write).transpose()?,
    })
}
