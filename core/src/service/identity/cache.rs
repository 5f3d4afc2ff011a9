//! What a node remembers for less than a second, so that a busy client costs no query for each call.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::RwLock;

use super::CACHE_MS;
use super::access::Principal;
use super::sessions::Session;
use crate::store::groups::Directory;

/// Where there are more entries than this, those that are too old to be believed go.
const MANY: usize = 10_000;

/// All caches of the identity service.
#[derive(Default)]
pub(super) struct Caches {
    sessions: Cache<[u8; 32], Arc<Session>>,
    principals: Cache<i64, Arc<Principal>>,
    directory: Cache<(), Arc<Directory>>,
    pruned_ms: AtomicI64,
}

impl Caches {
    pub(super) fn session(&self, id_hash: &[u8; 32], now_ms: i64) -> Option<Arc<Session>> {
        self.sessions.get(id_hash, now_ms)
    }

    pub(super) fn keep_session(&self, session: Arc<Session>, now_ms: i64) {
        self.sessions.keep(session.id_hash, session, now_ms);
    }

    pub(super) fn drop_session(&self, id_hash: &[u8; 32]) {
        self.sessions.entries.write().remove(id_hash);
    }

    pub(super) fn principal(&self, user: i64, now_ms: i64) -> Option<Arc<Principal>> {
        self.principals.get(&user, now_ms)
    }

    pub(super) fn keep_principal(&self, principal: Arc<Principal>, now_ms: i64) {
        self.principals.keep(principal.user, principal, now_ms);
    }

    pub(super) fn directory(&self, now_ms: i64) -> Option<Arc<Directory>> {
        self.directory.get(&(), now_ms)
    }

    pub(super) fn keep_directory(&self, directory: Arc<Directory>, now_ms: i64) {
        self.directory.keep((), directory, now_ms);
    }

    /// Whether it is time to remove old rows; to one caller only.
    pub(super) fn is_prune_due(&self, now_ms: i64, every_ms: i64) -> bool {
        let last_ms = self.pruned_ms.load(Ordering::Relaxed);
        now_ms - last_ms >= every_ms
            && self
                .pruned_ms
                .compare_exchange(last_ms, now_ms, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// Forgets everything that concerns an account: on this node a change is seen at once.
    pub(super) fn drop_account(&self, user: i64) {
        self.principals.entries.write().remove(&user);
        let mut sessions = self.sessions.entries.write();
        sessions.retain(|_, (session, _)| session.principal.user != user);
    }
}

struct Cache<K, V> {
    entries: RwLock<HashMap<K, (V, i64)>>,
}

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self {
            entries: RwLock::default(),
        }
    }
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    fn get(&self, key: &K, now_ms: i64) -> Option<V> {
        let entries = self.entries.read();
        let (value, kept_ms) = entries.get(key)?;
        is_fresh(*kept_ms, now_ms).then(|| value.clone())
    }

    fn keep(&self, key: K, value: V, now_ms: i64) {
        let mut entries = self.entries.write();
        if entries.len() >= MANY {
            entries.retain(|_, (_, kept_ms)| is_fresh(*kept_ms, now_ms));
        }
        if entries.len() < 10 * MANY {
            entries.insert(key, (value, now_ms));
        }
    }
}

/// A clock that was set back must not make an entry last.
fn is_fresh(kept_ms: i64, now_ms: i64) -> bool {
    (0..CACHE_MS).contains(&(now_ms - kept_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_believed_for_a_second() {
        let cache = Cache::default();
        cache.keep(1, "one", 5_000);
        assert_eq!(cache.get(&1, 5_000 + CACHE_MS - 1), Some("one"));
        assert_eq!(cache.get(&1, 5_000 + CACHE_MS), None);
        assert_eq!(cache.get(&1, 4_999), None);
        assert_eq!(cache.get(&2, 5_000), None);
    }

    #[test]
    fn old_entries_make_room() {
        let cache = Cache::default();
        for key in 0..MANY {
            cache.keep(key, (), 0);
        }
        cache.keep(MANY, (), 10_000);
        assert_eq!(cache.entries.read().len(), 1);
    }
}
