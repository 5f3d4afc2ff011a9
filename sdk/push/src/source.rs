//! Which devices an audience means, in the order of their numbers, some at a time. No statement here reads devices
//! that an earlier page has passed, and none reads more than a bounded number of rows.

use std::collections::BTreeSet;

use diesel::prelude::*;
use loggia_sql::{Backend, Connection};

use crate::audience::Audience;
use crate::condition::Condition;
use crate::notification::Notification;
use crate::schema::{account_group, push_application, push_device, push_subscription, user_group};

/// How many devices one page looks at where no index finds those that are meant.
const WINDOW: i64 = 5_000;
/// How many names one statement takes.
const NAMES: usize = 1_000;

/// What is known of a device when it is to be told something.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = push_device, check_for_backend(loggia_sql::Backend))]
pub struct Target {
    /// Its number.
    pub id: i64,
    /// Whose device it is.
    pub application_id: i64,
    /// The word of a platform.
    pub platform: String,
    /// The vendor's name for it.
    pub token: String,
    /// A word of [`status`](crate::device::status).
    pub status: String,
    /// As in [`Device`](crate::device::Device).
    pub user_ref: Option<String>,
    /// As in [`Device`](crate::device::Device).
    pub language: Option<String>,
    /// As in [`Device`](crate::device::Device).
    pub time_zone: Option<String>,
    /// As in [`Device`](crate::device::Device).
    pub badge: Option<i64>,
    /// As in [`Device`](crate::device::Device).
    pub ios_alert: bool,
    /// As in [`Device`](crate::device::Device).
    pub ios_badge: bool,
    /// As in [`Device`](crate::device::Device).
    pub ios_sound: bool,
    /// As in [`Device`](crate::device::Device).
    pub preferences: Option<String>,
}

/// Some devices of an audience.
pub(crate) struct Page {
    /// The devices, in the order of their numbers.
    pub(crate) targets: Vec<Target>,
    /// Up to which number the audience has been looked through.
    pub(crate) up_to: i64,
    /// Whether there is nothing behind that.
    pub(crate) is_last: bool,
}

type Devices<'a> = push_device::BoxedQuery<'a, Backend>;

/// The next devices of a notification, at most so many.
pub(crate) fn next(
    connection: &mut Connection,
    notification: &Notification,
    audience: &Audience,
    limit: i64,
) -> QueryResult<Page> {
    let reader = Reader {
        notification,
        limit,
    };
    match audience {
        Audience::All if notification.platform.is_none() => reader.straight(connection, None),
        Audience::All => reader.window(connection, None),
        Audience::Groups(groups) => {
            let groups = with_children(connection, groups)?;
            reader.window(connection, Some(Wanted::Groups(&groups)))
        }
        Audience::Query(condition) if condition.is_narrow() => {
            reader.straight(connection, Some(Wanted::Condition(condition)))
        }
        Audience::Query(condition) => reader.window(connection, Some(Wanted::Condition(condition))),
        Audience::Users(ids) => reader.chunks(connection, ids, |ids, devices| {
            devices
                .filter(push_device::user_id.is_not_null())
                .filter(push_device::user_id.eq_any(ids.to_vec()))
        }),
        Audience::People(names) => reader.chunks(connection, names, |names, devices| {
            devices
                .filter(push_device::user_ref.is_not_null())
                .filter(push_device::user_ref.eq_any(names.to_vec()))
        }),
        Audience::Devices(ids) => {
            let first = ids.partition_point(|id| *id <= notification.last_device_id);
            let end = ids.len().min(first + usize::try_from(limit).unwrap_or(0));
            reader.named(connection, &ids[first..end], end == ids.len())
        }
        Audience::Topics(topics) => reader.topics(connection, topics),
    }
}

/// What a device has to fulfil besides.
enum Wanted<'a> {
    Groups(&'a [i64]),
    Condition(&'a Condition),
}

struct Reader<'a> {
    notification: &'a Notification,
    limit: i64,
}

