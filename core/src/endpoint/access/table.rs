//! The keys in memory: found by the digest of their text, replaced as a whole when one changes.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::AdmissionRequest;
use crate::store::keys::{Digest, Key, Snapshot, SnapshotKey, State};
use crate::store::ledger::Counter;

/// A key with what decides about it.
#[derive(Debug)]
pub(super) struct ActiveKey {
    pub(super) record: Key,
    pub(super) scopes: Arc<[String]>,
    /// It stays the same when the record changes.
    pub(super) counter: Arc<Counter>,
}

/// A key that was found by one of its secrets.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) key: Arc<ActiveKey>,
    /// What may be shown of the secret.
    pub(super) prefix: Arc<str>,
    /// When the secret stops to work, if before the key does.
    pub(super) expires_ms: Option<i64>,
}

/// All keys.
pub(super) struct KeyTable {
    current: ArcSwap<Keys>,
    is_counted_here: bool,
}

#[derive(Default, Clone)]
struct Keys {
    version: i64,
    by_id: HashMap<i64, (Arc<ActiveKey>, Vec<Digest>)>,
    /// By the first bytes of the digest, which are as random as the rest.
    by_digest: HashMap<u64, Vec<(Digest, Found)>>,
}

impl KeyTable {
    pub(super) fn new(is_counted_here: bool) -> Self {
        KeyTable {
            current: ArcSwap::default(),
            is_counted_here,
        }
    }

    /// Whether counters in memory are exact, as they are where one process owns the database.
    pub(super) fn is_counted_here(&self) -> bool {
        self.is_counted_here
    }

    /// The key of a text.
    pub(super) fn find(&self, text: &str) -> Option<Found> {
        let digest = Digest::of(text);
        let keys = self.current.load();
        let candidates = keys.by_digest.get(&digest.bucket())?;
        let found = candidates
            .iter()
            .find(|(known, _)| known.matches(&digest))?;
        Some(found.1.clone())
    }

    /// The key with a number, under the newest of its secrets; when that one ends is nobody's business here.
    pub(super) fn by_id(&self, id: i64) -> Option<Found> {
        let keys = self.current.load();
        let (_, digests) = keys.by_id.get(&id)?;
        let digest = digests.last()?;
        let candidates = keys.by_digest.get(&digest.bucket())?;
        let found = candidates.iter().find(|(known, _)| known == digest)?;
        Some(Found {
            expires_ms: None,
            ..found.1.clone()
        })
    }

    /// The version of the keys up to which nothing is missing.
    pub(super) fn version(&self) -> i64 {
        self.current.load().version
    }

    /// Takes over what has changed; counters whose limit is another one.
    pub(super) fn apply(&self, snapshot: Snapshot, is_whole: bool) -> Vec<Arc<Counter>> {
        let old = self.current.load_full();
        let mut keys = if is_whole {
            Keys::default()
        } else {
            Keys::clone(&old)
        };
        keys.version = snapshot.version;
        let mut changed = Vec::new();
        for one in snapshot.keys {
            let counter = match old.by_id.get(&one.key.id) {
                Some((known, _)) => Arc::clone(&known.counter),
                None => Arc::new(self.counter(&one)),
            };
            if counter.set_limit(one.key.daily_requests) {
                changed.push(Arc::clone(&counter));
            }
            keys.put(one, counter);
        }
        self.current.store(Arc::new(keys));
        changed
    }

    fn counter(&self, key: &SnapshotKey) -> Counter {
        let limit = key.key.daily_requests;
        let usage = &key.usage;
        if self.is_counted_here {
            Counter::new(key.key.id, limit, usage.current_day, usage.current_hits)
        } else {
            Counter::without_share(key.key.id, limit)
        }
    }
}

impl Keys {
    fn put(&mut self, key: SnapshotKey, counter: Arc<Counter>) {
        let id = key.key.id;
        if let Some((_, digests)) = self.by_id.remove(&id) {
            for digest in digests {
                let bucket = self.by_digest.entry(digest.bucket()).or_default();
                bucket.retain(|(known, _)| *known != digest);
            }
        }
        let active = Arc::new(ActiveKey {
            scopes: key.key.rights.scopes.as_slice().into(),
            record: key.key,
            counter,
        });
        let digests = key.secrets.iter().map(|(digest, ..)| *digest).collect();
        for (digest, prefix, expires_ms) in key.secrets {
            let found = Found {
                key: Arc::clone(&active),
                prefix: prefix.into(),
                expires_ms,
            };
            let bucket = self.by_digest.entry(digest.bucket()).or_default();
            bucket.push((digest, found));
        }
        self.by_id.insert(id, (active, digests));
    }
}

impl ActiveKey {
    pub(super) fn is_published(&self) -> bool {
        self.record.state == State::Published
    }

    /// Whether the key is good for the endpoint, the module and the operation.
    pub(super) fn is_good_for(&self, request: &AdmissionRequest<'_>) -> bool {
        let rights = &self.record.rights;
        let is_here = if request.is_default_request {
            rights.default_request
        } else {
            let names = rights.endpoints.as_ref();
            names.is_none_or(|names| names.iter().any(|name| name == request.endpoint))
        };
        let may_call = |names: &[String], call: &dyn Fn(&str) -> bool| {
            names.is_empty() || names.iter().any(|name| call(name))
        };
        is_here
            && may_call(&rights.modules, &|name| name == request.module)
            && may_call(&rights.operations, &|name| is_operation(name, request))
    }
}

/// Whether `action/module/resource` names the operation; `*` stands for any part.
fn is_operation(name: &str, request: &AdmissionRequest<'_>) -> bool {
    let mut parts = name.splitn(3, '/');
    [request.action, request.module, request.resource]
        .into_iter()
        .all(|wanted| {
            parts
                .next()
                .is_some_and(|part| part == "*" || part == wanted)
        })
}
