//! Trees of categories: what lies above each, kept in a table of its own, so that one condition finds everything below.
//!
//! ```sql
//! CREATE TABLE "forum_category_ancestor" (
//!     "category_id" BIGINT NOT NULL, "ancestor_id" BIGINT NOT NULL, "distance" BIGINT NOT NULL,
//!     PRIMARY KEY ("category_id", "ancestor_id")
//! );
//! ```

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use loggia_sdk::abi::Value;
use loggia_sdk::abi::value::kind;
use loggia_sql::Connection;

/// How many rows of ancestors one statement writes.
const ROWS: usize = 200;

/// The tables of a tree.
#[derive(Clone, Copy, Debug)]
pub struct Tree {
    /// The categories, with `id` and `parent_id`.
    pub categories: &'static str,
    /// What lies above each: `category_id`, `ancestor_id`, `distance`.
    pub ancestors: &'static str,
    /// The `level` of those at the top; `None` where the categories have no such column.
    pub top_level: Option<i64>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    parent_id: i64,
    #[diesel(sql_type = BigInt)]
    level: i64,
}

#[derive(QueryableByName)]
struct Distance {
    #[diesel(sql_type = BigInt)]
    distance: i64,
}

impl Tree {
    /// Writes levels and ancestors anew, by the parents. A category whose parent is not there, or that lies below itself,
    /// stands at the top.
    pub fn grow(&self, connection: &mut Connection) -> QueryResult<()> {
        let rows = self.rows(connection)?;
        let parents: BTreeMap<i64, i64> = rows.iter().map(|row| (row.id, row.parent_id)).collect();
        let mut values = Vec::new();
        for row in &rows {
            let path = path(&parents, row.id);
            if let Some(top) = self.top_level {
                let level = (top..).nth(path.len() - 1).unwrap_or(i64::MAX);
                if level != row.level {
                    self.set_level(connection, row.id, level)?;
                }
            }
            for (distance, ancestor) in (0_i64..).zip(path) {
                let line = [row.id, ancestor, distance];
                values.extend(line.map(|number| Value::integer(kind::I64, number)));
            }
        }
        self.write(connection, &values)
    }

    /// Whether a category is another one or lies below it.
    pub fn is_within(&self, connection: &mut Connection, top: i64, id: i64) -> QueryResult<bool> {
        let table = self.ancestors;
        let found: Option<Distance> = diesel::sql_query(format!(
            r#"SELECT "distance" FROM "{table}" WHERE "category_id" = $1 AND "ancestor_id" = $2"#
        ))
        .bind::<BigInt, _>(id)
        .bind::<BigInt, _>(top)
        .get_result(connection)
        .optional()?;
        Ok(found.is_some_and(|found| found.distance >= 0))
    }

    fn rows(&self, connection: &mut Connection) -> QueryResult<Vec<Row>> {
        let level = self.top_level.map_or("0 AS \"level\"", |_| "\"level\"");
        let table = self.categories;
        diesel::sql_query(format!(
            r#"SELECT "id", "parent_id", {level} FROM "{table}" ORDER BY "id""#
        ))
        .load(connection)
    }

    fn set_level(&self, connection: &mut Connection, id: i64, level: i64) -> QueryResult<()> {
        let table = self.categories;
        diesel::sql_query(format!(
            r#"UPDATE "{table}" SET "level" = $1 WHERE "id" = $2"#
        ))
        .bind::<BigInt, _>(level)
        .bind::<BigInt, _>(id)
        .execute(connection)
        .map(drop)
    }

    fn write(&self, connection: &mut Connection, values: &[Value<'_>]) -> QueryResult<()> {
        let table = self.ancestors;
        diesel::sql_query(format!(r#"DELETE FROM "{table}""#)).execute(connection)?;
        for lines in values.chunks(3 * ROWS) {
            let places: Vec<String> = (0..lines.len() / 3)
                .map(|line| {
                    let first = 3 * line;
                    format!("(${}, ${}, ${})", first + 1, first + 2, first + 3)
                })
                .collect();
            let text = format!(
                r#"INSERT INTO "{table}" ("category_id", "ancestor_id", "distance") VALUES {}"#,
                places.join(", ")
            );
            connection.execute_values(&text, lines)?;
        }
        Ok(())
    }
}

/// A category and those above it, itself first.
fn path(parents: &BTreeMap<i64, i64>, id: i64) -> Vec<i64> {
    let mut path = vec![id];
    let mut at = id;
    while let Some(parent) = parents.get(&at).copied()
        && parents.contains_key(&parent)
        && !path.contains(&parent)
    {
        path.push(parent);
        at = parent;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stray_and_one_below_itself_stand_at_the_top() {
        let parents = BTreeMap::from([(1, 0), (2, 1), (3, 2), (4, 99), (5, 6), (6, 5)]);
        let of = |id| path(&parents, id);
        assert_eq!(of(3), [3, 2, 1]);
        assert_eq!(of(4), [4]);
        assert_eq!(of(5), [5, 6]);
    }
}
