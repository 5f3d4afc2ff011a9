//! Everything that the search may find, a page at a time: first the categories, then the articles.

use loggia_sdk::prelude::*;
use loggia_sdk::search::{GetSearchables, Searchable, Searchables};
use loggia_site::cursor;

use crate::searchable::{document, offered_category};
use crate::store::{article, category};
use crate::{Content, store};

/// Where a page ended.
#[derive(Serialize, Deserialize)]
enum Place {
    Category(i64),
    Article(i64),
}

/// Gives a page.
pub(crate) fn get(
    _content: &Content,
    call: &Call<'_>,
    parameters: GetSearchables,
) -> Result<Searchables, Fault> {
    let limit = parameters.limit();
    let place = match &parameters.after {
        Some(after) => cursor::read(after)?,
        None => Place::Category(0),
    };
    let connection = &mut call.database()?;
    let (entries, next) = match place {
        Place::Category(after) => {
            let rows = category::after(connection, after, limit)?;
            let next = match rows.last().filter(|_| store::is_full(&rows, limit)) {
                Some(last) => Place::Category(last.id),
                None => Place::Article(0),
            };
            let entries = rows.into_iter().map(offered_category);
            (entries.map(Searchable::Category).collect(), Some(next))
        }
        Place::Article(after) => {
            let rows = article::published_after(connection, after, limit)?;
            let last = rows.last().filter(|_| store::is_full(&rows, limit));
            let next = last.map(|last| Place::Article(last.id));
            let entries = rows.into_iter().map(document);
            (entries.map(Searchable::Document).collect(), next)
        }
    };
    Ok(Searchables {
        entries,
        next: next.as_ref().map(cursor::write).transpose()?,
    })
}
