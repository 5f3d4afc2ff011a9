//! What came of what a node took upon itself: the answers, written down many at a time, and the fate of what a dead
//! node had in its hands.

use std::collections::{BTreeMap, HashSet};

use diesel::prelude::*;
use loggia_abi::Value;
use loggia_sql::{Connection, lock_rows};

use crate::claim::next_turn;
use crate::delivery::State;
use crate::event::{self, Happened, Kind as EventKind};
use crate::notification::{Notification, status, unknown_policy};
use crate::rows::{self, Cell, Column, Kind, Listing, number, optional_text};
use crate::schema::{node, push_claim, push_delivery, push_notification};

/// What came of one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled<'a> {
    /// The device.
    pub device_id: i64,
    /// What its delivery is now.
    pub state: State,
    /// Why.
    pub reason: Option<&'a str>,
    /// What the vendor calls it.
    pub vendor_id: Option<&'a str>,
    /// When it is sent again, for [`State::Queued`]; and for [`State::Unknown`], where the notification's policy is to
    /// send again what nobody knows of.
    pub next_attempt_ms: Option<i64>,
    /// Whether it was sent at all. What was not does not count as an attempt.
    pub was_sent: bool,
}

/// A device whose vendor says that it is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retired<'a> {
    /// The device.
    pub device_id: i64,
    /// Why.
    pub reason: &'a str,
    /// Since when; a device that registered since stays.
    pub since_ms: i64,
}

