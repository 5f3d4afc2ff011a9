//! Which articles a list has.

use diesel::prelude::*;

use super::condition::{self, Condition};
use super::schema::content_article;
use crate::sight::Sight;

/// A choice of articles; each member narrows it.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// Those that the caller may see.
    pub(crate) sight: Sight,
    /// Those of a category, and of so many levels below it.
    pub(crate) category: Option<(i64, i64)>,
    /// Those of an author.
    pub(crate) author: Option<i64>,
    /// The featured ones, or the others.
    pub(crate) featured: Option<bool>,
    /// Those with one of these tags.
    pub(crate) tags: Option<Vec<i64>>,
}

impl Selection {
    /// All that the caller may see.
    pub(crate) fn of(sight: Sight) -> Self {
        Selection {
            sight,
            category: None,
            author: None,
            featured: None,
            tags: None,
        }
    }

    /// The condition of a statement.
    pub(crate) fn condition(&self) -> Condition<content_article::table> {
        let mut chosen = condition::articles(&self.sight);
        if let Some((category, levels_below)) = self.category {
            let categories = condition::within(category, 0, levels_below);
            chosen = Box::new(chosen.and(content_article::category_id.eq_any(categories)));
        }
        if let Some(author) = self.author {
            chosen = Box::new(chosen.and(content_article::created_by.eq(author)));
        }
        if let Some(featured) = self.featured {
            chosen = Box::new(chosen.and(content_article::featured.eq(featured)));
        }
        if let Some(tags) = &self.tags {
            let tagged = condition::tagged(tags, self.sight.levels.as_deref());
            chosen = Box::new(chosen.and(tagged));
        }
        chosen
    }

    /// The same for the same choice, whenever it is made.
    pub(crate) fn key(&self) -> String {
        let timeless = Selection {
            sight: self.sight.timeless(),
            ..self.clone()
        };
        format!("{timeless:?}")
    }
}
