//! Everything that the search may find: the people who have said something in a field. The others have but their names,
//! which are the host's.

use loggia_sdk::prelude::*;
use loggia_sdk::search::{GetSearchables, Searchable, Searchables};
use loggia_site::page::last_of_full;
use loggia_site::searchables::{Page, page};
use loggia_sql::Connection;

use crate::Profiles;
use crate::searchable::Searched;
use crate::store::value;

/// Gives a page.
pub(crate) fn get(
    profiles: &Profiles,
    call: &Call<'_>,
    parameters: GetSearchables,
) -> Result<Searchables, Fault> {
    let mut connection = call.database()?;
    let searched = Searched::read(profiles, &mut connection)?;
    let people = |connection: &mut Connection, after: i64, limit: i64| {
        let accounts = value::accounts(connection, after, limit)?;
        let last = last_of_full(&accounts, limit).copied();
        let documents = searched.documents(connection, &accounts)?;
        let entries = documents.into_iter().map(Searchable::Document);
        Ok(Page::new(last, entries))
    };
    page(&mut connection, &parameters, &[&people])
}
