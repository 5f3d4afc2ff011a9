//! Groups, and view levels with their groups.

use diesel::prelude::*;
use loggia_sql::Connection;
use serde::{Deserialize, Serialize};

use super::Unwritten;
use crate::store::groups::{account_group, user_group, view_level, view_level_group};

/// A group.
#[derive(Debug, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = user_group, check_for_backend(loggia_sql::Backend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct GroupRecord {
    id: i64,
    parent_id: Option<i64>,
    title: String,
}

/// A view level.
#[derive(Debug, Serialize, Deserialize)]
pub struct LevelRecord {
    #[serde(flatten)]
    row: LevelRow,
    /// The ids of the groups that have it, ascending.
    groups: Vec<i64>,
}

#[derive(Debug, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = view_level, check_for_backend(loggia_sql::Backend))]
struct LevelRow {
    id: i64,
    title: String,
    position: i64,
}

impl GroupRecord {
    /// The id.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The groups behind an id.
    pub fn page(connection: &mut Connection, after: i64, limit: i64) -> QueryResult<Vec<Self>> {
        user_group::table
            .filter(user_group::id.gt(after))
            .order(user_group::id)
            .limit(limit)
            .select(GroupRecord::as_select())
            .load(connection)
    }

    /// Adds or replaces the group. The group above it must be there.
    pub fn put(&self, connection: &mut Connection) -> Result<(), Unwritten> {
        let above = self.parent_id.map(|parent| {
            user_group::table
                .find(parent)
                .select(user_group::id)
                .first::<i64>(connection)
                .optional()
        });
        if above.transpose()?.is_some_and(|found| found.is_none()) {
            return Err(Unwritten::rule("the group above it is not there"));
        }
        diesel::insert_into(user_group::table)
            .values(self)
            .on_conflict(user_group::id)
            .do_update()
            .set(self)
            .execute(connection)?;
        Ok(())
    }

    /// Deletes groups, and puts out whoever is in them; one above another stays.
    pub fn delete(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
        let above: Vec<i64> = user_group::table
            .filter(user_group::parent_id.is_not_null())
            .select(user_group::parent_id.assume_not_null())
            .load(connection)?;
        let low: Vec<i64> = user_group::table
            .filter(user_group::id.eq_any(ids.to_vec()))
            .filter(user_group::id.ne_all(above))
            .select(user_group::id)
            .load(connection)?;
        let inside = account_group::table.filter(account_group::group_id.eq_any(low.clone()));
        diesel::delete(inside).execute(connection)?;
        diesel::delete(user_group::table.filter(user_group::id.eq_any(low))).execute(connection)
    }
}

impl LevelRecord {
    /// The id.
    pub fn id(&self) -> i64 {
        self.row.id
    }

    /// The view levels behind an id.
    pub fn page(connection: &mut Connection, after: i64, limit: i64) -> QueryResult<Vec<Self>> {
        let rows: Vec<LevelRow> = view_level::table
            .filter(view_level::id.gt(after))
            .order(view_level::id)
            .limit(limit)
            .select(LevelRow::as_select())
            .load(connection)?;
        rows.into_iter()
            .map(|row| {
                let groups = view_level_group::table
                    .filter(view_level_group::view_level_id.eq(row.id))
                    .order(view_level_group::group_id)
                    .select(view_level_group::group_id)
                    .load(connection)?;
                Ok(Self { row, groups })
            })
            .collect()
    }

    /// Adds or replaces the view level.
    pub fn put(&self, connection: &mut Connection) -> Result<(), Unwritten> {
        diesel::insert_into(view_level::table)
            .values(&self.row)
            .on_conflict(view_level::id)
            .do_update()
            .set(&self.row)
            .execute(connection)?;
        let old = view_level_group::table.filter(view_level_group::view_level_id.eq(self.row.id));
        diesel::delete(old).execute(connection)?;
        for group in &self.groups {
            diesel::insert_into(view_level_group::table)
                .values((
                    view_level_group::view_level_id.eq(self.row.id),
                    view_level_group::group_id.eq(group),
                ))
                .on_conflict_do_nothing()
                .execute(connection)?;
        }
        Ok(())
    }

    /// Deletes view levels.
    pub fn delete(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
        diesel::delete(view_level::table.filter(view_level::id.eq_any(ids.to_vec())))
            .execute(connection)
    }
}
