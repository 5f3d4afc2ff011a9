//! What the host itself keeps: accounts, groups, view levels, custom fields, keys.

use std::time::{Duration, Instant};

use diesel::QueryResult;
use loggia_sql::{Connection, follow_ids};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::keeper::{CORE, Keeper, Kind, Page, Put, Refused};
use super::record::Record;
use super::{MovingError, Outcome};
use crate::app::House;
use crate::service::identity::account_keys;
use crate::store::keys;
use crate::store::records::Unwritten;
use crate::store::records::account::{AccountRecord, PasswordRecord};
use crate::store::records::field::{FieldGroupRecord, FieldRecord};
use crate::store::records::group::{GroupRecord, LevelRecord};
use crate::store::records::key::{KeyRecord, SecretRecord};

const PATIENCE: Duration = Duration::from_mins(1);

/// The kinds, and whether they hold hashes.
const KINDS: [(&str, bool); 8] = [
    ("group", false),
    ("view_level", false),
    ("field_group", false),
    ("field", false),
    ("account", false),
    ("password", true),
    ("api_key", false),
    ("api_key_secret", true),
];

/// The host as a keeper.
pub(super) struct Own<'h> {
    house: &'h House,
}

impl<'h> Own<'h> {
    pub(super) fn new(house: &'h House) -> Self {
        Self { house }
    }

    fn reader(&self) -> Outcome<Connection> {
        let deadline = Instant::now() + PATIENCE;
        self.house.pool.read(deadline).map_err(database)
    }

    fn writer(&self) -> Outcome<Connection> {
        let deadline = Instant::now() + PATIENCE;
        self.house.pool.write(deadline).map_err(database)
    }

    /// Writes records, each for itself, so that one that breaks a rule is refused alone.
    fn write<T: DeserializeOwned>(
        &self,
        records: &[Record],
        table: Option<&str>,
        put: impl Fn(&T, &mut Connection) -> Result<(), Unwritten>,
    ) -> Outcome<Put> {
        let mut outcome = Put::default();
        let connection = &mut self.writer()?;
        let done: QueryResult<()> = connection.transaction(|connection| {
            for record in records {
                let id = record.get("id").cloned().unwrap_or_default();
                let written = serde_json::from_value::<T>(Value::Object(record.clone()))
                    .map_err(|error| Unwritten::Rule(error.to_string()))
                    .and_then(|one| connection.transaction(|connection| put(&one, connection)));
                match written {
                    Ok(()) => outcome.taken += 1,
                    Err(error) => outcome.refused.push(refused(id, error)?),
                }
            }
            table.map_or(Ok(()), |table| follow_ids(connection, table))
        });
        done.map_err(database)?;
        Ok(outcome)
    }

    /// A page of what `read` finds behind an id, at most so many.
    fn read<T: Serialize>(
        &self,
        (after, limit): (i64, usize),
        read: impl Fn(&mut Connection, i64, i64) -> QueryResult<Vec<T>>,
        id: impl Fn(&T) -> i64,
    ) -> Outcome<Page> {
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = read(&mut self.reader()?, after, most).map_err(database)?;
        page(&found, limit, id)
    }
}

