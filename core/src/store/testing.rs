//! Fresh databases for tests, here, in the test kit and in the tests of the product: one for each test, on
//! both databases.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::pg::PgConnection;
use diesel::prelude::{QueryableByName, RunQueryDsl as _};
use loggia_sql::Dialect;
use tempfile::TempDir;

use super::core_migrations::core_migrations;
use super::migration::migrate;
use super::pool::{Options, Pool};

/// Names a PostgreSQL server on which databases may be created, as a URL.
pub const POSTGRESQL_VARIABLE: &str = "LOGGIA_TEST_POSTGRES";

/// An empty database that goes away with this value.
pub struct TestDatabase {
    address: String,
    keeper: Keeper,
}

enum Keeper {
    Folder { _folder: TempDir },
    Server { url: String, name: String },
}

impl TestDatabase {
    /// One of each kind: SQLite always, PostgreSQL where the environment names a server.
    pub fn each() -> Vec<Self> {
        let mut databases = vec![Self::sqlite()];
        databases.extend(Self::postgresql());
        databases
    }

    /// A SQLite file in a folder of its own.
    pub fn sqlite() -> Self {
        let folder = TempDir::with_prefix("loggia-test-").expect("a temporary folder can be made");
        TestDatabase {
            address: format!("sqlite:{}", folder.path().join("loggia.db").display()),
            keeper: Keeper::Folder { _folder: folder },
        }
    }

    /// A database on the server that the environment names; `None`, with a line that says so, without one.
    pub fn postgresql() -> Option<Self> {
        let Ok(url) = std::env::var(POSTGRESQL_VARIABLE) else {
            say_that_there_is_no_server();
            return None;
        };
        let name = unique_name();
        on_server(&url, &format!("CREATE DATABASE {name}"));
        Some(TestDatabase {
            address: with_database(&url, &name),
            keeper: Keeper::Server { url, name },
        })
    }

    /// The address, as the settings would name it.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        match self.keeper {
            Keeper::Folder { .. } => Dialect::Sqlite,
            Keeper::Server { .. } => Dialect::Postgresql,
        }
    }

    /// A pool on it.
    pub fn pool(&self) -> Pool {
        self.pool_with(Options::default())
    }

    /// A pool on it, with the host's own tables.
    pub fn migrated_pool(&self) -> Pool {
        let pool = self.pool();
        migrate(&pool, &core_migrations()).expect("the host's migrations run");
        pool
    }

    /// A pool on it with options of the test's choice.
    pub fn pool_with(&self, options: Options) -> Pool {
        Pool::open(&self.address, options).expect("the test's database can be opened")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Keeper::Server { url, name } = &self.keeper {
            on_server(url, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Everything that migrations make (tables, columns, defaults, constraints, indexes), as text to compare.
pub fn schema(pool: &Pool) -> String {
    #[derive(QueryableByName)]
    #[diesel(check_for_backend(loggia_sql::Backend))]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    let sql = match pool.dialect() {
        Dialect::Sqlite => SQLITE_SCHEMA,
        Dialect::Postgresql => POSTGRESQL_SCHEMA,
    };
    let mut connection = pool.read(patience()).expect("a connection is free");
    let lines = diesel::sql_query(sql).load::<Line>(&mut connection);
    let lines = lines.expect("the schema can be read").into_iter();
    lines.map(|line| line.line + "\n").collect()
}

const SQLITE_SCHEMA: &str = "SELECT name || ': ' || COALESCE(sql, 'automatic') AS line FROM sqlite_master \
    WHERE name NOT LIKE 'sqlite_%' ORDER BY name";

const POSTGRESQL_SCHEMA: &str = "
    SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
        || is_identity || ' ' || COALESCE(column_default, '') AS line
    FROM information_schema.columns WHERE table_schema = current_schema()
    UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = current_schema()
    UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
    ORDER BY line";

/// Every row of every table as text to compare, the same for the same content on both databases: a line a
/// row, in order, with truth values as numbers and JSON in one spelling.
pub fn content(pool: &Pool) -> String {
    super::archive::content(pool).expect("the tables can be read")
}

/// A deadline that a test only reaches when something hangs.
pub fn patience() -> Instant {
    Instant::now() + Duration::from_mins(1)
}

#[expect(
    clippy::print_stderr,
    reason = "who runs the tests must see what they leave out"
)]
fn say_that_there_is_no_server() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        eprintln!("{POSTGRESQL_VARIABLE} is not set: these tests run on SQLite only");
    });
}

fn unique_name() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let time = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos());
    format!("loggia_test_{}_{time}_{number}", std::process::id())
}

fn on_server(url: &str, sql: &str) {
    PgConnection::establish(url)
        .expect("the server for tests answers")
        .batch_execute(sql)
        .expect("databases may be created and dropped on the server for tests");
}

/// The server's URL with another database in its path.
fn with_database(url: &str, name: &str) -> String {
    let mut url = url::Url::parse(url).expect("the variable holds a URL");
    url.set_path(name);
    url.to_string()
}