/// Writes down what came of devices of one claim. Rows that somebody else has taken since are left alone. How many
/// were written.
pub fn settle(
    connection: &mut Connection,
    (notification_id, fence): (i64, i64),
    outcomes: &[Settled<'_>],
    is_end_of_claim: bool,
    now_ms: i64,
) -> QueryResult<usize> {
    connection.transaction(|connection| {
        let Some(notification) = lock(connection, notification_id)? else {
            return Ok(0);
        };
        let mut book = Book {
            notification,
            fence,
            now_ms,
            deltas: BTreeMap::new(),
        };
        let mut written = 0;
        for (kind, those) in alike(outcomes) {
            written += book.write(connection, &kind, &those)?;
        }
        if is_end_of_claim {
            diesel::delete(push_claim::table.find(fence)).execute(connection)?;
        }
        book.end(connection)?;
        Ok(written)
    })
}

/// Which of some devices still are in the hands of a claim, so that settling writes them. The notification stays locked
/// until the transaction ends.
pub fn held(
    connection: &mut Connection,
    (notification_id, fence): (i64, i64),
    devices: &[i64],
) -> QueryResult<HashSet<i64>> {
    let mut held = HashSet::with_capacity(devices.len());
    if lock(connection, notification_id)?.is_none() {
        return Ok(held);
    }
    let open = [State::Sent, State::Unknown, State::Queued].map(State::word);
    for some in devices.chunks(1_000) {
        let rows = push_delivery::table
            .filter(push_delivery::notification_id.eq(notification_id))
            .filter(push_delivery::device_id.eq_any(some.iter().copied()))
            .filter(push_delivery::fence.eq(fence))
            .filter(push_delivery::state.eq_any(open))
            .select(push_delivery::device_id);
        held.extend(rows.load::<i64>(connection)?);
    }
    Ok(held)
}

/// Marks devices as gone, unless they have registered since.
pub fn retire(
    connection: &mut Connection,
    retired: &[Retired<'_>],
    now_ms: i64,
) -> QueryResult<usize> {
    if retired.is_empty() {
        return Ok(0);
    }
    let mut listing = Listing::new(connection.dialect(), &RETIRED);
    for one in retired {
        listing.push([
            Cell::Number(one.device_id),
            Cell::Text(one.reason),
            Cell::Number(one.since_ms),
        ]);
    }
    let sql = format!(
        "UPDATE \"push_device\" SET \"status\" = 'retired', \"retired_ms\" = $1, \
         \"retired_reason\" = \"listed\".\"reason\" \
         FROM {} WHERE \"id\" = \"listed\".\"device\" AND \"modified_ms\" <= \"listed\".\"since\" \
         AND \"status\" <> 'retired'",
        listing.source(2)
    );
    let texts = listing.finish();
    connection.execute_values(&sql, &rows::with(vec![number(now_ms)], &texts))
}

fn lock(connection: &mut Connection, notification_id: i64) -> QueryResult<Option<Notification>> {
    let row = push_notification::table.find(notification_id);
    lock_rows(row.select(Notification::as_select()))
        .get_result(connection)
        .optional()
}

/// Devices that are gone, as a statement is given them.
const RETIRED: [Column; 3] = [
    ("device", Kind::Number),
    ("reason", Kind::Text),
    ("since", Kind::Number),
];

/// Answers, as a statement is given them.
const SETTLED: [Column; 3] = [
    ("device", Kind::Number),
    ("vendor", Kind::Text),
    ("next", Kind::Number),
];

/// Writes answers down. Each row of the ledger is found by its key, and nothing else may be tempting: the limit keeps the
/// constants in the list, so that a database which knows nothing of a table that was empty a minute ago does not begin
/// with all rows of the notification, or of the fence, and read the list again for each.
fn statement(listing: &Listing) -> String {
    format!(
        "UPDATE \"push_delivery\" SET \"state\" = $1, \"reason\" = $2, \
         \"vendor_id\" = COALESCE(\"found\".\"vendor\", \"push_delivery\".\"vendor_id\"), \
         \"next_attempt_ms\" = \"found\".\"next\", \"attempts\" = \"attempts\" - $3, \"updated_ms\" = $4 \
         FROM (SELECT CAST($5 AS BIGINT) AS \"notification\", CAST($6 AS BIGINT) AS \"was_fence\", \
         CAST($7 AS TEXT) AS \"was\", \"device\", \"vendor\", \"next\" FROM {} LIMIT $8) AS \"found\" \
         WHERE \"notification_id\" = \"found\".\"notification\" AND \"device_id\" = \"found\".\"device\" \
         AND \"fence\" = \"found\".\"was_fence\" AND \"state\" = \"found\".\"was\"",
        listing.source(9)
    )
}

/// Outcomes that one statement writes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Alike<'a> {
    state: State,
    reason: Option<&'a str>,
    was_sent: bool,
}

fn alike<'a, 'o>(outcomes: &'o [Settled<'a>]) -> BTreeMap<Alike<'a>, Vec<&'o Settled<'a>>> {
    let mut groups: BTreeMap<Alike<'a>, Vec<&Settled<'a>>> = BTreeMap::new();
    for outcome in outcomes {
        let kind = Alike {
            state: outcome.state,
            reason: outcome.reason,
            was_sent: outcome.was_sent,
        };
        groups.entry(kind).or_default().push(outcome);
    }
    groups
}

/// A notification whose row is locked, while its rows of the ledger change.
struct Book {
    notification: Notification,
    fence: i64,
    now_ms: i64,
    deltas: BTreeMap<State, i64>,
}

impl Book {
    /// A state as it is written: with the policy `resend`, what nobody knows of is queued again.
    fn state(&self, state: State) -> State {
        match state {
            State::Unknown if self.notification.unknown_policy == unknown_policy::RESEND => {
                State::Queued
            }
            other => other,
        }
    }

    fn moved(&mut self, from: State, to: State, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        *self.deltas.entry(from).or_default() -= count;
        *self.deltas.entry(to).or_default() += count;
    }

