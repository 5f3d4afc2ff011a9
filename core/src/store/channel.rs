//! What was published on channels, for whom it is, and who listens on which node.
//!
//! A message has one row, and one more for each channel that it is for. On PostgreSQL whoever publishes holds a lock
//! until the end of his transaction, so that ids become visible in their order: who has seen one has seen all before
//! it that there will ever be. SQLite has one writer anyhow.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use loggia_sql::{Connection, Dialect};

use super::nodes;

diesel::table! {
    channel_message (id) {
        id -> BigInt,
        created_ms -> BigInt,
        is_end -> Bool,
        content -> Text,
    }
}

diesel::table! {
    channel_target (channel, message_id) {
        channel -> Text,
        message_id -> BigInt,
        notification_id -> Nullable<BigInt>,
        device_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    channel_presence (channel, member, node_id) {
        node_id -> BigInt,
        channel -> Text,
        member -> Text,
    }
}

diesel::table! {
    channel_state (id) {
        id -> BigInt,
        forgotten_id -> BigInt,
    }
}

diesel::table! {
    node (id) {
        id -> BigInt,
        heartbeat_ms -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(channel_message, channel_target);
diesel::allow_tables_to_appear_in_same_query!(channel_presence, node);

/// Any number that no other part of this program locks by.
const LOCK: i64 = 0x6c67_6368_616e_6e65;

/// The name by which PostgreSQL tells nodes of new messages.
pub const NOTICE: &str = "loggia_channel";

/// How many rows one statement writes; few sizes keep the statements few.
const SIZES: [usize; 3] = [400, 40, 1];

/// Somebody whom a message is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// His channel.
    pub channel: String,
    /// The delivery that counts as accepted when the message has been handed to a connection: notification, device.
    pub delivery: Option<(i64, i64)>,
}

/// A message with all whom it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id, higher than that of every earlier one.
    pub id: i64,
    /// When it was published.
    pub created_ms: i64,
    /// Whether it ends the streams of all channels that begin with its content.
    pub is_end: bool,
    /// The JSON text.
    pub content: String,
    /// Whom it is for.
    pub targets: Vec<Target>,
}

/// Publishes in the connection's transaction; gives the message's id.
pub fn publish(
    connection: &mut Connection,
    content: &str,
    targets: &[Target],
    now_ms: i64,
) -> QueryResult<i64> {
    let id = insert(connection, (content, false), now_ms)?;
    let mut rest = targets;
    for size in SIZES {
        while rest.len() >= size {
            let (now, later) = rest.split_at(size);
            insert_targets(connection, id, now)?;
            rest = later;
        }
    }
    notify(connection)?;
    Ok(id)
}

/// Ends all streams on channels that begin so, and forgets what was published on them.
pub fn end(connection: &mut Connection, prefix: &str, now_ms: i64) -> QueryResult<()> {
    let id = insert(connection, (prefix, true), now_ms)?;
    diesel::sql_query(
        r#"DELETE FROM "channel_target" WHERE substr("channel", 1, length($1)) = $2 AND "message_id" < $3"#,
    )
    .bind::<Text, _>(prefix)
    .bind::<Text, _>(prefix)
    .bind::<BigInt, _>(id)
    .execute(connection)?;
    notify(connection)
}

fn insert(
    connection: &mut Connection,
    (content, is_end): (&str, bool),
    now_ms: i64,
) -> QueryResult<i64> {
    if connection.dialect() == Dialect::Postgresql {
        diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
            .bind::<BigInt, _>(LOCK)
            .execute(connection)?;
    }
    diesel::insert_into(channel_message::table)
        .values((
            channel_message::created_ms.eq(now_ms),
            channel_message::is_end.eq(is_end),
            channel_message::content.eq(content),
        ))
        .returning(channel_message::id)
        .get_result(connection)
}

fn insert_targets(connection: &mut Connection, id: i64, targets: &[Target]) -> QueryResult<()> {
    let rows: Vec<_> = targets
        .iter()
        .map(|target| {
            (
                channel_target::channel.eq(&target.channel),
                channel_target::message_id.eq(id),
                channel_target::notification_id.eq(target.delivery.map(|(one, _)| one)),
                channel_target::device_id.eq(target.delivery.map(|(_, device)| device)),
            )
        })
        .collect();
    diesel::insert_into(channel_target::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(connection)?;
    Ok(())
}

/// Tells the other nodes, once the transaction is committed.
fn notify(connection: &mut Connection) -> QueryResult<()> {
    loggia_push::wake::notify(connection, NOTICE)
}

/// The id of the last message that there is or was.
pub fn last_id(connection: &mut Connection) -> QueryResult<i64> {
    let last: Option<i64> = channel_message::table
        .select(diesel::dsl::max(channel_message::id))
        .get_result(connection)?;
    Ok(last.unwrap_or(0).max(forgotten_id(connection)?))
}

/// The id of the last message that is not kept any more.
pub fn forgotten_id(connection: &mut Connection) -> QueryResult<i64> {
    channel_state::table
        .select(channel_state::forgotten_id)
        .first(connection)
}

type MessageRow = (i64, i64, bool, String);
type TargetRow = (String, i64, Option<i64>, Option<i64>);

/// The messages behind one, oldest first, at most so many.
pub fn after(connection: &mut Connection, last: i64, limit: i64) -> QueryResult<Vec<Message>> {
    let rows: Vec<MessageRow> = channel_message::table
        .filter(channel_message::id.gt(last))
        .order(channel_message::id)
        .limit(limit)
        .load(connection)?;
    let Some(&(end, ..)) = rows.last() else {
        return Ok(Vec::new());
    };
    let mut messages: Vec<Message> = rows.into_iter().map(message).collect();
    let targets: Vec<TargetRow> = channel_target::table
        .filter(channel_target::message_id.gt(last))
        .filter(channel_target::message_id.le(end))
        .order(channel_target::message_id)
        .load(connection)?;
    for (channel, id, notification, device) in targets {
        let place = messages.binary_search_by_key(&id, |message| message.id);
        if let Ok(place) = place {
            let delivery = notification.zip(device);
            messages[place].targets.push(Target { channel, delivery });
        }
    }
    Ok(messages)
}

fn message((id, created_ms, is_end, content): MessageRow) -> Message {
    Message {
        id,
        created_ms,
        is_end,
        content,
        targets: Vec::new(),
    }
}

/// What a page asks for: the columns of a message and of its target.
#[diesel::dsl::auto_type(no_type_alias)]
fn on_channel<'a>(channel: &'a str, since: i64, until: i64) -> _ {
    let of_target = channel_message::id.eq(channel_target::message_id);
    channel_target::table
        .inner_join(channel_message::table.on(of_target))
        .filter(channel_target::channel.eq(channel))
        .filter(channel_target::message_id.gt(since))
        .filter(channel_target::message_id.le(until))
        .select((
            channel_message::id,
            channel_message::created_ms,
            channel_message::content,
            channel_target::notification_id,
            channel_target::device_id,
        ))
}

/// What was published on one channel behind one message and up to another, oldest first, of many the oldest.
pub fn history(
    connection: &mut Connection,
    channel: &str,
    (since, until): (i64, i64),
    limit: i64,
) -> QueryResult<Vec<Message>> {
    let rows: Vec<FoundRow> = on_channel(channel, since, until)
        .order(channel_target::message_id)
        .limit(limit)
        .load(connection)?;
    Ok(rows.into_iter().map(|row| found(channel, row)).collect())
}

/// As [`history`], but of many the newest.
pub fn newest(
    connection: &mut Connection,
    channel: &str,
    (since, until): (i64, i64),
    limit: i64,
) -> QueryResult<Vec<Message>> {
    let rows: Vec<FoundRow> = on_channel(channel, since, until)
        .order(channel_target::message_id.desc())
        .limit(limit)
        .load(connection)?;
    let rows = rows.into_iter().rev();
    Ok(rows.map(|row| found(channel, row)).collect())
}

type FoundRow = (i64, i64, String, Option<i64>, Option<i64>);

fn found(channel: &str, row: FoundRow) -> Message {
    let (id, created_ms, content, notification, device) = row;
    Message {
        id,
        created_ms,
        is_end: false,
        content,
        targets: vec![Target {
            channel: channel.to_owned(),
            delivery: notification.zip(device),
        }],
    }
}

/// How many messages are forgotten in one transaction.
const FORGOTTEN_AT_ONCE: i64 = 500;

/// Forgets messages that are older than a time, at most so many; how many, and the deliveries that wait in vain now.
pub fn forget(
    connection: &mut Connection,
    before_ms: i64,
) -> QueryResult<(usize, Vec<(i64, i64)>)> {
    let old: Option<i64> = channel_message::table
        .filter(channel_message::created_ms.lt(before_ms))
        .order(channel_message::id)
        .offset(FORGOTTEN_AT_ONCE - 1)
        .select(channel_message::id)
        .first(connection)
        .optional()?;
    let last = match old {
        Some(last) => Some(last),
        None => channel_message::table
            .filter(channel_message::created_ms.lt(before_ms))
            .select(diesel::dsl::max(channel_message::id))
            .get_result(connection)?,
    };
    let Some(last) = last else {
        return Ok((0, Vec::new()));
    };
    let targets = channel_target::table.filter(channel_target::message_id.le(last));
    let waiting: Vec<(Option<i64>, Option<i64>)> = targets
        .filter(channel_target::notification_id.is_not_null())
        .select((channel_target::notification_id, channel_target::device_id))
        .load(connection)?;
    diesel::delete(channel_target::table.filter(channel_target::message_id.le(last)))
        .execute(connection)?;
    let gone = diesel::delete(channel_message::table.filter(channel_message::id.le(last)))
        .execute(connection)?;
    diesel::update(channel_state::table)
        .set(channel_state::forgotten_id.eq(last))
        .execute(connection)?;
    let waiting = waiting
        .into_iter()
        .filter_map(|(one, device)| one.zip(device));
    Ok((gone, waiting.collect()))
}

/// A member of a channel.
pub type Seat = (String, String);

/// Enters who has come to a node and takes out who has left it.
pub fn change_presence(
    connection: &mut Connection,
    node: i64,
    come: &[Seat],
    left: &[Seat],
) -> QueryResult<()> {
    for (channel, member) in left {
        let row = channel_presence::table
            .filter(channel_presence::channel.eq(channel))
            .filter(channel_presence::member.eq(member))
            .filter(channel_presence::node_id.eq(node));
        diesel::delete(row).execute(connection)?;
    }
    let mut rest = come;
    for size in SIZES {
        while rest.len() >= size {
            let (now, later) = rest.split_at(size);
            enter(connection, node, now)?;
            rest = later;
        }
    }
    Ok(())
}

fn enter(connection: &mut Connection, node: i64, seats: &[Seat]) -> QueryResult<()> {
    let rows: Vec<_> = seats
        .iter()
        .map(|(channel, member)| {
            (
                channel_presence::node_id.eq(node),
                channel_presence::channel.eq(channel),
                channel_presence::member.eq(member),
            )
        })
        .collect();
    diesel::insert_into(channel_presence::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(connection)?;
    Ok(())
}

/// Takes out everybody of a node, and of nodes that are dead.
pub fn clear_presence(connection: &mut Connection, node: i64) -> QueryResult<()> {
    let since = nodes::alive_since_ms(connection)?;
    let present: Vec<i64> = channel_presence::table
        .select(channel_presence::node_id)
        .distinct()
        .load(connection)?;
    let living: Vec<i64> = node::table
        .filter(node::heartbeat_ms.ge(since))
        .select(node::id)
        .load(connection)?;
    for gone in present {
        if gone == node || !living.contains(&gone) {
            let rows = channel_presence::table.filter(channel_presence::node_id.eq(gone));
            diesel::delete(rows).execute(connection)?;
        }
    }
    Ok(())
}

/// Who listens on some channels at nodes that live, but not at one of them.
pub fn present(
    connection: &mut Connection,
    channels: &[String],
    but_not_at: i64,
) -> QueryResult<Vec<Seat>> {
    let since = nodes::alive_since_ms(connection)?;
    let mut found = Vec::new();
    for some in channels.chunks(SIZES[0]) {
        let rows: Vec<Seat> = channel_presence::table
            .inner_join(node::table.on(node::id.eq(channel_presence::node_id)))
            .filter(node::heartbeat_ms.ge(since))
            .filter(channel_presence::node_id.ne(but_not_at))
            .filter(channel_presence::channel.eq_any(some.to_vec()))
            .select((channel_presence::channel, channel_presence::member))
            .distinct()
            .load(connection)?;
        found.extend(rows);
    }
    Ok(found)
}
