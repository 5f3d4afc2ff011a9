//! Groups, which form a tree, and view levels, which are lists of groups.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use loggia_sql::Connection;

diesel::table! {
    user_group (id) {
        id -> BigInt,
        parent_id -> Nullable<BigInt>,
        title -> Text,
    }
}

diesel::table! {
    account_group (account_id, group_id) {
        account_id -> BigInt,
        group_id -> BigInt,
    }
}

diesel::table! {
    view_level (id) {
        id -> BigInt,
        title -> Text,
        position -> BigInt,
    }
}

diesel::table! {
    view_level_group (view_level_id, group_id) {
        view_level_id -> BigInt,
        group_id -> BigInt,
    }
}

/// Everybody is in it.
pub const PUBLIC: i64 = 1;
/// Who manages the whole site.
pub const SUPER_USERS: i64 = 8;
/// Who is not logged in.
pub const GUEST: i64 = 9;

/// One group.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, serde::Serialize)]
#[diesel(table_name = user_group, check_for_backend(loggia_sql::Backend))]
pub struct Group {
    /// The id, as in Joomla.
    pub id: i64,
    /// The group whose rights it has too.
    pub parent_id: Option<i64>,
    /// Its name.
    pub title: String,
}

/// All groups and view levels: little, seldom changed, and asked for all the time, so it is kept in memory.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    parents: BTreeMap<i64, Option<i64>>,
    levels: BTreeMap<i64, BTreeSet<i64>>,
}

impl Directory {
    /// Reads it.
    pub fn load(connection: &mut Connection) -> QueryResult<Self> {
        let parents = user_group::table
            .select((user_group::id, user_group::parent_id))
            .load::<(i64, Option<i64>)>(connection)?;
        let rows = view_level_group::table
            .select((view_level_group::view_level_id, view_level_group::group_id))
            .load::<(i64, i64)>(connection)?;
        let mut levels: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        for (level, group) in rows {
            levels.entry(level).or_default().insert(group);
        }
        Ok(Self {
            parents: parents.into_iter().collect(),
            levels,
        })
    }

    /// The given groups and all above them, ascending.
    pub fn with_ancestors(&self, groups: &[i64]) -> Vec<i64> {
        let mut found = BTreeSet::new();
        for group in groups {
            let mut next = Some(*group);
            // A group met before ends the climb, so that a circle made by hand does no harm.
            while let Some(id) = next.filter(|id| found.insert(*id)) {
                next = self.parents.get(&id).copied().flatten();
            }
        }
        found.into_iter().collect()
    }

    /// The view levels that groups (with their ancestors) may see, ascending. Everybody sees the first.
    pub fn view_levels(&self, groups: &[i64]) -> Vec<i64> {
        let mut found: BTreeSet<i64> = self
            .levels
            .iter()
            .filter(|(_, of_level)| groups.iter().any(|group| of_level.contains(group)))
            .map(|(level, _)| *level)
            .collect();
        found.insert(1);
        found.into_iter().collect()
    }
}

/// All groups, by id.
pub fn all(connection: &mut Connection) -> QueryResult<Vec<Group>> {
    user_group::table
        .order(user_group::id.asc())
        .select(Group::as_select())
        .load(connection)
}

/// Adds a group and gives its id.
pub fn insert(connection: &mut Connection, title: &str, parent_id: i64) -> QueryResult<i64> {
    connection.transaction(|connection| {
        let highest: Option<i64> = user_group::table
            .select(diesel::dsl::max(user_group::id))
            .first(connection)?;
        diesel::insert_into(user_group::table)
            .values((
                user_group::id.eq(highest.unwrap_or(0) + 1),
                user_group::parent_id.eq(Some(parent_id)),
                user_group::title.eq(title),
            ))
            .returning(user_group::id)
            .get_result(connection)
    })
}

/// The groups an account was put into, ascending, without their ancestors.
pub fn of_account(connection: &mut Connection, account_id: i64) -> QueryResult<Vec<i64>> {
    account_group::table
        .filter(account_group::account_id.eq(account_id))
        .order(account_group::group_id.asc())
        .select(account_group::group_id)
        .load(connection)
}

/// Puts an account into a group; no fault if it is there.
pub fn add_account(connection: &mut Connection, account_id: i64, group_id: i64) -> QueryResult<()> {
    diesel::insert_into(account_group::table)
        .values((
            account_group::account_id.eq(account_id),
            account_group::group_id.eq(group_id),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .map(drop)
}

/// Takes an account out of a group; `false` where it was not in it.
pub fn remove_account(
    connection: &mut Connection,
    account_id: i64,
    group_id: i64,
) -> QueryResult<bool> {
    let row = account_group::table.find((account_id, group_id));
    Ok(diesel::delete(row).execute(connection)? == 1)
}

/// Takes an account out of every group.
pub fn remove_account_everywhere(connection: &mut Connection, account_id: i64) -> QueryResult<()> {
    diesel::delete(account_group::table.filter(account_group::account_id.eq(account_id)))
        .execute(connection)
        .map(drop)
}

/// The ids of the accounts that were put into a group itself.
pub fn accounts_in(connection: &mut Connection, group_id: i64) -> QueryResult<Vec<i64>> {
    account_group::table
        .filter(account_group::group_id.eq(group_id))
        .order(account_group::account_id.asc())
        .select(account_group::account_id)
        .load(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> Directory {
        Directory {
            parents: [
                (1, None),
                (2, Some(1)),
                (3, Some(2)),
                (8, Some(1)),
                (9, Some(1)),
            ]
            .into(),
            levels: [
                (1, [1].into()),
                (2, [2, 8].into()),
                (3, [3, 8].into()),
                (5, [9].into()),
            ]
            .into(),
        }
    }

    #[test]
    fn a_group_has_the_rights_of_those_above_it() {
        let groups = directory().with_ancestors(&[3]);
        assert_eq!(groups, [1, 2, 3]);
        assert_eq!(directory().view_levels(&groups), [1, 2, 3]);
    }

    #[test]
    fn a_guest_sees_what_only_guests_see() {
        let groups = directory().with_ancestors(&[PUBLIC, GUEST]);
        assert_eq!(directory().view_levels(&groups), [1, 5]);
    }

    #[test]
    fn a_circle_of_groups_ends() {
        let circle = Directory {
            parents: [(1, Some(2)), (2, Some(1))].into(),
            levels: BTreeMap::new(),
        };
        assert_eq!(circle.with_ancestors(&[1]), [1, 2]);
        assert_eq!(circle.view_levels(&[1, 2]), [1]);
    }
}
