//! Devices: where messages go. LoopBack calls them installations.

use diesel::prelude::*;
use loggia_sql::{Connection, sum_i64};

use crate::platform::Platform;
use crate::schema::{push_delivery, push_device};

/// The words of the column `status`.
pub mod status {
    /// Gets what is sent to it.
    pub const ACTIVE: &str = "active";
    /// Wants nothing for now.
    pub const INACTIVE: &str = "inactive";
    /// Its vendor says that it is no more.
    pub const RETIRED: &str = "retired";
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, serde::Serialize)]
#[diesel(table_name = push_device, check_for_backend(loggia_sql::Backend))]
pub struct Device {
    /// Its number.
    pub id: i64,
    /// Its id for the outside, unique and not to be guessed.
    pub public_id: String,
    /// Whose device it is.
    pub application_id: i64,
    /// The word of a [`Platform`].
    pub platform: String,
    /// The vendor's name for it; for `web` the browser's subscription as JSON, for `endpoint` an address or such a
    /// subscription.
    pub token: String,
    /// What it is found by: [`Platform::digest`]. Unique with application and platform.
    #[serde(skip)]
    pub token_digest: String,
    /// Whose account uses it.
    pub user_id: Option<i64>,
    /// Who uses it, as the interface calls people.
    pub user_ref: Option<String>,
    /// A word of [`status`].
    pub status: String,
    /// Since when it is retired.
    pub retired_ms: Option<i64>,
    /// Why it is retired.
    pub retired_reason: Option<String>,
    /// The language of its owner, as a tag.
    pub language: Option<String>,
    /// The zone of its clock, by its name (`Europe/Vienna`).
    pub time_zone: Option<String>,
    /// The version of the application on it.
    pub app_version: Option<String>,
    /// The number that its icon shows.
    pub badge: Option<i64>,
    /// Whether it wants texts.
    pub ios_alert: bool,
    /// Whether it wants numbers at the icon.
    pub ios_badge: bool,
    /// Whether it wants sounds.
    pub ios_sound: bool,
    /// What its owner wants to be spared: the JSON of [`Preference`](crate::preference::Preference).
    pub preferences: Option<String>,
    /// What an interface keeps besides: a JSON object.
    pub details: String,
    /// How often it registered.
    pub hits: i64,
    /// When it registered last.
    pub last_request_ms: i64,
    /// How many pushes to it the ledger has forgotten; [`count_pushes`] adds those that it knows.
    pub push_hits: i64,
    /// When the last forgotten one was; [`count_pushes`] makes it the last one of all.
    pub last_push_ms: Option<i64>,
    /// When it first registered.
    pub created_ms: i64,
    /// When it was changed last, by a registration or by hand.
    pub modified_ms: i64,
}

/// What is to be changed of a device by hand; `None` stays as it is.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = push_device)]
pub struct Change {
    /// As in [`Device`].
    pub user_id: Option<Option<i64>>,
    /// As in [`Device`].
    pub user_ref: Option<Option<String>>,
    /// A word of [`status`].
    pub status: Option<String>,
    /// As in [`Device`].
    pub retired_ms: Option<Option<i64>>,
    /// As in [`Device`].
    pub retired_reason: Option<Option<String>>,
    /// As in [`Device`].
    pub language: Option<Option<String>>,
    /// As in [`Device`].
    pub time_zone: Option<Option<String>>,
    /// As in [`Device`].
    pub app_version: Option<Option<String>>,
    /// As in [`Device`].
    pub badge: Option<Option<i64>>,
    /// As in [`Device`].
    pub ios_alert: Option<bool>,
    /// As in [`Device`].
    pub ios_badge: Option<bool>,
    /// As in [`Device`].
    pub ios_sound: Option<bool>,
    /// A JSON object.
    pub details: Option<String>,
}

/// Changes a device by hand; `None` where it is not there.
pub fn change(
    connection: &mut Connection,
    id: i64,
    change: &Change,
    now_ms: i64,
) -> QueryResult<Option<Device>> {
    diesel::update(push_device::table.find(id))
        .set((change.clone(), push_device::modified_ms.eq(now_ms)))
        .returning(Device::as_returning())
        .get_result(connection)
        .optional()
}

