//! What was moved in from a Joomla site: how each record was there at the last import, and how it was here after it.

use diesel::prelude::*;
use diesel::upsert::excluded;
use loggia_sql::Connection;

diesel::table! {
    core_import (module, kind, id) {
        module -> Text,
        kind -> Text,
        id -> BigInt,
        source_digest -> Text,
        our_digest -> Nullable<Text>,
    }
}

/// How many rows one statement writes.
const ROWS: usize = 50;

/// A record that was moved in.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = core_import, check_for_backend(loggia_sql::Backend))]
#[diesel(treat_none_as_default_value = false)]
pub struct Imported {
    /// Whose record it is; `core` is the host.
    pub module: String,
    /// Its kind.
    pub kind: String,
    /// Its id, on both sites.
    pub id: i64,
    /// How it was there.
    pub source_digest: String,
    /// How it was here afterwards; none until the import has come to its end.
    pub our_digest: Option<String>,
}

/// The records of a kind behind an id.
pub fn page(
    connection: &mut Connection,
    (module, kind): (&str, &str),
    after: i64,
    limit: i64,
) -> QueryResult<Vec<Imported>> {
    core_import::table
        .filter(core_import::module.eq(module))
        .filter(core_import::kind.eq(kind))
        .filter(core_import::id.gt(after))
        .order(core_import::id)
        .limit(limit)
        .select(Imported::as_select())
        .load(connection)
}

/// The ids of all records of a kind.
pub fn ids(connection: &mut Connection, (module, kind): (&str, &str)) -> QueryResult<Vec<i64>> {
    core_import::table
        .filter(core_import::module.eq(module))
        .filter(core_import::kind.eq(kind))
        .select(core_import::id)
        .load(connection)
}

/// Notes records, or notes them anew.
pub fn note(connection: &mut Connection, records: &[Imported]) -> QueryResult<()> {
    connection.transaction(|connection| {
        for some in records.chunks(ROWS) {
            diesel::insert_into(core_import::table)
                .values(some)
                .on_conflict((core_import::module, core_import::kind, core_import::id))
                .do_update()
                .set((
                    core_import::source_digest.eq(excluded(core_import::source_digest)),
                    core_import::our_digest.eq(excluded(core_import::our_digest)),
                ))
                .execute(connection)?;
        }
        Ok(())
    })
}

/// Forgets records that are on neither site any more.
pub fn forget(
    connection: &mut Connection,
    (module, kind): (&str, &str),
    ids: &[i64],
) -> QueryResult<()> {
    let gone = core_import::table
        .filter(core_import::module.eq(module))
        .filter(core_import::kind.eq(kind))
        .filter(core_import::id.eq_any(ids.to_vec()));
    diesel::delete(gone).execute(connection).map(drop)
}
