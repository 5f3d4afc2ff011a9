//! The documents of a part in the orders that searches ask for, each made when it is first needed.

use std::sync::OnceLock;

use serde::Deserialize;

/// What found documents are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ordering {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// The most popular first, then the newest.
    Popular,
    /// By title.
    Alpha,
    /// By the title of the category, then by title.
    Category,
}

/// The documents in each order; a part never changes, so neither do these.
#[derive(Default)]
pub(super) struct Sequences {
    newest: OnceLock<Vec<u32>>,
    oldest: OnceLock<Vec<u32>>,
    popular: OnceLock<Vec<u32>>,
    alpha: OnceLock<Vec<u32>>,
}

impl Sequences {
    /// All documents below a bound, the one with the least place first. There is none by category, because titles of
    /// categories change while a part stays.
    pub(super) fn of<P: Ord>(
        &self,
        ordering: Ordering,
        bound: u32,
        place: impl Fn(u32) -> P,
    ) -> Option<&[u32]> {
        let known = match ordering {
            Ordering::Newest => &self.newest,
            Ordering::Oldest => &self.oldest,
            Ordering::Popular => &self.popular,
            Ordering::Alpha => &self.alpha,
            Ordering::Category => return None,
        };
        Some(known.get_or_init(|| {
            let mut documents: Vec<u32> = (0..bound).collect();
            documents.sort_by_cached_key(|&document| place(document));
            documents
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_stand_by_their_places() {
        let sequences = Sequences::default();
        let by = |places: [u32; 4]| move |document: u32| places[document as usize];
        let newest = sequences.of(Ordering::Newest, 4, by([3, 1, 2, 0]));
        assert_eq!(newest, Some(&[3, 1, 2, 0][..]));
        let oldest = sequences.of(Ordering::Oldest, 4, by([0, 2, 1, 3]));
        assert_eq!(oldest, Some(&[0, 2, 1, 3][..]));
        assert_eq!(sequences.of(Ordering::Category, 4, by([0; 4])), None);
    }
}
