//! Sets of documents of one part of the index.

/// A set of numbers below a bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// None of so many.
    pub(super) fn none(bound: u32) -> Self {
        Bits(vec![0; (bound as usize).div_ceil(64)])
    }

    pub(super) fn insert(&mut self, number: u32) {
        if let Some(word) = self.0.get_mut(number as usize / 64) {
            *word |= 1 << (number % 64);
        }
    }

    pub(super) fn contains(&self, number: u32) -> bool {
        let word = self.0.get(number as usize / 64);
        word.is_some_and(|word| word >> (number % 64) & 1 != 0)
    }

    pub(super) fn add_all(&mut self, other: &Bits) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    pub(super) fn keep_only(&mut self, other: &Bits) {
        for (word, kept) in self.0.iter_mut().zip(&other.0) {
            *word &= kept;
        }
    }

    /// How many of these are in another set.
    pub(super) fn count_in(&self, other: &Bits) -> u64 {
        let words = self.0.iter().zip(&other.0);
        words
            .map(|(word, other)| u64::from((word & other).count_ones()))
            .sum()
    }

    /// Keeps what is in one set, and of what is in another that for which a test holds.
    pub(super) fn keep_only_or(
        &mut self,
        kept: &Bits,
        tested: &Bits,
        mut test: impl FnMut(u32) -> bool,
    ) {
        let sets = kept.0.iter().zip(&tested.0);
        for ((word, (kept, tested)), first) in
            self.0.iter_mut().zip(sets).zip((0_u32..).step_by(64))
        {
            let passed = Ones(*word & tested)
                .filter(|place| test(first + place))
                .fold(0, |passed, place| passed | 1 << place);
            *word = *word & kept | passed;
        }
    }

    pub(super) fn remove_all(&mut self, other: &Bits) {
        for (word, gone) in self.0.iter_mut().zip(&other.0) {
            *word &= !gone;
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// The numbers, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let words = (0_u32..).step_by(64).zip(&self.0);
        words.flat_map(|(first, &word)| Ones(word).map(move |place| first + place))
    }
}

struct Ones(u64);

impl Iterator for Ones {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        (self.0 != 0).then(|| {
            let place = self.0.trailing_zeros();
            self.0 &= self.0 - 1;
            place
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_joined_cut_and_counted() {
        let of = |numbers: &[u32]| {
            let mut bits = Bits::none(200);
            for &number in numbers {
                bits.insert(number);
            }
            bits
        };
        let mut bits = of(&[0, 63, 64, 199]);
        bits.add_all(&of(&[1]));
        assert_eq!(bits.iter().collect::<Vec<_>>(), [0, 1, 63, 64, 199]);
        bits.remove_all(&of(&[64]));
        bits.keep_only(&of(&[0, 63, 64, 199]));
        bits.keep_only_or(&of(&[0, 1]), &of(&[63, 199]), |number| number != 63);
        bits.remove_all(&of(&[0]));
        assert_eq!(bits.count_in(&of(&[199, 5])), 1);
        assert_eq!(
            (bits.count(), bits.contains(199), bits.contains(5000)),
            (1, true, false)
        );
        bits.insert(5000);
        assert_eq!(bits.count(), 1);
    }
}
