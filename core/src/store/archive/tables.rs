//! What the two databases say about their tables, and how their checks wait for the end of a restore.

use loggia_abi::Value;
use loggia_abi::value::kind;
use loggia_sql::Dialect;

use super::ArchiveError;
use super::manifest::{Ran, Table};
use super::session::{Session, number, quoted};

const RECORDS: &str = "loggia_migration";

/// Every table but the record of migrations, by name, with its columns and the last number it gave out.
pub(super) fn tables(session: &mut Session) -> Result<Vec<Table>, ArchiveError> {
    let mut names = names(session)?;
    names.retain(|name| name != RECORDS);
    let described = names.into_iter().map(|name| {
        Ok(Table {
            columns: columns(session, &name)?
                .into_iter()
                .map(|column| column.name)
                .collect(),
            last_id: last_id(session, &name)?,
            rows: 0,
            name,
        })
    });
    described.collect()
}

/// Every table by name.
pub(super) fn names(session: &mut Session) -> Result<Vec<String>, ArchiveError> {
    let sql = match session.dialect {
        Dialect::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' \
             ORDER BY name"
        }
        Dialect::Postgresql => {
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
        }
    };
    session.texts(sql, &[])
}

/// A column and the kind of value it takes; SQLite takes any.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Option<u32>,
}

pub(super) fn columns(session: &mut Session, table: &str) -> Result<Vec<Column>, ArchiveError> {
    let sql = match session.dialect {
        Dialect::Sqlite => "SELECT name || ':' FROM pragma_table_info($1) ORDER BY cid",
        Dialect::Postgresql => {
            "SELECT column_name || ':' || data_type FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
        }
    };
    let found = session.texts(sql, &[Value::text(table)])?;
    let found = found.iter().filter_map(|text| text.rsplit_once(':'));
    Ok(found
        .map(|(name, data_type)| Column {
            name: name.to_owned(),
            kind: kind_of(data_type),
        })
        .collect())
}

/// The kind of value that a column of PostgreSQL takes.
fn kind_of(data_type: &str) -> Option<u32> {
    Some(match data_type {
        "boolean" => kind::BOOL,
        "smallint" => kind::I16,
        "integer" => kind::I32,
        "bigint" => kind::I64,
        "real" | "double precision" => kind::F64,
        "text" | "character varying" | "character" => kind::TEXT,
        "bytea" => kind::BYTES,
        "date" => kind::DATE,
        "time without time zone" => kind::TIME,
        "timestamp without time zone" | "timestamp with time zone" => kind::TIMESTAMP,
        "jsonb" => kind::JSON,
        "uuid" => kind::UUID,
        _ => return None,
    })
}

/// The last number that a table's key has given out; `None` where it numbers nothing.
fn last_id(session: &mut Session, table: &str) -> Result<Option<i64>, ArchiveError> {
    match session.dialect {
        Dialect::Sqlite => {
            if !has_sequences(session)? {
                return Ok(None);
            }
            let sql = "SELECT seq FROM sqlite_sequence WHERE name = $1";
            session.number(sql, &[Value::text(table)])
        }
        Dialect::Postgresql => {
            let Some(column) = identity(session, table)? else {
                return Ok(None);
            };
            let sql = "SELECT pg_sequence_last_value(pg_get_serial_sequence(quote_ident($1), $2)::regclass)";
            session.number(sql, &[Value::text(table), Value::text(&column)])
        }
    }
}

/// Lets the next number of a table follow the last one that was given out where it was backed up.
pub(super) fn set_last_id(session: &mut Session, table: &Table) -> Result<(), ArchiveError> {
    let Some(last) = table.last_id else {
        return Ok(());
    };
    let (name, last) = (Value::text(&table.name), number(last));
    match session.dialect {
        Dialect::Sqlite => {
            session.run("DELETE FROM sqlite_sequence WHERE name = $1", &[name])?;
            let sql = "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)";
            session.run(sql, &[name, last])?;
        }
        Dialect::Postgresql => {
            let Some(column) = identity(session, &table.name)? else {
                return Ok(());
            };
            let sql = "SELECT setval(pg_get_serial_sequence(quote_ident($1), $2), $3)";
            session.rows(sql, &[name, Value::text(&column), last])?;
        }
    }
    Ok(())
}

