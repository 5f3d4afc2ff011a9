//! Tells a PostgreSQL server to stop a statement, which takes a connection beside the one it runs on.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::ConnectionError;

use super::brake::Cancel;
use super::engine::open_postgresql;

/// For how long an unused connection is kept.
const KEPT: Duration = Duration::from_mins(1);

/// Stops what the process of that number runs; a server lets a role stop its own statements.
#[diesel::declare_sql_function]
extern "SQL" {
    fn pg_cancel_backend(process: diesel::sql_types::Integer) -> diesel::sql_types::Bool;
}

/// The one thread of a pool that stops statements, begun when it is first needed. It ends with the pool.
pub(super) struct Canceller {
    url: String,
    orders: OnceLock<Sender<i32>>,
}

impl Canceller {
    /// For the server of the URL.
    pub(super) fn new(url: String) -> Arc<Self> {
        Arc::new(Canceller {
            url,
            orders: OnceLock::new(),
        })
    }

    /// What has the process of that number stop what it runs.
    pub(super) fn order(self: &Arc<Self>, process: i32) -> Cancel {
        let canceller = Arc::clone(self);
        Box::new(move || {
            // Nobody listens where the thread could not be started, of which the log tells.
            let _ = canceller.orders().send(process);
        })
    }

    fn orders(&self) -> &Sender<i32> {
        self.orders.get_or_init(|| {
            let (sender, orders) = unbounded();
            let url = self.url.clone();
            let thread = std::thread::Builder::new().name("canceller".to_owned());
            if let Err(error) = thread.spawn(move || serve(&url, &orders)) {
                tracing::error!("late statements will not be stopped: {error}");
            }
            sender
        })
    }
}

fn serve(url: &str, orders: &Receiver<i32>) {
    let mut connection = None;
    loop {
        match orders.recv_timeout(KEPT) {
            Ok(process) => {
                if let Err(reason) = cancel(url, &mut connection, process) {
                    connection = None;
                    tracing::warn!(%reason, "a late statement could not be stopped");
                }
            }
            Err(RecvTimeoutError::Timeout) => connection = None,
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn cancel(
    url: &str,
    connection: &mut Option<PgConnection>,
    process: i32,
) -> Result<(), ConnectionError> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(open_postgresql(url)?),
    };
    diesel::select(pg_cancel_backend(process))
        .get_result::<bool>(connection)
        .map(drop)
        .map_err(ConnectionError::CouldntSetupConfiguration)
}
