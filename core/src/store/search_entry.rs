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
use diesel::sql_types::BigInt;
use loggia_abi::Value;
use loggia_abi::value::kind;
use loggia_sql::{Connection, Dialect};

diesel::table! {
    search_entry (number) {
        number -> BigInt,
        is_category -> Bool,
        area -> Text,
        entry_id -> BigInt,
        module -> Text,
        is_present -> Bool,
        epoch -> BigInt,
        content -> Text,
    }
}

diesel::table! {
    search_state (id) {
        id -> BigInt,
        generation -> BigInt,
    }
}

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

/// A row.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = search_entry, check_for_backend(loggia_sql::Backend))]
pub struct Entry {
    /// The number by which indexes know it.
    pub number: i64,
    /// A category, or else a document.
    pub is_category: bool,
    /// The area.
    pub area: String,
    /// The id in the area.
    pub entry_id: i64,
    /// The module that handed it in.
    pub module: String,
    /// Whether it was not withdrawn.
    pub is_present: bool,
    /// When it was written.
    pub epoch: i64,
    /// The document or category as JSON.
    pub content: String,
}

/// That a row was written in an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
#[diesel(check_for_backend(loggia_sql::Backend))]
pub struct Written {
    /// The number of the row.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// When.
    #[diesel(sql_type = BigInt)]
    pub epoch: i64,
    /// Whatever is written from now on, or is being written, has this epoch or a later one.
    #[diesel(sql_type = BigInt)]
    pub horizon: i64,
}

/// A place in the order of epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The epoch.
    pub epoch: i64,
    /// The number of the last row that lies before it.
    pub number: i64,
}

impl Place {
    /// Before all rows of an epoch.
    pub fn before(epoch: i64) -> Self {
        Place {
            epoch,
            number: i64::MIN,
        }
    }
}

/// The values that a row takes of each entry.
const VALUES: usize = 6;

/// Statements by how many rows they take, for each database; few sizes keep them few and prepared.
static SQLITE: LazyLock<Statements> = LazyLock::new(|| statements(Dialect::Sqlite, None));
static POSTGRESQL: LazyLock<Statements> = LazyLock::new(|| statements(Dialect::Postgresql, None));

type Statements = [(usize, String); 3];

/// The epoch of what is written now, as a statement says it.
pub(crate) fn present_epoch(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => r#"(SELECT COALESCE(MAX("epoch"), 0) + 1 FROM "search_entry")"#,
        Dialect::Postgresql => "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)",
    }
}

/// What all that is still to be committed will be written in at the earliest, as a statement says it.
fn horizon(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => present_epoch(dialect),
        Dialect::Postgresql => {
            "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)"
        }
    }
}

/// The rows that were written in an epoch or later, oldest first, at most so many.
pub fn written_since(
    connection: &mut Connection,
    epoch: i64,
    limit: i64,
) -> QueryResult<Vec<Written>> {
    let horizon = horizon(connection.dialect());
    diesel::sql_query(format!(
        r#"SELECT "number", "epoch", {horizon} AS "horizon" FROM "search_entry"
 WHERE "epoch" >= $1 ORDER BY "epoch", "number" LIMIT $2"#
    ))
    .bind::<BigInt, _>(epoch)
    .bind::<BigInt, _>(limit)
    .load(connection)
}

/// Numbers and epochs of rows behind a place and before an epoch, oldest first, at most so many.
pub fn page(
    connection: &mut Connection,
    after: Place,
    before_epoch: i64,
    limit: i64,
) -> QueryResult<Vec<Written>> {
    let horizon = horizon(connection.dialect());
    diesel::sql_query(format!(
        r#"SELECT "number", "epoch", {horizon} AS "horizon" FROM "search_entry"
 WHERE ("epoch", "number") > ($1, $2) AND "epoch" < $3 ORDER BY "epoch", "number" LIMIT $4"#
    ))
    .bind::<BigInt, _>(after.epoch)
    .bind::<BigInt, _>(after.number)
    .bind::<BigInt, _>(before_epoch)
    .bind::<BigInt, _>(limit)
    .load(connection)
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(loggia_sql::Backend))]
struct Horizon {
    #[diesel(sql_type = BigInt)]
    horizon: i64,
}

