//! The devices: those of everybody for who keeps them, each one's own for himself.

use loggia_push::device::{self, Change as Changes, status};
use loggia_push::{Device, Platform, topic};
use loggia_sdk::prelude::*;
use loggia_site::page::last_of_full;
use loggia_sql::Connection;

use crate::shown::ShownDevice;
use crate::store::{self, DeviceFilter};
use crate::{Push, bounds, named};

/// The most devices of one page.
const MOST: i64 = 500;

/// Parameters of `get/devices`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct GetDevices {
    /// Only the one with this number or id.
    #[schemars(length(max = 100))]
    id: Option<String>,
    /// Only those of this application.
    #[schemars(length(max = 255))]
    app: Option<String>,
    /// Only those of this platform.
    platform: Option<Platform>,
    /// Only those in this state: `active`, `inactive` or `retired`.
    state: Option<DeviceState>,
    /// Only those of this account.
    user_id: Option<i64>,
    /// Only those of this person, as an interface calls people.
    #[schemars(length(max = 255))]
    user: Option<String>,
    /// Only those with this token.
    #[schemars(length(max = 4096))]
    token: Option<String>,
    /// Only those that are subscribed to this topic.
    #[schemars(length(max = 255))]
    topic: Option<String>,
    /// Behind which number the page begins.
    after: Option<i64>,
    /// How many a page has, at most 500.
    #[schemars(range(min = 1, max = 500))]
    limit: Option<i64>,
}

/// What a device can be.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DeviceState {
    /// It gets what is sent to it.
    Active,
    /// It wants nothing for now.
    Inactive,
    /// It is no more.
    Retired,
}

impl DeviceState {
    fn word(self) -> &'static str {
        match self {
            DeviceState::Active => status::ACTIVE,
            DeviceState::Inactive => status::INACTIVE,
            DeviceState::Retired => status::RETIRED,
        }
    }
}

/// A page of devices.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Devices {
    /// The devices, by their numbers.
    devices: Vec<ShownDevice>,
    /// Behind which number the next page begins; `null` at the end.
    next: Option<i64>,
}

/// Lists devices, or shows one.
pub(crate) fn get(_push: &Push, call: &Call<'_>, given: GetDevices) -> Result<Devices, Fault> {
    let connection = &mut call.database()?;
    let limit = given.limit.unwrap_or(MOST);
    let (rows, next) = if let Some(id) = &given.id {
        let mut found = [named::own_device(call, connection, id)?];
        device::count_pushes(connection, &mut found)?;
        (Vec::from(found), None)
    } else if let Some(token) = &given.token {
        let application = given.app.as_deref();
        let application = application
            .map(|name| named::application(connection, name))
            .transpose()?;
        let mut found = device::by_token(connection, application.map(|one| one.id), token)?;
        found.retain(|one| named::may_have(call, one));
        device::count_pushes(connection, &mut found)?;
        (found, None)
    } else {
        let filter = filter(call, connection, &given)?;
        let found = store::devices(connection, &filter, limit)?;
        let next = last_of_full(&found, limit).map(|row| row.id);
        (found, next)
    };
    Ok(Devices {
        devices: shown(connection, rows)?,
        next,
    })
}

/// Who is bound to an account finds his own devices and no others.
fn filter(
    call: &Call<'_>,
    connection: &mut Connection,
    given: &GetDevices,
) -> Result<DeviceFilter, Fault> {
    let application = given.app.as_deref();
    let application = application
        .map(|name| named::application(connection, name))
        .transpose()?;
    let user_id = if call.is_unbound() {
        given.user_id
    } else {
        Some(call.user().unwrap_or(0))
    };
    Ok(DeviceFilter {
        application: application.map(|one| one.id),
        platform: given.platform.map(|one| one.word().to_owned()),
        status: given.state.map(|one| one.word().to_owned()),
        user_id,
        user_ref: given.user.clone(),
        topic: given.topic.clone(),
        after: given.after.unwrap_or(0),
    })
}

