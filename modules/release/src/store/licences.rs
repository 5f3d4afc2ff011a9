//! Licences and the sites they are used on.

use diesel::dsl::max;
use diesel::prelude::*;
use loggia_sql::{Backend, Connection, lock_rows};

use super::schema::{release_group, release_licence, release_licence_site};

/// A licence. Its key is derived when it is needed; only a digest of it is kept.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = release_licence, check_for_backend(Backend))]
pub(crate) struct LicenceRow {
    pub(crate) id: i64,
    pub(crate) group_id: String,
    pub(crate) user_id: i64,
    pub(crate) serial: i64,
    pub(crate) key_lookup: String,
    pub(crate) key_hint: String,
    pub(crate) reference: Option<String>,
    pub(crate) note: String,
    pub(crate) expires_ms: Option<i64>,
    pub(crate) site_limit: i64,
    pub(crate) revoked_ms: Option<i64>,
    pub(crate) revoke_reason: Option<String>,
    pub(crate) created_ms: i64,
}

/// A licence to be added.
#[derive(Debug, Insertable)]
#[diesel(table_name = release_licence, check_for_backend(Backend))]
pub(crate) struct NewLicence<'a> {
    pub(crate) group_id: &'a str,
    pub(crate) user_id: i64,
    pub(crate) serial: i64,
    pub(crate) key_lookup: &'a str,
    pub(crate) key_hint: &'a str,
    pub(crate) reference: Option<&'a str>,
    pub(crate) note: &'a str,
    pub(crate) expires_ms: Option<i64>,
    pub(crate) site_limit: i64,
    pub(crate) created_ms: i64,
}

/// Which licences a list shows.
#[derive(Debug, Default)]
pub(crate) struct Filter<'a> {
    pub(crate) group: Option<&'a str>,
    pub(crate) user: Option<i64>,
    pub(crate) limit: i64,
    pub(crate) offset: i64,
}

/// The licence a key belongs to.
pub(crate) fn by_lookup(
    connection: &mut Connection,
    lookup: &str,
) -> QueryResult<Option<LicenceRow>> {
    release_licence::table
        .filter(release_licence::key_lookup.eq(lookup))
        .select(LicenceRow::as_select())
        .first(connection)
        .optional()
}

/// A licence by its id.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<LicenceRow>> {
    release_licence::table
        .find(id)
        .select(LicenceRow::as_select())
        .first(connection)
        .optional()
}

/// The licence that was issued under a caller's own reference.
pub(crate) fn by_reference(
    connection: &mut Connection,
    reference: &str,
) -> QueryResult<Option<LicenceRow>> {
    release_licence::table
        .filter(release_licence::reference.eq(reference))
        .select(LicenceRow::as_select())
        .first(connection)
        .optional()
}

/// All licences of an account in a group, the newest first.
pub(crate) fn of_user(
    connection: &mut Connection,
    group: &str,
    user: i64,
) -> QueryResult<Vec<LicenceRow>> {
    release_licence::table
        .filter(release_licence::group_id.eq(group))
        .filter(release_licence::user_id.eq(user))
        .order(release_licence::serial.desc())
        .select(LicenceRow::as_select())
        .load(connection)
}

/// All licences of an account, in the order they were issued.
pub(crate) fn of_person(connection: &mut Connection, user: i64) -> QueryResult<Vec<LicenceRow>> {
    release_licence::table
        .filter(release_licence::user_id.eq(user))
        .order(release_licence::id)
        .select(LicenceRow::as_select())
        .load(connection)
}

/// Removes all licences of an account and the sites they were used on; how many they were.
pub(crate) fn delete_of_person(connection: &mut Connection, user: i64) -> QueryResult<usize> {
    let ids: Vec<i64> = release_licence::table
        .filter(release_licence::user_id.eq(user))
        .select(release_licence::id)
        .load(connection)?;
    let used = release_licence_site::table.filter(release_licence_site::licence_id.eq_any(&ids));
    diesel::delete(used).execute(connection)?;
    diesel::delete(release_licence::table.filter(release_licence::id.eq_any(&ids)))
        .execute(connection)
}

/// The number after the last licence of an account in a group.
pub(crate) fn next_serial(connection: &mut Connection, group: &str, user: i64) -> QueryResult<i64> {
    let last: Option<i64> = release_licence::table
        .filter(release_licence::group_id.eq(group))
        .filter(release_licence::user_id.eq(user))
        .select(max(release_licence::serial))
        .first(connection)?;
    Ok(last.unwrap_or(0) + 1)
}

/// Adds a licence and gives its row.
pub(crate) fn add(
    connection: &mut Connection,
    licence: &NewLicence<'_>,
) -> QueryResult<LicenceRow> {
    diesel::insert_into(release_licence::table)
        .values(licence)
        .returning(LicenceRow::as_returning())
        .get_result(connection)
}

