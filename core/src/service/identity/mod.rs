//! Accounts, groups, sessions, and everything that happens to them.
//!
//! [`Identity`] is the one door: the table that modules are given ([`IdentityService`]), the endpoints that
//! check sessions, and the commands of the operator all go through it. It keeps no state of its own but
//! caches that no node trusts for longer than [`CACHE_MS`], and the counters of client addresses.

mod access;
mod accounts_table;
mod administration;
mod cache;
mod caller;
mod counters;
mod fault;
mod keeping;
mod letters;
mod log_in;
mod person;
mod profile;
mod recovery;
mod registration;
mod rules;
mod sessions;
mod table;
mod throttle;

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::service::clock::now_ms;
use crate::service::password::Passwords;
use crate::settings::{Accounts, Settings};
use crate::store::Pool;
use counters::Counters;

pub use access::{AccountView, By, Principal};
pub use accounts_table::AccountsService;
pub use administration::{NewUser, NewUserPassword};
pub use caller::{Caller, Connections};
pub use fault::{IdentityFault, Outcome, Refusal};
pub use keeping::{AccountChange, Listed, ListedAccount, Listing};
pub use person::{Person, PersonalData};
pub use profile::ProfileChange;
pub use registration::{Registration, Standing};
pub(crate) use rules::account_keys;
pub use sessions::{COOKIE, Session, is_write_token, set_cookie, write_token};
pub use table::IdentityService;

pub use super::session_slot::{SessionChange, SessionSlot};

/// For how long a node may believe what it read of a session or an account: less than a second, so that
/// what one node takes away is gone on all others within one.
pub const CACHE_MS: i64 = 800;

/// The identity service of one node.
pub struct Identity {
    pool: Pool,
    settings: ArcSwap<Configuration>,
    passwords: Passwords,
    counters: Counters,
    caches: cache::Caches,
    now_ms: Box<dyn Fn() -> i64 + Send + Sync>,
}

/// What the identity service takes from the settings.
#[derive(Clone)]
struct Configuration {
    accounts: Accounts,
    /// The site as it calls itself in mails.
    site: String,
}

impl Configuration {
    fn new(settings: &Settings) -> Self {
        Self {
            accounts: settings.accounts.clone(),
            site: letters::site_name(&settings.mail.from),
        }
    }
}

impl Identity {
    /// Over a migrated database.
    pub fn new(pool: Pool, settings: &Settings) -> Self {
        Self {
            pool,
            settings: ArcSwap::from_pointee(Configuration::new(settings)),
            passwords: Passwords::new(),
            counters: Counters::default(),
            caches: cache::Caches::default(),
            now_ms: Box::new(now_ms),
        }
    }

    /// Works by other settings from now on.
    pub fn configure(&self, settings: &Settings) {
        self.settings.store(Arc::new(Configuration::new(settings)));
    }

    /// The operator as a caller.
    pub fn operator(&self) -> Caller<'_> {
        Caller::operator(&self.pool)
    }

    fn now_ms(&self) -> i64 {
        (self.now_ms)()
    }
}

#[cfg(test)]
mod tests;