/// Rows as they are shown.
pub(crate) fn shown(
    connection: &mut Connection,
    rows: Vec<Device>,
) -> Result<Vec<ShownDevice>, Fault> {
    let codes = store::codes(connection, rows.iter().map(|row| row.application_id))?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut topics = topic::by_device(connection, &ids)?;
    let shown = rows.into_iter().map(|row| {
        let topics = topics.remove(&row.id).unwrap_or_default();
        ShownDevice::new(row, &codes, topics)
    });
    Ok(shown.collect())
}

/// Parameters of `put/devices`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutDevice {
    /// Its number or id.
    #[schemars(length(max = 100), extend("x-missing" = "PSH_DUN"))]
    id: String,
    /// `active`, `inactive`, or `retired`.
    state: Option<DeviceState>,
    /// Why it is retired.
    #[schemars(length(max = 255))]
    reason: Option<String>,
    /// The language of its owner; `null` takes it away.
    #[serde(default)]
    #[schemars(length(max = 35))]
    language: Change<String>,
    /// The zone of its clock, such as `Europe/Vienna`; `null` takes it away.
    #[serde(default)]
    #[schemars(length(max = 64))]
    time_zone: Change<String>,
    /// The number that its icon shows.
    #[serde(default)]
    #[schemars(range(min = 0))]
    badge: Change<i64>,
    /// Whether it wants texts.
    ios_alert: Option<bool>,
    /// Whether it wants numbers at the icon.
    ios_badge: Option<bool>,
    /// Whether it wants sounds.
    ios_sound: Option<bool>,
}

/// A device that was changed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Changed {
    /// As it is now.
    device: ShownDevice,
}

/// Changes a device.
pub(crate) fn put(_push: &Push, call: &Call<'_>, given: PutDevice) -> Result<Changed, Fault> {
    if let Change::Set(zone) = &given.time_zone
        && !bounds::is_zone(zone)
    {
        return Err(Fault::parameter("time_zone", bounds::ZONE));
    }
    let now_ms = call.host().clock().now_ms();
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        let found = named::own_device(call, connection, &given.id)?;
        let change = Changes {
            language: changed(given.language),
            time_zone: changed(given.time_zone),
            badge: changed(given.badge),
            ios_alert: given.ios_alert,
            ios_badge: given.ios_badge,
            ios_sound: given.ios_sound,
            ..state_change(given.state, given.reason, now_ms)
        };
        let saved = device::change(connection, found.id, &change, now_ms)?;
        let saved = saved.ok_or_else(|| Fault::new("PSH_DUN"))?;
        let mut shown = shown(connection, vec![saved])?;
        let device = shown.pop().ok_or_else(|| Fault::new("PSH_DUN"))?;
        Ok(Changed { device })
    })
}

/// What becomes of a column by what was given.
#[expect(
    clippy::option_option,
    reason = "it is what a changeset has of a column that may be null"
)]
fn changed<T>(change: Change<T>) -> Option<Option<T>> {
    match change {
        Change::Keep => None,
        Change::Clear => Some(None),
        Change::Set(value) => Some(Some(value)),
    }
}

fn state_change(state: Option<DeviceState>, reason: Option<String>, now_ms: i64) -> Changes {
    let retired = match state {
        None => None,
        Some(DeviceState::Retired) => Some((
            Some(now_ms),
            Some(reason.unwrap_or_else(|| "by hand".to_owned())),
        )),
        Some(_) => Some((None, None)),
    };
    let (retired_ms, retired_reason) = retired.unzip();
    Changes {
        status: state.map(|state| state.word().to_owned()),
        retired_ms,
        retired_reason,
        ..Changes::default()
    }
}

/// Parameters of `delete/devices`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct DeleteDevice {
    /// Its number or id.
    #[schemars(length(max = 100), extend("x-missing" = "PSH_DUN"))]
    id: String,
}

/// What was deleted.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Gone {
    /// The number that it had.
    id: i64,
}

/// Deletes a device with everything that is kept of it.
pub(crate) fn delete(_push: &Push, call: &Call<'_>, given: DeleteDevice) -> Result<Gone, Fault> {
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        let found = named::own_device(call, connection, &given.id)?;
        device::delete(connection, &[found.id])?;
        Ok(Gone { id: found.id })
    })
}