/// Changes how long a licence holds, for how many sites, and its note.
pub(crate) fn save(connection: &mut Connection, licence: &LicenceRow) -> QueryResult<()> {
    diesel::update(release_licence::table.find(licence.id))
        .set((
            release_licence::expires_ms.eq(licence.expires_ms),
            release_licence::site_limit.eq(licence.site_limit),
            release_licence::note.eq(&licence.note),
        ))
        .execute(connection)
        .map(drop)
}

/// Takes a licence back; one that was taken back before stays as it is.
pub(crate) fn revoke(
    connection: &mut Connection,
    id: i64,
    now_ms: i64,
    reason: Option<&str>,
) -> QueryResult<()> {
    let valid = release_licence::table
        .find(id)
        .filter(release_licence::revoked_ms.is_null());
    diesel::update(valid)
        .set((
            release_licence::revoked_ms.eq(now_ms),
            release_licence::revoke_reason.eq(reason),
        ))
        .execute(connection)
        .map(drop)
}

/// A page of the licences, in the order they were issued.
pub(crate) fn list(
    connection: &mut Connection,
    filter: &Filter<'_>,
) -> QueryResult<Vec<LicenceRow>> {
    let mut query = release_licence::table
        .order(release_licence::id)
        .limit(filter.limit)
        .offset(filter.offset)
        .select(LicenceRow::as_select())
        .into_boxed();
    if let Some(group) = filter.group {
        query = query.filter(release_licence::group_id.eq(group));
    }
    if let Some(user) = filter.user {
        query = query.filter(release_licence::user_id.eq(user));
    }
    query.load(connection)
}

/// How many licences there are in all.
pub(crate) fn count(connection: &mut Connection, filter: &Filter<'_>) -> QueryResult<i64> {
    let mut query = release_licence::table.count().into_boxed();
    if let Some(group) = filter.group {
        query = query.filter(release_licence::group_id.eq(group));
    }
    if let Some(user) = filter.user {
        query = query.filter(release_licence::user_id.eq(user));
    }
    query.first(connection)
}

/// Holds a group's row until the transaction ends, so that its licences are numbered by one at a time.
pub(crate) fn hold_group(connection: &mut Connection, group: &str) -> QueryResult<()> {
    let row = release_group::table.find(group).select(release_group::id);
    let held: Vec<String> = lock_rows(row).load(connection)?;
    drop(held);
    Ok(())
}

/// Holds a licence's row until the transaction ends, so that sites are counted by one at a time.
pub(crate) fn hold(connection: &mut Connection, id: i64) -> QueryResult<Option<i64>> {
    let ids: Vec<i64> =
        lock_rows(release_licence::table.find(id).select(release_licence::id)).load(connection)?;
    Ok(ids.into_iter().next())
}

/// When a licence was first and last used on a site.
pub(crate) fn site(
    connection: &mut Connection,
    licence: i64,
    site: &str,
) -> QueryResult<Option<(i64, i64)>> {
    release_licence_site::table
        .find((licence, site))
        .select((
            release_licence_site::first_seen_ms,
            release_licence_site::last_seen_ms,
        ))
        .first(connection)
        .optional()
}

/// The names of all sites a licence is used on, with the times.
pub(crate) fn sites(
    connection: &mut Connection,
    licence: i64,
) -> QueryResult<Vec<(String, i64, i64)>> {
    release_licence_site::table
        .filter(release_licence_site::licence_id.eq(licence))
        .order(release_licence_site::site)
        .select((
            release_licence_site::site,
            release_licence_site::first_seen_ms,
            release_licence_site::last_seen_ms,
        ))
        .load(connection)
}

/// Notes that a licence is used on a site.
pub(crate) fn save_site(
    connection: &mut Connection,
    licence: i64,
    site: &str,
    now_ms: i64,
) -> QueryResult<()> {
    diesel::insert_into(release_licence_site::table)
        .values((
            release_licence_site::licence_id.eq(licence),
            release_licence_site::site.eq(site),
            release_licence_site::first_seen_ms.eq(now_ms),
            release_licence_site::last_seen_ms.eq(now_ms),
        ))
        .on_conflict((release_licence_site::licence_id, release_licence_site::site))
        .do_update()
        .set(release_licence_site::last_seen_ms.eq(now_ms))
        .execute(connection)
        .map(drop)
}

/// Frees a site's place; `false` where it had none.
pub(crate) fn remove_site(
    connection: &mut Connection,
    licence: i64,
    site: &str,
) -> QueryResult<bool> {
    diesel::delete(release_licence_site::table.find((licence, site)))
        .execute(connection)
        .map(|removed| removed > 0)
}
