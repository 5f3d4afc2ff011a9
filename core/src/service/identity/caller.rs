//! On whose behalf the identity service works, and on which connections.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::result::QueryResult;
use loggia_sql::Connection;
use parking_lot::Mutex;

use crate::service::context::CallContext;
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

/// What a call has to do with sessions: the id the client sent, and what the answer's cookie is to say.
///
/// Whoever dispatches a call makes it, keeps a clone of the `Arc`, and looks at [`SessionSlot::change`]
/// after the call.
#[derive(Debug, Default)]
pub struct SessionSlot {
    /// The id of the live session that the client sent.
    given: Option<String>,
    change: Mutex<Option<SessionChange>>,
}

/// What the answer's cookie is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionChange {
    /// A session was opened.
    Opened {
        /// Its id, which goes into the cookie.
        id: String,
        /// Whose it is, for the access log.
        user: i64,
    },
    /// The session has ended; the cookie is to be removed.
    Closed,
}

impl SessionSlot {
    /// For a client who sent the id of a live session, or none.
    pub fn new(given: Option<String>) -> Arc<Self> {
        Arc::new(Self {
            given,
            change: Mutex::default(),
        })
    }

    /// The id that the client sent.
    pub fn given(&self) -> Option<&str> {
        self.given.as_deref()
    }

    /// What has happened to the session during the call.
    pub fn change(&self) -> Option<SessionChange> {
        self.change.lock().clone()
    }

    pub(super) fn note(&self, change: SessionChange) {
        *self.change.lock() = Some(change);
    }
}