impl Reader<'_> {
    /// The devices of application and platform behind the last one.
    fn devices(&self) -> Devices<'static> {
        let mut devices = push_device::table
            .filter(push_device::id.gt(self.notification.last_device_id))
            .into_boxed();
        if let Some(id) = self.notification.application_id {
            devices = devices.filter(push_device::application_id.eq(id));
        }
        if let Some(platform) = &self.notification.platform {
            devices = devices.filter(push_device::platform.eq(platform.clone()));
        }
        devices
    }

    fn wanted(
        devices: Devices<'static>,
        wanted: Option<Wanted<'_>>,
        connection: &Connection,
    ) -> QueryResult<Devices<'static>> {
        Ok(match wanted {
            None => devices,
            Some(Wanted::Groups(groups)) => devices.filter(
                push_device::user_id.eq_any(
                    account_group::table
                        .filter(account_group::group_id.eq_any(groups.to_vec()))
                        .select(account_group::account_id.nullable()),
                ),
            ),
            Some(Wanted::Condition(condition)) => {
                let filter = condition
                    .filter(connection.dialect())
                    .map_err(|fault| diesel::result::Error::QueryBuilderError(Box::new(fault)))?;
                devices.filter(filter)
            }
        })
    }

    fn load(&self, connection: &mut Connection, devices: Devices<'_>) -> QueryResult<Vec<Target>> {
        devices
            .order(push_device::id)
            .limit(self.limit)
            .select(Target::as_select())
            .load(connection)
    }

    /// A full page ends at its last device; any other is the last one.
    fn page(&self, targets: Vec<Target>) -> Page {
        let is_last = i64::try_from(targets.len()).unwrap_or(i64::MAX) < self.limit;
        let last = targets.last().map(|target| target.id);
        Page {
            up_to: last.unwrap_or(self.notification.last_device_id),
            is_last,
            targets,
        }
    }

    fn straight(
        &self,
        connection: &mut Connection,
        wanted: Option<Wanted<'_>>,
    ) -> QueryResult<Page> {
        let devices = Self::wanted(self.devices(), wanted, connection)?;
        let targets = self.load(connection, devices)?;
        Ok(self.page(targets))
    }

    /// Looks at some devices in turn and takes those that are meant, so that rare ones do not make one statement
    /// read all.
    fn window(&self, connection: &mut Connection, wanted: Option<Wanted<'_>>) -> QueryResult<Page> {
        let mut all = push_device::table
            .filter(push_device::id.gt(self.notification.last_device_id))
            .into_boxed();
        if let Some(id) = self.notification.application_id {
            all = all.filter(push_device::application_id.eq(id));
        }
        let end = all
            .order(push_device::id)
            .offset(WINDOW - 1)
            .limit(1)
            .select(push_device::id)
            .first::<i64>(connection)
            .optional()?;
        let mut devices = Self::wanted(self.devices(), wanted, connection)?;
        if let Some(end) = end {
            devices = devices.filter(push_device::id.le(end));
        }
        let targets = self.load(connection, devices)?;
        let page = self.page(targets);
        Ok(match end {
            Some(end) if page.is_last => Page {
                up_to: end,
                is_last: false,
                ..page
            },
            _ => page,
        })
    }

    /// The devices of many names, the first of each part of them put together.
    fn chunks<N>(
        &self,
        connection: &mut Connection,
        names: &[N],
        filter: impl Fn(&[N], Devices<'static>) -> Devices<'static>,
    ) -> QueryResult<Page> {
        let mut targets = Vec::new();
        for names in names.chunks(NAMES) {
            targets.extend(self.load(connection, filter(names, self.devices()))?);
        }
        targets.sort_by_key(|target| target.id);
        targets.dedup_by_key(|target| target.id);
        targets.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        Ok(self.page(targets))
    }

    /// Named devices, of which some may not be there.
    fn named(&self, connection: &mut Connection, ids: &[i64], is_last: bool) -> QueryResult<Page> {
        let devices = self.devices();
        let targets = match ids {
            [] => Vec::new(),
            ids => self.load(
                connection,
                devices.filter(push_device::id.eq_any(ids.to_vec())),
            )?,
        };
        Ok(Page {
            targets,
            up_to: ids
                .last()
                .copied()
                .unwrap_or(self.notification.last_device_id),
            is_last,
        })
    }

    fn topics(&self, connection: &mut Connection, topics: &[String]) -> QueryResult<Page> {
        let applications = match self.notification.application_id {
            Some(id) => vec![id],
            None => push_application::table
                .select(push_application::id)
                .load(connection)?,
        };
        let mut ids = BTreeSet::new();
        for application in applications {
            for topic in topics {
                let found = push_subscription::table
                    .filter(push_subscription::topic.eq(topic))
                    .filter(push_subscription::application_id.eq(application))
                    .filter(push_subscription::device_id.gt(self.notification.last_device_id))
                    .order(push_subscription::device_id)
                    .limit(self.limit)
                    .select(push_subscription::device_id)
                    .load::<i64>(connection)?;
                ids.extend(found);
            }
        }
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let is_last = ids.len() < limit;
        let ids: Vec<i64> = ids.into_iter().take(limit).collect();
        self.named(connection, &ids, is_last)
    }
}

