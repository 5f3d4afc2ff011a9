//! Ordinary diesel over the host's database service.
//!
//! The host owns every connection pool and links the database drivers; a module (and the host's own store)
//! sees [`HostDatabase`](loggia_abi::HostDatabase): a table of C functions that take SQL text and typed binds
//! and give packed rows. This crate stands on that table as a diesel backend ([`Backend`]) and connection
//! ([`Connection`]), so that one statement, written once in diesel's query builder, runs on SQLite and on
//! PostgreSQL alike.
//!
//! # How to write against it
//!
//! Tables are declared as always. `check_for_backend` belongs on every struct: without it a wrong type is
//! reported as a page of unmet traits.
//!
//! ```
//! use diesel::prelude::*;
//!
//! diesel::table! {
//!     use loggia_sql::sql_types::*;
//!
//!     release_package (id) {
//!         id -> BigInt,
//!         name -> Text,
//!         facts -> Json,
//!         created_ms -> BigInt,
//!     }
//! }
//!
//! #[derive(Queryable, Selectable)]
//! #[diesel(table_name = release_package, check_for_backend(loggia_sql::Backend))]
//! struct Package {
//!     id: i64,
//!     name: String,
//!     facts: loggia_sql::JsonText,
//! }
//!
//! #[derive(Insertable)]
//! #[diesel(table_name = release_package, check_for_backend(loggia_sql::Backend))]
//! struct NewPackage<'a> {
//!     name: &'a str,
//!     facts: loggia_sql::JsonText,
//!     created_ms: i64,
//! }
//!
//! fn newest(connection: &mut loggia_sql::Connection, count: i64) -> QueryResult<Vec<Package>> {
//!     release_package::table
//!         .order(release_package::created_ms.desc())
//!         .limit(count)
//!         .select(Package::as_select())
//!         .load(connection)
//! }
//!
//! fn add(connection: &mut loggia_sql::Connection, package: &NewPackage<'_>) -> QueryResult<i64> {
//!     diesel::insert_into(release_package::table)
//!         .values(package)
//!         .returning(release_package::id)
//!         .get_result(connection)
//! }
//! ```
//!
//! What the two databases do not share does not compile or has a name here: rows are locked with
//! [`lock_rows`], 64 bit numbers are summed with [`sum_i64`]. Three differences remain the author's:
//! `LIKE` ignores case on SQLite only, `NULL` sorts first on SQLite and last on PostgreSQL (so say
//! the order), and several rows with optional columns are inserted with
//! `#[diesel(treat_none_as_default_value = false)]`. For the rare statement that cannot be common there is
//! [`Connection::dialect`].
//!
//! Writing goes through a connection that was asked for writing. On SQLite there is one of those, and its
//! transactions begin with the write lock, so a read-modify-write inside one transaction is safe there as it
//! is; on PostgreSQL it needs [`lock_rows`] or an `UPDATE` that computes the new value itself.

#![deny(missing_docs)]

mod backend;
mod bind;
mod calendar;
mod combination;
mod connection;
mod dialect;
mod failure;
mod insert;
mod json;
mod limit;
mod lock;
mod query_builder;
mod row;
mod sequence;
pub mod sql_types;
mod sum;
mod transaction;
mod types;
mod uuid;

pub use backend::{Backend, BatchInsertDialect, OnConflictDialect};
pub use bind::{Bind, Binds};
pub use calendar::{Day, TimeOfDay, Timestamp};
pub use connection::{Connection, Cursor};
pub use dialect::Dialect;
pub use failure::{Nul, failure, is_busy, is_deadline, is_lost, is_nul, is_unique};
pub use json::JsonText;
pub use lock::{LockRows, lock_rows};
pub use query_builder::TextBuilder;
pub use row::{Field, Row};
pub use sequence::follow_ids;
pub use sql_types::Json;
pub use sum::{SumI64, sum_i64};
pub use transaction::Transactions;
pub use uuid::Uuid;
