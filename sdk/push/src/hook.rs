//! Webhooks: where an application's own server wants to be told what became of its notifications.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use loggia_sql::{Connection, lock_rows};

use crate::kind::Kind;
use crate::schema::{push_application, push_event, push_hook, push_notification};

/// A webhook. What waits to be told lies in the table of events.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = push_hook, check_for_backend(loggia_sql::Backend))]
pub struct Hook {
    /// Whose.
    pub application_id: i64,
    /// The address that is called.
    pub url: String,
    /// What calls are signed with, sealed with the installation's key. Only the engine opens it.
    pub secret: String,
    /// What is told: a JSON list of [`Kind`]s.
    pub kinds: String,
    /// How many calls failed since the last good one.
    pub failures: i64,
    /// Nothing is called before this time.
    pub paused_until_ms: i64,
    /// Since when nothing is told, because the receiver said that it wants nothing any more.
    pub stopped_ms: Option<i64>,
    /// Why the last call that failed did.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_ms: Option<i64>,
    /// When a call last was taken.
    pub last_success_ms: Option<i64>,
    /// When it was made.
    pub created_ms: i64,
    /// When it was changed last.
    pub modified_ms: i64,
}

impl Hook {
    /// What is told.
    pub fn kinds(&self) -> BTreeSet<Kind> {
        kinds(&self.kinds)
    }
}

fn kinds(text: &str) -> BTreeSet<Kind> {
    serde_json::from_str(text).unwrap_or_default()
}

/// A webhook as it is to be.
#[derive(Clone, Debug)]
pub struct NewHook<'a> {
    /// The address.
    pub url: &'a str,
    /// Sealed.
    pub secret: &'a str,
    /// What is told.
    pub kinds: &'a BTreeSet<Kind>,
}

/// Gives an application a webhook, or changes it. One that was stopped, or pauses, is called again.
pub fn put(
    connection: &mut Connection,
    application_id: i64,
    new: &NewHook<'_>,
    now_ms: i64,
) -> QueryResult<()> {
    let kinds = serde_json::to_string(new.kinds).unwrap_or_else(|_| "[]".to_owned());
    let values = (
        push_hook::url.eq(new.url),
        push_hook::secret.eq(new.secret),
        push_hook::kinds.eq(kinds),
        push_hook::failures.eq(0),
        push_hook::paused_until_ms.eq(0),
        push_hook::stopped_ms.eq(None::<i64>),
        push_hook::modified_ms.eq(now_ms),
    );
    connection.transaction(|connection| {
        let changed = diesel::update(push_hook::table.find(application_id))
            .set(values.clone())
            .execute(connection)?;
        if changed == 0 {
            // What one that was taken away has left is not for this one.
            forget_events(connection, application_id)?;
            diesel::insert_into(push_hook::table)
                .values((
                    push_hook::application_id.eq(application_id),
                    values,
                    push_hook::created_ms.eq(now_ms),
                ))
                .execute(connection)?;
        }
        note_change(connection, application_id, now_ms)
    })
}

/// Takes an application's webhook away; how many letters, waiting or given up, went with it, or `None` where it had no
/// webhook.
pub fn delete(
    connection: &mut Connection,
    application_id: i64,
    now_ms: i64,
) -> QueryResult<Option<usize>> {
    connection.transaction(|connection| {
        let letters = forget(connection, application_id)?;
        note_change(connection, application_id, now_ms)?;
        Ok(letters)
    })
}

/// Takes the webhook of an application away that goes too. What waits names its application without a reference, or
/// whoever enters an event would wait for whoever has locked the application.
pub(crate) fn forget(
    connection: &mut Connection,
    application_id: i64,
) -> QueryResult<Option<usize>> {
    let gone = diesel::delete(push_hook::table.find(application_id)).execute(connection)?;
    let letters = forget_events(connection, application_id)?;
    Ok((gone > 0).then_some(letters))
}

fn forget_events(connection: &mut Connection, application_id: i64) -> QueryResult<usize> {
    let letters = push_event::table.filter(push_event::application_id.eq(application_id));
    diesel::delete(letters).execute(connection)
}

/// The engine reads an application again whose version has changed.
fn note_change(connection: &mut Connection, application_id: i64, now_ms: i64) -> QueryResult<()> {
    diesel::update(push_application::table.find(application_id))
        .set((
            push_application::version.eq(push_application::version + 1),
            push_application::modified_ms.eq(now_ms),
        ))
        .execute(connection)?;
    Ok(())
}

