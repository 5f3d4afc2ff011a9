//! Mail that waits to be sent, is being sent, or was: one row a message.
//!
//! A message is claimed before it is sent, under a lease with a counter. A node that lost its lease finds
//! another count and changes nothing, so no two nodes send the same message.

use diesel::prelude::*;
use loggia_sql::Connection;

diesel::table! {
    mail_queue (id) {
        id -> BigInt,
        message_id -> Text,
        account_id -> Nullable<BigInt>,
        recipient -> Text,
        subject -> Text,
        body -> Text,
        state -> Text,
        attempts -> BigInt,
        created_ms -> BigInt,
        next_try_ms -> BigInt,
        lease_node -> Text,
        lease_fence -> BigInt,
        lease_ends_ms -> BigInt,
        finished_ms -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
    }
}

/// The words of the column `state`.
pub mod state {
    /// To be sent at its time.
    pub const WAITING: &str = "waiting";
    /// A node is sending it.
    pub const SENDING: &str = "sending";
    /// A server has taken it. Its text is no longer kept.
    pub const SENT: &str = "sent";
    /// Given up.
    pub const FAILED: &str = "failed";
    /// A node died while it sent it, so nobody knows. It is not sent again by itself.
    pub const UNKNOWN: &str = "unknown";
}

/// A message that is to be queued.
#[derive(Clone, Debug)]
pub struct NewMail<'a> {
    /// Random, the same at each attempt.
    pub message_id: &'a str,
    /// Whom the message is about.
    pub account_id: Option<i64>,
    /// The recipient's address.
    pub recipient: &'a str,
    /// The subject.
    pub subject: &'a str,
    /// The text.
    pub body: &'a str,
    /// The present.
    pub created_ms: i64,
}

/// A message that this node is to send now.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = mail_queue, check_for_backend(loggia_sql::Backend))]
pub struct Claimed {
    /// The row.
    pub id: i64,
    /// As in [`NewMail`].
    pub message_id: String,
    /// As in [`NewMail`].
    pub recipient: String,
    /// As in [`NewMail`].
    pub subject: String,
    /// As in [`NewMail`].
    pub body: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// As in [`NewMail`].
    pub created_ms: i64,
    /// The count of leases; whoever finishes must know it.
    pub lease_fence: i64,
}

/// A message as an operator sees it: without its text.
#[derive(Clone, Debug, Queryable, Selectable, serde::Serialize)]
#[diesel(table_name = mail_queue, check_for_backend(loggia_sql::Backend))]
pub struct Listed {
    /// The row.
    pub id: i64,
    /// To whom.
    pub recipient: String,
    /// About what.
    pub subject: String,
    /// A word of [`state`].
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was queued.
    pub created_ms: i64,
    /// When it is tried next.
    pub next_try_ms: i64,
    /// When it was sent or given up.
    pub finished_ms: Option<i64>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

/// How a message came out.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// A server has taken it.
    Sent,
    /// It is to be tried again.
    Again {
        /// When.
        next_try_ms: i64,
        /// Why it failed.
        error: &'a str,
    },
    /// It is given up.
    GivenUp {
        /// Why it failed.
        error: &'a str,
    },
}

/// Queues a message, in the transaction of the connection.
pub fn insert(connection: &mut Connection, new: &NewMail<'_>) -> QueryResult<i64> {
    diesel::insert_into(mail_queue::table)
        .values((
            mail_queue::message_id.eq(new.message_id),
            mail_queue::account_id.eq(new.account_id),
            mail_queue::recipient.eq(new.recipient),
            mail_queue::subject.eq(new.subject),
            mail_queue::body.eq(new.body),
            mail_queue::state.eq(state::WAITING),
            mail_queue::attempts.eq(0),
            mail_queue::created_ms.eq(new.created_ms),
            mail_queue::next_try_ms.eq(new.created_ms),
            mail_queue::lease_node.eq(""),
            mail_queue::lease_fence.eq(0),
            mail_queue::lease_ends_ms.eq(0),
        ))
        .returning(mail_queue::id)
        .get_result(connection)
}

