//! Licences with their accounts as this node read them a moment ago, so that a busy site costs no statement for
//! each of its calls. Only keys that exist are remembered: guessing fills no memory.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use loggia_sdk::{Account, Call, Fault};

use crate::key::{self, Lookup};
use crate::store::licences::{self, LicenceRow};

/// How long a licence is believed without asking, in microseconds: what another process changes is seen well
/// within a second.
const FRESH_US: u64 = 100_000;
/// Where there are more, all are read anew.
const MOST: usize = 10_000;

/// A licence and whose it is.
pub(crate) struct Holder {
    pub(crate) licence: LicenceRow,
    pub(crate) account: Account,
    /// The account's address in small letters.
    pub(crate) address: String,
    read_us: u64,
}

/// The holders of this node, by the digest of their key.
#[derive(Default)]
pub(crate) struct Holders {
    known: RwLock<HashMap<Lookup, Arc<Holder>>>,
}

impl Holders {
    /// Who holds the licence of a key, by the key's digest.
    pub(crate) fn find(
        &self,
        call: &Call<'_>,
        lookup: Lookup,
    ) -> Result<Option<Arc<Holder>>, Fault> {
        let now_us = call.host().clock().monotonic_us();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(holder) = known.get(&lookup)
            && now_us.saturating_sub(holder.read_us) < FRESH_US
        {
            return Ok(Some(Arc::clone(holder)));
        }
        drop(known);
        let text = lookup.to_text();
        let found = licences::by_lookup(&mut call.database()?, &text)?;
        let Some(licence) = found.filter(|found| key::equal(&found.key_lookup, &text)) else {
            return Ok(None);
        };
        let found = call.host().identity()?.by_id(call, licence.user_id)?;
        let Some(account) = found else {
            return Ok(None);
        };
        let holder = Arc::new(Holder {
            address: account.email.to_lowercase(),
            licence,
            account,
            read_us: now_us,
        });
        self.remember(lookup, &holder);
        Ok(Some(holder))
    }

    fn remember(&self, lookup: Lookup, holder: &Arc<Holder>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(lookup, Arc::clone(holder));
    }

    /// Has every licence read anew: one of them was changed here.
    pub(crate) fn forget(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.clear();
    }
}
