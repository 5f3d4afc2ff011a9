//! The only connections of the process: one writer and several readers on a SQLite file, or a bounded
//! number of connections to a PostgreSQL server.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use diesel::result::ConnectionError;
use loggia_sql::Dialect;
use rusqlite::ErrorCode;
use tempfile::TempDir;

use super::address::{Address, AddressError};
use super::brake::Brake;
use super::canceller::Canceller;
use super::engine::{Engine, Role, open_postgresql, open_sqlite, postgresql_process};
use super::failure::Failure;
use super::link::Link;
use super::listener::Listener;
use super::slots::{Place, Slots};

/// How a pool is opened. The default suits a server of its own.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// SQLite: how many readers may work at once, beside the one writer.
    pub readers: usize,
    /// PostgreSQL: how many connections may be open at once.
    pub connections: usize,
    /// SQLite: what a commit survives.
    pub durability: Durability,
    /// How long a call waits for a connection, unless its deadline comes first.
    pub patience: Duration,
    /// PostgreSQL: whether what concerns other nodes is told them by NOTIFY.
    pub notifies: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            readers: 8,
            connections: 16,
            durability: Durability::Full,
            patience: Duration::from_secs(5),
            notifies: true,
        }
    }
}

/// What a commit on SQLite survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Power loss: each commit is on the disk when it returns.
    #[default]
    Full,
    /// A crash of the process. Power loss may take the last commits, and never damages the file.
    Normal,
}

/// Why a pool could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is not one.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The file cannot be made or opened.
    #[error("cannot open the database file {}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What stood in the way.
        reason: String,
    },
    /// The folder of a temporary database cannot be made.
    #[error("cannot make a folder for a temporary database: {0}")]
    Temporary(#[source] io::Error),
    /// The server does not answer or refuses.
    #[error("cannot connect to the PostgreSQL server: {reason}")]
    Server {
        /// What the server or the driver said.
        reason: String,
    },
}

/// The process's connections to its database. Cloning it is cheap and gives the same pool.
///
/// A connection is an ordinary diesel connection ([`loggia_sql::Connection`]); it goes back when it is
/// dropped, and a transaction that is still open then is rolled back.
#[derive(Clone)]
pub struct Pool(Arc<Inner>);

struct Inner {
    options: Options,
    /// On PostgreSQL every connection is one of these.
    readers: Slots<Box<Link>>,
    writer: Slots<Box<Link>>,
    /// Last, because the file of a temporary database goes away with it.
    source: Source,
}

enum Source {
    File {
        path: PathBuf,
        /// Removes the file of a temporary database after its last connection.
        _folder: Option<TempDir>,
    },
    Server {
        url: String,
        canceller: Arc<Canceller>,
    },
}

impl Pool {
    /// Opens the database of an address in words (see [`Address::parse`]).
    pub fn open(address: &str, options: Options) -> Result<Self, OpenError> {
        Self::open_at(Address::parse(address)?, options)
    }

    /// Opens the database of an address and makes sure that it answers.
    pub fn open_at(address: Address, options: Options) -> Result<Self, OpenError> {
        let (source, readers) = match address {
            Address::Server(url) => (Source::server(url), options.connections),
            Address::File(path) => (Source::file(&path, None)?, options.readers),
            Address::Temporary => {
                let folder = TempDir::with_prefix("loggia-").map_err(OpenError::Temporary)?;
                let path = folder.path().join("loggia.db");
                (Source::file(&path, Some(folder))?, options.readers)
            }
        };
        let pool = Pool(Arc::new(Inner {
            source,
            options,
            readers: Slots::new(readers),
            writer: Slots::new(1),
        }));
        pool.open_first()?;
        Ok(pool)
    }

    /// Opens one connection, so that a wrong address is reported now. On SQLite it is the writer, which also
    /// turns the file to write-ahead logging before any reader comes.
    fn open_first(&self) -> Result<(), OpenError> {
        let place = self.slots(true);
        if place.take(Instant::now()).is_none() {
            return Ok(());
        }
        let link = self
            .0
            .connect(true)
            .map_err(|error| self.0.open_error(&error))?;
        place.keep(link);
        Ok(())
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        match &self.0.source {
            Source::File { .. } => Dialect::Sqlite,
            Source::Server { .. } => Dialect::Postgresql,
        }
    }

    /// Until when a call that begins to wait for a connection now does so, unless its deadline comes first.
    pub(crate) fn patience(&self) -> Instant {
        Instant::now() + self.0.options.patience
    }

    /// Takes a physical connection out of the pool.
    pub(super) fn checkout(&self, write: bool, deadline: Instant) -> Result<Checkout, Failure> {
        loop {
            let place = self.slots(write).take(deadline);
            let link = match place.ok_or_else(Failure::deadline)? {
                Place::Kept(mut link) => link.is_alive().then_some(link),
                Place::Fresh => Some(self.connect(write)?),
            };
            let Some(mut link) = link else {
                self.slots(write).lose();
                self.slots(write).clear_idle();
                continue;
            };
            link.hand_out(deadline);
            return Ok(Checkout {
                link: Some(link),
                pool: self.clone(),
                write,
            });
        }
    }

