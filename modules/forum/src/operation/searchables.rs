//! Everything that the search may find, a page at a time: first the categories, then the messages.

use loggia_sdk::prelude::*;
use loggia_sdk::search::{GetSearchables, Searchable, Searchables};
use loggia_site::cursor;

use crate::searchable::{documents, offered_category};
use crate::store::{category, message};
use crate::{Forum, store};

/// Where a page ended.
#[derive(Serialize, Deserialize)]
enum Place {
    Category(i64),
    Message(i64),
}

/// Gives a page.
pub(crate) fn get(
    forum: &Forum,
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
                None => Place::Message(0),
            };
            let entries = rows.into_iter().map(offered_category);
            (entries.map(Searchable::Category).collect(), Some(next))
        }
        Place::Message(after) => {
            let rows = message::shown_after(connection, after, limit)?;
            let last = rows.last().filter(|_| store::is_full(&rows, limit));
            let next = last.map(|last| Place::Message(last.id));
            let entries = documents(forum, connection, rows)?;
            let entries = entries.into_iter().map(Searchable::Document);
            (entries.collect(), next)
        }
    };
    Ok(Searchables {
        entries,
        next: next.as_ref().map(cursor::write).transpose()?,
    })
}
