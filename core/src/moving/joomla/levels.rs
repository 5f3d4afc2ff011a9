//! View levels by the user groups whose members have them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::site::Site;
use crate::moving::Outcome;

/// The view level that nobody has: of files that are for their owners alone.
pub(super) const NOBODY: i64 = 0;

/// User groups.
pub(super) type Groups = BTreeSet<i64>;

/// The view levels of a site.
pub(super) struct Levels {
    /// Each level with the groups whose members have it.
    levels: BTreeMap<i64, Groups>,
    /// Each group with those directly below it.
    below: BTreeMap<i64, Vec<i64>>,
}

impl Levels {
    /// Those of a site.
    pub(super) fn read(site: &mut Site) -> Outcome<Self> {
        let mut levels = Self {
            levels: BTreeMap::new(),
            below: BTreeMap::new(),
        };
        let groups = site.table("usergroups");
        for row in site.rows(&format!("SELECT \"id\", \"parent_id\" FROM {groups}"))? {
            let (id, parent) = (row.number("id"), row.number("parent_id"));
            levels.below.entry(parent).or_default().push(id);
        }
        if !site.has("viewlevels")? {
            return Ok(levels);
        }
        let table = site.table("viewlevels");
        for row in site.rows(&format!("SELECT \"id\", \"rules\" FROM {table}"))? {
            let named: Vec<i64> =
                serde_json::from_str(row.get("rules").unwrap_or_default()).unwrap_or_default();
            let groups = levels.within(&named);
            levels.levels.insert(row.number("id"), groups);
        }
        Ok(levels)
    }

    /// Groups with all those below them: who is in one of these is in those above, too.
    pub(super) fn within(&self, groups: &[i64]) -> Groups {
        let mut found = Groups::new();
        let mut next = groups.to_vec();
        while let Some(group) = next.pop() {
            if found.insert(group) {
                next.extend(self.below.get(&group).into_iter().flatten());
            }
        }
        found
    }

    /// The groups that have a level; none where there is no such level.
    pub(super) fn groups_of(&self, level: i64) -> Groups {
        self.levels.get(&level).cloned().unwrap_or_default()
    }

    /// The level of the most groups that has none beyond each of these sets.
    pub(super) fn broadest_within(&self, sets: &[Groups]) -> i64 {
        let fits = |groups: &&Groups| sets.iter().all(|set| groups.is_subset(set));
        self.broadest(
            self.levels
                .iter()
                .filter(|(_, groups)| !groups.is_empty() && fits(groups))
                .map(|(level, _)| *level),
        )
    }

    /// The level of the most groups among these; the first of those that are equal.
    pub(super) fn broadest(&self, among: impl IntoIterator<Item = i64>) -> i64 {
        let size = |level: i64| self.levels.get(&level).map_or(0, BTreeSet::len);
        let broadest = among
            .into_iter()
            .max_by_key(|level| (size(*level), Reverse(*level)));
        broadest.unwrap_or(NOBODY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Public 1 with guests 9, members 2, and below these authors 3.
    fn levels() -> Levels {
        let mut levels = Levels {
            levels: BTreeMap::new(),
            below: BTreeMap::from([(0, vec![1]), (1, vec![9, 2]), (2, vec![3])]),
        };
        for (level, groups) in [(1, vec![1]), (2, vec![2]), (3, vec![3]), (5, vec![9])] {
            let groups = levels.within(&groups);
            levels.levels.insert(level, groups);
        }
        levels
    }

    #[test]
    fn a_file_is_for_those_who_have_every_level_above_it() {
        let levels = levels();
        let within = |all: &[i64]| {
            let sets: Vec<Groups> = all.iter().map(|level| levels.groups_of(*level)).collect();
            levels.broadest_within(&sets)
        };
        assert_eq!(within(&[]), 1);
        assert_eq!(within(&[1, 1]), 1);
        assert_eq!(within(&[1, 2]), 2);
        assert_eq!(within(&[3, 2, 1]), 3);
        assert_eq!(within(&[2, 5]), NOBODY, "nobody is a guest and a member");
        assert_eq!(within(&[1, 77]), NOBODY, "there is no such level");
        assert_eq!(levels.broadest_within(&[levels.within(&[2])]), 2);
    }

    #[test]
    fn a_file_of_several_is_for_the_most_who_see_one_of_them() {
        let levels = levels();
        assert_eq!(levels.broadest([NOBODY, 3, 2]), 2);
        assert_eq!(levels.broadest([2, 1, 5]), 1);
        assert_eq!(levels.broadest([]), NOBODY);
    }
}
