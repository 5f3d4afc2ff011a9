//! Devices: where messages go. LoopBack calls them installations.

use diesel::prelude::*;
use diesel::upsert::excluded;
use loggia_sql::{Connection, sum_i64};

use crate::coalesce::coalesce;
use crate::identity;
use crate::platform::Platform;
use crate::schema::{
    push_application, push_delivery, push_device, push_preference, push_subscription,
};
use crate::topic;

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

/// What a device says of itself. What is `None` stays as it is at a device that is known already, but for the
/// user: a device tells each time who uses it.
#[derive(Clone, Debug)]
pub struct Registration<'a> {
    /// Whose device it is.
    pub application_id: i64,
    /// What it is.
    pub platform: Platform,
    /// The vendor's name for it, as it came: [`register`] cleans it.
    pub token: &'a str,
    /// Its id for the outside, if one is wanted; else it is made.
    pub public_id: Option<&'a str>,
    /// Whose account uses it.
    pub user_id: Option<i64>,
    /// Who uses it, as the interface calls people.
    pub user_ref: Option<&'a str>,
    /// [`status::ACTIVE`] or [`status::INACTIVE`]; without it a device that registers is active.
    pub status: Option<&'a str>,
    /// As in [`Device`].
    pub language: Option<&'a str>,
    /// As in [`Device`].
    pub time_zone: Option<&'a str>,
    /// As in [`Device`].
    pub app_version: Option<&'a str>,
    /// As in [`Device`].
    pub badge: Option<i64>,
    /// As in [`Device`]; `true` at a new device.
    pub ios_alert: Option<bool>,
    /// As in [`Device`]; `true` at a new device.
    pub ios_badge: Option<bool>,
    /// As in [`Device`]; `true` at a new device.
    pub ios_sound: Option<bool>,
    /// All its topics; without it they stay.
    pub topics: Option<Vec<&'a str>>,
    /// A JSON object.
    pub details: Option<&'a str>,
}

impl<'a> Registration<'a> {
    /// The least that a device says.
    pub fn new(application_id: i64, platform: Platform, token: &'a str) -> Self {
        Registration {
            application_id,
            platform,
            token,
            public_id: None,
            user_id: None,
            user_ref: None,
            status: None,
            language: None,
            time_zone: None,
            app_version: None,
            badge: None,
            ios_alert: None,
            ios_badge: None,
            ios_sound: None,
            topics: None,
            details: None,
        }
    }
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

/// Enters a device, or what a known one (by application, platform and token) says anew. A retired one lives
/// again. A new device has one hit.
pub fn register(
    connection: &mut Connection,
    new: &Registration<'_>,
    now_ms: i64,
) -> QueryResult<Device> {
    let token = new.platform.clean_token(new.token);
    let status = new.status.unwrap_or(status::ACTIVE);
    let preferences = match new.user_ref {
        Some(user_ref) => push_preference::table
            .find((new.application_id, user_ref))
            .select(push_preference::content)
            .first::<String>(connection)
            .optional()?,
        None => None,
    };
    let device = diesel::insert_into(push_device::table)
        .values((
            (
                push_device::public_id.eq(new
                    .public_id
                    .map_or_else(|| identity::public_id_at(now_ms), str::to_owned)),
                push_device::application_id.eq(new.application_id),
                push_device::platform.eq(new.platform.word()),
                push_device::token.eq(&token),
                push_device::token_digest.eq(new.platform.digest(&token)),
                push_device::user_id.eq(new.user_id),
                push_device::user_ref.eq(new.user_ref),
                push_device::status.eq(status),
                push_device::language.eq(new.language),
                push_device::time_zone.eq(new.time_zone),
                push_device::app_version.eq(new.app_version),
                push_device::badge.eq(new.badge),
            ),
            (
                push_device::ios_alert.eq(new.ios_alert.unwrap_or(true)),
                push_device::ios_badge.eq(new.ios_badge.unwrap_or(true)),
                push_device::ios_sound.eq(new.ios_sound.unwrap_or(true)),
                push_device::preferences.eq(preferences),
                push_device::details.eq(new.details.unwrap_or("{}")),
                push_device::hits.eq(1),
                push_device::last_request_ms.eq(now_ms),
                push_device::push_hits.eq(0),
                push_device::created_ms.eq(now_ms),
                push_device::modified_ms.eq(now_ms),
            ),
        ))
        .on_conflict((
            push_device::token_digest,
            push_device::application_id,
            push_device::platform,
        ))
        .do_update()
        .set((
            (
                push_device::token.eq(excluded(push_device::token)),
                push_device::user_id.eq(excluded(push_device::user_id)),
                push_device::user_ref.eq(excluded(push_device::user_ref)),
                push_device::status.eq(excluded(push_device::status)),
                push_device::retired_ms.eq(None::<i64>),
                push_device::retired_reason.eq(None::<String>),
                push_device::language.eq(coalesce(
                    excluded(push_device::language),
                    push_device::language,
                )),
                push_device::time_zone.eq(coalesce(
                    excluded(push_device::time_zone),
                    push_device::time_zone,
                )),
                push_device::app_version.eq(coalesce(
                    excluded(push_device::app_version),
                    push_device::app_version,
                )),
                push_device::badge.eq(coalesce(excluded(push_device::badge), push_device::badge)),
            ),
            (
                new.ios_alert
                    .map(|wanted| push_device::ios_alert.eq(wanted)),
                new.ios_badge
                    .map(|wanted| push_device::ios_badge.eq(wanted)),
                new.ios_sound
                    .map(|wanted| push_device::ios_sound.eq(wanted)),
                push_device::preferences.eq(coalesce(
                    excluded(push_device::preferences),
                    push_device::preferences,
                )),
                new.details.map(|details| push_device::details.eq(details)),
                push_device::hits.eq(push_device::hits + 1),
                push_device::last_request_ms.eq(now_ms),
                push_device::modified_ms.eq(now_ms),
            ),
        ))
        .returning(Device::as_returning())
        .get_result(connection)?;
    if let Some(topics) = &new.topics {
        let key = (device.application_id, device.id);
        topic::replace(connection, key, topics, now_ms)?;
    }
    Ok(device)
}

/// Where a token that is to be registered belongs, and where it is registered now, found in one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// The application whose code was asked for.
    pub application_id: i64,
    /// Whether its token is registered elsewhere, under another application or platform.
    pub is_elsewhere: bool,
}

