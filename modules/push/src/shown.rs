//! How applications, devices and notifications are shown.

use std::collections::HashMap;

use loggia_push::notification::status;
use loggia_push::{Application, Device, Notification};
use loggia_sdk::prelude::*;
use loggia_site::clock::written;
use serde_json::{Map, Value};

/// An application. What it proves itself with is never shown, only for which platforms it has something.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct App {
    /// Its number.
    pub(crate) id: i64,
    /// Its code.
    pub(crate) code: String,
    /// Its id for the outside.
    pub(crate) public_id: String,
    /// Its name.
    pub(crate) name: String,
    /// What it is.
    pub(crate) description: String,
    /// `sandbox`, `production` or `disabled`.
    pub(crate) status: String,
    /// For which platforms it has credentials.
    pub(crate) platforms: Vec<String>,
    /// Where its sending was stopped, and why, by platform.
    pub(crate) alarms: Map<String, Value>,
    /// One more at each change.
    pub(crate) version: i64,
    /// When it was made, in UTC.
    pub(crate) created: String,
    /// When it was changed last, in UTC.
    pub(crate) modified: String,
}

impl From<Application> for App {
    fn from(row: Application) -> Self {
        let platforms = row.platforms();
        App {
            alarms: serde_json::from_str(&row.alarms).unwrap_or_default(),
            platforms: platforms.iter().map(ToString::to_string).collect(),
            id: row.id,
            code: row.code,
            public_id: row.public_id,
            name: row.name,
            description: row.description,
            status: row.status,
            version: row.version,
            created: written(row.created_ms),
            modified: written(row.modified_ms),
        }
    }
}

/// A device.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ShownDevice {
    /// Its number.
    pub(crate) id: i64,
    /// Its id for the outside.
    pub(crate) public_id: String,
    /// The code of its application.
    pub(crate) app: String,
    /// Its platform.
    pub(crate) platform: String,
    /// The vendor's name for it.
    pub(crate) token: String,
    /// The id of its account.
    pub(crate) user_id: Option<i64>,
    /// Who uses it, as the interface calls people.
    pub(crate) user: Option<String>,
    /// `active`, `inactive` or `retired`.
    pub(crate) status: String,
    /// Since when it is retired, in UTC.
    pub(crate) retired: Option<String>,
    /// Why it is retired.
    pub(crate) retired_reason: Option<String>,
    /// The language of its owner.
    pub(crate) language: Option<String>,
    /// The zone of its clock.
    pub(crate) time_zone: Option<String>,
    /// The version of the application on it.
    pub(crate) app_version: Option<String>,
    /// The number that its icon shows.
    pub(crate) badge: Option<i64>,
    /// Whether it wants texts.
    pub(crate) ios_alert: bool,
    /// Whether it wants numbers at the icon.
    pub(crate) ios_badge: bool,
    /// Whether it wants sounds.
    pub(crate) ios_sound: bool,
    /// What it is subscribed to.
    pub(crate) topics: Vec<String>,
    /// How often it registered.
    pub(crate) hits: i64,
    /// When it registered last, in UTC.
    pub(crate) last_request: String,
    /// How often something was sent to it.
    pub(crate) push_hits: i64,
    /// When something was sent to it last, in UTC.
    pub(crate) last_push: Option<String>,
    /// When it first registered, in UTC.
    pub(crate) created: String,
}

impl ShownDevice {
    /// A device with the names that its row has only as numbers.
    pub(crate) fn new(row: Device, codes: &HashMap<i64, String>, topics: Vec<String>) -> Self {
        ShownDevice {
            app: codes.get(&row.application_id).cloned().unwrap_or_default(),
            topics,
            id: row.id,
            public_id: row.public_id,
            platform: row.platform,
            token: row.token,
            user_id: row.user_id,
            user: row.user_ref,
            status: row.status,
            retired: row.retired_ms.map(written),
            retired_reason: row.retired_reason,
            language: row.language,
            time_zone: row.time_zone,
            app_version: row.app_version,
            badge: row.badge,
            ios_alert: row.ios_alert,
            ios_badge: row.ios_badge,
            ios_sound: row.ios_sound,
            hits: row.hits,
            last_request: written(row.last_request_ms),
            push_hits: row.push_hits,
            last_push: row.last_push_ms.map(written),
            created: written(row.created_ms),
        }
    }
}