/// The numbers of some devices of an application, of retired ones too.
pub fn ids_of_application(
    connection: &mut Connection,
    application_id: i64,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    push_device::table
        .filter(push_device::application_id.eq(application_id))
        .limit(limit)
        .select(push_device::id)
        .load(connection)
}

/// Gives a device another token, as vendors do now and then. A device that has it already is the same one, so that its
/// row goes; the ids for the outside of those that went.
pub fn rename(
    connection: &mut Connection,
    id: i64,
    (application_id, platform): (i64, Platform),
    token: &str,
) -> QueryResult<Vec<String>> {
    let mut same = by_token(connection, Some(application_id), token)?;
    same.retain(|one| one.platform == platform.word() && one.id != id);
    let ids: Vec<i64> = same.iter().map(|one| one.id).collect();
    delete(connection, &ids)?;
    diesel::update(push_device::table.find(id))
        .set((
            push_device::application_id.eq(application_id),
            push_device::platform.eq(platform.word()),
            push_device::token.eq(token),
            push_device::token_digest.eq(platform.digest(token)),
        ))
        .execute(connection)?;
    Ok(same.into_iter().map(|one| one.public_id).collect())
}

/// Forgets devices with their topics. What the ledger says of them stays until it is forgotten too: it names them
/// by their numbers, which are nobody's again.
pub fn delete(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    let those = push_device::table.filter(push_device::id.eq_any(ids.iter().copied()));
    diesel::delete(those).execute(connection)
}

/// Forgets those of some devices that are retired.
pub fn delete_retired(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    let those = push_device::table
        .filter(push_device::id.eq_any(ids.iter().copied()))
        .filter(push_device::status.eq(status::RETIRED));
    diesel::delete(those).execute(connection)
}

/// The device with a number.
pub fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<Device>> {
    push_device::table
        .find(id)
        .select(Device::as_select())
        .first(connection)
        .optional()
}

/// The device with an id for the outside.
pub fn by_public_id(connection: &mut Connection, public_id: &str) -> QueryResult<Option<Device>> {
    push_device::table
        .filter(push_device::public_id.eq(public_id))
        .select(Device::as_select())
        .first(connection)
        .optional()
}

/// The devices with a token, of one application where one is given: at most one a platform.
pub fn by_token(
    connection: &mut Connection,
    application_id: Option<i64>,
    token: &str,
) -> QueryResult<Vec<Device>> {
    let mut query = push_device::table
        .filter(push_device::token_digest.eq_any(Platform::digests(token)))
        .into_boxed();
    if let Some(application_id) = application_id {
        query = query.filter(push_device::application_id.eq(application_id));
    }
    query
        .order(push_device::id)
        .select(Device::as_select())
        .load(connection)
}

/// The devices of a person, as an interface calls people, within an application.
pub fn by_user_ref(
    connection: &mut Connection,
    application_id: i64,
    user_ref: &str,
) -> QueryResult<Vec<Device>> {
    push_device::table
        .filter(push_device::user_ref.eq(user_ref))
        .filter(push_device::application_id.eq(application_id))
        .order(push_device::id)
        .select(Device::as_select())
        .load(connection)
}

/// Adds to devices' pushes those of the ledger. Every attempt counts, whatever came of it.
pub fn count_pushes(connection: &mut Connection, devices: &mut [Device]) -> QueryResult<()> {
    let ids: Vec<i64> = devices.iter().map(|device| device.id).collect();
    let found = push_delivery::table
        .filter(push_delivery::device_id.eq_any(ids))
        .filter(push_delivery::attempts.gt(0))
        .group_by(push_delivery::device_id)
        .select((
            push_delivery::device_id,
            sum_i64(push_delivery::attempts),
            diesel::dsl::max(push_delivery::updated_ms),
        ))
        .load::<(i64, Option<i64>, Option<i64>)>(connection)?;
    for (id, pushes, last_ms) in found {
        for device in devices.iter_mut().filter(|device| device.id == id) {
            device.push_hits += pushes.unwrap_or(0);
            device.last_push_ms = device.last_push_ms.max(last_ms);
        }
    }
    Ok(())
}
