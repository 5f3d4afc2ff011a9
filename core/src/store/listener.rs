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
    /// Listens to notices of one name at the server of the URL.
    pub(super) fn open(url: &str, notice: &str) -> Result<Self, ConnectionError> {
        let mut connection = open_postgresql(url)?;
        connection
            .batch_execute(&format!("LISTEN \"{notice}\""))
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(Listener { connection })
    }

    /// Waits for notices, at most so long; whether one came.
    ///
    /// # Errors
    /// Where the connection has broken, and with it what was told meanwhile.
    pub fn wait(&mut self, span: Duration, has_ended: impl Fn() -> bool) -> QueryResult<bool> {
        let until = Instant::now() + span;
        loop {
            let mut heard = false;
            for notice in self.connection.notifications_iter() {
                notice?;
                heard = true;
            }
            if heard || Instant::now() >= until || has_ended() {
                return Ok(heard);
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}
