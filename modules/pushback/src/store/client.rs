//! Registered users: devices of the platform `page`.

use std::collections::HashMap;

use diesel::prelude::*;
use loggia_push::schema::push_device;
use loggia_push::{Platform, Registration, device, registration};
use loggia_sql::Connection;

/// How many ids one statement looks for; few sizes keep the statements few.
const SIZES: [usize; 3] = [400, 40, 1];

/// The numbers of registered users by their ids.
pub(crate) fn find(
    connection: &mut Connection,
    application: i64,
    ids: &[String],
) -> QueryResult<HashMap<String, i64>> {
    let mut found = HashMap::with_capacity(ids.len());
    let mut rest = ids;
    for size in SIZES {
        while rest.len() >= size {
            let (some, others) = rest.split_at(size);
            let rows: Vec<(String, i64)> = push_device::table
                .filter(push_device::application_id.eq(application))
                .filter(push_device::platform.eq(Platform::Page.word()))
                .filter(push_device::token_digest.eq_any(some.iter().map(|id| digest(id))))
                .select((push_device::token, push_device::id))
                .load(connection)?;
            found.extend(rows);
            rest = others;
        }
    }
    Ok(found)
}

fn digest(id: &str) -> String {
    Platform::Page.digest(id)
}

/// Registers those who are not registered yet; the others stay as they are.
pub(crate) fn register(
    connection: &mut Connection,
    application: i64,
    ids: &[String],
    now_ms: i64,
) -> QueryResult<()> {
    let known = find(connection, application, ids)?;
    for id in ids.iter().filter(|id| !known.contains_key(*id)) {
        let registration = Registration {
            user_ref: Some(id),
            ..Registration::new(application, Platform::Page, id)
        };
        registration::register(connection, &registration, now_ms)?;
    }
    Ok(())
}

/// A registered user.
#[derive(Clone, Debug, Queryable)]
pub(crate) struct Client {
    /// The number.
    pub(crate) id: i64,
    /// The id, as the site says it.
    pub(crate) token: String,
    /// Since when.
    pub(crate) created_ms: i64,
}

/// Registered users behind a number, in the order of their registration.
pub(crate) fn list(
    connection: &mut Connection,
    application: i64,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<Client>> {
    push_device::table
        .filter(push_device::application_id.eq(application))
        .filter(push_device::platform.eq(Platform::Page.word()))
        .filter(push_device::id.gt(after))
        .order(push_device::id)
        .limit(limit)
        .select((push_device::id, push_device::token, push_device::created_ms))
        .load(connection)
}

/// Forgets all users of an application, some at once.
pub(crate) fn forget_all(connection: &mut Connection, application: i64) -> QueryResult<()> {
    loop {
        let some = list(connection, application, 0, 400)?;
        if some.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = some.iter().map(|client| client.id).collect();
        device::delete(connection, &ids)?;
    }
}
