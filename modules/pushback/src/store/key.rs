//! The host's keys, as far as an application names one.

use diesel::prelude::*;
use loggia_sql::Connection;

diesel::table! {
    api_key (id) {
        id -> BigInt,
        state -> SmallInt,
    }
}

/// The state of a key that was revoked.
const REVOKED: i16 = -3;

/// Whether there is a key with a number that calls can count against. One that is switched off for now is.
pub(crate) fn is_there(connection: &mut Connection, id: i64) -> QueryResult<bool> {
    let known = api_key::table.find(id).filter(api_key::state.ne(REVOKED));
    diesel::select(diesel::dsl::exists(known)).get_result(connection)
}
