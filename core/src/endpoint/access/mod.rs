//! API keys on the path of requests: who may come in, what it is charged to, and the receipt.
//!
//! A key is judged in this order: missing (REQ_AKR), unknown or not published (REQ_AKI), expired (REQ_AKE), not
//! for this endpoint, module or operation (REQ_AKN), bound to another account than the session's (REQ_AKU),
//! and at last its quota (REQ_AKL). A refused call changes nothing. Where the ledger cannot charge it is
//! REQ_AKG, which never means that a limit is reached.

mod keeper;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::oneshot;

use super::quota::Quota;
use crate::fault::{Fault, Req};
use crate::settings::Settings;
use crate::store::Pool;
use crate::store::access_log::{AccessEntry, KeyMark};
use crate::store::ledger::{self, InUse, Ledger, Ownership, Ticket, Verdict};
use keeper::Keeper;
use table::{ActiveKey, Found, KeyTable};

/// How keys and the log are kept.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The writer.
    pub ledger: ledger::Options,
    /// After how many days rows of the access log are deleted; 0 keeps them.
    pub retention_days: u32,
}

impl Options {
    /// As the operator has set them, for a node of this name.
    pub fn new(settings: &Settings, node: &str) -> Self {
        let log = &settings.log.access;
        Options {
            ledger: ledger::Options {
                node: node.into(),
                queue: log.queue,
                overflow: log.overflow,
                anonymise_addresses: log.anonymise_addresses,
                mode: settings.quota.mode,
                lease_size: settings.quota.lease_size,
                ..ledger::Options::default()
            },
            retention_days: log.retention_days,
        }
    }
}

/// Why keys cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process serves from the same SQLite file.
    #[error(transparent)]
    InUse(#[from] InUse),
    /// The database failed.
    #[error("the keys cannot be read: {0}")]
    Database(#[from] diesel::result::Error),
    /// No thread could be started.
    #[error("no thread could be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// The keys in memory, and the ledger.
pub struct Access {
    // Dropped in this order: the keeper stops reading, then the ledger writes what is left.
    keeper: Keeper,
    table: Arc<KeyTable>,
    ledger: Arc<Ledger>,
    _ownership: Option<Ownership>,
}

/// What is asked of a key.
#[derive(Clone, Copy, Debug)]
pub struct AdmissionRequest<'a> {
    /// The key as it was sent; see [`super::credentials`].
    pub key: Option<&'a str>,
    /// The endpoint's name.
    pub endpoint: &'a str,
    /// Whether it is the default request, for which a key is good only where its record says so.
    pub is_default_request: bool,
    /// The action, or a route's method in lower case.
    pub action: &'a str,
    /// The module.
    pub module: &'a str,
    /// The resource, or a route's path.
    pub resource: &'a str,
    /// Who is logged in beside the key; 0 is nobody.
    pub session_user: i64,
    /// Until when an answer is of use.
    pub deadline: Instant,
}

/// What became of a request with a key.
#[derive(Debug)]
pub enum Admission {
    /// It may go on.
    Granted(Grant),
    /// It may not.
    Refused(Refusal),
    /// The limit is near: the database decides.
    Undecided(Undecided),
}

impl Admission {
    /// The decision; it is awaited only where the limit is near.
    pub async fn decided(self) -> Result<Grant, Refusal> {
        match self {
            Admission::Granted(grant) => Ok(grant),
            Admission::Refused(refusal) => Err(refusal),
            Admission::Undecided(undecided) => undecided.decided().await,
        }
    }
}

/// A request whose key is good and whose quota is near its end.
#[derive(Debug)]
pub struct Undecided {
    found: Found,
    answer: oneshot::Receiver<Verdict>,
    deadline: Instant,
    now_ms: i64,
    is_counted_here: bool,
}

impl Undecided {
    /// Waits for the decision, at most until the request's deadline.
    pub async fn decided(self) -> Result<Grant, Refusal> {
        let verdict = Verdict::Undecided(self.answer);
        let verdict = verdict.decided(self.deadline).await;
        match self
            .found
            .judged(verdict, self.now_ms, self.is_counted_here)
        {
            Admission::Granted(grant) => Ok(grant),
            Admission::Refused(refusal) => Err(refusal),
            Admission::Undecided(_) => Err(Refusal::of(Req::KeyGenericError, None)),
        }
    }
}

/// A request that came in with a key, and counts. Dropping it charges it too.
#[derive(Debug)]
pub struct Grant {
    found: Found,
    ticket: Ticket,
    quota: Option<Quota>,
}

impl Grant {
    /// The key's number.
    pub fn key_id(&self) -> i64 {
        self.found.key.record.id
    }

    /// The account the key belongs to; 0 is nobody.
    pub fn user_id(&self) -> i64 {
        self.found.key.record.user_id
    }

    /// What the key may do beyond ordinary calls.
    pub fn scopes(&self) -> &Arc<[String]> {
        &self.found.key.scopes
    }

    /// The key as the log may name it.
    pub fn mark(&self) -> KeyMark {
        self.found.mark()
    }

    /// The key's limit, where it has one.
    pub fn quota(&self) -> Option<Quota> {
        self.quota
    }

    /// Hands in the charge and, on an endpoint with trace, the call's row. The answer may leave when this has
    /// ended well: then both are durable.
    pub async fn finish(self, entry: Option<AccessEntry>) -> Result<(), Fault> {
        let recorded = self.ticket.record(entry).await;
        recorded.map_err(|_| Req::KeyGenericError.fault())
    }
}

/// Why a request with a key, or without one, may not come in.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The code.
    pub code: Req,
    /// The key, where it is known.
    pub key: Option<KeyMark>,
    /// The key's limit, where that is the reason.
    pub quota: Option<Quota>,
}

