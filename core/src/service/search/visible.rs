//! Which documents of a part somebody sees, remembered for everybody who sees the same.

use std::num::NonZero;
use std::sync::Arc;

use lru::LruCache;
use parking_lot::Mutex;

use super::bits::Bits;

/// How many kinds of readers are remembered of each part: most have few groups in many combinations, or are guests.
const KINDS: NonZero<usize> = NonZero::new(16).unwrap();

/// Whether documents of a class are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Verdict {
    Hidden,
    Found,
    /// In their time.
    Timed,
}

/// The documents that somebody sees.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Visible {
    /// At any time.
    pub(super) always: Bits,
    /// In their time.
    pub(super) in_time: Bits,
}

impl Visible {
    fn new(verdicts: &[Verdict], classes: impl ExactSizeIterator<Item = u64>) -> Self {
        let bound = u32::try_from(classes.len()).unwrap_or(u32::MAX);
        let (mut always, mut in_time) = (Bits::none(bound), Bits::none(bound));
        for (document, class) in (0..bound).zip(classes) {
            let class = usize::try_from(class).ok();
            match class.and_then(|class| verdicts.get(class)) {
                Some(Verdict::Found) => always.insert(document),
                Some(Verdict::Timed) => in_time.insert(document),
                Some(Verdict::Hidden) | None => {}
            }
        }
        Visible { always, in_time }
    }
}

/// What is remembered of a part; by the verdict on each of its classes.
pub(super) struct Readers(Mutex<LruCache<Vec<Verdict>, Arc<Visible>>>);

impl Readers {
    pub(super) fn new() -> Self {
        Readers(Mutex::new(LruCache::new(KINDS)))
    }

    /// What somebody sees of whom these are the verdicts; the class of each document is asked for where nobody knows.
    pub(super) fn visible<C: ExactSizeIterator<Item = u64>>(
        &self,
        verdicts: Vec<Verdict>,
        classes: impl FnOnce() -> C,
    ) -> Arc<Visible> {
        if let Some(known) = self.0.lock().get(&verdicts) {
            return Arc::clone(known);
        }
        let visible = Arc::new(Visible::new(&verdicts, classes()));
        self.0.lock().put(verdicts, Arc::clone(&visible));
        visible
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_of_other_verdicts_see_other_documents() {
        let readers = Readers::new();
        let of = |numbers: &[u32]| {
            let mut bits = Bits::none(4);
            for &number in numbers {
                bits.insert(number);
            }
            bits
        };
        let visible = |verdicts: [Verdict; 3]| {
            readers.visible(verdicts.to_vec(), || [0, 1, 2, 1].into_iter())
        };
        for _ in 0..2 {
            let member = visible([Verdict::Found, Verdict::Timed, Verdict::Hidden]);
            assert_eq!((&member.always, &member.in_time), (&of(&[0]), &of(&[1, 3])));
            let guest = visible([Verdict::Hidden, Verdict::Hidden, Verdict::Found]);
            assert_eq!((&guest.always, &guest.in_time), (&of(&[2]), &of(&[])));
        }
    }
}
