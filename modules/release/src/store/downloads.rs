//! How often each package was downloaded, in all and by day.

use diesel::prelude::*;
use loggia_sql::Connection;

use super::schema::{release_download, release_package};

const DAY_MS: i64 = 86_400_000;

/// Adds downloads to a package's sums, in a transaction of the caller's.
pub(crate) fn add(
    connection: &mut Connection,
    package: &str,
    now_ms: i64,
    downloads: i64,
) -> QueryResult<()> {
    diesel::update(release_package::table.find(package))
        .set(release_package::downloads.eq(release_package::downloads + downloads))
        .execute(connection)?;
    diesel::insert_into(release_download::table)
        .values((
            release_download::package_id.eq(package),
            release_download::day.eq(now_ms.div_euclid(DAY_MS)),
            release_download::downloads.eq(downloads),
        ))
        .on_conflict((release_download::package_id, release_download::day))
        .do_update()
        .set(release_download::downloads.eq(release_download::downloads + downloads))
        .execute(connection)
        .map(drop)
}

/// The sums of all packages.
pub(crate) fn sums(connection: &mut Connection) -> QueryResult<Vec<(String, i64)>> {
    release_package::table
        .select((release_package::id, release_package::downloads))
        .load(connection)
}
