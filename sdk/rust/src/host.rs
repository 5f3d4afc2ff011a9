//! The host's services, as a module instance sees them.

use std::ffi::CStr;
use std::fmt;

use loggia_abi as abi;
use loggia_abi::{
    HostAccounts, HostChannels, HostClock, HostDatabase, HostFiles, HostIdentity, HostKeys,
    HostLog, HostMail, HostPush, HostSearch, HostSettings, Str, code,
};
use serde::Serialize;

use crate::accounts::Accounts;
use crate::call::Call;
use crate::channels::Channels;
use crate::fault::Fault;
use crate::identity::Identity;
use crate::keys::Keys;
use crate::push::Push;
use crate::search::Search;

/// The host: everything a module may ask of it. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Host {
    accounts: Option<&'static HostAccounts>,
    channels: Option<&'static HostChannels>,
    push: Option<&'static HostPush>,
    database: Option<&'static HostDatabase>,
    clock: &'static HostClock,
    files: Option<&'static HostFiles>,
    identity: Option<&'static HostIdentity>,
    keys: Option<&'static HostKeys>,
    log: &'static HostLog,
    mail: Option<&'static HostMail>,
    search: Option<&'static HostSearch>,
    settings: &'static HostSettings,
}

// SAFETY: service tables are constant and their functions may be called from any thread.
unsafe impl Send for Host {}
// SAFETY: as above.
unsafe impl Sync for Host {}

/// A service was used that the description does not declare.
#[derive(Clone, Copy, Debug)]
pub struct Undeclared(pub &'static str);

impl fmt::Display for Undeclared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the module's description does not declare the service {}",
            self.0
        )
    }
}

impl std::error::Error for Undeclared {}

impl Host {
    /// Asks for every table once. `None` where the host lacks one that each module has.
    ///
    /// # Safety
    /// `host` must be the host's table, valid until `stop` has returned; the `'static` here ends there.
    pub(crate) unsafe fn new(host: *const abi::Host) -> Option<Self> {
        // SAFETY: promised by the caller.
        let host = unsafe { host.as_ref() }?;
        Some(Host {
            accounts: table(host, c"loggia.accounts"),
            channels: table(host, c"loggia.channels"),
            push: table(host, c"loggia.push"),
            database: table(host, c"loggia.database"),
            clock: table(host, c"loggia.clock")?,
            files: table(host, c"loggia.files"),
            identity: table(host, c"loggia.identity"),
            keys: table(host, c"loggia.keys"),
            log: table(host, c"loggia.log")?,
            mail: table(host, c"loggia.mail"),
            search: table(host, c"loggia.search"),
            settings: table(host, c"loggia.settings")?,
        })
    }

    pub(crate) fn database(&self) -> Result<&'static HostDatabase, Undeclared> {
        self.database.ok_or(Undeclared("loggia.database"))
    }

    pub(crate) fn log(&self) -> &'static HostLog {
        self.log
    }

    pub(crate) fn settings(&self) -> &'static str {
        // SAFETY: the text lives as long as the instance.
        unsafe { self.settings.json.text() }.unwrap_or("{}")
    }

    /// The host's clocks.
    pub fn clock(&self) -> Clock {
        Clock(self.clock)
    }

    /// The module's part of the file store.
    pub fn files(&self) -> Result<Files, Undeclared> {
        self.files.map(Files).ok_or(Undeclared("loggia.files"))
    }

    /// All accounts of the site.
    pub fn accounts(&self) -> Result<Accounts, Undeclared> {
        self.accounts
            .map(Accounts)
            .ok_or(Undeclared("loggia.accounts"))
    }

    /// What is published to connected pages.
    pub fn channels(&self) -> Result<Channels, Undeclared> {
        self.channels
            .map(Channels)
            .ok_or(Undeclared("loggia.channels"))
    }

    /// The engine that sends notifications.
    pub fn push(&self) -> Result<Push, Undeclared> {
        self.push.map(Push).ok_or(Undeclared("loggia.push"))
    }

    /// The keys that calls are charged to.
    pub fn keys(&self) -> Result<Keys, Undeclared> {
        self.keys.map(Keys).ok_or(Undeclared("loggia.keys"))
    }

    /// Accounts, groups and sessions.
    pub fn identity(&self) -> Result<Identity, Undeclared> {
        self.identity
            .map(Identity)
            .ok_or(Undeclared("loggia.identity"))
    }

    /// The mail queue.
    pub fn mail(&self) -> Result<Mail, Undeclared> {
        self.mail.map(Mail).ok_or(Undeclared("loggia.mail"))
    }

    /// The search over what all modules offer.
    pub fn search(&self) -> Result<Search, Undeclared> {
        self.search.map(Search).ok_or(Undeclared("loggia.search"))
    }
}

fn table<T>(host: &abi::Host, id: &CStr) -> Option<&'static T> {
    // SAFETY: the host answers an id with the table of that id, or null; it outlives the instance.
    unsafe {
        (host.service)(host.context, id.as_ptr(), 1)
            .cast::<T>()
            .as_ref()
    }
}