    /// Nearly all rows are still `sent`. Those that are not may be known to be unknown by now, or be queued again
    /// because of that; as long as they carry our fence, nobody has taken them.
    fn write(
        &mut self,
        connection: &mut Connection,
        kind: &Alike<'_>,
        those: &[&Settled<'_>],
    ) -> QueryResult<usize> {
        let state = self.state(kind.state);
        let mut listing = Listing::new(connection.dialect(), &SETTLED);
        for one in those {
            let next_attempt_ms = one.next_attempt_ms.filter(|_| state == State::Queued);
            listing.push([
                Cell::Number(one.device_id),
                one.vendor_id.into(),
                next_attempt_ms.into(),
            ]);
        }
        let sql = statement(&listing);
        let list = (&*sql, &*listing.finish(), those.len());
        let mut written = 0;
        for from in [State::Sent, State::Unknown, State::Queued] {
            if written < those.len() {
                let changed = self.write_from(connection, kind, (from, state), list)?;
                self.moved(from, state, changed);
                written += changed;
                if !kind.was_sent {
                    self.notification.attempts -= i64::try_from(changed).unwrap_or(0);
                }
            }
        }
        if kind.state == State::Unknown {
            self.notification.unknowns += i64::try_from(written).unwrap_or(0);
        }
        Ok(written)
    }

    fn write_from(
        &self,
        connection: &mut Connection,
        kind: &Alike<'_>,
        (from, to): (State, State),
        (sql, texts, count): (&str, &[String], usize),
    ) -> QueryResult<usize> {
        let values = vec![
            Value::text(to.word()),
            optional_text(kind.reason),
            number((!kind.was_sent).into()),
            number(self.now_ms),
            number(self.notification.id),
            number(self.fence),
            Value::text(from.word()),
            number(i64::try_from(count).unwrap_or(i64::MAX)),
        ];
        connection.execute_values(sql, &rows::with(values, texts))
    }

    /// Writes the counters, and has the notification looked at where something waits or all is settled.
    fn end(mut self, connection: &mut Connection) -> QueryResult<()> {
        for (state, delta) in &self.deltas {
            *self.notification.counter(*state) += delta;
        }
        let deltas: Vec<_> = self.deltas.into_iter().collect();
        let one = &mut self.notification;
        rows::count(connection, one.id, &deltas)?;
        if matches!(one.status, status::SCHEDULED | status::RUNNING) {
            let next = if one.sent == 0 && one.queued == 0 {
                Some(self.now_ms)
            } else if one.queued > 0 {
                next_turn(connection, one, self.now_ms)?
            } else {
                None
            };
            one.due_ms = [one.due_ms, next].into_iter().flatten().min();
        }
        diesel::update(push_notification::table.find(one.id))
            .set((
                push_notification::due_ms.eq(one.due_ms),
                push_notification::attempts.eq(one.attempts),
                push_notification::unknowns.eq(one.unknowns),
            ))
            .execute(connection)?;
        Ok(())
    }
}

/// A claim that nobody has in hand any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// The claim, which is the fence of its rows.
    pub id: i64,
    /// Of which notification.
    pub notification_id: i64,
    /// The node.
    pub node_id: i64,
    /// Why nobody has it.
    pub reason: &'static str,
}

/// The claims, all or those of one notification, whose nodes have said nothing since a time, or are not there any more.
pub fn orphans(
    connection: &mut Connection,
    notification_id: Option<i64>,
    alive_since_ms: i64,
    limit: i64,
) -> QueryResult<Vec<Orphan>> {
    let living = node::table
        .filter(node::heartbeat_ms.ge(alive_since_ms))
        .select(node::id);
    let mut found = push_claim::table
        .filter(push_claim::node_id.ne_all(living))
        .order(push_claim::id)
        .limit(limit)
        .select((
            push_claim::id,
            push_claim::notification_id,
            push_claim::node_id,
        ))
        .into_boxed();
    if let Some(id) = notification_id {
        found = found.filter(push_claim::notification_id.eq(id));
    }
    let found = found.load::<(i64, i64, i64)>(connection)?;
    Ok(found.into_iter().map(|row| orphan(row, ENDED)).collect())
}

