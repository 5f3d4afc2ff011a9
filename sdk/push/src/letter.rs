//! Letters: the messages that wait for webhooks, each with its events. Whoever calls takes one for a while; if he dies
//! it comes to the next one then, with the same id and the same text.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use loggia_sql::Connection;

use crate::hook::{self, Hook};
use crate::schema::{push_event, push_hook};

/// So many events are in one call at most.
const MOST_EVENTS: i64 = 500;
/// So many letters are put into one call at most.
const MOST_LETTERS: i64 = 100;

/// A message that waits, or was given up.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = push_event, check_for_backend(loggia_sql::Backend))]
pub struct Letter {
    /// Its number.
    pub id: i64,
    /// Its id for the outside, the same at each attempt.
    pub public_id: String,
    /// Whose.
    pub application_id: i64,
    /// The events: a JSON list.
    pub content: String,
    /// How many events it has.
    pub size: i64,
    /// How often the receiver was called with it.
    pub attempts: i64,
    /// When it is tried next; `None` where it was given up.
    pub next_attempt_ms: Option<i64>,
    /// Why the last attempt failed.
    pub reason: Option<String>,
    /// When its first event happened.
    pub created_ms: i64,
    /// When it was tried last.
    pub updated_ms: i64,
}

/// Takes the next letter of a webhook that can be called now, and gives it back at a time if it is not settled before.
/// Letters that were never tried are put together.
pub fn take(
    connection: &mut Connection,
    application_id: i64,
    now_ms: i64,
    back_ms: i64,
) -> QueryResult<Option<(Hook, Letter)>> {
    connection.transaction(|connection| {
        let Some(hook) = hook::lock(connection, application_id, now_ms)? else {
            return Ok(None);
        };
        let due: Vec<(i64, i64, i64)> = push_event::table
            .filter(push_event::application_id.eq(application_id))
            .filter(push_event::next_attempt_ms.is_not_null())
            .filter(push_event::next_attempt_ms.le(now_ms))
            .order((push_event::next_attempt_ms, push_event::id))
            .limit(MOST_LETTERS)
            .select((push_event::id, push_event::attempts, push_event::size))
            .load(connection)?;
        let chosen = together(&due);
        let Some(first) = chosen.first() else {
            return Ok(None);
        };
        if chosen.len() > 1 {
            merge(connection, &chosen)?;
        }
        let letter = diesel::update(push_event::table.find(first))
            .set((
                push_event::attempts.eq(push_event::attempts + 1),
                push_event::next_attempt_ms.eq(back_ms),
                push_event::updated_ms.eq(now_ms),
            ))
            .returning(Letter::as_returning())
            .get_result(connection)?;
        Ok(Some((hook, letter)))
    })
}

/// Which letters (number, attempts, events) go in one call: the first, and if that was never tried, others like it.
fn together(due: &[(i64, i64, i64)]) -> Vec<i64> {
    let mut chosen = Vec::new();
    let mut events = 0;
    for (id, attempts, size) in due {
        let fits = *attempts == 0 && events + size <= MOST_EVENTS;
        if !chosen.is_empty() && !fits {
            break;
        }
        chosen.push(*id);
        events += size;
        if *attempts > 0 {
            break;
        }
    }
    chosen
}

/// Puts letters into the first of them.
fn merge(connection: &mut Connection, ids: &[i64]) -> QueryResult<()> {
    let rows: Vec<(i64, String, i64)> = push_event::table
        .filter(push_event::id.eq_any(ids.iter().copied()))
        .order(push_event::id)
        .select((push_event::id, push_event::content, push_event::size))
        .load(connection)?;
    let lists = rows.iter().map(|(_, content, _)| {
        let inner = content.trim_start_matches('[').strip_suffix(']');
        inner.unwrap_or_default()
    });
    let lists: Vec<&str> = lists.filter(|list| !list.is_empty()).collect();
    let size: i64 = rows.iter().map(|(_, _, size)| size).sum();
    let others = ids.iter().skip(1).copied();
    diesel::delete(push_event::table.filter(push_event::id.eq_any(others))).execute(connection)?;
    diesel::update(push_event::table.find(ids[0]))
        .set((
            push_event::content.eq(format!("[{}]", lists.join(","))),
            push_event::size.eq(size),
        ))
        .execute(connection)?;
    Ok(())
}

/// The receiver has taken a letter.
pub fn taken(connection: &mut Connection, letter: &Letter, now_ms: i64) -> QueryResult<()> {
    connection.transaction(|connection| {
        // The webhook first, as everybody who locks both does.
        hook::note_success(connection, letter.application_id, now_ms)?;
        let taken = push_event::table.find(letter.id);
        diesel::delete(taken).execute(connection).map(drop)
    })
}

