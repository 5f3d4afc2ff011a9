//! Claims: what a node takes upon itself to send, written down before the first byte leaves.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use loggia_abi::Value;
use loggia_sql::{Connection, lock_rows};

use crate::audience::Audience;
use crate::delivery::State;
use crate::notification::{Notification, status};
use crate::rows::{self, Listing, number, optional_number, optional_text};
use crate::schema::{push_claim, push_delivery, push_notification};
use crate::source::{self, Target};

/// How long after a look another follows where all that is left is in the hands of nodes.
const BACKSTOP_MS: i64 = 1_000;

/// What is to become of a device that a notification comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is sent.
    Send,
    /// It is not to be sent, for this reason.
    Skip(&'static str),
    /// It is sent later, for this reason.
    Later {
        /// When.
        at_ms: i64,
        /// Why.
        reason: &'static str,
    },
}

/// A device that a node has to send to now.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The device.
    pub target: Target,
    /// How often it will have been sent, this time included.
    pub attempts: i64,
}

/// What one claim of a notification gave.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The notification as it stands afterwards.
    pub notification: Notification,
    /// The number under which answers are settled; 0 where nothing is to be sent.
    pub fence: i64,
    /// To whom to send.
    pub devices: Vec<Claimed>,
    /// What came to its end here: devices that are not to be sent anything.
    pub ended: Vec<Ended>,
    /// Whether more may be had at once.
    pub has_more: bool,
}

/// A device that a notification came to, and that it is not sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The device.
    pub device_id: i64,
    /// [`State::Skipped`] or [`State::Expired`].
    pub state: State,
    /// Why.
    pub reason: Option<&'static str>,
}

/// The notifications whose turn it is, those longest due first.
pub fn due(connection: &mut Connection, now_ms: i64, limit: i64) -> QueryResult<Vec<i64>> {
    push_notification::table
        .filter(push_notification::due_ms.is_not_null())
        .filter(push_notification::due_ms.le(now_ms))
        .order((push_notification::due_ms, push_notification::id))
        .limit(limit)
        .select(push_notification::id)
        .load(connection)
}

/// When the next notification is due; `None` where none is.
pub fn next_due_ms(connection: &mut Connection) -> QueryResult<Option<i64>> {
    push_notification::table
        .filter(push_notification::due_ms.is_not_null())
        .order(push_notification::due_ms)
        .select(push_notification::due_ms)
        .first(connection)
        .optional()
        .map(Option::flatten)
}

/// Takes up to `limit` devices of a notification for a node, in one transaction: first those whose next attempt is
/// due, then new ones. Whoever is not to be sent to gets their row at once. `None` where the notification is not
/// to be sent now.
pub fn claim(
    connection: &mut Connection,
    (notification_id, node_id): (i64, i64),
    limit: i64,
    now_ms: i64,
    judge: &mut dyn FnMut(&Notification, &Target) -> Verdict,
) -> QueryResult<Option<Claim>> {
    connection.transaction(|connection| {
        let row = push_notification::table.find(notification_id);
        let notification = lock_rows(row.select(Notification::as_select()))
            .get_result(connection)
            .optional()?;
        let Some(notification) = notification.filter(|one| is_due(one, now_ms)) else {
            return Ok(None);
        };
        let work = Work {
            notification,
            node_id,
            limit,
            now_ms,
        };
        work.take(connection, judge).map(Some)
    })
}

fn is_due(notification: &Notification, now_ms: i64) -> bool {
    matches!(notification.status, status::SCHEDULED | status::RUNNING)
        && notification.due_ms.is_some_and(|due| due <= now_ms)
}

struct Work {
    notification: Notification,
    node_id: i64,
    limit: i64,
    now_ms: i64,
}

/// Devices whose next attempt is due.
#[derive(Default)]
struct Again {
    /// Those that are there, with how often it was tried.
    there: Vec<(Target, i64)>,
    /// Those that are not there any more.
    lost: Vec<i64>,
}