/// The application with a code (in lower case), and where a token is registered; `None` where there is no such
/// application.
pub fn whereabouts(
    connection: &mut Connection,
    code: &str,
    platform: Platform,
    token: &str,
) -> QueryResult<Option<Whereabouts>> {
    let digest = platform.digest(&platform.clean_token(token));
    let found: Option<(i64, Option<i64>, Option<String>)> = push_application::table
        .left_join(push_device::table.on(push_device::token_digest.eq(digest)))
        .filter(push_application::code.eq(code))
        .order(push_device::id)
        .select((
            push_application::id,
            push_device::application_id.nullable(),
            push_device::platform.nullable(),
        ))
        .first(connection)
        .optional()?;
    Ok(found.map(|(application_id, owner, word)| Whereabouts {
        application_id,
        is_elsewhere: owner.is_some_and(|owner| owner != application_id)
            || word.is_some_and(|word| word != platform.word()),
    }))
}

/// Enters a device whose token is unique over all applications, as jBackend has it: one that is known under
/// another application or platform moves over.
pub fn register_moving(
    connection: &mut Connection,
    new: &Registration<'_>,
    now_ms: i64,
) -> QueryResult<Device> {
    let token = new.platform.clean_token(new.token);
    let digest = new.platform.digest(&token);
    let known: Option<(i64, i64, String)> = push_device::table
        .filter(push_device::token_digest.eq(&digest))
        .order(push_device::id)
        .select((
            push_device::id,
            push_device::application_id,
            push_device::platform,
        ))
        .first(connection)
        .optional()?;
    if let Some((id, application_id, platform)) = known
        && (application_id, platform.as_str()) != (new.application_id, new.platform.word())
    {
        let there = push_device::table
            .filter(push_device::token_digest.eq(&digest))
            .filter(push_device::application_id.eq(new.application_id))
            .filter(push_device::platform.eq(new.platform.word()));
        if !diesel::select(diesel::dsl::exists(there)).get_result::<bool>(connection)? {
            move_over(connection, id, new)?;
        }
    }
    register(connection, new, now_ms)
}

fn move_over(connection: &mut Connection, id: i64, new: &Registration<'_>) -> QueryResult<()> {
    diesel::update(push_device::table.find(id))
        .set((
            push_device::application_id.eq(new.application_id),
            push_device::platform.eq(new.platform.word()),
        ))
        .execute(connection)?;
    let topics = push_subscription::table.filter(push_subscription::device_id.eq(id));
    diesel::update(topics)
        .set(push_subscription::application_id.eq(new.application_id))
        .execute(connection)?;
    Ok(())
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
