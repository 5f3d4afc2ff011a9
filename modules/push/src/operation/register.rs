//! jBackend's `put/push/register`: a device says what it is.

use std::borrow::Cow;

use loggia_push::application::NewApplication;
use loggia_push::whereabouts::{self, Token};
use loggia_push::{Application, Device, Platform, Registration, application, registration};
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
        user_ref: user_id.map(|id| id.to_string()),
        ios_alert: given.ios_alert.as_deref().map(is_true),
        ios_badge: given.ios_badge.as_deref().map(is_true),
        ios_sound: given.ios_sound.as_deref().map(is_true),
    };
    let leaders = leaders(push, call)?;
    let saved = (push.registrations).run(leaders, new, |those| save(push, call, those));
    saved.map_err(|fault| match fault.code() {
        // jBackend's own name for a failure that nobody planned for.
        "REQ_GER" => Fault::new("PSH_ESD"),
        _ => fault,
    })
}

/// Registrations that come at the same time.
pub(crate) type Registrations = Together<New, Registered>;

/// How many save at the same time. SQLite has one writer. PostgreSQL has many, and brings what they commit to the disk
/// together; with fewer of them each statement enters more.
fn leaders(push: &Push, call: &Call<'_>) -> Result<usize, Fault> {
    if let Some(known) = push.leaders.get() {
        return Ok(*known);
    }
    let leaders = match call.database()?.dialect() {
        Dialect::Sqlite => 1,
        Dialect::Postgresql => 2,
    };
    Ok(*push.leaders.get_or_init(|| leaders))
}

/// What a device has said of itself, as far as nothing has to be looked up.
pub(crate) struct New {
    token: String,
    appcode: String,
    platform: Platform,
    platform_code: i64,
    user_id: Option<i64>,
    user_ref: Option<String>,
    ios_alert: Option<bool>,
    ios_badge: Option<bool>,
    ios_sound: Option<bool>,
}

/// Saves several, of which each stands for itself: where the statement for all of them fails, each is tried alone.
fn save(
    push: &Push,
    call: &Call<'_>,
    those: &[&New],
) -> Result<Vec<Result<Registered, Fault>>, Fault> {
    let now_ms = call.host().clock().now_ms();
    let connection = &mut call.database_for_writing()?;
    let saved = save_all(push, connection, those, now_ms);
    if saved.is_ok() || those.len() == 1 {
        return saved;
    }
    let alone = |one: &&New| {
        let mut saved = save_all(push, connection, &[one], now_ms)?;
        saved.pop().unwrap_or_else(|| Err(Fault::new("PSH_ESD")))
    };
    Ok(those.iter().map(alone).collect())
}

/// Saves those whose tokens belong where they are with one statement. Others need several: an application is new, or a
/// token moves over from another one.
fn save_all(
    push: &Push,
    connection: &mut Connection,
    those: &[&New],
    now_ms: i64,
) -> Result<Vec<Result<Registered, Fault>>, Fault> {
    let tokens: Vec<_> = those.iter().map(|one| one.token()).collect();
    let found = whereabouts::whereabouts(connection, &tokens)?;
    let home = found
        .iter()
        .map(|found| found.filter(|found| !found.is_elsewhere));
    let home: Vec<_> = home.map(|found| Some(found?.application_id)).collect();
    let at_home: Vec<_> = (those.iter().zip(&home))
        .filter_map(|(one, home)| Some(one.registration((*home)?)))
        .collect();
    let mut devices = registration::register_all(connection, &at_home, now_ms)?.into_iter();
    let saved = those.iter().zip(home).map(|(one, home)| match home {
        Some(_) => {
            let device = devices.next().ok_or_else(|| Fault::new("PSH_ESD"))?;
            Ok(one.registered(device))
        }
        None => one.move_in(push, connection, now_ms),
    });
    Ok(saved.collect())
}

impl New {
    fn token(&self) -> Token<'_> {
        Token {
            code: &self.appcode,
            platform: self.platform,
            token: &self.token,
        }
    }

    fn registration(&self, application_id: i64) -> Registration<'_> {
        Registration {
            user_id: self.user_id,
            user_ref: self.user_ref.as_deref(),
            ios_alert: self.ios_alert,
            ios_badge: self.ios_badge,
            ios_sound: self.ios_sound,
            ..Registration::new(application_id, self.platform, &self.token)
        }
    }

    /// Saves one with what has to be made or moved for it, wholly or not at all.
    fn move_in(
        &self,
        push: &Push,
        connection: &mut Connection,
        now_ms: i64,
    ) -> Result<Registered, Fault> {
        connection.transaction(|connection| {
            let application = application(push, connection, &self.appcode, now_ms)?;
            let new = self.registration(application.id);
            let device = whereabouts::register_moving(connection, &new, now_ms)?;
            Ok(self.registered(device))
        })
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
