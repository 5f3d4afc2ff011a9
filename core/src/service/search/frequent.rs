//! Where frequent words stand in a part, remembered: to read it takes the longer the more documents have them.

use std::num::NonZero;
use std::sync::Arc;

use lru::LruCache;
use parking_lot::Mutex;

use super::matches::Matches;
use super::words::Wanted;

/// How many are remembered of each part; each takes a quarter of a byte a document.
const REMEMBERED: NonZero<usize> = NonZero::new(32).unwrap();

/// From so many entries of the index on, that were read for it, it is worth it: below, it takes a fraction of a millisecond.
const FREQUENT: u64 = 50_000;

/// What is remembered of a part: by what was wanted, and whether wrong characters were forgiven.
pub(super) struct Frequent(Mutex<LruCache<(Wanted, bool), Arc<Matches>>>);

impl Frequent {
    pub(super) fn new() -> Self {
        Frequent(Mutex::new(LruCache::new(REMEMBERED)))
    }

    /// Where it is found; it is read, and counted, where nobody remembers.
    pub(super) fn matches<E>(
        &self,
        wanted: &Wanted,
        with_typos: bool,
        read: impl FnOnce() -> Result<(Matches, u64), E>,
    ) -> Result<Arc<Matches>, E> {
        let key = (wanted.clone(), with_typos);
        if let Some(known) = self.0.lock().get(&key) {
            return Ok(Arc::clone(known));
        }
        let (matches, entries) = read()?;
        let matches = Arc::new(matches);
        if entries >= FREQUENT {
            self.0.lock().put(key, Arc::clone(&matches));
        }
        Ok(matches)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::super::bits::Bits;
    use super::*;

    #[test]
    fn what_is_frequent_is_read_once() {
        let frequent = Frequent::new();
        let reads = |word: &str, entries: u64| {
            let wanted = Wanted::Row(vec![(0, word.to_owned())]);
            let mut reads = 0;
            for _ in 0..2 {
                let read = || {
                    reads += 1;
                    let (all, exact) = (Bits::none(1), Bits::none(1));
                    Ok::<_, Infallible>((Matches { all, exact }, entries))
                };
                frequent.matches(&wanted, false, read).unwrap();
            }
            reads
        };
        assert_eq!(
            (reads("the", FREQUENT), reads("rose", FREQUENT - 1)),
            (1, 2)
        );
    }
}