/// The webhook of an application.
pub fn of(connection: &mut Connection, application_id: i64) -> QueryResult<Option<Hook>> {
    push_hook::table
        .find(application_id)
        .select(Hook::as_select())
        .first(connection)
        .optional()
}

/// Whether an application is told anything.
pub fn is_listening(connection: &mut Connection, application_id: i64) -> QueryResult<bool> {
    let one = push_hook::table
        .find(application_id)
        .filter(push_hook::stopped_ms.is_null());
    diesel::select(diesel::dsl::exists(one)).get_result(connection)
}

/// What the applications of a notification want to be told; those that want nothing are not among them.
pub(crate) fn of_notification(
    connection: &mut Connection,
    notification_id: i64,
) -> QueryResult<BTreeMap<i64, BTreeSet<Kind>>> {
    let own = push_notification::application_id
        .eq(push_hook::application_id.nullable())
        .or(push_notification::application_id.is_null());
    let rows: Vec<(i64, String)> = push_hook::table
        .inner_join(push_notification::table.on(own.assume_not_null()))
        .filter(push_notification::id.eq(notification_id))
        .filter(push_hook::stopped_ms.is_null())
        .select((push_hook::application_id, push_hook::kinds))
        .load(connection)?;
    let wishes = rows.into_iter().map(|(id, text)| (id, kinds(&text)));
    Ok(wishes.collect())
}

/// The webhooks that can be called now, and have something to be told.
pub fn due(connection: &mut Connection, now_ms: i64) -> QueryResult<Vec<i64>> {
    let waiting = push_event::table
        .filter(push_event::application_id.eq(push_hook::application_id))
        .filter(push_event::next_attempt_ms.is_not_null())
        .filter(push_event::next_attempt_ms.le(now_ms));
    push_hook::table
        .filter(push_hook::stopped_ms.is_null())
        .filter(push_hook::paused_until_ms.le(now_ms))
        .filter(diesel::dsl::exists(waiting))
        .select(push_hook::application_id)
        .load(connection)
}

/// Locks a webhook that can be called, until the transaction ends.
pub(crate) fn lock(
    connection: &mut Connection,
    application_id: i64,
    now_ms: i64,
) -> QueryResult<Option<Hook>> {
    let row = push_hook::table.find(application_id);
    let found: Option<Hook> = lock_rows(row.select(Hook::as_select()))
        .get_result(connection)
        .optional()?;
    let is_free = |hook: &Hook| hook.stopped_ms.is_none() && hook.paused_until_ms <= now_ms;
    Ok(found.filter(is_free))
}

/// A call was taken.
pub(crate) fn note_success(
    connection: &mut Connection,
    application_id: i64,
    now_ms: i64,
) -> QueryResult<()> {
    diesel::update(push_hook::table.find(application_id))
        .set((
            push_hook::failures.eq(0),
            push_hook::paused_until_ms.eq(0),
            push_hook::last_success_ms.eq(now_ms),
        ))
        .execute(connection)?;
    Ok(())
}

/// A call failed: the next one comes later.
pub(crate) fn note_failure(
    connection: &mut Connection,
    application_id: i64,
    (reason, until_ms): (&str, i64),
    now_ms: i64,
) -> QueryResult<()> {
    diesel::update(push_hook::table.find(application_id))
        .set((
            push_hook::failures.eq(push_hook::failures + 1),
            push_hook::paused_until_ms.eq(until_ms),
            push_hook::last_error.eq(reason),
            push_hook::last_error_ms.eq(now_ms),
        ))
        .execute(connection)?;
    Ok(())
}

/// The receiver wants nothing any more: it is told nothing until the webhook is put again. One that was put meanwhile is
/// another.
pub fn stop(
    connection: &mut Connection,
    hook: &Hook,
    reason: &str,
    now_ms: i64,
) -> QueryResult<()> {
    connection.transaction(|connection| {
        let same = push_hook::table
            .find(hook.application_id)
            .filter(push_hook::modified_ms.eq(hook.modified_ms));
        diesel::update(same)
            .set((
                push_hook::stopped_ms.eq(now_ms),
                push_hook::last_error.eq(reason),
                push_hook::last_error_ms.eq(now_ms),
            ))
            .execute(connection)?;
        note_change(connection, hook.application_id, now_ms)
    })
}
