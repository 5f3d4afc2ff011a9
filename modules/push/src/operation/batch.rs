//! Many devices with one call: registration, unregistration.

use loggia_push::{Application, Device, Platform, Registration, device, registration};
use loggia_sdk::prelude::*;
use loggia_sql::Connection;

use super::topics::is_topic;
use crate::{Push, bounds, named};

/// The most devices of one call.
const MOST: usize = 1000;

/// A device, as whoever keeps it says.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    /// The vendor's name for it.
    pub(crate) token: String,
    /// Its platform.
    pub(crate) platform: String,
    /// The id of its account.
    #[serde(default)]
    pub(crate) user_id: Option<i64>,
    /// Who uses it, as the sender calls people.
    #[serde(default)]
    pub(crate) user: Option<String>,
    /// The language of its owner.
    #[serde(default)]
    pub(crate) language: Option<String>,
    /// The zone of its clock.
    #[serde(default)]
    pub(crate) time_zone: Option<String>,
    /// The version of the application on it.
    #[serde(default)]
    pub(crate) app_version: Option<String>,
    /// All its topics; without it they stay.
    #[serde(default)]
    pub(crate) topics: Option<Vec<String>>,
}

/// Parameters of `post/devices`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PostDevices {
    /// The application's code or id.
    #[schemars(length(max = 255), extend("x-missing" = "PSH_ANS"))]
    app: String,
    /// The devices, at most 1000: objects with `token` and `platform`, and perhaps `user_id`, `user`, `language`,
    /// `time_zone`, `app_version` and `topics`.
    #[schemars(length(min = 1, max = 1000))]
    devices: Vec<serde_json::Value>,
}

/// What became of a device that was given.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Entered {
    /// Its number, where it was registered.
    id: Option<i64>,
    /// Its id for the outside.
    public_id: Option<String>,
    /// The rule that it broke, where it was not.
    error: Option<String>,
}

/// What became of devices, in the order in which they were given.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Registered {
    /// So many were registered.
    registered: usize,
    /// One for each that was given.
    devices: Vec<Entered>,
}

/// Registers devices of an application.
pub(crate) fn post(_push: &Push, call: &Call<'_>, given: PostDevices) -> Result<Registered, Fault> {
    bounds::list("devices", &given.devices, MOST)?;
    let now_ms = call.host().clock().now_ms();
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        let application = named::application(connection, &given.app)?;
        let read = |one| Given::read(one).and_then(Given::checked);
        let read: Vec<_> = given.devices.into_iter().map(read).collect();
        let good = read.iter().flatten();
        let mut entered = enter(connection, &application, good, now_ms)?.into_iter();
        let registered = entered.len();
        let devices = read.into_iter().filter_map(|one| match one {
            Ok(_) => entered.next().map(Entered::from),
            Err(rule) => Some(Entered::refused(rule)),
        });
        Ok(Registered {
            registered,
            devices: devices.collect(),
        })
    })
}

impl Given {
    /// What was given, or why it is no device.
    pub(crate) fn read(one: serde_json::Value) -> Result<Self, String> {
        if !one.is_object() {
            return Err("must be an object with token and platform".to_owned());
        }
        serde_json::from_value(one).map_err(|error| error.to_string())
    }

    /// The device and its platform, or the rule that it breaks.
    pub(crate) fn checked(mut self) -> Result<(Self, Platform), String> {
        let platform = self.platform.trim().to_lowercase();
        let platform: Platform = platform
            .parse()
            .map_err(|rule| format!("platform: {rule}"))?;
        let token = platform.clean_token(&self.token);
        if token.is_empty() || token.len() > 4096 {
            return Err("token: must have 1 to 4096 bytes".to_owned());
        }
        if self.token.contains('\0') {
            return Err("token: must not hold a NUL character".to_owned());
        }
        if self.user_id.is_some_and(|id| id <= 0) {
            return Err("user_id: must be the number of an account".to_owned());
        }
        for (name, text) in [
            ("user", &mut self.user),
            ("language", &mut self.language),
            ("time_zone", &mut self.time_zone),
            ("app_version", &mut self.app_version),
        ] {
            *text = short(name, text.take())?;
        }
        if self
            .time_zone
            .as_ref()
            .is_some_and(|zone| !bounds::is_zone(zone))
        {
            return Err(format!("time_zone: {}", bounds::ZONE));
        }
        for topic in self.topics.iter_mut().flatten() {
            topic.trim().to_owned().clone_into(topic);
            if !is_topic(topic) {
                return Err("topics: each must have 1 to 255 characters".to_owned());
            }
        }
        Ok((self, platform))
    }
}

/// A text as it is kept; an empty one is none.
fn short(name: &str, text: Option<String>) -> Result<Option<String>, String> {
    let Some(text) = text else { return Ok(None) };
    if text.len() > 255 || text.contains('\0') {
        return Err(format!(
            "{name}: must have at most 255 bytes, and no NUL among them"
        ));
    }
    Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
}

/// Registers devices that were checked.
pub(crate) fn enter<'a>(
    connection: &mut Connection,
    application: &Application,
    checked: impl IntoIterator<Item = &'a (Given, Platform)>,
    now_ms: i64,
) -> Result<Vec<Device>, Fault> {
    let devices: Vec<_> = checked
        .into_iter()
        .map(|(given, platform)| (given, *platform, given.user_id.map(|id| id.to_string())))
        .collect();
    let registrations = devices.iter().map(|(given, platform, account)| {
        let topics = given.topics.as_ref();
        Registration {
            user_id: given.user_id,
            user_ref: given.user.as_deref().or(account.as_deref()),
            language: given.language.as_deref(),
            time_zone: given.time_zone.as_deref(),
            app_version: given.app_version.as_deref(),
            topics: topics.map(|topics| topics.iter().map(String::as_str).collect()),
            ..Registration::new(application.id, *platform, &given.token)
        }
    });
    let registrations: Vec<_> = registrations.collect();
    Ok(registration::register_all(
        connection,
        &registrations,
        now_ms,
    )?)
}

impl From<Device> for Entered {
    fn from(row: Device) -> Self {
        Entered {
            id: Some(row.id),
            public_id: Some(row.public_id),
            error: None,
        }
    }
}

impl Entered {
    fn refused(rule: String) -> Self {
        Entered {
            id: None,
            public_id: None,
            error: Some(rule),
        }
    }
}

/// Parameters of `post/unregister`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Unregister {
    /// The application's code or id.
    #[schemars(length(max = 255), extend("x-missing" = "PSH_ANS"))]
    app: String,
    /// The tokens, at most 1000.
    #[schemars(length(min = 1, max = 1000), extend("x-missing" = "PSH_TNS"))]
    tokens: Vec<String>,
}

/// What was unregistered.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Unregistered {
    /// So many devices are gone; the others were not there, or are not the caller's.
    unregistered: usize,
}

/// Forgets the devices with some tokens.
pub(crate) fn unregister(
    _push: &Push,
    call: &Call<'_>,
    given: Unregister,
) -> Result<Unregistered, Fault> {
    if given.tokens.is_empty() {
        return Err(Fault::new("PSH_TNS"));
    }
    bounds::list("tokens", &given.tokens, MOST)?;
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        let application = named::application(connection, &given.app)?;
        let mut ids = Vec::new();
        for token in &given.tokens {
            let found = device::by_token(connection, Some(application.id), token)?;
            let own = found.iter().filter(|one| named::may_have(call, one));
            ids.extend(own.map(|one| one.id));
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(Unregistered {
            unregistered: device::delete(connection, &ids)?,
        })
    })
}
