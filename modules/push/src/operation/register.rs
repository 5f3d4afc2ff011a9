//! jBackend's `put/push/register`: a device says what it is.

use std::borrow::Cow;

use diesel::QueryResult;
use loggia_push::application::NewApplication;
use loggia_push::device::{self, Registration};
use loggia_push::{Application, Device, Platform, application};
use loggia_sdk::prelude::*;
use loggia_sql::{Connection, Dialect};

use crate::Push;
use crate::together::Together;

/// Parameters of `put/register`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Register {
    /// The vendor's name for the device.
    #[schemars(length(max = 4096), extend("x-missing" = "PSH_TNS"))]
    token: String,
    /// The application's code.
    #[schemars(length(max = 255), extend("x-missing" = "PSH_ANS"))]
    appcode: String,
    /// `ios`, `android`, `web` or `generic`.
    #[schemars(length(max = 20), extend("x-missing" = "PSH_PNS"))]
    platform: String,
    /// The id of the account whose device it is.
    user_id: Option<i64>,
    /// The e-mail address of that account.
    #[schemars(length(max = 255))]
    user_email: Option<String>,
    /// Whether it wants texts; `true` and `1` are yes.
    #[schemars(length(max = 20))]
    ios_alert: Option<String>,
    /// Whether it wants numbers at the icon.
    #[schemars(length(max = 20))]
    ios_badge: Option<String>,
    /// Whether it wants sounds.
    #[schemars(length(max = 20))]
    ios_sound: Option<String>,
}

/// What was registered.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Registered {
    /// The token as it is kept.
    token: String,
    /// The application's code, in lower case.
    appcode: String,
    /// The platform, in lower case.
    platform: String,
    /// 0 generic, 1 android, 2 ios, 3 web.
    platform_code: i64,
    /// The application's number.
    app_id: i64,
    /// The device's number.
    device_id: i64,
    /// 1 where it wants texts.
    ios_alert: i64,
    /// 1 where it wants numbers at the icon.
    ios_badge: i64,
    /// 1 where it wants sounds.
    ios_sound: i64,
}

/// Registers a device, or renews its registration.
pub(crate) fn put(push: &Push, call: &Call<'_>, given: Register) -> Result<Registered, Fault> {
    let given = if push.settings.json_register || !is_json(call) {
        given
    } else {
        Register::of_query(call.query())
    };
    let token = present(&given.token, "PSH_TNS")?;
    let appcode = present(&given.appcode, "PSH_ANS")?.to_lowercase();
    let platform = present(&given.platform, "PSH_PNS")?.to_lowercase();
    let (platform, platform_code) = known(&platform)?;
    let user_id = user(push, call, &given)?;
    let new = New {
        token: token.to_owned(),
        appcode,
        platform,
        platform_code,
        user_id,
        ios_alert: given.ios_alert.as_deref().map(is_true),
        ios_badge: given.ios_badge.as_deref().map(is_true),
        ios_sound: given.ios_sound.as_deref().map(is_true),
    };
    let saved = if has_one_writer(push, call)? {
        push.registrations.run(new, |those| save(push, call, those))
    } else {
        save(push, call, &[&new])
            .and_then(|mut saved| saved.pop().unwrap_or(Err(Fault::new("PSH_ESD"))))
    };
    saved.map_err(|fault| match fault.code() {
        // jBackend's own name for a failure that nobody planned for.
        "REQ_GER" => Fault::new("PSH_ESD"),
        _ => fault,
    })
}

/// Registrations that come at the same time.
pub(crate) type Registrations = Together<New, Registered>;

/// Whether all wait for one connection anyway. PostgreSQL has many, whose commits it brings to the disk together by itself.
fn has_one_writer(push: &Push, call: &Call<'_>) -> Result<bool, Fault> {
    if let Some(known) = push.has_one_writer.get() {
        return Ok(*known);
    }
    let is_file = call.database()?.dialect() == Dialect::Sqlite;
    Ok(*push.has_one_writer.get_or_init(|| is_file))
}

/// What a device has said of itself, as far as nothing has to be looked up.
pub(crate) struct New {
    token: String,
    appcode: String,
    platform: Platform,
    platform_code: i64,
    user_id: Option<i64>,
    ios_alert: Option<bool>,
    ios_badge: Option<bool>,
    ios_sound: Option<bool>,
}

/// Saves several in one transaction, in which each stands for itself. One alone needs none, as far as it is one statement.
fn save(
    push: &Push,
    call: &Call<'_>,
    those: &[&New],
) -> Result<Vec<Result<Registered, Fault>>, Fault> {
    let now_ms = call.host().clock().now_ms();
    let connection = &mut call.database_for_writing()?;
    match those {
        [one] => Ok(vec![one.save(push, connection, now_ms)]),
        several => connection.transaction(|connection| {
            let saved = several.iter().map(|one| one.save(push, connection, now_ms));
            Ok(saved.collect())
        }),
    }
}