/// Whether there is something for [`claim`] or [`end_leases`] to do: asked often, and only reads.
pub fn has_work(connection: &mut Connection, now_ms: i64) -> QueryResult<bool> {
    let due = mail_queue::state
        .eq(state::WAITING)
        .and(mail_queue::next_try_ms.le(now_ms));
    let lost = mail_queue::state
        .eq(state::SENDING)
        .and(mail_queue::lease_ends_ms.le(now_ms));
    diesel::select(diesel::dsl::exists(mail_queue::table.filter(due.or(lost))))
        .get_result(connection)
}

/// Takes the message whose turn it is; `None` where none is due.
pub fn claim(
    connection: &mut Connection,
    node: &str,
    now_ms: i64,
    lease_ends_ms: i64,
) -> QueryResult<Option<Claimed>> {
    loop {
        let next: Option<i64> = mail_queue::table
            .filter(mail_queue::state.eq(state::WAITING))
            .filter(mail_queue::next_try_ms.le(now_ms))
            .order((mail_queue::next_try_ms.asc(), mail_queue::id.asc()))
            .select(mail_queue::id)
            .first(connection)
            .optional()?;
        let Some(id) = next else {
            return Ok(None);
        };
        let still_waiting = mail_queue::table
            .filter(mail_queue::id.eq(id))
            .filter(mail_queue::state.eq(state::WAITING));
        let claimed = diesel::update(still_waiting)
            .set((
                mail_queue::state.eq(state::SENDING),
                mail_queue::attempts.eq(mail_queue::attempts + 1),
                mail_queue::lease_node.eq(node),
                mail_queue::lease_fence.eq(mail_queue::lease_fence + 1),
                mail_queue::lease_ends_ms.eq(lease_ends_ms),
            ))
            .returning(Claimed::as_returning())
            .get_result(connection)
            .optional()?;
        if claimed.is_some() {
            return Ok(claimed);
        }
    }
}

/// Notes how a claimed message came out; `false` where somebody else has claimed it meanwhile. A message
/// whose fate was thought unknown for a while is known again.
pub fn finish(
    connection: &mut Connection,
    claimed: &Claimed,
    now_ms: i64,
    outcome: Outcome<'_>,
) -> QueryResult<bool> {
    let mine = mail_queue::table
        .filter(mail_queue::id.eq(claimed.id))
        .filter(mail_queue::state.eq_any([state::SENDING, state::UNKNOWN]))
        .filter(mail_queue::lease_fence.eq(claimed.lease_fence));
    let changed = match outcome {
        Outcome::Sent => diesel::update(mine)
            .set((
                mail_queue::state.eq(state::SENT),
                mail_queue::body.eq(""),
                mail_queue::finished_ms.eq(Some(now_ms)),
                mail_queue::last_error.eq(None::<String>),
            ))
            .execute(connection)?,
        Outcome::Again { next_try_ms, error } => diesel::update(mine)
            .set((
                mail_queue::state.eq(state::WAITING),
                mail_queue::next_try_ms.eq(next_try_ms),
                mail_queue::finished_ms.eq(None::<i64>),
                mail_queue::last_error.eq(Some(error)),
            ))
            .execute(connection)?,
        Outcome::GivenUp { error } => diesel::update(mine)
            .set((
                mail_queue::state.eq(state::FAILED),
                mail_queue::finished_ms.eq(Some(now_ms)),
                mail_queue::last_error.eq(Some(error)),
            ))
            .execute(connection)?,
    };
    Ok(changed == 1)
}

