//! What the search may find of a module: all of it a page at a time, part by part, what others lie in first; and what
//! was changed.

use std::collections::HashSet;

use loggia_sdk::search::{Category, Document, GetSearchables, Searchable, Searchables};
use loggia_sdk::{Call, Fault};
use loggia_sql::Connection;

use crate::cursor;

/// A page of one part.
pub struct Page {
    entries: Vec<Searchable>,
    last: Option<i64>,
}

impl Page {
    /// With its entries; `last` is the id behind which the part goes on, `None` at its end.
    pub fn new(last: Option<i64>, entries: impl IntoIterator<Item = Searchable>) -> Self {
        Page {
            entries: entries.into_iter().collect(),
            last,
        }
    }
}

/// Reads the page of a part behind an id.
pub type Part<'a> = &'a dyn Fn(&mut Connection, i64, i64) -> Result<Page, Fault>;

/// Gives the page that is asked for, of the parts one behind another.
pub fn page(
    connection: &mut Connection,
    parameters: &GetSearchables,
    parts: &[Part<'_>],
) -> Result<Searchables, Fault> {
    let (part, after): (usize, i64) = match &parameters.after {
        Some(place) => cursor::read(place)?,
        None => (0, 0),
    };
    let read = parts.get(part).ok_or_else(cursor::unknown)?;
    let page = read(connection, after, parameters.limit())?;
    let next = match page.last {
        Some(last) => Some((part, last)),
        None => Some((part + 1, 0)).filter(|(part, _)| *part < parts.len()),
    };
    Ok(Searchables {
        entries: page.entries,
        next: next.as_ref().map(cursor::write).transpose()?,
    })
}

/// Hands in the documents of an area that the ids of what was changed still have, and takes back those of the others.
pub fn offer(
    call: &Call<'_>,
    connection: &mut Connection,
    (area, ids): (&str, &[i64]),
    documents: &[Document],
) -> Result<(), Fault> {
    let search = call.host().search()?;
    let gone = without(ids, documents.iter().map(|document| document.id));
    search.put_all(connection, documents)?;
    search.withdraw_all(connection, area, &gone)
}

/// The same with categories.
pub fn offer_categories(
    call: &Call<'_>,
    connection: &mut Connection,
    (area, ids): (&str, &[i64]),
    categories: &[Category],
) -> Result<(), Fault> {
    let search = call.host().search()?;
    let gone = without(ids, categories.iter().map(|category| category.id));
    search.put_categories(connection, categories)?;
    search.withdraw_categories(connection, area, &gone)
}

fn without(ids: &[i64], there: impl Iterator<Item = i64>) -> Vec<i64> {
    let there: HashSet<i64> = there.collect();
    let gone = ids.iter().filter(|id| !there.contains(id));
    gone.copied().collect()
}
