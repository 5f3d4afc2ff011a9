//! The trees of a site's tables. A row that hangs on nothing is not shown to more than see it there: it is not published.

use std::collections::HashMap;

use super::site::Site;
use crate::moving::Outcome;

/// What is shown to readers.
const PUBLISHED: i64 = 1;

/// The rows of a tree with those above them, which for the ones at the top is 0.
#[derive(Debug, Default)]
pub(super) struct Tree(HashMap<i64, i64>);

/// Where a row hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At the top.
    Top,
    /// Below another row.
    Below(i64),
    /// Below one that is not there.
    Lost(i64),
    /// Below itself.
    Ring,
}

impl Tree {
    /// The rows of a table that a condition chooses. Joomla's own tables have one row as the root of all, which is above
    /// the ones at the top.
    pub(super) fn read(
        site: &mut Site,
        table: &str,
        parent: &str,
        condition: &str,
    ) -> Outcome<Self> {
        let name = site.table(table);
        let mut parents = HashMap::new();
        let sql = format!("SELECT t.\"id\", t.\"{parent}\" FROM {name} t WHERE {condition}");
        for row in site.rows(&sql)? {
            parents.insert(row.number("id"), row.number(parent));
        }
        let sql = format!("SELECT t.\"id\" FROM {name} t WHERE t.\"{parent}\" = 0");
        for row in site.rows(&sql)? {
            let root = row.number("id");
            if !parents.contains_key(&root) {
                let below = parents.values_mut().filter(|parent| **parent == root);
                below.for_each(|parent| *parent = 0);
            }
        }
        Ok(Self(parents))
    }

    /// Whether a row is there.
    pub(super) fn has(&self, id: i64) -> bool {
        self.0.contains_key(&id)
    }

    /// Where a row hangs.
    pub(super) fn place(&self, id: i64) -> Place {
        let parent = self.0.get(&id).copied().unwrap_or(0);
        if parent == 0 {
            return Place::Top;
        }
        if !self.0.contains_key(&parent) {
            return Place::Lost(parent);
        }
        let mut next = parent;
        for _ in 0..self.0.len() {
            if next == id {
                return Place::Ring;
            }
            match self.0.get(&next) {
                Some(above) => next = *above,
                None => break,
            }
        }
        Place::Below(parent)
    }
}

impl Place {
    /// The id of what it hangs below here; 0 at the top.
    pub(super) fn parent(self) -> i64 {
        match self {
            Self::Below(parent) => parent,
            Self::Top | Self::Lost(_) | Self::Ring => 0,
        }
    }

    /// Whether it hangs on something.
    pub(super) fn hangs(self) -> bool {
        matches!(self, Self::Top | Self::Below(_))
    }

    /// The state of a row with this one there, and a note where it has another here.
    pub(super) fn state(self, state: i64, notes: &mut Vec<String>) -> i64 {
        let why = match self {
            Self::Top | Self::Below(_) => return state,
            Self::Lost(parent) => format!("what it belongs to, {parent}, is not there"),
            Self::Ring => "it lies below itself".to_owned(),
        };
        notes.push(format!("{why}: it stands at the top and is not published"));
        if state == PUBLISHED { 0 } else { state }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_whose_parent_is_not_there_or_is_itself_is_not_published() {
        let parents = [
            (2, 0),
            (3, 2),
            (4, 77),
            (5, 4),
            (6, 7),
            (7, 6),
            (8, 7),
            (9, 9),
        ];
        let tree = Tree(HashMap::from(parents));
        let mut notes = Vec::new();
        for (id, place, state) in [
            (2, Place::Top, 1),
            (3, Place::Below(2), 1),
            (4, Place::Lost(77), 0),
            (5, Place::Below(4), 1),
            (6, Place::Ring, 0),
            (7, Place::Ring, 0),
            (8, Place::Below(7), 1),
            (9, Place::Ring, 0),
        ] {
            assert_eq!(tree.place(id), place, "{id}");
            assert_eq!(place.state(1, &mut notes), state, "{id}");
            assert_eq!(place.state(-2, &mut Vec::new()), -2, "{id}");
        }
        assert_eq!(notes.len(), 4);
    }
}
