//! Brings the tables of the host and of its modules to the state that this binary expects.
//!
//! A migration has an owner (`core`, or a module's name), a name that begins with its number, and two SQL
//! texts. They are common to both databases but for the placeholders `{id}` (the column type of a 64 bit
//! primary key that numbers itself), `{bytes}`, `{bool}`, `{json}`, and `{rewritten}` behind a table whose rows are
//! written a second time soon (PostgreSQL leaves them the room on their page). What ran is recorded in the table
//! `loggia_migration`, with its text, so that a backup can be restored without the module that brought it.
//! All that is missing runs in one transaction under a lock, so of several processes that
//! start at once one migrates and the others find it done; and a failure leaves the database as it was.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use diesel::connection::SimpleConnection as _;
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::result::Error;
use loggia_sql::{Connection, Dialect};

use super::pool::Pool;

diesel::table! {
    loggia_migration (owner, version) {
        owner -> Text,
        version -> BigInt,
        name -> Text,
        applied_ms -> BigInt,
        sequence -> BigInt,
        up -> Text,
        down -> Text,
    }
}

/// The table in which what ran is recorded.
pub(super) const TABLE: &str = r#"CREATE TABLE IF NOT EXISTS "loggia_migration" (
    "owner" TEXT NOT NULL, "version" BIGINT NOT NULL, "name" TEXT NOT NULL, "applied_ms" BIGINT NOT NULL,
    "sequence" BIGINT NOT NULL, "up" TEXT NOT NULL, "down" TEXT NOT NULL,
    PRIMARY KEY ("owner", "version")
)"#;

/// PostgreSQL: the number of the lock that a migrating process holds until its transaction ends. Another one
/// waits for as long as that takes.
const LOCK: &str = "SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(5497558138881)";

/// How long a process waits for another one that migrates the same SQLite file.
const PATIENCE: Duration = Duration::from_mins(5);

/// One step of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// `core`, or the name of the module that brought it.
    pub owner: Cow<'static, str>,
    /// Its number, an underscore and what it is about: `0001_account`.
    pub name: Cow<'static, str>,
    /// What makes it.
    pub up: Cow<'static, str>,
    /// What takes it back.
    pub down: Cow<'static, str>,
}

/// A migration with what the database knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// `core`, or the name of a module.
    pub owner: String,
    /// The migration's name.
    pub name: String,
    /// When it ran, in milliseconds since 1970; `None` where it has not.
    pub applied_ms: Option<i64>,
}

/// Why a database could not be migrated. It is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// A name does not begin with a number.
    #[error("the migration `{name}` of {owner} must be named like `0001_what_it_is_about`")]
    Name {
        /// Whose it is.
        owner: String,
        /// Its name.
        name: String,
    },
    /// Two migrations of one owner have the same number.
    #[error("{owner} has two migrations with one number: `{first}` and `{second}`")]
    Twice {
        /// Whose they are.
        owner: String,
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// The database was migrated by a binary that knows more.
    #[error(
        "the database is newer than this program: it has the migration `{found}` of {owner}, and Loggia \
         {program} knows {known}; start the newer version, or restore a backup made before the upgrade"
    )]
    Newer {
        /// Whose it is.
        owner: String,
        /// What the database has.
        found: String,
        /// This program's version.
        program: &'static str,
        /// The last migration of this owner that the program knows, in words.
        known: String,
    },
    /// The SQL of a migration failed.
    #[error("the migration `{name}` of {owner} failed: {source}")]
    Failed {
        /// Whose it is.
        owner: String,
        /// Its name.
        name: String,
        /// What the database said.
        source: Error,
    },
    /// The database could not be asked, or not locked.
    #[error("the database cannot be migrated: {0}")]
    Database(#[from] Error),
}

type Known<'m> = BTreeMap<(&'m str, i64), &'m Migration>;
type Applied = BTreeMap<(String, i64), (String, i64)>;