fn has_sequences(session: &mut Session) -> Result<bool, ArchiveError> {
    let sql = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'sqlite_sequence'";
    Ok(session.number(sql, &[])?.is_some_and(|count| count > 0))
}

fn identity(session: &mut Session, table: &str) -> Result<Option<String>, ArchiveError> {
    let sql = "SELECT column_name::text FROM information_schema.columns \
        WHERE table_schema = current_schema() AND table_name = $1 AND is_identity = 'YES'";
    Ok(session
        .texts(sql, &[Value::text(table)])?
        .into_iter()
        .next())
}

/// The migrations that have run, in their order.
pub(super) fn migrations(session: &mut Session) -> Result<Vec<Ran>, ArchiveError> {
    if !names(session)?.iter().any(|name| name == RECORDS) {
        return Ok(Vec::new());
    }
    let sql = "SELECT owner, version, name, applied_ms, sequence, up, down FROM loggia_migration \
        ORDER BY sequence";
    let mut rows = session.rows(sql, &[])?;
    let (mut cells, mut ran) = (Vec::new(), Vec::new());
    while rows.next_row(&mut cells) {
        use loggia_abi::rows::Cell::{I64, Text};
        let [
            Text(owner),
            I64(version),
            Text(name),
            I64(applied_ms),
            I64(sequence),
            Text(up),
            Text(down),
        ] = cells[..]
        else {
            return Err(ArchiveError::damaged(
                "the record of migrations cannot be read",
            ));
        };
        ran.push(Ran {
            owner: owner.to_owned(),
            version,
            name: name.to_owned(),
            applied_ms,
            sequence,
            up: up.to_owned(),
            down: down.to_owned(),
        });
    }
    Ok(ran)
}

/// Writes the record of one migration.
pub(super) fn record(session: &mut Session, ran: &Ran) -> Result<(), ArchiveError> {
    let sql = "INSERT INTO loggia_migration (owner, version, name, applied_ms, sequence, up, down) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let binds = [
        Value::text(&ran.owner),
        number(ran.version),
        Value::text(&ran.name),
        number(ran.applied_ms),
        number(ran.sequence),
        Value::text(&ran.up),
        Value::text(&ran.down),
    ];
    session.run(sql, &binds)?;
    Ok(())
}

/// References between rows that are checked at the end, so that tables can be filled in any order.
pub(super) struct Deferred {
    /// The table and the constraint, quoted; PostgreSQL only.
    constraints: Vec<String>,
}

impl Deferred {
    pub(super) fn begin(session: &mut Session) -> Result<Self, ArchiveError> {
        let constraints = match session.dialect {
            Dialect::Sqlite => {
                session.run("PRAGMA defer_foreign_keys = ON", &[])?;
                Vec::new()
            }
            Dialect::Postgresql => session.texts(
                "SELECT 'ALTER TABLE ' || conrelid::regclass || ' ALTER CONSTRAINT ' || quote_ident(conname) \
                 FROM pg_constraint WHERE contype = 'f' AND NOT condeferrable \
                 AND connamespace = current_schema()::regnamespace",
                &[],
            )?,
        };
        for constraint in &constraints {
            session.run(&format!("{constraint} DEFERRABLE INITIALLY DEFERRED"), &[])?;
        }
        Ok(Deferred { constraints })
    }

    /// Checks what was put off; SQLite does so when it commits.
    pub(super) fn end(self, session: &mut Session) -> Result<(), ArchiveError> {
        if !self.constraints.is_empty() {
            session.run("SET CONSTRAINTS ALL IMMEDIATE", &[])?;
        }
        for constraint in &self.constraints {
            session.run(&format!("{constraint} NOT DEFERRABLE"), &[])?;
        }
        Ok(())
    }
}

/// A statement's list of columns.
pub(super) fn column_list(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
    quoted.join(", ")
}