/// Rows that are written alike.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    is_new: bool,
    state: State,
    reason: Option<&'static str>,
    next_attempt_ms: Option<i64>,
}

impl Work {
    fn take(
        mut self,
        connection: &mut Connection,
        judge: &mut dyn FnMut(&Notification, &Target) -> Verdict,
    ) -> QueryResult<Claim> {
        let mut rows: BTreeMap<Kind, Vec<i64>> = BTreeMap::new();
        let (mut devices, mut ended) = (Vec::new(), Vec::new());
        let Again { there, lost } = self.again(connection)?;
        let taken = Self::size(there.len() + lost.len());
        let mut deltas: HashMap<State, i64> = HashMap::new();
        for id in &lost {
            let kind = Kind::of(false, State::Skipped, Some("the device was deleted"));
            rows.entry(kind).or_default().push(*id);
        }
        let (new, is_last) = if taken >= self.limit {
            (Vec::new(), false)
        } else {
            self.new_devices(connection, self.limit - taken)?
        };
        let again = there
            .into_iter()
            .map(|(target, tries)| (target, tries, false));
        let new = new.into_iter().map(|target| (target, 0, true));
        for (target, tries, is_new) in again.chain(new) {
            let kind = self.kind(is_new, &target, judge);
            rows.entry(kind.clone()).or_default().push(target.id);
            match kind.state {
                State::Sent => {
                    let attempts = tries + 1;
                    devices.push(Claimed { target, attempts });
                }
                State::Queued => {}
                state => ended.push(Ended {
                    device_id: target.id,
                    state,
                    reason: kind.reason,
                }),
            }
        }
        let fence = self.enter_claim(connection, &devices)?;
        self.count_up(connection, &mut devices)?;
        for (kind, ids) in &rows {
            let count = Self::size(ids.len());
            *deltas.entry(kind.state).or_default() += count;
            if kind.is_new {
                self.insert(connection, kind, ids, fence)?;
            } else {
                *deltas.entry(State::Queued).or_default() -= count;
                self.update(connection, kind, ids, fence)?;
            }
        }
        let has_more = !is_last;
        self.end(connection, deltas, Self::size(devices.len()), has_more)?;
        Ok(Claim {
            notification: self.notification,
            fence: fence.unwrap_or(0),
            devices,
            ended,
            has_more,
        })
    }

    fn size(count: usize) -> i64 {
        i64::try_from(count).unwrap_or(i64::MAX)
    }

    fn is_late(&self) -> bool {
        let expires_ms = self.notification.expires_ms;
        expires_ms.is_some_and(|expires_ms| expires_ms <= self.now_ms)
    }

    /// Devices whose next attempt is due.
    fn again(&self, connection: &mut Connection) -> QueryResult<Again> {
        if self.notification.queued == 0 {
            return Ok(Again::default());
        }
        // What is out of date waits for nothing any more.
        let up_to = if self.is_late() {
            i64::MAX
        } else {
            self.now_ms
        };
        let waiting: Vec<(i64, i64)> = push_delivery::table
            .filter(push_delivery::notification_id.eq(self.notification.id))
            .filter(push_delivery::next_attempt_ms.is_not_null())
            .filter(push_delivery::next_attempt_ms.le(up_to))
            .order(push_delivery::next_attempt_ms)
            .limit(self.limit)
            .select((push_delivery::device_id, push_delivery::attempts))
            .load(connection)?;
        let ids: Vec<i64> = waiting.iter().map(|(id, _)| *id).collect();
        let mut attempts: HashMap<i64, i64> = waiting.into_iter().collect();
        let there = source::by_ids(connection, &ids)?;
        let there = there
            .into_iter()
            .filter_map(|target| attempts.remove(&target.id).map(|tries| (target, tries)))
            .collect();
        Ok(Again {
            there,
            lost: attempts.into_keys().collect(),
        })
    }