/// A notification and how far it is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ShownNotification {
    /// Its number.
    pub(crate) id: i64,
    /// Its id for the outside.
    pub(crate) public_id: String,
    /// The code of the application; `null`: all of them.
    pub(crate) app: Option<String>,
    /// The platform; `null`: all of them.
    pub(crate) platform: Option<String>,
    /// Who is told.
    pub(crate) audience: Value,
    /// What is said.
    pub(crate) message: Value,
    /// What it is about, for those who do not want to hear of that.
    pub(crate) topic: Option<String>,
    /// What the sender noted with it.
    pub(crate) context: Option<String>,
    /// -2 aborted, -1 paused, 0 scheduled, 1 running, 2 completed.
    pub(crate) status: i64,
    /// The same as a word.
    pub(crate) state: String,
    /// From when on it is sent, in UTC.
    pub(crate) scheduled: String,
    /// Until when it is sent, in UTC.
    pub(crate) expires: Option<String>,
    /// When devices were last taken for it, in UTC.
    pub(crate) last_run: Option<String>,
    /// Up to which device the ledger knows of it.
    pub(crate) last_device_id: i64,
    /// `resend` or `hold`: what becomes of deliveries of which nobody knows.
    pub(crate) unknown_policy: String,
    /// How many deliveries are in which state.
    pub(crate) deliveries: Counts,
    /// One more at each change by hand.
    pub(crate) version: i64,
    /// When it was made, in UTC.
    pub(crate) created: String,
}

/// How many deliveries are in which state; together they are as many as the ledger has rows.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Counts {
    /// They wait.
    pub(crate) queued: i64,
    /// They are under way.
    pub(crate) sent: i64,
    /// A vendor has taken them.
    pub(crate) accepted: i64,
    /// A vendor has refused them.
    pub(crate) refused: i64,
    /// They went to devices that are no more.
    pub(crate) gone: i64,
    /// They were not sent in time.
    pub(crate) expired: i64,
    /// They were not to be sent.
    pub(crate) skipped: i64,
    /// Nobody knows of them.
    pub(crate) unknown: i64,
    /// How often nobody knew, also where it was sent again since.
    pub(crate) unknowns: i64,
    /// How often something was sent.
    pub(crate) attempts: i64,
    /// So many devices say that it was opened.
    pub(crate) opened: i64,
    /// So many devices say that something in it was pressed.
    pub(crate) clicked: i64,
}

impl ShownNotification {
    /// A notification with the code of its application.
    pub(crate) fn new(row: Notification, codes: &HashMap<i64, String>) -> Self {
        let json = |text: &str| serde_json::from_str(text).unwrap_or_default();
        ShownNotification {
            app: row.application_id.and_then(|id| codes.get(&id).cloned()),
            audience: json(&row.audience),
            message: json(&row.message),
            state: word(row.status).to_owned(),
            deliveries: Counts {
                queued: row.queued,
                sent: row.sent,
                accepted: row.accepted,
                refused: row.refused,
                gone: row.gone,
                expired: row.expired,
                skipped: row.skipped,
                unknown: row.unknown,
                unknowns: row.unknowns,
                attempts: row.attempts,
                opened: row.opened,
                clicked: row.clicked,
            },
            id: row.id,
            public_id: row.public_id,
            platform: row.platform,
            topic: row.topic,
            context: row.context,
            status: row.status,
            scheduled: written(row.scheduled_ms),
            expires: row.expires_ms.map(written),
            last_run: row.last_run_ms.map(written),
            last_device_id: row.last_device_id,
            unknown_policy: row.unknown_policy,
            version: row.version,
            created: written(row.created_ms),
        }
    }
}

/// The word of a status.
pub(crate) fn word(number: i64) -> &'static str {
    match number {
        status::ABORTED => "aborted",
        status::PAUSED => "paused",
        status::RUNNING => "running",
        status::COMPLETED => "completed",
        _ => "scheduled",
    }
}