impl Refusal {
    pub(super) fn of(code: Req, key: Option<KeyMark>) -> Self {
        Refusal {
            code,
            key,
            quota: None,
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let fault = refusal.code.fault();
        match refusal.quota {
            Some(quota) => fault.retry_after(quota.reset_s),
            None => fault,
        }
    }
}

impl Access {
    /// Reads the keys and starts the ledger. On SQLite the process first takes the right to serve from the
    /// file, which no other serving process may have.
    pub fn start(pool: &Pool, options: Options) -> Result<Self, StartError> {
        let ownership = pool.file().map(Ownership::take).transpose()?;
        let ledger = Arc::new(Ledger::start(pool.clone(), options.ledger)?);
        let table = Arc::new(KeyTable::new(ledger.counts_in_memory()));
        let keeper = Keeper::start(
            pool.clone(),
            Arc::clone(&table),
            Arc::clone(&ledger),
            options.retention_days,
        )?;
        Ok(Access {
            keeper,
            table,
            ledger,
            _ownership: ownership,
        })
    }

    /// Judges a request by its key. Far from the limit nothing is awaited, locked or asked of the database.
    pub fn admit(&self, request: &AdmissionRequest<'_>) -> Admission {
        let Some(text) = request.key else {
            return Admission::Refused(Refusal::of(Req::KeyRequired, None));
        };
        self.judge(self.table.find(text), request)
    }

    /// Judges a request by the key with a number, as if its client had sent it.
    pub fn admit_record(&self, key: i64, request: &AdmissionRequest<'_>) -> Admission {
        self.judge(self.table.by_id(key), request)
    }

    fn judge(&self, found: Option<Found>, request: &AdmissionRequest<'_>) -> Admission {
        let Some(found) = found else {
            return Admission::Refused(Refusal::of(Req::KeyInvalid, None));
        };
        let now_ms = self.ledger.now_ms();
        if let Err(code) = found.allows(request, now_ms) {
            return Admission::Refused(Refusal::of(code, Some(found.mark())));
        }
        let is_counted_here = self.table.is_counted_here();
        match self.ledger.admit(&found.key.counter, request.deadline) {
            Verdict::Undecided(answer) => Admission::Undecided(Undecided {
                found,
                answer,
                deadline: request.deadline,
                now_ms,
                is_counted_here,
            }),
            verdict => found.judged(verdict, now_ms, is_counted_here),
        }
    }

    /// Writes the row of a call that has no grant: of an endpoint without keys, or refused.
    pub async fn record(&self, entry: AccessEntry) {
        self.ledger.record(entry).await;
    }

    /// Reads what has changed of the keys now, which happens by itself several times a second.
    pub fn refresh(&self) -> diesel::QueryResult<()> {
        self.keeper.refresh()
    }

    /// The time that expirations and quotas go by.
    pub fn now_ms(&self) -> i64 {
        self.ledger.now_ms()
    }

    /// How many rows of the access log were dropped since the start.
    pub fn dropped_rows(&self) -> u64 {
        self.ledger.dropped()
    }

    /// Writes everything that waits and ends. Calls that end later are unavailable. It blocks.
    pub fn stop(&self) {
        self.keeper.stop();
        self.ledger.stop();
    }

    #[cfg(test)]
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

impl Found {
    /// A verdict of the ledger as the answer to the request.
    fn judged(self, verdict: Verdict, now_ms: i64, is_counted_here: bool) -> Admission {
        match verdict {
            Verdict::Admitted(ticket) => Admission::Granted(Grant {
                quota: self.quota(now_ms, is_counted_here),
                ticket,
                found: self,
            }),
            Verdict::Exhausted => Admission::Refused(Refusal {
                code: Req::KeyLimitExceeded,
                key: Some(self.mark()),
                quota: Some(Quota::new(self.key.counter.limit(), 0, now_ms)),
            }),
            Verdict::Unavailable | Verdict::Undecided(_) => {
                Admission::Refused(Refusal::of(Req::KeyGenericError, Some(self.mark())))
            }
        }
    }

    fn quota(&self, now_ms: i64, is_counted_here: bool) -> Option<Quota> {
        let counter = &self.key.counter;
        let limit = counter.limit();
        let day = crate::store::keys::day_of(now_ms);
        (limit > 0).then(|| Quota::new(limit, counter.left(is_counted_here, day), now_ms))
    }

    fn mark(&self) -> KeyMark {
        KeyMark {
            id: self.key.record.id,
            prefix: Arc::clone(&self.prefix),
        }
    }

    /// Everything but the quota.
    fn allows(&self, request: &AdmissionRequest<'_>, now_ms: i64) -> Result<(), Req> {
        if !self.key.is_published() {
            return Err(Req::KeyInvalid);
        }
        let has_passed = |end: Option<i64>| end.is_some_and(|end| end <= now_ms);
        if has_passed(self.key.record.expires_ms) || has_passed(self.expires_ms) {
            return Err(Req::KeyExpired);
        }
        if !ActiveKey::is_good_for(&self.key, request) {
            return Err(Req::KeyNotEnabled);
        }
        let owner = self.key.record.user_id;
        if owner != 0 && request.session_user != 0 && request.session_user != owner {
            return Err(Req::KeyOfAnotherUser);
        }
        Ok(())
    }
}