/// The host's clocks.
#[derive(Clone, Copy)]
pub struct Clock(&'static HostClock);

impl Clock {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn now_ms(self) -> i64 {
        // SAFETY: the function takes the table's own context.
        unsafe { (self.0.now_us)(self.0.context) / 1000 }
    }

    /// Microseconds on a clock that never goes back.
    pub fn monotonic_us(self) -> u64 {
        // SAFETY: as above.
        unsafe { (self.0.monotonic_us)(self.0.context) }
    }
}

/// The module's part of the file store.
#[derive(Clone, Copy)]
pub struct Files(&'static HostFiles);

/// Why the file store refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilesError {
    /// The key is taken.
    Taken,
    /// There is no such file.
    NotFound,
    /// The key is not one.
    Key,
    /// The store does not answer at present; a later try may succeed.
    Busy,
    /// Reading or writing failed; the host's log says how.
    Failed,
}

impl fmt::Display for FilesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FilesError::Taken => "a file is stored under this key already",
            FilesError::NotFound => "no file is stored under this key",
            FilesError::Key => "the key holds more than letters, digits, '.', '_', '-' and '/'",
            FilesError::Busy => "the file store does not answer at present",
            FilesError::Failed => "the file store failed",
        })
    }
}

impl std::error::Error for FilesError {}

impl From<FilesError> for Fault {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::Busy => Fault::new("REQ_OVL"),
            other => Fault::internal(other),
        }
    }
}

fn files_result(result: i32) -> Result<(), FilesError> {
    match result {
        code::OK => Ok(()),
        code::UNIQUE => Err(FilesError::Taken),
        code::NOT_FOUND => Err(FilesError::NotFound),
        code::ARGUMENT => Err(FilesError::Key),
        code::BUSY => Err(FilesError::Busy),
        _ => Err(FilesError::Failed),
    }
}

impl Files {
    /// Moves an upload into the store under a key.
    pub fn adopt(self, upload: &str, key: &str) -> Result<(), FilesError> {
        // SAFETY: the host copies both texts before it returns.
        files_result(unsafe { (self.0.adopt)(self.0.context, Str::new(upload), Str::new(key)) })
    }

    /// Stores bytes under a key.
    pub fn put(self, key: &str, bytes: &[u8]) -> Result<(), FilesError> {
        // SAFETY: as above.
        files_result(unsafe { (self.0.put)(self.0.context, Str::new(key), Str::from_bytes(bytes)) })
    }

    /// Opens a stored file or an upload for reading.
    pub fn open(self, key: &str) -> Result<std::fs::File, FilesError> {
        let mut path = crate::identity::Text::default();
        let mut sink = path.sink();
        // SAFETY: the sink lives on this stack until the function has returned.
        files_result(unsafe { (self.0.open)(self.0.context, Str::new(key), &raw mut sink) })?;
        std::fs::File::open(path.text()).map_err(|_| FilesError::Failed)
    }

    /// The size of a stored file in bytes.
    pub fn size(self, key: &str) -> Result<u64, FilesError> {
        let mut bytes = 0;
        // SAFETY: `bytes` lives on this stack.
        files_result(unsafe { (self.0.size_of)(self.0.context, Str::new(key), &raw mut bytes) })?;
        Ok(bytes)
    }

    /// Removes a stored file; it is no fault if it is gone.
    pub fn remove(self, key: &str) -> Result<(), FilesError> {
        // SAFETY: the host copies the key before it returns.
        files_result(unsafe { (self.0.remove)(self.0.context, Str::new(key)) })
    }
}

/// The mail queue.
#[derive(Clone, Copy)]
pub struct Mail(&'static HostMail);

/// A message to be queued.
#[derive(Clone, Debug, Serialize)]
pub struct MailMessage {
    /// The recipient's address.
    pub to: String,
    /// The subject, one line.
    pub subject: String,
    /// The plain text.
    pub text: String,
}

impl Mail {
    /// Queues a message; in the transaction of the connection where one is given.
    pub fn queue(
        self,
        call: &Call<'_>,
        connection: Option<&mut loggia_sql::Connection>,
        message: &MailMessage,
    ) -> Result<(), Fault> {
        let json = serde_json::to_string(message).map_err(Fault::internal)?;
        let connection = connection.map_or(std::ptr::null_mut(), loggia_sql::Connection::as_raw);
        // SAFETY: handle and connection are the host's own and live during the call.
        match unsafe { (self.0.queue)(self.0.context, call.raw(), connection, Str::new(&json)) } {
            code::OK => Ok(()),
            code::DEADLINE => Err(Fault::new("REQ_TMO")),
            code::BUSY => Err(Fault::new("REQ_OVL")),
            other => Err(Fault::internal(format_args!(
                "the mail could not be queued ({other})"
            ))),
        }
    }
}
