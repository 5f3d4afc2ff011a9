//! Which items a list has.

use diesel::prelude::*;

use super::condition::{self, Condition};
use super::schema::catalog_item;
use crate::sight::Sight;

/// A choice of items; each member narrows it.
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
    /// The condition of a statement.
    pub(crate) fn condition(&self) -> Condition<catalog_item::table> {
        let of_application = condition::of_application(self.application);
        let mut chosen: Condition<_> = Box::new(of_application.and(condition::items(&self.sight)));
        if let Some(category) = self.category {
            chosen = Box::new(chosen.and(condition::in_category(category)));
        }
        if let Some((state, author)) = self.of_writer {
            chosen = Box::new(chosen.and(condition::of_writer(state, author)));
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
