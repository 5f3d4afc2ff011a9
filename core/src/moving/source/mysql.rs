//! A MySQL or MariaDB server, in one transaction that only reads and sees one moment.

use std::sync::Arc;
use std::time::Duration;

use mysql::prelude::Queryable as _;
use mysql::{Conn, Opts, OptsBuilder, Value};

use super::{Row, Source, literal};
use crate::moving::{MovingError, Outcome};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What every connection is told first: names stand in `"`, and times are what is stored.
const SESSION: [&str; 3] = [
    "SET SESSION sql_mode = 'ANSI_QUOTES'",
    "SET SESSION time_zone = '+00:00'",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
];

/// A connection to the server.
pub(super) struct Mysql {
    connection: Conn,
}

impl Mysql {
    pub(super) fn open(address: &str) -> Outcome<Self> {
        // The client knows one scheme, and its refusal of an address would show the password.
        let address = address.replacen("mariadb://", "mysql://", 1);
        let options = Opts::from_url(&address)
            .map_err(|_| MovingError::new("the address of the MySQL server cannot be read"))?;
        let options = OptsBuilder::from_opts(options)
            .tcp_connect_timeout(Some(CONNECT_TIMEOUT))
            .prefer_socket(false)
            .init(SESSION.map(str::to_owned).to_vec());
        let mut connection = Conn::new(options).map_err(told)?;
        connection
            .query_drop("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            .map_err(told)?;
        Ok(Self { connection })
    }

    fn texts(&mut self, sql: &str) -> Outcome<Vec<String>> {
        self.connection.query(sql).map_err(told)
    }
}

impl Source for Mysql {
    fn columns(&mut self, table: &str) -> Outcome<Option<Vec<String>>> {
        let found = self.texts(&format!(
            "SELECT column_name FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name = {} ORDER BY ordinal_position",
            literal(table)
        ))?;
        Ok(Some(found).filter(|found| !found.is_empty()))
    }

    fn tables(&mut self, ending: &str) -> Outcome<Vec<String>> {
        let all = self.texts(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()",
        )?;
        Ok(all
            .into_iter()
            .filter(|name| name.ends_with(ending))
            .collect())
    }

    fn rows(&mut self, sql: &str) -> Outcome<Vec<Row>> {
        let mut found = self.connection.query_iter(sql).map_err(told)?;
        let columns = found.columns();
        let names = columns
            .as_ref()
            .iter()
            .map(|one| one.name_str().into_owned());
        let names: Arc<[String]> = names.collect();
        let rows = found.by_ref().map(|row| {
            let cells = row.map_err(told)?.unwrap_raw();
            let cells = cells.into_iter().map(|cell| cell.and_then(text));
            Ok(Row::new(Arc::clone(&names), cells.collect()))
        });
        rows.collect()
    }
}

/// A value of the text protocol; other kinds do not come from plain statements.
fn text(value: Value) -> Option<String> {
    match value {
        Value::NULL => None,
        Value::Bytes(bytes) => Some(match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        }),
        other => Some(other.as_sql(true).trim_matches('\'').to_owned()),
    }
}

fn told(error: mysql::Error) -> MovingError {
    MovingError::new(format!("the MySQL server: {error}"))
}
