//! Diesel's SQL types with those that Loggia adds; for `use` in `diesel::table!`.

pub use diesel::sql_types::*;

use diesel::query_builder::QueryId;

/// A JSON document: `JSONB` on PostgreSQL, `TEXT` on SQLite. In Rust it is
/// [`JsonText`](crate::JsonText).
#[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
pub struct Json;

/// 16 bytes: `UUID` on PostgreSQL, `BLOB` on SQLite. In Rust it is [`Uuid`](crate::Uuid).
#[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
pub struct Uuid;
