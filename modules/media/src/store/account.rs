//! How many bytes the files of each account have together.

use diesel::prelude::*;
use loggia_sql::Connection;

use super::schema::media_account;

/// Adds to an account's bytes and gives their sum. Whoever adds at the same time waits here, so that the sum is
/// right.
pub(crate) fn add(connection: &mut Connection, owner: i64, bytes: i64) -> QueryResult<i64> {
    diesel::insert_into(media_account::table)
        .values((
            media_account::owner_id.eq(owner),
            media_account::size_bytes.eq(0_i64),
        ))
        .on_conflict_do_nothing()
        .execute(connection)?;
    diesel::update(media_account::table.find(owner))
        .set(media_account::size_bytes.eq(media_account::size_bytes + bytes))
        .returning(media_account::size_bytes)
        .get_result(connection)
}

/// Forgets an account.
pub(crate) fn erase(connection: &mut Connection, owner: i64) -> QueryResult<()> {
    diesel::delete(media_account::table.find(owner))
        .execute(connection)
        .map(drop)
}
