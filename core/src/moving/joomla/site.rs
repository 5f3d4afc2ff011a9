//! The tables of a Joomla site, read a page at a time.

use std::collections::HashMap;
use std::path::PathBuf;

use super::files::Files;
use super::pair::Pair;
use crate::moving::merge::BATCH;
use crate::moving::source::{Row, Source};
use crate::moving::{MovingError, Outcome};

/// A Joomla site.
pub struct Site {
    source: Box<dyn Source>,
    prefix: String,
    /// Its folder, where it is at hand.
    pub files: Option<PathBuf>,
    /// What is known of the files that its rows refer to.
    pub attached: Files,
    columns: HashMap<String, Option<Vec<String>>>,
}

impl Site {
    /// The tables of a source whose names begin with a prefix.
    pub fn new(source: Box<dyn Source>, prefix: &str, files: Option<PathBuf>) -> Outcome<Self> {
        let mut site = Self {
            source,
            prefix: prefix.to_owned(),
            files,
            attached: Files::default(),
            columns: HashMap::new(),
        };
        if site.has("users")? && site.has("usergroups")? {
            return Ok(site);
        }
        let mut prefixes = site.source.tables("_usergroups")?;
        prefixes.sort();
        let found: Vec<&str> = prefixes
            .iter()
            .filter_map(|name| name.strip_suffix("usergroups"))
            .collect();
        let help = match found.as_slice() {
            [] => "and no Joomla site with another prefix".to_owned(),
            some => format!("name its prefix by --prefix: {}", some.join(", ")),
        };
        Err(MovingError::new(format!(
            "there are no tables {prefix}users and {prefix}usergroups; {help}"
        )))
    }

    /// Whether a text can begin the names of tables.
    pub fn is_prefix(text: &str) -> bool {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }

    /// The name of a table as statements write it.
    pub(super) fn table(&self, name: &str) -> String {
        format!("\"{}{name}\"", self.prefix)
    }

    /// Whether a table is there.
    pub(super) fn has(&mut self, table: &str) -> Outcome<bool> {
        Ok(self.columns_of(table)?.is_some())
    }

    /// Whether a column is there.
    pub(super) fn has_column(&mut self, table: &str, column: &str) -> Outcome<bool> {
        let columns = self.columns_of(table)?;
        Ok(columns.is_some_and(|columns| columns.iter().any(|name| name == column)))
    }

    /// The columns of a table; none where it is not there.
    pub(super) fn columns_of(&mut self, table: &str) -> Outcome<Option<&Vec<String>>> {
        if !self.columns.contains_key(table) {
            let found = self.source.columns(&format!("{}{table}", self.prefix))?;
            self.columns.insert(table.to_owned(), found);
        }
        Ok(self.columns[table].as_ref())
    }

    /// The rows of a statement.
    pub(super) fn rows(&mut self, sql: &str) -> Outcome<Vec<Row>> {
        self.source.rows(sql)
    }

    /// How many rows a table has; 0 where it is not there.
    pub(super) fn count(&mut self, table: &str, condition: &str) -> Outcome<u64> {
        if !self.has(table)? {
            return Ok(0);
        }
        let sql = format!(
            "SELECT COUNT(*) AS \"rows\" FROM {} WHERE {condition}",
            self.table(table)
        );
        let rows = self.rows(&sql)?;
        let count = rows.first().map_or(0, |row| row.number("rows"));
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// The rows of a table behind a key, by the key.
    pub(super) fn page(
        &mut self,
        table: &str,
        key: &str,
        after: i64,
        condition: &str,
    ) -> Outcome<Vec<Row>> {
        let sql = format!(
            "SELECT t.* FROM {} t WHERE t.\"{key}\" > {after} AND {condition} ORDER BY t.\"{key}\" LIMIT {BATCH}",
            self.table(table)
        );
        self.rows(&sql)
    }

    /// The rows of a table that is keyed by two numbers, behind a pair of them, by the pair.
    pub(super) fn page_of_pairs(
        &mut self,
        table: &str,
        (first, second): (&str, &str),
        after: Pair,
        condition: &str,
    ) -> Outcome<Vec<Row>> {
        let Pair(one, other) = after;
        let sql = format!(
            "SELECT t.* FROM {} t WHERE (t.\"{first}\" > {one} OR (t.\"{first}\" = {one} AND t.\"{second}\" > {other})) \
             AND {condition} ORDER BY t.\"{first}\", t.\"{second}\" LIMIT {BATCH}",
            self.table(table)
        );
        self.rows(&sql)
    }

    /// The rows of a table that belong to others, by whose they are.
    pub(super) fn beside(
        &mut self,
        table: &str,
        key: &str,
        owners: &[i64],
        condition: &str,
    ) -> Outcome<HashMap<i64, Vec<Row>>> {
        let mut found: HashMap<i64, Vec<Row>> = HashMap::new();
        if owners.is_empty() || !self.has(table)? {
            return Ok(found);
        }
        let owners: Vec<String> = owners.iter().map(i64::to_string).collect();
        let sql = format!(
            "SELECT t.* FROM {} t WHERE t.\"{key}\" IN ({}) AND {condition}",
            self.table(table),
            owners.join(", ")
        );
        for row in self.rows(&sql)? {
            found.entry(row.number(key)).or_default().push(row);
        }
        Ok(found)
    }
}

/// The keys of some rows.
pub(super) fn keys(rows: &[Row], key: &str) -> Vec<i64> {
    rows.iter().map(|row| row.number(key)).collect()
}