impl New {
    /// Saves one, wholly or not at all.
    fn save(
        &self,
        push: &Push,
        connection: &mut Connection,
        now_ms: i64,
    ) -> Result<Registered, Fault> {
        let found = device::whereabouts(connection, &self.appcode, self.platform, &self.token)?;
        if let Some(found) = found.filter(|found| !found.is_elsewhere) {
            let device = self.enter(connection, found.application_id, now_ms, device::register)?;
            return Ok(self.registered(device));
        }
        connection.transaction(|connection| {
            let application = application(push, connection, &self.appcode, now_ms)?;
            let device = self.enter(connection, application.id, now_ms, device::register_moving)?;
            Ok(self.registered(device))
        })
    }

    fn enter(
        &self,
        connection: &mut Connection,
        application_id: i64,
        now_ms: i64,
        register: impl FnOnce(&mut Connection, &Registration<'_>, i64) -> QueryResult<Device>,
    ) -> QueryResult<Device> {
        let user_ref = self.user_id.map(|id| id.to_string());
        let registration = Registration {
            user_id: self.user_id,
            user_ref: user_ref.as_deref(),
            ios_alert: self.ios_alert,
            ios_badge: self.ios_badge,
            ios_sound: self.ios_sound,
            ..Registration::new(application_id, self.platform, &self.token)
        };
        register(connection, &registration, now_ms)
    }

    fn registered(&self, device: Device) -> Registered {
        Registered {
            token: device.token,
            appcode: self.appcode.clone(),
            platform: device.platform,
            platform_code: self.platform_code,
            app_id: device.application_id,
            device_id: device.id,
            ios_alert: device.ios_alert.into(),
            ios_badge: device.ios_badge.into(),
            ios_sound: device.ios_sound.into(),
        }
    }
}

impl Register {
    /// The parameters of the query alone, for a site that has switched JSON off.
    fn of_query(query: &str) -> Self {
        let find = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            let found = pairs.find(|(key, _)| key == name);
            found.map(|(_, value)| value.into_owned())
        };
        Register {
            token: find("token").unwrap_or_default(),
            appcode: find("appcode").unwrap_or_default(),
            platform: find("platform").unwrap_or_default(),
            user_id: find("user_id").and_then(|id| id.parse().ok()),
            user_email: find("user_email"),
            ios_alert: find("ios_alert"),
            ios_badge: find("ios_badge"),
            ios_sound: find("ios_sound"),
        }
    }
}

fn is_json(call: &Call<'_>) -> bool {
    let media = call.header("content-type").unwrap_or_default();
    media.to_ascii_lowercase().contains("json")
}

fn present<'a>(text: &'a str, code: &'static str) -> Result<&'a str, Fault> {
    Some(text.trim())
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Fault::new(code))
}

fn known(platform: &str) -> Result<(Platform, i64), Fault> {
    match platform {
        "generic" => Ok((Platform::Generic, 0)),
        "android" => Ok((Platform::Android, 1)),
        "ios" => Ok((Platform::Ios, 2)),
        "web" => Ok((Platform::Web, 3)),
        _ => Err(Fault::new("PSH_PUN")),
    }
}

fn is_true(text: &str) -> bool {
    matches!(text.trim(), "1" | "true")
}

/// Whose device it is: whom it names, with the address that proves it where the site wants that; else who calls.
fn user(push: &Push, call: &Call<'_>, given: &Register) -> Result<Option<i64>, Fault> {
    let Some(id) = given.user_id.filter(|&id| id > 0) else {
        return Ok(call.user());
    };
    if !push.settings.require_user_email || call.user() == Some(id) {
        return Ok(Some(id));
    }
    let identity = call.host().identity()?;
    let account = identity.by_id(call, id)?;
    let email: Cow<'_, str> = given.user_email.as_deref().unwrap_or_default().into();
    match account {
        Some(account) if account.email.eq_ignore_ascii_case(email.trim()) => Ok(Some(id)),
        // One answer for both, or the addresses of accounts could be asked for.
        _ => Err(Fault::new("PSH_UEW").detail("user_email: must be that of the account user_id")),
    }
}

fn application(
    push: &Push,
    connection: &mut Connection,
    code: &str,
    now_ms: i64,
) -> Result<Application, Fault> {
    if let Some(found) = application::by_code(connection, code)? {
        return Ok(found);
    }
    if !push.settings.auto_appcode {
        return Err(Fault::new("PSH_AUN"));
    }
    let new = NewApplication {
        code,
        name: code,
        ..NewApplication::default()
    };
    application::create(connection, &new, now_ms).map_err(|error| {
        tracing::error!("an application could not be added: {error}");
        Fault::new("PSH_ESA")
    })
}
