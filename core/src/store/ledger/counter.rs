//! What decides in memory: one word a key, changed by one atomic exchange.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// A share's calls when nothing is left of the day on any node.
const EXHAUSTED: u64 = 0xffff_ffff;

/// A key's count on this node. It outlives changes of the key's record.
///
/// On SQLite the word holds the day (16 bits) and its calls (48). On PostgreSQL it holds the day (16), the
/// number of the block (16) and the calls left of it (32).
pub struct Counter {
    key_id: i64,
    limit: AtomicI64,
    word: AtomicU64,
    /// PostgreSQL: what was left of the day when the database was last asked.
    left: AtomicI64,
}

impl std::fmt::Debug for Counter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counter")
            .field("key_id", &self.key_id)
            .field("limit", &self.limit())
            .finish_non_exhaustive()
    }
}

/// What was taken from a block.
pub(super) enum Taken {
    /// One call, of a day's block.
    Call(i64, u16),
    /// Nothing, and nothing will come: the limit is reached.
    Exhausted,
    /// Nothing is here; the database must be asked.
    Nothing,
}

impl Counter {
    /// The counter of a key: its limit (0 is none) and what its row says of a day.
    pub fn new(key_id: i64, limit: i64, day: i64, hits: i64) -> Self {
        Counter {
            key_id,
            limit: AtomicI64::new(limit),
            word: AtomicU64::new(Counted { day, hits }.pack()),
            left: AtomicI64::new(limit),
        }
    }

    /// A counter for PostgreSQL, where the word begins without a block.
    pub fn without_share(key_id: i64, limit: i64) -> Self {
        Self::new(key_id, limit, 0, 0)
    }

    /// The key's number.
    pub fn key_id(&self) -> i64 {
        self.key_id
    }

    /// Most calls a day; 0 is no limit.
    pub fn limit(&self) -> i64 {
        self.limit.load(Ordering::Relaxed)
    }

    /// Sets the limit. Whether it is another one.
    pub fn set_limit(&self, limit: i64) -> bool {
        self.limit.swap(limit, Ordering::Relaxed) != limit
    }

    /// PostgreSQL: the database is to be asked again, though it said that nothing is left.
    pub(super) fn ask_again(&self) {
        // The update fails where nothing of the kind was said.
        let _ = self
            .word
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                let block = Block::unpack(word);
                (block.left == EXHAUSTED).then(|| Block { left: 0, ..block }.pack())
            });
    }

    /// About how many calls are left of a day, for the headers that tell clients. Exact on SQLite.
    pub fn left(&self, counted: bool, day: i64) -> i64 {
        let word = self.word.load(Ordering::Relaxed);
        if counted {
            let state = Counted::unpack(word);
            let used = if state.day == day { state.hits } else { 0 };
            return (self.limit() - used).max(0);
        }
        match Block::unpack(word) {
            block if block.day != day => self.limit(),
            block if block.left == EXHAUSTED => 0,
            block => {
                self.left.load(Ordering::Relaxed).max(0)
                    + i64::try_from(block.left).unwrap_or(i64::MAX)
            }
        }
    }

    pub(super) fn set_left(&self, left: i64) {
        self.left.store(left, Ordering::Relaxed);
    }

    /// SQLite: counts a call on a day, unless the limit is reached. The day it counts for: a clock that was
    /// set back does not begin an old day anew.
    pub(super) fn count(&self, day: i64, limit: i64) -> Option<i64> {
        let counted = |word: u64| {
            let mut state = Counted::unpack(word);
            if state.day < day {
                state = Counted { day, hits: 0 };
            }
            state.hits += 1;
            (limit == 0 || state.hits <= limit).then_some(state)
        };
        let taken = self
            .word
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                counted(word).map(Counted::pack)
            });
        taken.ok().and_then(counted).map(|state| state.day)
    }

    /// SQLite: takes back calls of a day that were never charged.
    pub(super) fn give_back(&self, day: i64, hits: i64) {
        // The update fails where the day is over, and then there is nothing to take back.
        let _ = self
            .word
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                let mut state = Counted::unpack(word);
                (state.day == day).then(|| {
                    state.hits = (state.hits - hits).max(0);
                    state.pack()
                })
            });
    }

    /// PostgreSQL: takes a call out of the block of a day.
    pub(super) fn take(&self, day: i64) -> Taken {
        let mut word = self.word.load(Ordering::Acquire);
        loop {
            let mut block = Block::unpack(word);
            if block.day < day || block.left == 0 {
                return Taken::Nothing;
            }
            if block.left == EXHAUSTED {
                return Taken::Exhausted;
            }
            block.left -= 1;
            let next = block.pack();
            match self
                .word
                .compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return Taken::Call(block.day, block.epoch),
                Err(other) => word = other,
            }
        }
    }

    /// PostgreSQL, the writer only: opens a block where none is open; its number.
    pub(super) fn open(&self, day: i64, calls: i64) -> u16 {
        let epoch = Block::unpack(self.word.load(Ordering::Acquire)).epoch;
        let left = calls_in_word(calls);
        self.word
            .store(Block { day, epoch, left }.pack(), Ordering::Release);
        epoch
    }

    /// PostgreSQL, the writer only: adds calls to the open block.
    pub(super) fn add(&self, calls: i64) {
        self.word.fetch_add(calls_in_word(calls), Ordering::AcqRel);
    }

    /// PostgreSQL, the writer only: closes the block; what was left of it. The next one has another number.
    pub(super) fn close(&self) -> i64 {
        let mut word = self.word.load(Ordering::Acquire);
        loop {
            let block = Block::unpack(word);
            let closed = Block {
                epoch: block.epoch.wrapping_add(1),
                left: 0,
                ..block
            };
            match self.word.compare_exchange_weak(
                word,
                closed.pack(),
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) if block.left == EXHAUSTED => return 0,
                Ok(_) => return i64::try_from(block.left).unwrap_or(0),
                Err(other) => word = other,
            }
        }
    }

    /// PostgreSQL, the writer only: calls that are left of the open block.
    pub(super) fn available(&self) -> i64 {
        let block = Block::unpack(self.word.load(Ordering::Acquire));
        i64::try_from(block.left).unwrap_or(0)
    }

    /// PostgreSQL, the writer only, where no block is open: nothing is left of a day on any node.
    pub(super) fn exhaust(&self, day: i64) {
        self.open(day, i64::try_from(EXHAUSTED).unwrap_or(0));
    }
}