impl Migration {
    /// The number that its name begins with.
    pub fn version(&self) -> Option<i64> {
        let (number, about) = self.name.split_once('_')?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        number
            .parse()
            .ok()
            .filter(|_| is_number && !about.is_empty())
    }
}

/// Runs what is missing, owner by owner in the order of the list, and gives the names of what ran.
///
/// Modules that are not in the list are left alone, so that one which is switched off keeps its rows.
///
/// # Errors
/// See [`MigrationError`].
pub fn migrate(pool: &Pool, migrations: &[Migration]) -> Result<Vec<Status>, MigrationError> {
    let known = known(migrations)?;
    locked(pool, |connection| {
        let applied = applied(connection)?;
        refuse_newer(&known, &applied)?;
        let mut done = Vec::new();
        for migration in migrations {
            let version = migration.version().unwrap_or_default();
            if applied.contains_key(&(migration.owner.to_string(), version)) {
                continue;
            }
            run(connection, migration, &migration.up)?;
            done.push(record(connection, migration, version)?);
        }
        Ok(done)
    })
}

/// Takes back what ran of the list, the last one first. For tests, and for who leaves a module for good.
///
/// # Errors
/// See [`MigrationError`].
pub fn revert(pool: &Pool, migrations: &[Migration]) -> Result<(), MigrationError> {
    known(migrations)?;
    locked(pool, |connection| {
        let applied = applied(connection)?;
        for migration in migrations.iter().rev() {
            let version = migration.version().unwrap_or_default();
            if applied.contains_key(&(migration.owner.to_string(), version)) {
                run(connection, migration, &migration.down)?;
                forget(connection, migration, version)?;
            }
        }
        Ok(())
    })
}

/// What the database knows of the list, without changing anything.
///
/// # Errors
/// See [`MigrationError`].
pub fn status(pool: &Pool, migrations: &[Migration]) -> Result<Vec<Status>, MigrationError> {
    let known = known(migrations)?;
    let mut connection = pool.read(Instant::now() + PATIENCE)?;
    let applied = if has_table(&mut connection)? {
        applied(&mut connection)?
    } else {
        Applied::new()
    };
    refuse_newer(&known, &applied)?;
    let state = migrations.iter().map(|migration| {
        let key = (
            migration.owner.to_string(),
            migration.version().unwrap_or_default(),
        );
        Status {
            owner: migration.owner.to_string(),
            name: migration.name.to_string(),
            applied_ms: applied.get(&key).map(|(_, applied_ms)| *applied_ms),
        }
    });
    Ok(state.collect())
}

fn known(migrations: &[Migration]) -> Result<Known<'_>, MigrationError> {
    let mut known = Known::new();
    for migration in migrations {
        let version = migration.version().ok_or_else(|| MigrationError::Name {
            owner: migration.owner.to_string(),
            name: migration.name.to_string(),
        })?;
        if let Some(other) = known.insert((&migration.owner, version), migration) {
            return Err(MigrationError::Twice {
                owner: migration.owner.to_string(),
                first: other.name.to_string(),
                second: migration.name.to_string(),
            });
        }
    }
    Ok(known)
}

/// Refuses a database with a migration of an owner in the list that the list does not have.
fn refuse_newer(known: &Known<'_>, applied: &Applied) -> Result<(), MigrationError> {
    for ((owner, version), (name, _)) in applied {
        let own = known.range((owner.as_str(), i64::MIN)..=(owner.as_str(), i64::MAX));
        let Some((_, last)) = own.last() else {
            continue;
        };
        if !known.contains_key(&(owner.as_str(), *version)) {
            return Err(MigrationError::Newer {
                owner: owner.clone(),
                found: name.clone(),
                program: env!("CARGO_PKG_VERSION"),
                known: format!("up to `{}`", last.name),
            });
        }
    }
    Ok(())
}