/// Groups with all that are below them.
fn with_children(connection: &mut Connection, groups: &[i64]) -> QueryResult<Vec<i64>> {
    let parents: Vec<(i64, Option<i64>)> = user_group::table
        .select((user_group::id, user_group::parent_id))
        .load(connection)?;
    let mut found: BTreeSet<i64> = groups.iter().copied().collect();
    loop {
        let below = |(id, parent): &(i64, Option<i64>)| {
            let is_below = parent.is_some_and(|parent| found.contains(&parent));
            (is_below && !found.contains(id)).then_some(*id)
        };
        let more: Vec<i64> = parents.iter().filter_map(below).collect();
        if more.is_empty() {
            return Ok(found.into_iter().collect());
        }
        found.extend(more);
    }
}

/// Devices by their numbers, as far as they are there.
pub(crate) fn by_ids(connection: &mut Connection, ids: &[i64]) -> QueryResult<Vec<Target>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    push_device::table
        .filter(push_device::id.eq_any(ids.to_vec()))
        .order(push_device::id)
        .select(Target::as_select())
        .load(connection)
}

/// Whether a device is in an audience now.
pub(crate) fn contains(
    connection: &mut Connection,
    audience: &Audience,
    device_id: i64,
) -> QueryResult<bool> {
    let one = || {
        push_device::table
            .filter(push_device::id.eq(device_id))
            .into_boxed()
    };
    let devices = match audience {
        Audience::All => one(),
        Audience::Devices(ids) => return Ok(ids.contains(&device_id)),
        Audience::Users(ids) => one().filter(push_device::user_id.eq_any(ids.clone())),
        Audience::People(names) => one().filter(push_device::user_ref.eq_any(names.clone())),
        Audience::Groups(groups) => {
            let groups = with_children(connection, groups)?;
            Reader::wanted(one(), Some(Wanted::Groups(&groups)), connection)?
        }
        Audience::Query(condition) => {
            Reader::wanted(one(), Some(Wanted::Condition(condition)), connection)?
        }
        Audience::Topics(topics) => {
            let subscribed = push_subscription::table
                .filter(push_subscription::device_id.eq(device_id))
                .filter(push_subscription::topic.eq_any(topics.clone()));
            return diesel::select(diesel::dsl::exists(subscribed)).get_result(connection);
        }
    };
    let found = devices.select(push_device::id).first::<i64>(connection);
    Ok(found.optional()?.is_some())
}