/// The receiver has not taken a letter: it and the webhook pause until a time. What is older than `given_up_ms` is
/// given up; how many letters that are.
pub fn failed(
    connection: &mut Connection,
    letter: &Letter,
    reason: &str,
    (until_ms, given_up_ms): (i64, i64),
    now_ms: i64,
) -> QueryResult<usize> {
    connection.transaction(|connection| {
        hook::note_failure(
            connection,
            letter.application_id,
            (reason, until_ms),
            now_ms,
        )?;
        diesel::update(push_event::table.find(letter.id))
            .set((
                push_event::next_attempt_ms.eq(until_ms),
                push_event::reason.eq(reason),
            ))
            .execute(connection)?;
        let old = push_event::table
            .filter(push_event::application_id.eq(letter.application_id))
            .filter(push_event::next_attempt_ms.is_not_null())
            .filter(push_event::created_ms.le(given_up_ms));
        diesel::update(old)
            .set((
                push_event::next_attempt_ms.eq(None::<i64>),
                push_event::reason.eq(reason),
                push_event::updated_ms.eq(now_ms),
            ))
            .execute(connection)
    })
}

/// Has letters of an application that were given up tried again, all or one; how many they are.
pub fn retry(
    connection: &mut Connection,
    application_id: i64,
    public_id: Option<&str>,
    now_ms: i64,
) -> QueryResult<usize> {
    let given_up = push_event::table
        .filter(push_event::application_id.eq(application_id))
        .filter(push_event::next_attempt_ms.is_null());
    // They have their time anew.
    let again = (
        push_event::next_attempt_ms.eq(now_ms),
        push_event::created_ms.eq(now_ms),
    );
    match public_id {
        Some(id) => diesel::update(given_up.filter(push_event::public_id.eq(id)))
            .set(again)
            .execute(connection),
        None => diesel::update(given_up).set(again).execute(connection),
    }
}

/// How many letters and events wait, and how many letters were given up.
pub fn counts(connection: &mut Connection, application_id: i64) -> QueryResult<Counts> {
    let of = push_event::table.filter(push_event::application_id.eq(application_id));
    let waiting = of.filter(push_event::next_attempt_ms.is_not_null());
    let given_up = of.filter(push_event::next_attempt_ms.is_null());
    Ok(Counts {
        waiting: waiting.count().get_result(connection)?,
        given_up: given_up.count().get_result(connection)?,
    })
}

/// How many letters there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// So many wait.
    pub waiting: i64,
    /// So many were given up.
    pub given_up: i64,
}

/// The letters of an application behind a number, those that wait or those that were given up.
pub fn list(
    connection: &mut Connection,
    application_id: i64,
    is_given_up: Option<bool>,
    (after, limit): (i64, i64),
) -> QueryResult<Vec<Letter>> {
    let mut letters = push_event::table
        .filter(push_event::application_id.eq(application_id))
        .filter(push_event::id.gt(after))
        .into_boxed();
    letters = match is_given_up {
        Some(true) => letters.filter(push_event::next_attempt_ms.is_null()),
        Some(false) => letters.filter(push_event::next_attempt_ms.is_not_null()),
        None => letters,
    };
    letters
        .order(push_event::id)
        .limit(limit)
        .select(Letter::as_select())
        .load(connection)
}

/// Forgets what was given up before a time, and what waits for a webhook that was stopped before it. What waits for none
/// goes at once: whoever entered it did not see that the webhook was being taken away.
pub fn prune(connection: &mut Connection, before_ms: i64) -> QueryResult<usize> {
    let hook = push_hook::table.filter(push_hook::application_id.eq(push_event::application_id));
    let is_given_up = push_event::next_attempt_ms
        .is_null()
        .and(push_event::updated_ms.lt(before_ms));
    let is_stopped = exists(hook.filter(push_hook::stopped_ms.lt(before_ms)));
    let old = is_given_up.or(is_stopped).or(not(exists(hook)));
    diesel::delete(push_event::table.filter(old)).execute(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_tried_goes_alone_and_what_was_not_goes_together() {
        assert!(together(&[]).is_empty());
        assert_eq!(together(&[(1, 0, 200), (2, 0, 300), (3, 0, 1)]), [1, 2]);
        assert_eq!(together(&[(1, 2, 1), (2, 0, 1)]), [1]);
        assert_eq!(together(&[(1, 0, 1), (2, 1, 1), (3, 0, 1)]), [1]);
        assert_eq!(together(&[(1, 0, 900), (2, 0, 1)]), [1]);
    }
}
