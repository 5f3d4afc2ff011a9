//! Databases with the host's tables, and an application in them.

use loggia::store::Pool;
use loggia::store::testing::{TestDatabase, patience};
use loggia_push::{Application, application};
use loggia_sql::Connection;

/// The present of these tests.
pub(crate) const NOW: i64 = 1_800_000_000_000;

/// Runs a test on each database that there is.
pub(crate) fn on_each(test: impl Fn(&mut Connection)) {
    for database in TestDatabase::each() {
        let pool: Pool = database.migrated_pool();
        test(&mut pool.write(patience()).expect("a connection is free"));
    }
}

/// An application with this code.
pub(crate) fn application(connection: &mut Connection, code: &str) -> Application {
    let new = application::NewApplication {
        code,
        name: "Shop",
        ..Default::default()
    };
    application::create(connection, &new, NOW).expect("the application is new")
}
