//! The key that signs licence files, one for the site.

use diesel::prelude::*;
use loggia_sql::Connection;

use super::schema::release_signing_key;

/// There is one row.
const ONLY: i64 = 1;

/// The key's secret in hexadecimal digits.
pub(crate) fn find(connection: &mut Connection) -> QueryResult<Option<String>> {
    release_signing_key::table
        .find(ONLY)
        .select(release_signing_key::secret)
        .first(connection)
        .optional()
}

/// Keeps a key where there is none yet.
pub(crate) fn add(connection: &mut Connection, secret: &str, now_ms: i64) -> QueryResult<()> {
    diesel::insert_into(release_signing_key::table)
        .values((
            release_signing_key::id.eq(ONLY),
            release_signing_key::secret.eq(secret),
            release_signing_key::created_ms.eq(now_ms),
        ))
        .on_conflict(release_signing_key::id)
        .do_nothing()
        .execute(connection)
        .map(drop)
}
