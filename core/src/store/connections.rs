//! The pool's connections for the host's own work.

use std::time::Instant;

use diesel::result::QueryResult;
use loggia_sql::Connection;

use super::lease::Lease;
use super::pool::Pool;
use super::table;

impl Pool {
    /// A connection for reading. On SQLite it refuses to write and never waits for the writer.
    ///
    /// # Errors
    /// [`loggia_sql::is_deadline`] where none was free before the deadline.
    pub fn read(&self, deadline: Instant) -> QueryResult<Connection> {
        self.connection(false, deadline)
    }

    /// A connection for writing. SQLite has one; those who wait for it are served in the order they came.
    ///
    /// # Errors
    /// As for [`Pool::read`].
    pub fn write(&self, deadline: Instant) -> QueryResult<Connection> {
        self.connection(true, deadline)
    }

    fn connection(&self, write: bool, deadline: Instant) -> QueryResult<Connection> {
        let lease = Lease::new(self.checkout(write, deadline)?);
        table::connection(&lease, self.dialect())
    }
}