/// A block holds far fewer calls than the word has room for.
fn calls_in_word(calls: i64) -> u64 {
    u64::try_from(calls).unwrap_or(0).min(EXHAUSTED)
}

struct Counted {
    day: i64,
    hits: i64,
}

impl Counted {
    fn pack(self) -> u64 {
        (bits(self.day, 16) << 48) | bits(self.hits, 48)
    }

    fn unpack(word: u64) -> Self {
        Counted {
            day: number(word >> 48),
            hits: number(word & mask(48)),
        }
    }
}

#[derive(Clone, Copy)]
struct Block {
    day: i64,
    epoch: u16,
    left: u64,
}

impl Block {
    fn pack(self) -> u64 {
        (bits(self.day, 16) << 48) | (u64::from(self.epoch) << 32) | (self.left & EXHAUSTED)
    }

    fn unpack(word: u64) -> Self {
        Block {
            day: number(word >> 48),
            epoch: u16::try_from((word >> 32) & mask(16)).unwrap_or(0),
            left: word & EXHAUSTED,
        }
    }
}

fn mask(width: u32) -> u64 {
    (1 << width) - 1
}

/// A number that is never negative, held within its width. (Sixteen bits of days end in the year 2149.)
fn bits(number: i64, width: u32) -> u64 {
    u64::try_from(number).unwrap_or(0).min(mask(width))
}

fn number(bits: u64) -> i64 {
    i64::try_from(bits).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_stops_at_the_limit_and_begins_anew_the_next_day() {
        let counter = Counter::new(1, 2, 100, 1);
        assert_eq!(counter.count(100, 2), Some(100));
        assert_eq!(counter.count(100, 2), None);
        assert_eq!(counter.count(101, 2), Some(101));
        assert_eq!(counter.left(true, 101), 1);
        assert_eq!(counter.count(100, 2), Some(101), "a clock set back");
        assert_eq!(counter.count(100, 2), None);
        counter.give_back(101, 1);
        assert_eq!(counter.count(101, 2), Some(101));
    }

    #[test]
    fn a_closed_block_gives_nothing_and_the_next_has_another_number() {
        let counter = Counter::without_share(1, 10);
        assert!(matches!(counter.take(100), Taken::Nothing));
        let first = counter.open(100, 2);
        assert!(matches!(counter.take(100), Taken::Call(100, epoch) if epoch == first));
        counter.add(3);
        assert_eq!(counter.close(), 4);
        assert!(matches!(counter.take(100), Taken::Nothing));
        assert_ne!(counter.open(101, 1), first);
        assert!(matches!(counter.take(102), Taken::Nothing));
        counter.close();
        counter.exhaust(102);
        assert!(matches!(counter.take(102), Taken::Exhausted));
        counter.ask_again();
        assert!(matches!(counter.take(102), Taken::Nothing));
    }
}