impl Keeper for Own<'_> {
    fn name(&self) -> &'static str {
        CORE
    }

    fn kinds(&self) -> Outcome<Vec<Kind>> {
        let kind = |(name, is_secret): (&str, bool)| Kind {
            name: name.to_owned(),
            is_secret,
        };
        Ok(KINDS.into_iter().map(kind).collect())
    }

    fn page(&self, kind: &str, after: i64, limit: usize) -> Outcome<Page> {
        let part = (after, limit);
        match kind {
            "group" => self.read(part, GroupRecord::page, GroupRecord::id),
            "view_level" => self.read(part, LevelRecord::page, LevelRecord::id),
            "field_group" => self.read(part, FieldGroupRecord::page, FieldGroupRecord::id),
            "field" => self.read(part, FieldRecord::page, FieldRecord::id),
            "account" => self.read(part, AccountRecord::page, AccountRecord::id),
            "password" => self.read(part, PasswordRecord::page, PasswordRecord::id),
            "api_key" => self.read(part, KeyRecord::page, KeyRecord::id),
            "api_key_secret" => self.read(part, SecretRecord::page, SecretRecord::id),
            _ => Err(unknown(kind)),
        }
    }

    fn put(&self, kind: &str, records: &[Record]) -> Outcome<Put> {
        match kind {
            "group" => self.write(records, None, GroupRecord::put),
            "view_level" => self.write(records, None, LevelRecord::put),
            "field_group" => {
                self.write(records, Some("account_field_group"), FieldGroupRecord::put)
            }
            "field" => self.write(records, Some("account_field"), FieldRecord::put),
            "account" => self.write(records, Some("account"), put_account),
            "password" => self.write(records, None, PasswordRecord::put),
            "api_key" => self.write(records, Some("api_key"), KeyRecord::put),
            "api_key_secret" => self.write(records, None, SecretRecord::put),
            _ => Err(unknown(kind)),
        }
    }

    fn delete(&self, kind: &str, ids: &[i64]) -> Outcome<Option<u64>> {
        let counted = |gone: QueryResult<usize>| {
            let gone = gone.map_err(database)?;
            Ok(Some(u64::try_from(gone).unwrap_or(u64::MAX)))
        };
        match kind {
            "group" => counted(GroupRecord::delete(&mut self.writer()?, ids)),
            "view_level" => counted(LevelRecord::delete(&mut self.writer()?, ids)),
            "field_group" => counted(FieldGroupRecord::delete(&mut self.writer()?, ids)),
            "field" => counted(FieldRecord::delete(&mut self.writer()?, ids)),
            // With all that modules keep of it.
            "account" => each(ids, |id| {
                let erased = self.house.erase_person(id);
                erased.map(|()| true).map_err(MovingError::of("an account"))
            }),
            // A key is revoked: one that is forgotten could be made again.
            "api_key" => each(ids, |id| {
                let revoked = keys::revoke(&mut self.writer()?, id).map_err(database)?;
                Ok(revoked.is_some())
            }),
            // They went with the account or the key.
            "password" | "api_key_secret" => Ok(Some(0)),
            _ => Err(unknown(kind)),
        }
    }
}

fn each(ids: &[i64], delete: impl Fn(i64) -> Outcome<bool>) -> Outcome<Option<u64>> {
    let mut gone = 0;
    for id in ids {
        gone += u64::from(delete(*id)?);
    }
    Ok(Some(gone))
}

fn put_account(record: &AccountRecord, connection: &mut Connection) -> Result<(), Unwritten> {
    let keys = account_keys(record.username(), record.email());
    let written = record.put(connection, &keys);
    written.map_err(|error| match error {
        Unwritten::Database(error) if loggia_sql::is_unique(&error) => {
            Unwritten::Rule("another account has its user name or address".to_owned())
        }
        other => other,
    })
}

/// Records as a page; there may be more where it is full.
fn page<T: Serialize>(found: &[T], limit: usize, id: impl Fn(&T) -> i64) -> Outcome<Page> {
    let next = found.last().filter(|_| found.len() >= limit).map(id);
    let record = |one: &T| match serde_json::to_value(one) {
        Ok(Value::Object(record)) => Ok(record),
        Ok(_) => Err(MovingError::new("a row is no object")),
        Err(error) => Err(MovingError::new(error.to_string())),
    };
    Ok(Page {
        records: found.iter().map(record).collect::<Outcome<_>>()?,
        next,
    })
}

/// A failure that is nobody's rule ends the whole call.
fn refused(id: Value, error: Unwritten) -> QueryResult<Refused> {
    match error {
        Unwritten::Rule(why) => Ok(Refused { id, why }),
        Unwritten::Database(error)
            if loggia_sql::is_busy(&error) || loggia_sql::is_deadline(&error) =>
        {
            Err(error)
        }
        Unwritten::Database(error) => Ok(Refused {
            id,
            why: error.to_string(),
        }),
    }
}

fn database(error: diesel::result::Error) -> MovingError {
    MovingError::new(format!("the database refused: {error}"))
}

fn unknown(kind: &str) -> MovingError {
    MovingError::new(format!("the host keeps no records of the kind `{kind}`"))
}