    fn new_devices(
        &mut self,
        connection: &mut Connection,
        limit: i64,
    ) -> QueryResult<(Vec<Target>, bool)> {
        let Some(audience) = Audience::read(&self.notification.audience) else {
            return Ok((Vec::new(), true));
        };
        let page = source::next(connection, &self.notification, &audience, limit)?;
        self.notification.last_device_id = page.up_to;
        Ok((page.targets, page.is_last))
    }

    fn kind(
        &self,
        is_new: bool,
        target: &Target,
        judge: &mut dyn FnMut(&Notification, &Target) -> Verdict,
    ) -> Kind {
        if self.is_late() {
            return Kind::of(is_new, State::Expired, None);
        }
        match judge(&self.notification, target) {
            Verdict::Send => Kind::of(is_new, State::Sent, None),
            Verdict::Skip(reason) => Kind::of(is_new, State::Skipped, Some(reason)),
            Verdict::Later { at_ms, reason } => Kind {
                next_attempt_ms: Some(at_ms.max(self.now_ms + 1)),
                ..Kind::of(is_new, State::Queued, Some(reason))
            },
        }
    }

    /// Writes down what the node has taken; its number is the fence.
    fn enter_claim(
        &self,
        connection: &mut Connection,
        devices: &[Claimed],
    ) -> QueryResult<Option<i64>> {
        if devices.is_empty() {
            return Ok(None);
        }
        let ids = rows::list(devices.iter().map(|claimed| claimed.target.id));
        diesel::insert_into(push_claim::table)
            .values((
                push_claim::notification_id.eq(self.notification.id),
                push_claim::node_id.eq(self.node_id),
                push_claim::devices.eq(ids),
                push_claim::created_ms.eq(self.now_ms),
            ))
            .returning(push_claim::id)
            .get_result(connection)
            .map(Some)
    }

    /// Raises the number at the icons of the devices, where the message says so; once, however often it is sent.
    fn count_up(&self, connection: &mut Connection, devices: &mut [Claimed]) -> QueryResult<()> {
        let Some(step) = step(&self.notification.message) else {
            return Ok(());
        };
        let mut ids = Vec::new();
        for device in devices.iter_mut().filter(|device| device.attempts == 1) {
            device.target.badge = Some(device.target.badge.unwrap_or(0) + step);
            ids.push(device.target.id);
        }
        let listing = Listing::of_devices(connection.dialect(), ids);
        let sql = format!(
            "UPDATE \"push_device\" SET \"badge\" = COALESCE(\"badge\", 0) + $1 \
             WHERE \"id\" IN (SELECT \"device\" FROM {})",
            listing.source(2)
        );
        let ids = listing.finish();
        connection.execute_values(&sql, &rows::with(vec![number(step)], &ids))?;
        Ok(())
    }

    fn insert(
        &self,
        connection: &mut Connection,
        kind: &Kind,
        ids: &[i64],
        fence: Option<i64>,
    ) -> QueryResult<()> {
        let listing = Listing::of_devices(connection.dialect(), ids.iter().copied());
        let sql = format!(
            "INSERT INTO \"push_delivery\" (\"notification_id\", \"device_id\", \"state\", \"reason\", \"node_id\", \
             \"fence\", \"attempts\", \"next_attempt_ms\", \"created_ms\", \"updated_ms\") \
             SELECT $1, \"device\", $2, $3, $4, $5, $6, $7, $8, $8 FROM {}",
            listing.source(9)
        );
        self.write(connection, &sql, kind, listing, fence)
    }

