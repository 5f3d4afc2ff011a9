//! By which rules, its version and settings, a module has handed in what it offers to the search.

use diesel::prelude::*;
use loggia_sql::Connection;

diesel::table! {
    search_module (module) {
        module -> Text,
        rules -> Text,
    }
}

/// The rules by which a module has handed everything in; `None` where it never has.
pub fn rules(connection: &mut Connection, module: &str) -> QueryResult<Option<String>> {
    search_module::table
        .find(module)
        .select(search_module::rules)
        .first(connection)
        .optional()
}

/// By which rules a module has handed in anything is not known any more.
pub fn forget(connection: &mut Connection, module: &str) -> QueryResult<()> {
    diesel::delete(search_module::table.find(module))
        .execute(connection)
        .map(drop)
}

/// A module has handed everything in by these rules.
pub fn set_rules(connection: &mut Connection, module: &str, rules: &str) -> QueryResult<()> {
    diesel::insert_into(search_module::table)
        .values((
            search_module::module.eq(module),
            search_module::rules.eq(rules),
        ))
        .on_conflict(search_module::module)
        .do_update()
        .set(search_module::rules.eq(rules))
        .execute(connection)
        .map(drop)
}
