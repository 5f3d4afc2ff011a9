//! Which of the found documents are shown on a page, and in which order.

use std::collections::HashMap;

use super::class::{Categories, Class};
use super::index::Part;
use super::matches::Matches;
use super::sequence::Ordering;

/// A document in its place among those of its part: the least comes first. Whether it holds the words as they were
/// written comes before all else, and the number of its row decides last, so that pages neither overlap nor
/// leave anything out.
type Place = (bool, u64, u64, u64);

/// A place among the documents of all parts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ranked {
    is_inexact: bool,
    first: u64,
    second: u64,
    title: String,
    last: u64,
    /// The number of the row.
    pub(super) number: i64,
}

/// The order of one part's documents.
struct Order<'p> {
    part: &'p Part,
    ordering: Ordering,
    /// By class: where the title of the category stands among all.
    ranks: Vec<u64>,
}

/// The first documents of a part, as many as may come into the page.
pub(super) fn first(
    part: &Part,
    matches: &Matches,
    ordering: Ordering,
    ranks: &CategoryRanks,
    count: usize,
) -> tantivy::Result<Vec<Ranked>> {
    let order = Order {
        part,
        ordering,
        ranks: match ordering {
            Ordering::Category => part.classes.iter().map(|class| ranks.of(class)).collect(),
            _ => Vec::new(),
        },
    };
    let exact_count = matches.all.count_in(&matches.exact);
    let inexact_count = matches.all.count().saturating_sub(exact_count);
    let mut chosen = order.chosen(matches, false, exact_count, count);
    let rest = count - chosen.len();
    chosen.extend(order.chosen(matches, true, inexact_count, rest));
    chosen
        .into_iter()
        .map(|place| order.ranked(place))
        .collect()
}

impl Order<'_> {
    /// The first of the exact ones, or of the others, in order; so many they are.
    fn chosen(&self, matches: &Matches, is_inexact: bool, size: u64, count: usize) -> Vec<Place> {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let count = count.min(size);
        if count == 0 {
            return Vec::new();
        }
        let documents = self.part.reader.max_doc();
        // So many documents have probably to be passed until enough of these were among them.
        let passed = count.saturating_mul(documents as usize) / size;
        let sequence = || {
            let place = |document| self.place(document, false, self.first(document));
            self.part.sequences.of(self.ordering, documents, place)
        };
        let is_one = |document: &u32| matches.exact.contains(*document) != is_inexact;
        match (passed < size).then(sequence).flatten() {
            Some(sequence) => {
                let found = sequence.iter().copied();
                let found =
                    found.filter(|document| matches.all.contains(*document) && is_one(document));
                found
                    .take(count)
                    .map(|document| self.place(document, is_inexact, self.first(document)))
                    .collect()
            }
            None => self.least(matches.all.iter().filter(is_one), is_inexact, count),
        }
    }

    /// The first of some documents, by a look at each.
    fn least(
        &self,
        documents: impl Iterator<Item = u32>,
        is_inexact: bool,
        count: usize,
    ) -> Vec<Place> {
        let mut chosen: Vec<Place> = Vec::new();
        let mut worst: Option<Place> = None;
        for document in documents {
            let first = self.first(document);
            // Most documents are told by this much, without another column.
            if worst.is_some_and(|worst| first > worst.1) {
                continue;
            }
            let place = self.place(document, is_inexact, first);
            if worst.is_some_and(|worst| place >= worst) {
                continue;
            }
            chosen.push(place);
            if chosen.len() >= count.saturating_mul(2).max(64) {
                chosen.select_nth_unstable(count);
                chosen.truncate(count);
                worst = chosen.iter().max().copied();
            }
        }
        chosen.sort_unstable();
        chosen.truncate(count);
        chosen
    }

    /// What a document is placed by at first.
    fn first(&self, document: u32) -> u64 {
        match self.ordering {
            Ordering::Newest => !self.created(document),
            Ordering::Oldest => self.created(document),
            Ordering::Popular => !ascending(self.part.popularity.get_val(document)),
            Ordering::Alpha => self.part.title.get_val(document),
            Ordering::Category => {
                let class = usize::try_from(self.part.class.get_val(document)).ok();
                let rank = class.and_then(|class| self.ranks.get(class));
                rank.copied().unwrap_or(u64::MAX)
            }
        }
    }

    fn place(&self, document: u32, is_inexact: bool, first: u64) -> Place {
        let number = self.part.number.get_val(document);
        let second = match self.ordering {
            Ordering::Newest | Ordering::Oldest | Ordering::Alpha => 0,
            Ordering::Popular => !self.created(document),
            Ordering::Category => self.part.title.get_val(document),
        };
        let last = match self.ordering {
            Ordering::Newest | Ordering::Popular => !number,
            Ordering::Oldest | Ordering::Alpha | Ordering::Category => number,
        };
        (is_inexact, first, second, last)
    }

    fn created(&self, document: u32) -> u64 {
        ascending(self.part.created.get_val(document))
    }

    /// A place that can be compared with those of other parts: with the title where there was its ordinal.
    fn ranked(&self, (is_inexact, first, second, last): Place) -> tantivy::Result<Ranked> {
        let (first, second, title) = match self.ordering {
            Ordering::Newest | Ordering::Oldest | Ordering::Popular => {
                (first, second, String::new())
            }
            Ordering::Alpha => (0, 0, self.part.title_text(first)?),
            Ordering::Category => (first, 0, self.part.title_text(second)?),
        };
        let number = match self.ordering {
            Ordering::Newest | Ordering::Popular => !last,
            Ordering::Oldest | Ordering::Alpha | Ordering::Category => last,
        };
        Ok(Ranked {
            is_inexact,
            first,
            second,
            title,
            last,
            number: number.cast_signed(),
        })
    }
}

