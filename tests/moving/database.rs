//! Databases for Joomla sites: MariaDB, as `LOGGIA_TEST_MARIADB` names it, and PostgreSQL.

use std::process::Command;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use loggia::store::testing::TestDatabase;
use mysql::Conn;
use mysql::prelude::Queryable as _;

const VARIABLE: &str = "LOGGIA_TEST_MARIADB";

/// A database that goes away with this value.
pub(crate) enum Database {
    Mariadb { server: String, name: String },
    Postgresql(TestDatabase),
}

impl Database {
    /// One on MariaDB; `None`, with a line that says so, where the environment names no server.
    pub(crate) fn mariadb() -> Option<Self> {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var(VARIABLE) else {
            say_that_there_is_no_server();
            return None;
        };
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("joomla_{}_{number}", std::process::id());
        on_mariadb(&server, &format!("CREATE DATABASE {name}"));
        Some(Database::Mariadb { server, name })
    }

    /// One on PostgreSQL.
    pub(crate) fn postgresql() -> Option<Self> {
        TestDatabase::postgresql().map(Database::Postgresql)
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        match self {
            Database::Mariadb { server, name } => format!("{server}/{name}"),
            Database::Postgresql(database) => database.address().to_owned(),
        }
    }

    /// Runs statements, one a line or more, each ended by `;` and a line break.
    pub(crate) fn run(&self, statements: &str) {
        match self {
            Database::Mariadb { .. } => on_mariadb(&self.url(), statements),
            Database::Postgresql(_) => {
                let mut connection =
                    PgConnection::establish(&self.url()).expect("PostgreSQL answers");
                connection
                    .batch_execute(statements)
                    .expect("the statements run");
            }
        }
    }

    /// The first column of each row of a statement, as text.
    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        let mut connection = Conn::new(self.url().as_str()).expect("MariaDB answers");
        connection.query(sql).expect("the statement runs")
    }

    /// A dump of it, as the server's own program makes it.
    pub(crate) fn dump(&self) -> Vec<u8> {
        let url = self.url();
        let rest = url.rsplit_once(['@']).expect("an address").1;
        let (place, name) = rest.split_once('/').expect("a database");
        let (host, port) = place.split_once(':').expect("a port");
        let output = Command::new("mariadb-dump")
            .args([
                "--no-defaults",
                "--protocol=tcp",
                "--user=loggia",
                "--password=loggia",
            ])
            .args(["--host", host, "--port", port, name])
            .output()
            .expect("mariadb-dump is installed with the server");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Database::Mariadb { server, name } = self {
            on_mariadb(server, &format!("DROP DATABASE {name}"));
        }
    }
}

fn on_mariadb(url: &str, statements: &str) {
    let mut connection = Conn::new(url).expect("MariaDB answers");
    connection
        .query_drop("SET SESSION sql_mode = 'ANSI_QUOTES,ALLOW_INVALID_DATES'")
        .expect("the mode can be set");
    let each = statements.split(";\n").map(str::trim);
    for statement in each.filter(|statement| !statement.is_empty()) {
        let statement = statement.trim_end_matches(';');
        connection
            .query_drop(statement)
            .unwrap_or_else(|error| panic!("{error}: {statement}"));
    }
}

#[expect(
    clippy::print_stderr,
    reason = "who runs the tests must see what they leave out"
)]
fn say_that_there_is_no_server() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| eprintln!("{VARIABLE} is not set: no Joomla site is moved in"));
}
