//! Hears what other nodes tell by PostgreSQL's NOTIFY, on a connection of its own.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use diesel::result::{ConnectionError, QueryResult};

use super::engine::open_postgresql;

/// How often a connection is looked at; nothing is sent for it.
const LOOK_EVERY: Duration = Duration::from_millis(15);

/// A connection that listens.
pub struct Listener {
    connection: PgConnection,
}

impl Listener {
    /// Listens to notices of some names at the server of the URL.
    pub(super) fn open(url: &str, notices: &[&str]) -> Result<Self, ConnectionError> {
        let mut connection = open_postgresql(url)?;
        for notice in notices {
            connection
                .batch_execute(&format!("LISTEN \"{notice}\""))
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
        }
        Ok(Listener { connection })
    }

    /// Waits for notices, at most so long; the names of those that came.
    ///
    /// # Errors
    /// Where the connection has broken, and with it what was told meanwhile.
    pub fn wait(
        &mut self,
        span: Duration,
        has_ended: impl Fn() -> bool,
    ) -> QueryResult<Vec<String>> {
        let until = Instant::now() + span;
        loop {
            let mut heard = Vec::new();
            for notice in self.connection.notifications_iter() {
                heard.push(notice?.channel);
            }
            if !heard.is_empty() || Instant::now() >= until || has_ended() {
                return Ok(heard);
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}
