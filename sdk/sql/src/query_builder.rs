//! Statements as text that both databases read.

use std::fmt::Write as _;

use diesel::query_builder::QueryBuilder;
use diesel::result::QueryResult;

use crate::backend::Backend;

/// Builds a statement with identifiers in double quotes and numbered placeholders. SQLite takes `$1` as the
/// name of a parameter and numbers names by their first appearance, which gives PostgreSQL's order.
#[derive(Debug, Default)]
pub struct TextBuilder {
    sql: String,
    binds: u32,
}

impl QueryBuilder<Backend> for TextBuilder {
    fn push_sql(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }

    fn push_identifier(&mut self, identifier: &str) -> QueryResult<()> {
        self.sql.push('"');
        for (index, part) in identifier.split('"').enumerate() {
            if index > 0 {
                self.sql.push_str("\"\"");
            }
            self.sql.push_str(part);
        }
        self.sql.push('"');
        Ok(())
    }

    fn push_bind_param(&mut self) {
        self.push_bind_param_value_only();
        // Writing into a String does not fail.
        let _ = write!(self.sql, "${}", self.binds);
    }

    fn push_bind_param_value_only(&mut self) {
        self.binds += 1;
    }

    fn finish(self) -> String {
        self.sql
    }
}
