//! Registrations: devices say what they are.

use std::collections::HashMap;
use std::slice;

use diesel::prelude::*;
use diesel::upsert::excluded;
use loggia_sql::Connection;

use crate::coalesce::coalesce;
use crate::device::{Device, status};
use crate::identity;
use crate::platform::Platform;
use crate::schema::{push_device, push_preference};
use crate::topic;

/// So many devices are entered with one statement.
const AT_ONCE: usize = 100;

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

/// Enters a device, or what a known one (by application, platform and token) says anew. A retired one lives
/// again. A new device has one hit.
pub fn register(
    connection: &mut Connection,
    new: &Registration<'_>,
    now_ms: i64,
) -> QueryResult<Device> {
    let entered = register_all(connection, slice::from_ref(new), now_ms)?;
    entered.into_iter().next().ok_or(diesel::NotFound)
}

/// Enters devices as [`register`] does, many with a statement; what became of them, in their order. Without a transaction
/// around it, some may be entered where it fails.
pub fn register_all(
    connection: &mut Connection,
    those: &[Registration<'_>],
    now_ms: i64,
) -> QueryResult<Vec<Device>> {
    let preferences = preferences(connection, those)?;
    let mut entries: Vec<_> = those.iter().map(Entry::of).zip(0..).collect();
    // All who enter devices do it in this order, or two of them could wait for each other.
    entries.sort_by(|(one, _), (other, _)| one.digest.cmp(&other.digest));
    let mut devices: Vec<(usize, Device)> = Vec::with_capacity(entries.len());
    for of_one in entries.chunk_by(|(one, _), (next, _)| one.goes_with(next)) {
        for part in of_one.chunks(AT_ONCE) {
            let entered = enter(connection, part, &preferences, now_ms)?;
            devices.extend(part.iter().map(|(_, place)| *place).zip(entered));
        }
    }
    devices.sort_by_key(|(place, _)| *place);
    let devices: Vec<Device> = devices.into_iter().map(|(_, device)| device).collect();
    for (new, device) in those.iter().zip(&devices) {
        if let Some(topics) = &new.topics {
            let key = (device.application_id, device.id);
            topic::replace(connection, key, topics, now_ms)?;
        }
    }
    Ok(devices)
}

/// A registration, its token cleaned.
struct Entry<'a> {
    new: &'a Registration<'a>,
    token: String,
    digest: String,
}

impl<'a> Entry<'a> {
    fn of(new: &'a Registration<'a>) -> Self {
        let token = new.platform.clean_token(new.token);
        let digest = new.platform.digest(&token);
        Entry { new, token, digest }
    }

    /// Whether the next one may be in the same statement: none may meet a row twice, and all that are known already keep
    /// the same members.
    fn goes_with(&self, next: &Self) -> bool {
        self.digest != next.digest && self.said() == next.said()
    }

    /// Which members it says that have a value at every device.
    fn said(&self) -> [bool; 4] {
        let new = self.new;
        [
            new.ios_alert.is_some(),
            new.ios_badge.is_some(),
            new.ios_sound.is_some(),
            new.details.is_some(),
        ]
    }
}

/// What people want to be spared, by application and person.
type Preferences<'a> = HashMap<(i64, &'a str), String>;

/// The preferences of those who use devices.
fn preferences<'a>(
    connection: &mut Connection,
    those: &[Registration<'a>],
) -> QueryResult<Preferences<'a>> {
    let users: Vec<_> = (those.iter())
        .filter_map(|new| Some((new.application_id, new.user_ref?)))
        .collect();
    if users.is_empty() {
        return Ok(Preferences::new());
    }
    let mut applications: Vec<i64> = users.iter().map(|(application, _)| *application).collect();
    applications.sort_unstable();
    applications.dedup();
    let found: Vec<(i64, String, String)> = push_preference::table
        .filter(push_preference::application_id.eq_any(applications))
        .filter(push_preference::user_ref.eq_any(users.iter().map(|(_, user)| *user)))
        .select((
            push_preference::application_id,
            push_preference::user_ref,
            push_preference::content,
        ))
        .load(connection)?;
    let mut found: HashMap<_, _> = found
        .into_iter()
        .map(|(application, user, content)| ((application, user), content))
        .collect();
    let known = users.into_iter().filter_map(|(application, user)| {
        let content = found.remove(&(application, user.to_owned()))?;
        Some(((application, user), content))
    });
    Ok(known.collect())
}

/// Enters devices with one statement; in its order, which is that of their digests.
fn enter(
    connection: &mut Connection,
    entries: &[(Entry<'_>, usize)],
    preferences: &Preferences<'_>,
    now_ms: i64,
) -> QueryResult<Vec<Device>> {
    let Some((first, _)) = entries.first() else {
        return Ok(Vec::new());
    };
    let [alert, badge, sound, details] = first.said();
    let rows: Vec<_> = entries
        .iter()
        .map(|(entry, _)| {
            let new = entry.new;
            let preferences = new
                .user_ref
                .and_then(|user| preferences.get(&(new.application_id, user)));
            (
                (
                    push_device::public_id.eq(new
                        .public_id
                        .map_or_else(|| identity::public_id_at(now_ms), str::to_owned)),
                    push_device::application_id.eq(new.application_id),
                    push_device::platform.eq(new.platform.word()),
                    push_device::token.eq(&entry.token),
                    push_device::token_digest.eq(&entry.digest),
                    push_device::user_id.eq(new.user_id),
                    push_device::user_ref.eq(new.user_ref),
                    push_device::status.eq(new.status.unwrap_or(status::ACTIVE)),
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
            )
        })
        .collect();
    let mut devices: Vec<Device> = diesel::insert_into(push_device::table)
        .values(rows)
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
                alert.then(|| push_device::ios_alert.eq(excluded(push_device::ios_alert))),
                badge.then(|| push_device::ios_badge.eq(excluded(push_device::ios_badge))),
                sound.then(|| push_device::ios_sound.eq(excluded(push_device::ios_sound))),
                push_device::preferences.eq(coalesce(
                    excluded(push_device::preferences),
                    push_device::preferences,
                )),
                details.then(|| push_device::details.eq(excluded(push_device::details))),
                push_device::hits.eq(push_device::hits + 1),
                push_device::last_request_ms.eq(now_ms),
                push_device::modified_ms.eq(now_ms),
            ),
        ))
        .returning(Device::as_returning())
        .get_results(connection)?;
    if devices.len() != entries.len() {
        return Err(diesel::NotFound);
    }
    devices.sort_by(|one, other| one.token_digest.cmp(&other.token_digest));
    Ok(devices)
}
