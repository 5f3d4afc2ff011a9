//! What the search finds of accounts: one document each, in the area of the module that shows people.
//!
//! Two write it. The account's part, its name and whether it is found at all, follows the account in every transaction
//! that writes one, whether that module is loaded or not. The text is what the module hands in under the account's id.
//! Both hold the account's row meanwhile, so neither overwrites what the other has just written.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::result::Error;
use loggia_sql::{Connection, lock_rows};

use super::account_table::account;
use super::search_document::Document;
use super::search_entry::{self, Changes, Key};

/// The area of people, and the module that shows them.
pub const AREA: &str = "profiles";

/// A time that has passed: documents of blocked accounts are kept, and found by nobody.
const PASSED_MS: i64 = 0;

/// The account's part of a document.
#[derive(Queryable, Selectable)]
#[diesel(table_name = account, check_for_backend(loggia_sql::Backend))]
struct Person {
    id: i64,
    username: String,
    name: String,
    blocked: bool,
    created_ms: i64,
}

/// Makes the search find an account as it is now. To be called in each transaction that writes one, behind its
/// statement.
pub fn follow(connection: &mut Connection, id: i64) -> QueryResult<()> {
    let known = search_entry::by_ids(connection, false, AREA, &[id])?;
    let content = known.into_iter().find(|entry| entry.is_present);
    let mut changes = Changes::from([(key(id), content.map(|entry| entry.content))]);
    complete(connection, &mut changes, Access::Read)?;
    search_entry::write(connection, AREA, &changes).map(drop)
}

/// How accounts are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// As they are.
    Read,
    /// In order to write, so that they stay as they are until the transaction ends.
    Hold,
}

/// Puts the account's part into what a module hands in of people. Who has no account is not found, and who has one is
/// found by his name, whatever the module says.
pub fn complete(
    connection: &mut Connection,
    changes: &mut Changes,
    access: Access,
) -> QueryResult<()> {
    let is_person = |key: &&Key| !key.is_category && key.area == AREA;
    let ids: Vec<i64> = changes.keys().filter(is_person).map(|key| key.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let people = people(connection, &ids, access)?;
    for id in ids {
        let content = changes.remove(&key(id)).flatten();
        let content = people.get(&id).map(|person| person.content(content));
        changes.insert(key(id), content.transpose()?);
    }
    Ok(())
}

/// What the accounts behind an id are in the search, at most so many.
pub fn keys(connection: &mut Connection, after: i64, limit: i64) -> QueryResult<Vec<Key>> {
    let ids: Vec<i64> = account::table
        .filter(account::id.gt(after))
        .order(account::id)
        .limit(limit)
        .select(account::id)
        .load(connection)?;
    Ok(ids.into_iter().map(key).collect())
}

/// The accounts of these ids, held in the order of their ids.
fn people(
    connection: &mut Connection,
    ids: &[i64],
    access: Access,
) -> QueryResult<HashMap<i64, Person>> {
    let query = account::table
        .filter(account::id.eq_any(ids.to_vec()))
        .order(account::id)
        .select(Person::as_select());
    let people: Vec<Person> = match access {
        Access::Read => query.load(connection)?,
        Access::Hold => lock_rows(query).load(connection)?,
    };
    Ok(people.into_iter().map(|one| (one.id, one)).collect())
}

impl Person {
    /// The document, with the text of what there is.
    fn content(&self, content: Option<String>) -> QueryResult<String> {
        let kept: Document = match content {
            Some(content) => serde_json::from_str(&content).map_err(unreadable)?,
            None => Document::default(),
        };
        let document = Document {
            area: AREA.to_owned(),
            id: self.id,
            title: match self.name.as_str() {
                "" => self.username.clone(),
                name => name.to_owned(),
            },
            text: kept.text,
            metakey: self.username.clone(),
            language: "*".to_owned(),
            created_ms: self.created_ms,
            modified_ms: self.created_ms,
            publish_down_ms: self.blocked.then_some(PASSED_MS),
            private: true,
            href: format!("get/{AREA}/profile/{}", self.id),
            ..Document::default()
        };
        serde_json::to_string(&document).map_err(unreadable)
    }
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::DeserializationError(Box::new(error))
}

fn key(id: i64) -> Key {
    Key {
        is_category: false,
        area: AREA.to_owned(),
        id,
    }
}
