//! Which items a list has.

use diesel::prelude::*;

use super::condition::{self, Condition, Place};
use super::schema::catalog_item;
use crate::sight::Sight;

/// A choice of items; each member narrows it. The caller may see the application, and the category where one is named.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// Those of an application.
    pub(crate) application: i64,
    /// Those that the caller may see.
    pub(crate) sight: Sight,
    /// Those of a category.
    pub(crate) category: Option<i64>,
    /// Those in a state, of one account or of all.
    pub(crate) of_writer: Option<(i64, Option<i64>)>,
}

impl Selection {
    /// The condition of a statement that looks for them.
    pub(crate) fn condition(&self) -> Condition<catalog_item::table> {
        let of_application = condition::of_application(self.application);
        let chosen = of_application.and(self.seen());
        match self.category {
            Some(category) => Box::new(chosen.and(condition::in_category(category))),
            None => Box::new(chosen),
        }
    }

    /// The same for a statement that looks at some whose ids are known.
    pub(crate) fn among_known(&self) -> Condition<catalog_item::table> {
        match self.category {
            Some(category) => Box::new(self.seen().and(condition::lies_in(category))),
            None => self.seen(),
        }
    }

    fn seen(&self) -> Condition<catalog_item::table> {
        // Application and category were looked at before.
        let place = match self.category {
            Some(_) => Place::Category,
            None => Place::Application,
        };
        let seen = condition::items(&self.sight, place);
        match self.of_writer {
            Some((state, author)) => Box::new(seen.and(condition::of_writer(state, author))),
            None => seen,
        }
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