/// A signed number as an unsigned one in the same order.
fn ascending(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

/// Where the title of each category stands among all titles.
pub(super) struct CategoryRanks(HashMap<(String, i64), u64>);

impl CategoryRanks {
    /// Of the categories as they are, where an order needs it.
    pub(super) fn of_all(categories: &Categories, ordering: Ordering) -> Self {
        if ordering != Ordering::Category {
            return CategoryRanks(HashMap::new());
        }
        let mut sorted: Vec<_> = categories
            .iter()
            .map(|(key, category)| (category.title.to_lowercase(), key))
            .collect();
        sorted.sort_unstable();
        let mut ranks = HashMap::new();
        let mut rank = 0;
        for (place, (title, key)) in sorted.iter().enumerate() {
            if place > 0 && sorted[place - 1].0 != *title {
                rank += 1;
            }
            ranks.insert((*key).clone(), rank);
        }
        CategoryRanks(ranks)
    }

    /// What has no category comes last.
    fn of(&self, class: &Class) -> u64 {
        let rank = class
            .category_id
            .and_then(|id| self.0.get(&(class.area.clone(), id)));
        rank.copied().unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rand::rngs::StdRng;
    use rand::{RngExt as _, SeedableRng as _};

    use super::super::bits::Bits;
    use super::super::entry::Document;
    use super::super::index::Row;
    use super::super::view::Piece;
    use super::*;

    /// Documents of few times, popularities and titles, so that many are equal in what they are ordered by.
    fn part(chance: &mut StdRng) -> Arc<Part> {
        let rows = (0..2_000).map(|number| Row {
            number,
            epoch: 1,
            document: Some(Document {
                title: format!("title {}", chance.random_range(0..40)),
                created_ms: chance.random_range(-20..20),
                popularity: chance.random_range(0..10),
                ..Document::default()
            }),
        });
        let piece = Piece::new(rows.collect(), "en").unwrap();
        Arc::clone(piece.part.as_ref().unwrap())
    }

    #[test]
    fn a_walk_along_all_documents_chooses_what_a_look_at_each_of_a_set_chooses() {
        let seed = rand::random();
        println!("seed {seed}");
        let mut chance = StdRng::seed_from_u64(seed);
        let part = part(&mut chance);
        for ordering in [
            Ordering::Newest,
            Ordering::Oldest,
            Ordering::Popular,
            Ordering::Alpha,
            Ordering::Category,
        ] {
            let order = Order {
                part: &part,
                ordering,
                ranks: vec![0; part.classes.len()],
            };
            for share in [0.0, 0.01, 0.1, 0.5, 1.0] {
                let mut matches = Matches {
                    all: Bits::none(part.reader.max_doc()),
                    exact: Bits::none(part.reader.max_doc()),
                };
                let mut inexact = Vec::new();
                for document in 0..part.reader.max_doc() {
                    if chance.random_bool(share) {
                        matches.all.insert(document);
                        if chance.random() {
                            matches.exact.insert(document);
                        } else {
                            inexact.push(document);
                        }
                    }
                }
                let size = inexact.len() as u64;
                for count in [0, 1, 20, 500, 5_000] {
                    let chosen = order.chosen(&matches, true, size, count);
                    let looked = order.least(inexact.iter().copied(), true, count);
                    assert_eq!(chosen, looked, "{ordering:?} {share} {count}");
                    assert_eq!(chosen.len(), inexact.len().min(count));
                }
            }
        }
    }

    #[test]
    fn signed_numbers_keep_their_order() {
        let numbers = [i64::MIN, -5, 0, 7, i64::MAX];
        assert!(numbers.map(ascending).is_sorted());
    }
}
