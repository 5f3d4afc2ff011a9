//! Moving in and out: what a module keeps, as records that another site can take. A record is a JSON object with all
//! columns of a row by their names.
//!
//! A module offers `get/records` and `put/records`, and `delete/records` where an import may follow the deletions of
//! the site that is moved in.

use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};
use loggia_sdk::Fault;
use loggia_sdk::prelude::*;
use loggia_sql::Connection;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::page::last_of_full;

pub mod document;

pub use loggia_sql::follow_ids;

/// The scope of both operations.
pub const SCOPE: &str = "records";

/// The most records of one page.
pub const MOST: i64 = 1000;

/// Parameters of `get/records`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GetRecords {
    /// Which records; without it only the kinds are named.
    pub kind: Option<String>,
    /// Behind which id the page begins.
    pub after: Option<i64>,
    /// How many a page has, at most 1000.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<i64>,
}

/// A page of records.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Records {
    /// All kinds, each behind those that it names.
    pub kinds: Vec<String>,
    /// The records, by their ids.
    pub records: Vec<Value>,
    /// Behind which id the next page begins; `null` at the end.
    pub next: Option<i64>,
}

impl Records {
    /// Only the names of the kinds.
    pub fn kinds(kinds: &[&str]) -> Self {
        Records {
            kinds: kinds.iter().map(|&kind| kind.to_owned()).collect(),
            records: Vec::new(),
            next: None,
        }
    }

    /// A page of a kind, of rows by their ids; there may be more where it is full.
    pub fn page<T: Serialize>(
        kinds: &[&str],
        rows: &[T],
        limit: i64,
        id: impl Fn(&T) -> i64,
    ) -> Result<Self, Fault> {
        let records: Result<Vec<Value>, _> = rows.iter().map(serde_json::to_value).collect();
        Ok(Records {
            records: records.map_err(Fault::internal)?,
            next: last_of_full(rows, limit).map(id),
            ..Records::kinds(kinds)
        })
    }
}

/// Parameters of `put/records`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PutRecords {
    /// Which records.
    pub kind: String,
    /// The records, each with its id.
    #[schemars(length(max = 1000))]
    pub records: Vec<Value>,
}

/// What became of them.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Taken {
    /// So many were written.
    pub taken: usize,
    /// These were not.
    pub refused: Vec<Refused>,
}

/// A record that was not written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Refused {
    /// Its id, as it was given.
    pub id: Value,
    /// The rule that it broke.
    pub why: String,
}

impl Taken {
    /// Reads records; those that are none of the kind are refused.
    pub fn read<T: DeserializeOwned>(&mut self, records: Vec<Value>) -> Vec<T> {
        let mut read = Vec::with_capacity(records.len());
        for record in records {
            let id = record["id"].clone();
            match serde_json::from_value(record) {
                Ok(one) => read.push(one),
                Err(error) => self.refuse(id, error.to_string()),
            }
        }
        read
    }

    /// Writes records in one transaction. Where one cannot be written, that one is refused and the others are
    /// written all the same.
    pub fn write<T>(
        &mut self,
        connection: &mut Connection,
        records: &[T],
        id: impl Fn(&T) -> i64,
        write: impl Fn(&mut Connection, &T) -> Result<(), Unwritten>,
    ) -> Result<(), Fault> {
        let all = connection
            .transaction(|connection| records.iter().try_for_each(|one| write(connection, one)));
        if all.is_ok() {
            self.taken += records.len();
            return Ok(());
        }
        connection.transaction(|connection| {
            for one in records {
                match connection.transaction(|connection| write(connection, one)) {
                    Ok(()) => self.taken += 1,
                    Err(Unwritten::Rule(why)) => self.refuse(id(one), why),
                    Err(Unwritten::Database(error)) => self.refuse(id(one), rule_of(error)?),
                }
            }
            Ok(())
        })
    }

    /// Refuses a record.
    pub fn refuse(&mut self, id: impl Into<Value>, why: impl Into<String>) {
        self.refused.push(Refused {
            id: id.into(),
            why: why.into(),
        });
    }
}

/// The fault of a kind that the module does not keep.
pub fn unknown_kind(kinds: &[&str]) -> Fault {
    Fault::parameter("kind", &format!("must be one of {}", kinds.join(", ")))
}

/// Why a record was not written.
#[derive(Debug)]
pub enum Unwritten {
    /// It breaks a rule.
    Rule(String),
    /// The database did not take it.
    Database(Error),
}

impl From<Error> for Unwritten {
    fn from(error: Error) -> Self {
        Unwritten::Database(error)
    }
}

/// The rule of the tables that a record breaks; any other failure is a fault of the whole call.
fn rule_of(error: Error) -> Result<String, Fault> {
    match &error {
        Error::DatabaseError(
            DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::Unknown,
            information,
        ) => Ok(information.message().to_owned()),
        _ => Err(error.into()),
    }
}

/// Parameters of `delete/records`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct DeleteRecords {
    /// Which records.
    pub kind: String,
    /// Their ids.
    #[schemars(length(max = 1000))]
    pub ids: Vec<i64>,
}

/// How many records there were to delete.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Deleted {
    /// So many are gone.
    pub deleted: usize,
}

/// Runs a deletion of what has nothing below it until it finds nothing any more, for the lowest go first and make way
/// for those above them; how many are gone.
pub fn delete_lowest_first(mut delete: impl FnMut() -> QueryResult<usize>) -> QueryResult<usize> {
    let mut gone = 0;
    loop {
        let some = delete()?;
        gone += some;
        if some == 0 {
            return Ok(gone);
        }
    }
}