    fn update(
        &self,
        connection: &mut Connection,
        kind: &Kind,
        ids: &[i64],
        fence: Option<i64>,
    ) -> QueryResult<()> {
        let listing = Listing::of_devices(connection.dialect(), ids.iter().copied());
        let sql = format!(
            "UPDATE \"push_delivery\" SET \"state\" = $2, \"reason\" = $3, \"node_id\" = $4, \"fence\" = $5, \
             \"attempts\" = \"attempts\" + $6, \"next_attempt_ms\" = $7, \"updated_ms\" = $8 \
             WHERE \"notification_id\" = $1 AND \"device_id\" IN (SELECT \"device\" FROM {})",
            listing.source(9)
        );
        self.write(connection, &sql, kind, listing, fence)
    }

    fn write(
        &self,
        connection: &mut Connection,
        sql: &str,
        kind: &Kind,
        listing: Listing,
        fence: Option<i64>,
    ) -> QueryResult<()> {
        let is_sent = kind.state == State::Sent;
        let (node, fence) = if is_sent {
            (Some(self.node_id), fence)
        } else {
            (None, None)
        };
        let ids = listing.finish();
        let values = vec![
            number(self.notification.id),
            Value::text(kind.state.word()),
            optional_text(kind.reason),
            optional_number(node),
            optional_number(fence),
            number(is_sent.into()),
            optional_number(kind.next_attempt_ms),
            number(self.now_ms),
        ];
        connection.execute_values(sql, &rows::with(values, &ids))?;
        Ok(())
    }

    /// Moves the notification on: its place, its counters, and when it is looked at next.
    fn end(
        &mut self,
        connection: &mut Connection,
        deltas: HashMap<State, i64>,
        taken: i64,
        has_more: bool,
    ) -> QueryResult<()> {
        let deltas: Vec<_> = deltas.into_iter().collect();
        rows::count(connection, self.notification.id, &deltas)?;
        let one = &mut self.notification;
        for (state, delta) in deltas {
            *one.counter(state) += delta;
        }
        one.attempts += taken;
        one.last_run_ms = Some(self.now_ms);
        one.status = status::RUNNING;
        one.due_ms = if has_more {
            Some(self.now_ms)
        } else if one.queued == 0 && one.sent == 0 {
            one.status = status::COMPLETED;
            one.modified_ms = self.now_ms;
            None
        } else {
            next_turn(connection, one, self.now_ms)?
        };
        diesel::update(push_notification::table.find(one.id))
            .set((
                push_notification::last_device_id.eq(one.last_device_id),
                push_notification::attempts.eq(one.attempts),
                push_notification::last_run_ms.eq(one.last_run_ms),
                push_notification::status.eq(one.status),
                push_notification::due_ms.eq(one.due_ms),
                push_notification::modified_ms.eq(one.modified_ms),
            ))
            .execute(connection)?;
        Ok(())
    }
}

/// By how much a message raises the number at an icon.
fn step(message: &str) -> Option<i64> {
    if !message.contains("\"increase\"") {
        return None;
    }
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    ["/badge/increase", "/platforms/ios/badge/increase"]
        .iter()
        .find_map(|path| message.pointer(path)?.as_i64())
}

impl Kind {
    fn of(is_new: bool, state: State, reason: Option<&'static str>) -> Self {
        Kind {
            is_new,
            state,
            reason,
            next_attempt_ms: None,
        }
    }
}

/// When a notification is looked at next whose devices are all in the ledger: at the next attempt, or when it
/// expires, or soon, where something is under way.
pub(crate) fn next_turn(
    connection: &mut Connection,
    notification: &Notification,
    now_ms: i64,
) -> QueryResult<Option<i64>> {
    let next: Option<i64> = push_delivery::table
        .filter(push_delivery::notification_id.eq(notification.id))
        .filter(push_delivery::next_attempt_ms.is_not_null())
        .order(push_delivery::next_attempt_ms)
        .select(push_delivery::next_attempt_ms)
        .first(connection)
        .optional()?
        .flatten();
    let backstop = (notification.sent > 0).then_some(now_ms + BACKSTOP_MS);
    let expiry = notification.expires_ms.filter(|_| next.is_some());
    Ok([next, expiry, backstop].into_iter().flatten().min())
}
