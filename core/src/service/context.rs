//! The call in flight, as services see it: what `*mut loggia_abi::Call` points at.

use std::net::IpAddr;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use compact_str::CompactString;
use diesel::result::QueryResult;
use loggia_abi::{Call, code};
use loggia_sql::Connection;

use crate::service::channels::Channels;
use crate::service::push::Push;
use crate::service::search::Offers;
use crate::service::session_slot::SessionSlot;
use crate::service::till::{NotCharged, Till};
use crate::store::Pool;
use crate::store::failure::Failure;
use crate::store::lease::{Handle, Leases};
use crate::store::table;

/// One call of a module. Whoever dispatches the call makes it, lends it to the module for as long as the
/// call runs, and drops it afterwards; then the module's connections go back, even those it has forgotten.
pub struct CallContext {
    /// The id of the request, as in the access log.
    pub request_id: CompactString,
    /// The name of the module that is called.
    pub module: CompactString,
    /// The account of the caller; 0 is nobody.
    pub user: i64,
    /// When the caller gives up.
    pub deadline: Option<Instant>,
    /// The client's address, for throttling; none on the command line.
    pub client_address: Option<IpAddr>,
    /// The call's session, and what becomes of it.
    pub session: Arc<SessionSlot>,
    /// The modules whose areas a search may show here; `None` where nothing is known of it.
    pub offers: Option<Arc<Offers>>,
    /// Where it is charged; the operator's own calls are not.
    pub till: Option<Arc<dyn Till>>,
    /// The channels on which it has published something.
    published: OnceLock<Arc<Channels>>,
    /// The engine that has something to send when it has ended.
    woken: OnceLock<Arc<Push>>,
    pool: Pool,
    leases: Arc<Leases>,
    /// Whether it runs on a thread that answers others too.
    may_not_wait: AtomicBool,
    /// Whether it asked for a connection there.
    wanted_to_wait: AtomicBool,
}

/// The way to a call's connections for who watches its deadline.
#[derive(Clone)]
pub struct Withdrawal(Arc<Leases>);

impl Withdrawal {
    /// Takes the call's connections back, rolled back, and lets it have no others: its caller has given up,
    /// and others wait for them, on SQLite for the only writer. It does not wait for a statement that runs.
    pub fn withdraw(&self) {
        self.0.withdraw();
    }
}

impl CallContext {
    /// A call that begins now.
    pub fn new(
        pool: Pool,
        request_id: impl Into<CompactString>,
        module: impl Into<CompactString>,
    ) -> Self {
        CallContext {
            request_id: request_id.into(),
            module: module.into(),
            user: 0,
            deadline: None,
            client_address: None,
            session: Arc::default(),
            offers: None,
            till: None,
            published: OnceLock::new(),
            woken: OnceLock::new(),
            pool,
            leases: Arc::default(),
            may_not_wait: AtomicBool::new(false),
            wanted_to_wait: AtomicBool::new(false),
        }
    }

    /// From now on every connection is refused, because the call runs where nothing may wait.
    pub fn forbid_waiting(&self) {
        self.may_not_wait.store(true, Ordering::Relaxed);
    }

    /// Allows connections again; whether one was asked for meanwhile, so that what was answered does not count.
    pub fn allow_waiting(&self) -> bool {
        self.may_not_wait.store(false, Ordering::Relaxed);
        self.wanted_to_wait.swap(false, Ordering::Relaxed)
    }

    /// What it has published is handed out when it has ended, before its answer leaves.
    pub fn publishes(&self, channels: &Arc<Channels>) {
        self.published.get_or_init(|| Arc::clone(channels));
    }

    /// The engine looks for what is to be sent when it has ended.
    pub fn wakes(&self, push: &Arc<Push>) {
        self.woken.get_or_init(|| Arc::clone(push));
    }

    /// Charges the call to a key. What runs where nothing may wait is begun anew elsewhere, as for a connection.
    pub(crate) fn charge(&self, key: i64) -> Result<(), NotCharged> {
        let Some(till) = &self.till else {
            return Ok(());
        };
        if self.may_not_wait.load(Ordering::Relaxed) {
            self.wanted_to_wait.store(true, Ordering::Relaxed);
            return Err(NotCharged {
                code: code::BUSY,
                refused: None,
            });
        }
        till.count(key).map_err(|refused| NotCharged {
            code: code::REFUSED,
            refused: Some(refused),
        })
    }

    /// The handle by which a module knows this call. It is valid as long as `self` stays where it is.
    pub fn as_raw(&self) -> *mut Call {
        ptr::from_ref(self).cast_mut().cast()
    }

    /// The call behind a module's handle; `None` for null.
    ///
    /// # Safety
    /// `call` must be null or come from [`CallContext::as_raw`] of a context that lives for `'a`.
    pub unsafe fn from_raw<'a>(call: *mut Call) -> Option<&'a Self> {
        // SAFETY: passed on to the caller; a context is only ever shared.
        unsafe { call.cast::<CallContext>().as_ref() }
    }

    /// A connection for a service that works for this call: the very connection that the module holds, if
    /// it holds one, and so inside its transaction.
    ///
    /// # Errors
    /// [`loggia_sql::is_deadline`] where none was free before the call's deadline, [`loggia_sql::is_busy`] where
    /// none was for as long as a call waits.
    pub fn read(&self) -> QueryResult<Connection> {
        table::of_handle(self.acquire(false)?, self.pool.dialect())
    }

    /// As [`CallContext::read`], for writing.
    ///
    /// # Errors
    /// As for [`CallContext::read`].
    pub fn write(&self) -> QueryResult<Connection> {
        table::of_handle(self.acquire(true)?, self.pool.dialect())
    }

    /// The way to this call's connections when its deadline passes while the module still runs.
    pub fn withdrawal(&self) -> Withdrawal {
        Withdrawal(Arc::clone(&self.leases))
    }

    pub(crate) fn acquire(&self, write: bool) -> Result<Handle, Failure> {
        if self.may_not_wait.load(Ordering::Relaxed) {
            self.wanted_to_wait.store(true, Ordering::Relaxed);
            return Err(Failure::new(code::BUSY, "nothing may wait here"));
        }
        let patience = self.pool.patience();
        let until = self
            .deadline
            .map_or(patience, |deadline| deadline.min(patience));
        let acquired = self.leases.acquire(&self.pool, write, until);
        acquired.map_err(|failure| match failure.code {
            code::DEADLINE if self.has_only_waited(until) => Failure::crowded(),
            _ => failure,
        })
    }

    /// Whether the time to wait is over, while the call itself has time left.
    fn has_only_waited(&self, until: Instant) -> bool {
        let now = Instant::now();
        until <= now && self.deadline.is_none_or(|deadline| now < deadline)
    }
}

impl Drop for CallContext {
    fn drop(&mut self) {
        if self.leases.close() {
            tracing::warn!(
                module = %self.module,
                request_id = %self.request_id,
                "module {} kept a database connection beyond its call",
                self.module
            );
        }
        if let Some(channels) = self.published.get() {
            channels.tell();
        }
        if let Some(push) = self.woken.get() {
            push.tell();
        }
    }
}