/// The earliest epoch of what is still to be committed.
pub fn present_horizon(connection: &mut Connection) -> QueryResult<i64> {
    let horizon = horizon(connection.dialect());
    let found = diesel::sql_query(format!(r#"SELECT {horizon} AS "horizon""#));
    found
        .get_result(connection)
        .map(|Horizon { horizon }| horizon)
}

/// Some rows by their numbers.
pub fn by_numbers(connection: &mut Connection, numbers: &[i64]) -> QueryResult<Vec<Entry>> {
    search_entry::table
        .filter(search_entry::number.eq_any(numbers.to_vec()))
        .select(Entry::as_select())
        .load(connection)
}

/// Some rows of one kind and area, by their ids there.
pub fn by_ids(
    connection: &mut Connection,
    is_category: bool,
    area: &str,
    ids: &[i64],
) -> QueryResult<Vec<Entry>> {
    search_entry::table
        .filter(search_entry::is_category.eq(is_category))
        .filter(search_entry::area.eq(area))
        .filter(search_entry::entry_id.eq_any(ids.to_vec()))
        .select(Entry::as_select())
        .load(connection)
}

/// What a row is, without what it says.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = search_entry, check_for_backend(loggia_sql::Backend))]
pub struct Outline {
    /// As in [`Entry`].
    pub number: i64,
    /// As in [`Entry`].
    pub is_category: bool,
    /// As in [`Entry`].
    pub area: String,
    /// As in [`Entry`].
    pub entry_id: i64,
    /// As in [`Entry`].
    pub module: String,
    /// As in [`Entry`].
    pub is_present: bool,
    /// As in [`Entry`].
    pub epoch: i64,
}

/// The rows behind a number, at most so many.
pub fn outlines(connection: &mut Connection, after: i64, limit: i64) -> QueryResult<Vec<Outline>> {
    search_entry::table
        .filter(search_entry::number.gt(after))
        .order(search_entry::number)
        .limit(limit)
        .select(Outline::as_select())
        .load(connection)
}

/// Has every node take some rows again.
pub fn touch(connection: &mut Connection, numbers: &[i64]) -> QueryResult<usize> {
    let epoch = present_epoch(connection.dialect());
    let mut touched = 0;
    for number in numbers {
        touched += diesel::sql_query(format!(
            r#"UPDATE "search_entry" SET "epoch" = {epoch} WHERE "number" = $1"#
        ))
        .bind::<BigInt, _>(number)
        .execute(connection)?;
    }
    Ok(touched)
}

/// The categories that are not withdrawn.
pub fn categories(connection: &mut Connection) -> QueryResult<Vec<Entry>> {
    search_entry::table
        .filter(search_entry::is_category.eq(true))
        .filter(search_entry::is_present.eq(true))
        .select(Entry::as_select())
        .load(connection)
}

/// Whether the tables are ready for indexes: the site has a generation of its own, and no row has an epoch that is
/// still to come, as one that was taken from another database server may have.
pub fn is_prepared(connection: &mut Connection) -> QueryResult<bool> {
    let last: Option<i64> = search_entry::table
        .select(search_entry::epoch)
        .order(search_entry::epoch.desc())
        .first(connection)
        .optional()?;
    let is_of_this_server = match connection.dialect() {
        Dialect::Sqlite => true,
        Dialect::Postgresql => last.is_none_or(|last| {
            diesel::sql_query(NEXT_TRANSACTION)
                .get_result::<Horizon>(connection)
                .is_ok_and(|next| last < next.horizon)
        }),
    };
    Ok(is_of_this_server && generation(connection)? > FIRST_GENERATION)
}

/// The id that the next transaction of a PostgreSQL server will have.
const NEXT_TRANSACTION: &str =
    r#"SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT) AS "horizon""#;

/// Makes the tables ready for indexes.
pub fn prepare(connection: &mut Connection) -> QueryResult<()> {
    let first = search_state::table.filter(search_state::generation.le(FIRST_GENERATION));
    diesel::update(first)
        .set(search_state::generation.eq(new_generation()))
        .execute(connection)?;
    if connection.dialect() == Dialect::Postgresql {
        let present = present_epoch(Dialect::Postgresql);
        diesel::sql_query(format!(
            r#"UPDATE "search_entry" SET "epoch" = {present} WHERE "epoch" > {present}"#
        ))
        .execute(connection)?;
    }
    Ok(())
}

/// The generation of a site that has none of its own yet.
const FIRST_GENERATION: i64 = 1;

/// A generation that no other site has.
fn new_generation() -> i64 {
    i64::from(rand::random::<u32>()) * 1_000_000 + FIRST_GENERATION + 1
}

/// Has every node build its index anew. What was withdrawn need not be remembered any more then; the last row that
/// was written stays, because epochs are counted from it.
pub fn renew(connection: &mut Connection) -> QueryResult<i64> {
    diesel::sql_query(
        r#"DELETE FROM "search_entry" WHERE "is_present" = FALSE
 AND "epoch" < (SELECT MAX("epoch") FROM "search_entry")"#,
    )
    .execute(connection)?;
    diesel::update(search_state::table)
        .set(search_state::generation.eq(search_state::generation + 1))
        .execute(connection)?;
    generation(connection)
}

/// Which generation of indexes there is to be.
pub fn generation(connection: &mut Connection) -> QueryResult<i64> {
    search_state::table
        .select(search_state::generation)
        .first(connection)
}

fn statements(dialect: Dialect, before: Option<i64>) -> Statements {
    [50, 8, 1].map(|rows| (rows, statement(dialect, rows, before)))
}

/// An entry that is as it was keeps its epoch: nobody need take it again. `before` keeps those that were written in an
/// epoch or later.
fn statement(dialect: Dialect, rows: usize, before: Option<i64>) -> String {
    let guard = before.map_or_else(String::new, |epoch| {
        format!(r#""search_entry"."epoch" < {epoch} AND "#)
    });
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
 WHERE {guard}("search_entry"."content" <> excluded."content"
 OR "search_entry"."is_present" <> excluded."is_present" OR "search_entry"."module" <> excluded."module")"#
    )
}

/// Writes what becomes of some entries of a module, in the connection's transaction; how many were not so already.
/// They are written in the order of their keys, so that two transactions do not wait for each other.
pub fn write(connection: &mut Connection, module: &str, changes: &Changes) -> QueryResult<usize> {
    let statements = match connection.dialect() {
        Dialect::Sqlite => &*SQLITE,
        Dialect::Postgresql => &*POSTGRESQL,
    };
    write_by(connection, statements, module, changes)
}

/// The same for what was true at the end of an epoch: what was written later stays.
pub fn write_before(
    connection: &mut Connection,
    module: &str,
    changes: &Changes,
    epoch: i64,
) -> QueryResult<usize> {
    let statements = statements(connection.dialect(), Some(epoch));
    write_by(connection, &statements, module, changes)
}

fn write_by(
    connection: &mut Connection,
    statements: &Statements,
    module: &str,
    changes: &Changes,
) -> QueryResult<usize> {
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
