//! What modules hand in to be found: one row a document or category, which is its latest state. A row that was
//! withdrawn stays, so that every node's index learns of it.
//!
//! Each row carries the epoch in which it was written, by which a node finds what it has not taken yet. On
//! PostgreSQL that is the id of the transaction: whatever a transaction that is older than every running one has
//! written can be seen, whichever of them committed first. A number from a sequence would not do, because a row with
//! a lower one may appear after one with a higher. On SQLite, which has one writer, epochs are counted up.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use diesel::prelude::*;
use loggia_abi::Value;
use loggia_abi::value::kind;
use loggia_sql::{Connection, Dialect};

/// What a row stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// A category, or else a document.
    pub is_category: bool,
    /// The area.
    pub area: String,
    /// The id in the area.
    pub id: i64,
}

/// What becomes of entries, by what they are; `None` is withdrawn.
pub type Changes = BTreeMap<Key, Option<String>>;

/// The values that a row takes of each entry.
const VALUES: usize = 6;

/// Statements by how many rows they take, for each database; few sizes keep them few and prepared.
static SQLITE: LazyLock<Statements> = LazyLock::new(|| statements(Dialect::Sqlite));
static POSTGRESQL: LazyLock<Statements> = LazyLock::new(|| statements(Dialect::Postgresql));

type Statements = [(usize, String); 3];

/// The epoch of what is written now, as a statement says it.
pub(crate) fn present_epoch(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => r#"(SELECT COALESCE(MAX("epoch"), 0) + 1 FROM "search_entry")"#,
        Dialect::Postgresql => "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)",
    }
}

fn statements(dialect: Dialect) -> Statements {
    [50, 8, 1].map(|rows| (rows, statement(dialect, rows)))
}

/// An entry that is as it was keeps its epoch: nobody need take it again.
fn statement(dialect: Dialect, rows: usize) -> String {
    let epoch = present_epoch(dialect);
    let row = |row: usize| {
        let places = (1..=VALUES).map(|value| format!("${}", row * VALUES + value));
        let mut places: Vec<String> = places.collect();
        places.insert(VALUES - 1, epoch.to_owned());
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    let rows = rows.join(", ");
    format!(
        r#"INSERT INTO "search_entry"
 ("is_category", "area", "entry_id", "module", "is_present", "epoch", "content") VALUES {rows}
 ON CONFLICT ("is_category", "area", "entry_id") DO UPDATE SET "module" = excluded."module",
 "is_present" = excluded."is_present", "epoch" = excluded."epoch", "content" = excluded."content"
 WHERE "search_entry"."content" <> excluded."content" OR "search_entry"."is_present" <> excluded."is_present"
 OR "search_entry"."module" <> excluded."module""#
    )
}

/// Writes what becomes of some entries of a module, in the connection's transaction; how many were not so already.
/// They are written in the order of their keys, so that two transactions do not wait for each other.
pub fn write(connection: &mut Connection, module: &str, changes: &Changes) -> QueryResult<usize> {
    let statements = match connection.dialect() {
        Dialect::Sqlite => &*SQLITE,
        Dialect::Postgresql => &*POSTGRESQL,
    };
    let values: Vec<Value<'_>> = changes.iter().flat_map(|one| values(module, one)).collect();
    let mut rest = values.as_slice();
    let mut written = 0;
    for (rows, text) in statements {
        while let Some((chunk, others)) = rest.split_at_checked(rows * VALUES)
            && !chunk.is_empty()
        {
            written += connection.execute_values(text, chunk)?;
            rest = others;
        }
    }
    Ok(written)
}

fn values<'c>(
    module: &'c str,
    (key, content): (&'c Key, &'c Option<String>),
) -> [Value<'c>; VALUES] {
    [
        Value::integer(kind::BOOL, key.is_category.into()),
        Value::text(&key.area),
        Value::integer(kind::I64, key.id),
        Value::text(module),
        Value::integer(kind::BOOL, content.is_some().into()),
        Value::text(content.as_deref().unwrap_or_default()),
    ]
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::store::testing::TestDatabase;

    fn changes(entries: &[(i64, Option<&str>)]) -> Changes {
        let change = |&(id, content): &(i64, Option<&str>)| {
            let key = Key {
                is_category: false,
                area: "forum".to_owned(),
                id,
            };
            (key, content.map(str::to_owned))
        };
        entries.iter().map(change).collect()
    }

    #[test]
    fn an_entry_that_is_as_it_was_is_not_written_again() {
        for database in TestDatabase::each() {
            let pool = database.migrated_pool();
            let deadline = Instant::now() + Duration::from_secs(10);
            let mut connection = pool.write(deadline).unwrap();
            let mut written = |entries: &[(i64, Option<&str>)]| {
                write(&mut connection, "forum", &changes(entries)).unwrap()
            };
            let many: Vec<(i64, Option<&str>)> = (0..131).map(|id| (id, Some("{}"))).collect();
            assert_eq!(written(&many), 131);
            assert_eq!(written(&many), 0);
            assert_eq!(written(&[(1, Some("{}")), (2, Some("[]")), (3, None)]), 2);
            assert_eq!(written(&[(3, None), (4000, None)]), 1);
        }
    }
}