/// Deals with messages whose node is gone: sent again where a double is dropped by the transport, else
/// [`state::UNKNOWN`], for an operator to see.
pub fn end_leases(
    connection: &mut Connection,
    now_ms: i64,
    send_again: bool,
) -> QueryResult<usize> {
    let (word, finished_ms) = if send_again {
        (state::WAITING, None)
    } else {
        (state::UNKNOWN, Some(now_ms))
    };
    let lost = mail_queue::table
        .filter(mail_queue::state.eq(state::SENDING))
        .filter(mail_queue::lease_ends_ms.le(now_ms));
    diesel::update(lost)
        .set((
            mail_queue::state.eq(word),
            mail_queue::finished_ms.eq(finished_ms),
            mail_queue::last_error.eq(Some("the node that sent it has ended")),
        ))
        .execute(connection)
}

/// Sends a message again that was given up or whose fate is unknown; `false` where it is neither.
pub fn retry(connection: &mut Connection, id: i64, now_ms: i64) -> QueryResult<bool> {
    let stuck = mail_queue::table
        .filter(mail_queue::id.eq(id))
        .filter(mail_queue::state.eq_any([state::FAILED, state::UNKNOWN]));
    let changed = diesel::update(stuck)
        .set((
            mail_queue::state.eq(state::WAITING),
            mail_queue::attempts.eq(0),
            mail_queue::next_try_ms.eq(now_ms),
            mail_queue::finished_ms.eq(None::<i64>),
        ))
        .execute(connection)?;
    Ok(changed == 1)
}

/// How many messages are in a state, and since when the oldest of them.
pub fn count(connection: &mut Connection, state: &str) -> QueryResult<(i64, Option<i64>)> {
    mail_queue::table
        .filter(mail_queue::state.eq(state))
        .select((
            diesel::dsl::count_star(),
            diesel::dsl::min(mail_queue::created_ms),
        ))
        .first(connection)
}

/// How many waiting messages have failed before.
pub fn count_retrying(connection: &mut Connection) -> QueryResult<i64> {
    mail_queue::table
        .filter(mail_queue::state.eq(state::WAITING))
        .filter(mail_queue::attempts.gt(0))
        .count()
        .get_result(connection)
}

/// The newest messages, of one state where one is given.
pub fn list(
    connection: &mut Connection,
    state: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<Listed>> {
    let mut query = mail_queue::table.into_boxed();
    if let Some(word) = state {
        query = query.filter(mail_queue::state.eq(word.to_owned()));
    }
    query
        .order(mail_queue::id.desc())
        .limit(limit)
        .select(Listed::as_select())
        .load(connection)
}

/// The messages that wait, oldest first: recipient, subject, text.
pub fn waiting(connection: &mut Connection) -> QueryResult<Vec<(String, String, String)>> {
    mail_queue::table
        .filter(mail_queue::state.eq(state::WAITING))
        .order(mail_queue::id.asc())
        .select((mail_queue::recipient, mail_queue::subject, mail_queue::body))
        .load(connection)
}

/// The messages about an account or to its address, for the export of its data.
pub fn of_account(
    connection: &mut Connection,
    account_id: i64,
    email: &str,
) -> QueryResult<Vec<Listed>> {
    mail_queue::table
        .filter(
            mail_queue::account_id
                .eq(Some(account_id))
                .or(mail_queue::recipient.eq(email)),
        )
        .order(mail_queue::id.asc())
        .select(Listed::as_select())
        .load(connection)
}

/// Removes the messages about an account or to its address, sent or not.
pub fn delete_of_account(
    connection: &mut Connection,
    account_id: i64,
    email: &str,
) -> QueryResult<usize> {
    let concerned = mail_queue::table.filter(
        mail_queue::account_id
            .eq(Some(account_id))
            .or(mail_queue::recipient.eq(email)),
    );
    diesel::delete(concerned).execute(connection)
}

/// Removes messages that were sent before a moment.
pub fn prune(connection: &mut Connection, before_ms: i64) -> QueryResult<usize> {
    let old = mail_queue::table
        .filter(mail_queue::state.eq(state::SENT))
        .filter(mail_queue::finished_ms.lt(Some(before_ms)));
    diesel::delete(old).execute(connection)
}