    fn connect(&self, write: bool) -> Result<Box<Link>, Failure> {
        self.0.connect(write).map_err(|error| {
            self.slots(write).lose();
            tracing::error!(reason = %error, "cannot open a database connection");
            Failure::unreachable()
        })
    }

    fn slots(&self, write: bool) -> &Slots<Box<Link>> {
        match &self.0.source {
            Source::File { .. } if write => &self.0.writer,
            Source::File { .. } | Source::Server { .. } => &self.0.readers,
        }
    }

    /// Whether reading and writing use different connections.
    pub(super) fn separates_readers(&self) -> bool {
        matches!(self.0.source, Source::File { .. })
    }

    /// How many connections are open and how many of them are idle, for the metrics.
    pub fn count(&self) -> (usize, usize) {
        let (readers, idle_readers) = self.0.readers.count();
        let (writers, idle_writers) = self.0.writer.count();
        (readers + writers, idle_readers + idle_writers)
    }

    /// A connection beside the pool that hears notices of some names; none on SQLite, which tells nobody anything.
    pub fn listener(&self, notices: &[&str]) -> Option<Result<Listener, ConnectionError>> {
        match &self.0.source {
            Source::File { .. } => None,
            Source::Server { url, .. } => Some(Listener::open(url, notices)),
        }
    }

    /// The SQLite file, for what works on the file itself.
    pub fn file(&self) -> Option<&Path> {
        match &self.0.source {
            Source::File { path, .. } => Some(path),
            Source::Server { .. } => None,
        }
    }
}

impl Source {
    fn server(url: String) -> Self {
        let canceller = Canceller::new(url.clone());
        Source::Server { url, canceller }
    }

    /// Makes the file, readable by its owner only; SQLite gives its journals the same rights.
    fn file(path: &Path, folder: Option<TempDir>) -> Result<Self, OpenError> {
        let failed = |error: io::Error| OpenError::File {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600);
        options.open(path).map_err(failed)?;
        // An absolute path keeps SQLite from reading a name such as `file:x` as a URI.
        let path = path.canonicalize().map_err(failed)?;
        Ok(Source::File {
            path,
            _folder: folder,
        })
    }
}

impl Inner {
    fn connect(&self, write: bool) -> Result<Box<Link>, ConnectionError> {
        let link = match &self.source {
            Source::Server { url, canceller } => {
                let mut connection = open_postgresql(url)?;
                let process = postgresql_process(&mut connection)
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                if !self.options.notifies {
                    keep_quiet(&mut connection)?;
                }
                let brake = Brake::new(Some(canceller.order(process)));
                Link::new(Engine::Postgresql(Box::new(connection)), Arc::new(brake))
            }
            Source::File { path, .. } => {
                let role = if write { Role::Writer } else { Role::Reader };
                let (durability, brake) = (self.options.durability, Arc::new(Brake::new(None)));
                let connection = patiently(|| open_sqlite(path, role, durability, &brake))?;
                Link::new(Engine::Sqlite(Box::new(connection)), brake)
            }
        };
        Ok(Box::new(link))
    }

    fn open_error(&self, error: &ConnectionError) -> OpenError {
        let reason = error.to_string();
        match &self.source {
            Source::File { path, .. } => OpenError::File {
                path: path.clone(),
                reason,
            },
            Source::Server { .. } => OpenError::Server { reason },
        }
    }
}

/// What is told by NOTIFY looks at this first, wherever it is told from.
fn keep_quiet(connection: &mut PgConnection) -> Result<(), ConnectionError> {
    let sql = "SET loggia.notify = 'off'";
    let set = connection.batch_execute(sql);
    set.map_err(ConnectionError::CouldntSetupConfiguration)
}

/// Opens again while another process switches the same new file to write-ahead logging, which SQLite
/// refuses at once instead of waiting.
fn patiently<T>(open: impl Fn() -> rusqlite::Result<T>) -> Result<T, ConnectionError> {
    let give_up = Instant::now() + Duration::from_secs(10);
    loop {
        match open() {
            Err(error) if is_busy(&error) && Instant::now() < give_up => {
                std::thread::sleep(Duration::from_millis(10));
            }
            result => {
                return result.map_err(|error| ConnectionError::BadConnection(error.to_string()));
            }
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    let busy = [ErrorCode::DatabaseBusy, ErrorCode::DatabaseLocked];
    error
        .sqlite_error_code()
        .is_some_and(|code| busy.contains(&code))
}

/// A physical connection that is out; it goes back, or makes room for another one, when this is dropped.
pub(super) struct Checkout {
    link: Option<Box<Link>>,
    pool: Pool,
    write: bool,
}

impl Checkout {
    /// The connection. It is there until the drop.
    pub(super) fn link(&mut self) -> Option<&mut Link> {
        self.link.as_deref_mut()
    }

    /// Whether it may write.
    pub(super) fn writes(&self) -> bool {
        self.write || !self.pool.separates_readers()
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        let Some(mut link) = self.link.take() else {
            return;
        };
        let slots = self.pool.slots(self.write);
        if link.recover() {
            return slots.keep(link);
        }
        let broken = link.is_broken();
        // The old connection is closed before another may be opened in its place.
        drop(link);
        slots.lose();
        if broken {
            slots.clear_idle();
        }
    }
}
