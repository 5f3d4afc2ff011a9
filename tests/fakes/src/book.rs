//! What a fake saw and accepted, and what it is told to answer.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hash, Hasher};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One scripted answer.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answer {
    /// The status; 0: the usual one.
    pub status: u16,
    /// The vendor's reason.
    pub reason: Option<String>,
    /// Apple's time of a 410, in milliseconds.
    pub timestamp: Option<i64>,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
    /// The whole body, in place of the vendor's usual one.
    pub body: Option<Value>,
    /// What happens instead of an answer.
    pub action: Action,
    /// How long the answer is held back.
    pub delay_ms: u64,
    /// How often it is given; 0: always.
    pub times: Option<u32>,
}

impl Answer {
    /// A refusal with the vendor's reason.
    pub fn refusal(status: u16, reason: &str) -> Self {
        Answer {
            status,
            reason: Some(reason.to_owned()),
            ..Answer::default()
        }
    }
}

/// What happens instead of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing unusual.
    #[default]
    Answer,
    /// No answer ever comes.
    Stall,
    /// The stream is reset after the request was read.
    Reset,
    /// The stream is refused, which promises that nothing was processed.
    Refuse,
    /// GOAWAY, with this stream and all later ones not processed.
    GoAway,
    /// The connection is cut without a word.
    Cut,
}

/// How a fake behaves towards all.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Manner {
    /// The limit of concurrent streams that new connections are told.
    pub max_streams: u32,
    /// How long each answer takes.
    pub latency_ms: u64,
    /// How many of the last requests are kept with headers and body.
    pub keep: usize,
    /// Whether who asks has to prove himself.
    pub is_strict: bool,
    /// GOAWAY after so many requests of a connection; 0: never.
    pub goaway_after: u64,
    /// Whether bodies for browsers are decrypted, which costs a fifth of a millisecond each.
    pub decrypts: bool,
    /// How long tokens of the OAuth server live.
    pub token_life_s: u64,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            max_streams: 1000,
            latency_ms: 0,
            keep: 1000,
            is_strict: true,
            goaway_after: 0,
            decrypts: true,
            token_life_s: 3600,
        }
    }
}

/// The sums.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Requests that were read to their end.
    pub seen: u64,
    /// Those that were taken.
    pub accepted: u64,
    /// Targets that took at least one.
    pub distinct: u64,
    /// Takings beyond the first of a target and an id.
    pub doubled: u64,
    /// Answers by status.
    pub statuses: HashMap<u16, u64>,
    /// Connections that were opened.
    pub connections: u64,
    /// The most streams that were open at once on one connection.
    pub most_streams: u64,
    /// Different proofs (provider tokens, OAuth tokens, certificates) that were shown.
    pub proofs: u64,
    /// OAuth tokens that were handed out.
    pub tokens_issued: u64,
}

/// One request as it was seen.
#[derive(Debug, Clone, Serialize)]
pub struct Seen {
    /// Whom it was for.
    pub target: String,
    /// Its path.
    pub path: String,
    /// Its headers, secrets among them: this is a fake.
    pub headers: Map<String, Value>,
    /// Its body, as JSON where it is.
    pub body: Value,
    /// What it was answered; 0: nothing.
    pub status: u16,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// The book of one fake.
#[derive(Debug, Default)]
pub struct Book {
    pub(crate) manner: Mutex<Manner>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    counts: Counts,
    /// How often a target took something, by the hash of its name: a million fit.
    taken: ByHash,
    /// How often a target took something under one id.
    ids: ByHash,
    last: VecDeque<Seen>,
    script: HashMap<String, VecDeque<Answer>>,
}

impl Book {
    /// What is scripted for a target, used up; `*` stands for all that have nothing of their own.
    pub(crate) fn scripted(&self, target: &str) -> Option<Answer> {
        let mut inner = self.inner.lock();
        if inner.script.is_empty() {
            return None;
        }
        let name = if inner.script.contains_key(target) {
            target
        } else {
            "*"
        };
        let answers = inner.script.get_mut(name)?;
        let first = answers.front_mut()?;
        let answer = first.clone();
        match &mut first.times {
            Some(0) => {}
            Some(times) if *times > 1 => *times -= 1,
            _ => {
                answers.pop_front();
            }
        }
        if answers.is_empty() {
            inner.script.remove(name);
        }
        Some(answer)
    }

    pub(crate) fn connected(&self) {
        self.inner.lock().counts.connections += 1;
    }

    pub(crate) fn open_streams(&self, number: u64) {
        let mut inner = self.inner.lock();
        inner.counts.most_streams = inner.counts.most_streams.max(number);
    }

    pub(crate) fn proof_shown(&self) {
        self.inner.lock().counts.proofs += 1;
    }

    pub(crate) fn token_issued(&self) {
        self.inner.lock().counts.tokens_issued += 1;
    }

    /// Notes a request, and whether it was taken; with an id where a repetition is told by one.
    pub(crate) fn note(&self, seen: impl FnOnce() -> Seen, target: &str, id: &str, status: u16) {
        let keep = self.manner.lock().keep;
        let mut inner = self.inner.lock();
        inner.counts.seen += 1;
        *inner.counts.statuses.entry(status).or_default() += 1;
        if (200..300).contains(&status) {
            inner.take(target, id);
        }
        if keep > 0 {
            while inner.last.len() >= keep {
                inner.last.pop_front();
            }
            inner.last.push_back(seen());
        }
    }

    /// Tells what to answer a target; `*` is everybody.
    pub fn script(&self, target: &str, answers: Vec<Answer>) {
        self.inner
            .lock()
            .script
            .insert(target.to_owned(), answers.into());
    }

    /// Changes the manner.
    pub fn behave(&self, change: impl FnOnce(&mut Manner)) {
        change(&mut self.manner.lock());
    }

    /// The sums.
    pub fn counts(&self) -> Counts {
        self.inner.lock().counts.clone()
    }

    /// The last requests, oldest first.
    pub fn seen(&self) -> Vec<Seen> {
        self.inner.lock().last.iter().cloned().collect()
    }

    /// How often each of these targets took something.
    pub fn taken(&self, targets: &[String]) -> Vec<u32> {
        let inner = self.inner.lock();
        let taken = |target: &String| inner.taken.get(&hash(target)).copied();
        targets
            .iter()
            .map(|target| taken(target).unwrap_or_default())
            .collect()
    }

    /// Forgets everything but the manner.
    pub fn forget(&self) {
        *self.inner.lock() = Inner::default();
    }
}

impl Inner {
    fn take(&mut self, target: &str, id: &str) {
        self.counts.accepted += 1;
        let times = self.taken.entry(hash(target)).or_default();
        *times += 1;
        if *times == 1 {
            self.counts.distinct += 1;
        }
        let times = self.ids.entry(hash(&(target, id))).or_default();
        *times += 1;
        if *times > 1 {
            self.counts.doubled += 1;
        }
    }
}

/// How often, by a hash that need not be hashed again.
type ByHash = HashMap<u64, u32, BuildHasherDefault<AsIs>>;

/// The number that it is given.
#[derive(Debug, Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

fn hash<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
