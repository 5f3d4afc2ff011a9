//! On whose behalf the identity service works, and on which connections.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use diesel::result::QueryResult;
use loggia_sql::Connection;

use crate::service::context::CallContext;
use crate::service::session_slot::SessionSlot;
use crate::store::Pool;

/// How long the host's own work waits for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where connections come from: the pool, or the call in flight, whose transaction is then shared.
pub trait Connections {
    /// A connection for reading.
    fn read(&self) -> QueryResult<Connection>;
    /// A connection for writing.
    fn write(&self) -> QueryResult<Connection>;
}

impl Connections for Pool {
    fn read(&self) -> QueryResult<Connection> {
        Pool::read(self, Instant::now() + PATIENCE)
    }

    fn write(&self) -> QueryResult<Connection> {
        Pool::write(self, Instant::now() + PATIENCE)
    }
}

impl Connections for CallContext {
    fn read(&self) -> QueryResult<Connection> {
        CallContext::read(self)
    }

    fn write(&self) -> QueryResult<Connection> {
        CallContext::write(self)
    }
}

/// Somebody who asks the identity service for something.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    pub(super) connections: &'a dyn Connections,
    /// The client's address; absent for the operator, who is not throttled by it.
    pub(super) address: Option<IpAddr>,
    /// The call's session.
    pub(super) session: Option<&'a SessionSlot>,
}

impl<'a> Caller<'a> {
    /// The operator, at the command line.
    pub fn operator(pool: &'a Pool) -> Self {
        Self {
            connections: pool,
            address: None,
            session: None,
        }
    }

    /// A client, by the call he makes.
    pub fn client(call: &'a CallContext) -> Self {
        Self {
            connections: call,
            address: call.client_address,
            session: Some(&call.session),
        }
    }

    pub(super) fn read(&self) -> QueryResult<Connection> {
        self.connections.read()
    }

    pub(super) fn write(&self) -> QueryResult<Connection> {
        self.connections.write()
    }
}
