//! Which of the found documents are shown on a page, and in which order.

use std::collections::HashMap;

use serde::Deserialize;

use super::class::{Categories, Class};
use super::index::Part;
use super::matching::Matches;

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
    let mut chosen: Vec<Place> = Vec::new();
    let mut worst: Option<Place> = None;
    for document in matches.all.iter() {
        let is_inexact = !matches.exact.contains(document);
        let first = order.first(document);
        // Most documents of a common word are told by this much, without another column.
        if worst.is_some_and(|worst| (is_inexact, first) > (worst.0, worst.1)) {
            continue;
        }
        let place = order.place(document, is_inexact, first);
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
        .into_iter()
        .map(|place| order.ranked(place))
        .collect()
}

impl Order<'_> {
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
    use super::*;

    #[test]
    fn signed_numbers_keep_their_order() {
        let numbers = [i64::MIN, -5, 0, 7, i64::MAX];
        assert!(numbers.map(ascending).is_sorted());
    }
}