/// Works in a transaction that no other process can have at the same time.
fn locked<T>(
    pool: &Pool,
    work: impl FnOnce(&mut Connection) -> Result<T, MigrationError>,
) -> Result<T, MigrationError> {
    let mut connection = pool.write(Instant::now() + PATIENCE)?;
    connection.transaction(|connection| {
        match connection.dialect() {
            // The transaction itself holds the write lock.
            Dialect::Sqlite => {}
            Dialect::Postgresql => connection.batch_execute(LOCK)?,
        }
        connection.batch_execute(TABLE)?;
        work(connection)
    })
}

fn applied(connection: &mut Connection) -> QueryResult<Applied> {
    let rows = loggia_migration::table
        .select((
            loggia_migration::owner,
            loggia_migration::version,
            loggia_migration::name,
            loggia_migration::applied_ms,
        ))
        .load::<(String, i64, String, i64)>(connection)?
        .into_iter();
    Ok(rows
        .map(|(owner, version, name, applied_ms)| ((owner, version), (name, applied_ms)))
        .collect())
}

fn has_table(connection: &mut Connection) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    #[diesel(check_for_backend(loggia_sql::Backend))]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let sql = match connection.dialect() {
        Dialect::Sqlite => {
            "SELECT COUNT(*) AS count FROM sqlite_master WHERE name = 'loggia_migration'"
        }
        Dialect::Postgresql => {
            "SELECT COUNT(*) AS count FROM pg_tables \
             WHERE schemaname = current_schema() AND tablename = 'loggia_migration'"
        }
    };
    let found = diesel::sql_query(sql).get_result::<Count>(connection)?;
    Ok(found.count > 0)
}

fn run(
    connection: &mut Connection,
    migration: &Migration,
    sql: &str,
) -> Result<(), MigrationError> {
    let sql = filled_in(sql, connection.dialect());
    connection
        .batch_execute(&sql)
        .map_err(|source| MigrationError::Failed {
            owner: migration.owner.to_string(),
            name: migration.name.to_string(),
            source,
        })
}

pub(super) fn filled_in(sql: &str, dialect: Dialect) -> String {
    let types = match dialect {
        Dialect::Sqlite => [
            ("{id}", "INTEGER PRIMARY KEY AUTOINCREMENT"),
            ("{bytes}", "BLOB"),
            ("{bool}", "BOOLEAN"),
            ("{json}", "TEXT"),
            ("{rewritten}", ""),
        ],
        Dialect::Postgresql => [
            (
                "{id}",
                "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
            ),
            ("{bytes}", "BYTEA"),
            ("{bool}", "BOOLEAN"),
            ("{json}", "JSONB"),
            ("{rewritten}", " WITH (fillfactor = 40)"),
        ],
    };
    types
        .iter()
        .fold(sql.to_owned(), |sql, (placeholder, name)| {
            sql.replace(placeholder, name)
        })
}

fn record(connection: &mut Connection, migration: &Migration, version: i64) -> QueryResult<Status> {
    let applied_ms = now_ms();
    let last = loggia_migration::table
        .select(max(loggia_migration::sequence))
        .get_result::<Option<i64>>(connection)?;
    diesel::insert_into(loggia_migration::table)
        .values((
            loggia_migration::owner.eq(&*migration.owner),
            loggia_migration::version.eq(version),
            loggia_migration::name.eq(&*migration.name),
            loggia_migration::applied_ms.eq(applied_ms),
            loggia_migration::sequence.eq(last.unwrap_or(0) + 1),
            loggia_migration::up.eq(&*migration.up),
            loggia_migration::down.eq(&*migration.down),
        ))
        .execute(connection)?;
    Ok(Status {
        owner: migration.owner.to_string(),
        name: migration.name.to_string(),
        applied_ms: Some(applied_ms),
    })
}

fn forget(connection: &mut Connection, migration: &Migration, version: i64) -> QueryResult<()> {
    let row = loggia_migration::table.find((&*migration.owner, version));
    diesel::delete(row).execute(connection)?;
    Ok(())
}

pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}