/// The claims of a living node. Those that it does not know of are adrift: the database has them, and its word of that
/// was lost on the way.
pub fn claims_of(connection: &mut Connection, node_id: i64) -> QueryResult<Vec<Orphan>> {
    let found = push_claim::table
        .filter(push_claim::node_id.eq(node_id))
        .select((
            push_claim::id,
            push_claim::notification_id,
            push_claim::node_id,
        ))
        .load::<(i64, i64, i64)>(connection)?;
    Ok(found.into_iter().map(|row| orphan(row, ADRIFT)).collect())
}

fn orphan((id, notification_id, node_id): (i64, i64, i64), reason: &'static str) -> Orphan {
    Orphan {
        id,
        notification_id,
        node_id,
        reason,
    }
}

/// Ends the claims of a notification whose nodes are dead, without waiting for a node that does so. What a living node
/// has in its hands stays there.
pub fn unlock(
    connection: &mut Connection,
    notification_id: i64,
    alive_since_ms: i64,
    now_ms: i64,
) -> QueryResult<()> {
    for orphan in orphans(connection, Some(notification_id), alive_since_ms, i64::MAX)? {
        recover(connection, &orphan, now_ms)?;
    }
    Ok(())
}

/// Ends a claim that nobody has in hand: what it had under way is unknown, and with the policy `resend` queued again. How many
/// those are; 0 also where somebody else was quicker.
pub fn recover(connection: &mut Connection, orphan: &Orphan, now_ms: i64) -> QueryResult<usize> {
    connection.transaction(|connection| {
        let Some(notification) = lock(connection, orphan.notification_id)? else {
            diesel::delete(push_claim::table.find(orphan.id)).execute(connection)?;
            return Ok(0);
        };
        let devices = diesel::delete(push_claim::table.find(orphan.id))
            .returning(push_claim::devices)
            .get_result::<String>(connection)
            .optional()?;
        let Some(devices) = devices else {
            return Ok(0);
        };
        let mut book = Book {
            notification,
            fence: orphan.id,
            now_ms,
            deltas: BTreeMap::new(),
        };
        let state = book.state(State::Unknown);
        let next_attempt_ms = (state == State::Queued).then_some(now_ms);
        let reason = Some(orphan.reason);
        let lost = book.lose(connection, &devices, reason, (state, next_attempt_ms))?;
        let told = lost.iter().map(|device| Happened {
            reason,
            ..Happened::plain(*device, EventKind::Unknown)
        });
        let told: Vec<_> = told.collect();
        event::enter(connection, orphan.notification_id, &told, now_ms)?;
        let lost = lost.len();
        book.moved(State::Sent, state, lost);
        book.notification.unknowns += i64::try_from(lost).unwrap_or(0);
        book.end(connection)?;
        Ok(lost)
    })
}

/// Why something is unknown whose node is dead.
const ENDED: &str = "the node that sent it has ended";
/// Why something is unknown whose node lives.
const ADRIFT: &str = "the node that took it does not know of it";

impl Book {
    fn lose(
        &self,
        connection: &mut Connection,
        devices: &str,
        reason: Option<&str>,
        (state, next_attempt_ms): (State, Option<i64>),
    ) -> QueryResult<Vec<i64>> {
        let ids: Vec<i64> = serde_json::from_str(devices).unwrap_or_default();
        let mut lost = Vec::new();
        for ids in ids.chunks(1_000) {
            let under_way = push_delivery::table
                .filter(push_delivery::notification_id.eq(self.notification.id))
                .filter(push_delivery::device_id.eq_any(ids.to_vec()))
                .filter(push_delivery::fence.eq(self.fence))
                .filter(push_delivery::state.eq(State::Sent.word()));
            let some = diesel::update(under_way)
                .set((
                    push_delivery::state.eq(state.word()),
                    push_delivery::reason.eq(reason),
                    push_delivery::next_attempt_ms.eq(next_attempt_ms),
                    push_delivery::updated_ms.eq(self.now_ms),
                ))
                .returning(push_delivery::device_id);
            lost.extend(some.get_results::<i64>(connection)?);
        }
        Ok(lost)
    }
}
