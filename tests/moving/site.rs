//! A Loggia that a site is moved into.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use loggia::store::testing::{TestDatabase, content};
use loggia_tests::product::{Ran, dist};
use loggia_tests::server::Setup;
use serde_json::Value;

use crate::database::Database;
use crate::fixture::{Version, rows, tables};

/// What modules of the product the tests use.
const MODULES: [&str; 8] = [
    "catalog", "content", "forum", "media", "menu", "profiles", "push", "user",
];

const ENDPOINTS: &str = "[[endpoint]]\nname = \"key\"\npath = \"/key\"\naccess = \"key\"\n\n";

/// A site with modules and nothing in it.
pub(crate) struct Site {
    pub(crate) setup: Setup,
    database_address: String,
}

impl Site {
    pub(crate) fn new(database: TestDatabase) -> Self {
        let database_address = database.address().to_owned();
        let setup = Setup::new(database);
        for module in MODULES {
            let library = dist().join(format!("lib/loggia/modules/{module}.so"));
            fs::copy(library, setup.library(module)).expect("the library can be copied");
        }
        let site = Site {
            setup,
            database_address,
        };
        site.configure("");
        site
    }

    /// One on each database there is.
    pub(crate) fn each() -> Vec<Self> {
        TestDatabase::each().into_iter().map(Site::new).collect()
    }

    pub(crate) fn configure(&self, more: &str) {
        self.setup.configure(&format!("{more}\n{ENDPOINTS}"));
    }

    /// Moves a Joomla site in and gives the report.
    pub(crate) fn import(&self, source: &str, more: &[&str]) -> Value {
        let words = ["import", "joomla", "--database", source, "--json"];
        self.setup.operator(&[&words, more].concat()).done().json()
    }

    pub(crate) fn operator(&self, words: &[&str]) -> Ran {
        self.setup.operator(words)
    }

    /// Every row, as text to compare.
    pub(crate) fn content(&self) -> String {
        let pool =
            loggia::store::Pool::open(&self.database_address, loggia::store::Options::default());
        let all = content(&pool.expect("the database can be opened"));
        let lines = all.lines().filter(|line| {
            // What a site counts for itself: changes of its tables, nodes, the feed of its search index.
            let own = [
                "api_key_version ",
                "node",
                "search_",
                "content_change ",
                "catalog_change ",
            ];
            !own.iter().any(|table| line.starts_with(table))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.setup.folder().join(name)
    }
}

/// A Joomla site of a version on MariaDB.
pub(crate) fn joomla(version: Version) -> Option<Database> {
    let database = Database::mariadb()?;
    database.run(&tables(version, true));
    database.run(&rows(version, true));
    Some(database)
}

/// A table's line of a report.
pub(crate) fn line<'r>(report: &'r Value, kind: &str) -> &'r Value {
    let tables = report["tables"].as_array().expect("tables");
    let found = tables.iter().find(|line| line["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind} in {report:#}"))
}

/// The numbers of a table: taken, updated, unchanged, kept, deleted, skipped.
pub(crate) fn numbers(report: &Value, kind: &str) -> [u64; 6] {
    let line = line(report, kind);
    [
        "taken",
        "updated",
        "unchanged",
        "kept",
        "deleted",
        "skipped",
    ]
    .map(|name| line[name].as_u64().expect("a number"))
}

/// Whether nothing was changed.
pub(crate) fn changed_nothing(report: &Value) -> bool {
    let tables = report["tables"].as_array().expect("tables");
    tables.iter().all(|line| {
        ["taken", "updated", "deleted"]
            .iter()
            .all(|name| line[*name] == 0)
    })
}

/// Holds two contents against each other and shows only the lines that differ.
pub(crate) fn same(one: &str, other: &str) {
    let lines = |text: &str| {
        text.lines()
            .map(str::to_owned)
            .collect::<BTreeSet<String>>()
    };
    let (one, other) = (lines(one), lines(other));
    let only = |some: &BTreeSet<String>, others: &BTreeSet<String>| {
        some.difference(others)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert!(
        one == other,
        "only the first has:\n{}\n\nonly the second has:\n{}",
        only(&one, &other),
        only(&other, &one)
    );
}
