//! Rows that have two numbers for a key, and one here.

use crate::moving::source::Row;

/// Two numbers that key a row there, and as one number an id here, in the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair(pub(super) i64, pub(super) i64);

/// How much of an id the second number takes.
const SECOND_BITS: u32 = 24;

impl Pair {
    /// The pair of a row.
    pub(super) fn of(row: &Row, (first, second): (&str, &str)) -> Self {
        Self(row.number(first), row.number(second))
    }

    /// The pair of an id; before all others for a number below every id.
    pub(super) fn of_id(id: i64) -> Self {
        if id < 0 {
            return Self(-1, 0);
        }
        Self(id >> SECOND_BITS, id & ((1 << SECOND_BITS) - 1))
    }

    /// The id; none where the numbers are too large for one.
    pub(super) fn id(self) -> Option<i64> {
        let is_small = (0..1 << SECOND_BITS).contains(&self.1) && (0..1 << 28).contains(&self.0);
        is_small.then_some((self.0 << SECOND_BITS) | self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_become_ids_in_their_order_and_back() {
        let pairs = [
            Pair(0, 1),
            Pair(0, 7),
            Pair(1, 0),
            Pair(1, 16_777_215),
            Pair(2, 0),
        ];
        let ids: Vec<i64> = pairs.iter().map(|pair| pair.id().unwrap()).collect();
        assert!(ids.is_sorted());
        for (pair, id) in pairs.iter().zip(ids) {
            assert_eq!(Pair::of_id(id), *pair);
        }
        assert_eq!(Pair(1, 16_777_216).id(), None);
        assert_eq!(Pair::of_id(i64::MIN), Pair(-1, 0));
    }
}
