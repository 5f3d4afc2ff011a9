//! Why a device got nothing: everything that stands between it and a notification, in the order in which it is looked at.

use loggia_push::{Application, Device, Platform, Preference, application, delivery, device};
use loggia_sdk::prelude::*;
use loggia_site::clock::written;
use loggia_sql::Connection;

use crate::shown::ShownDevice;
use crate::{Push, named, store};

/// So many notifications are looked at where none is named.
const LAST: i64 = 10;

/// Parameters of `get/why`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct GetWhy {
    /// The device, by its number, id or token.
    #[schemars(length(max = 4096), extend("x-missing" = "PSH_DUN"))]
    device: String,
    /// The notification, by its number or id; without it the last ones that could have reached the device.
    #[schemars(length(max = 100))]
    notification: Option<String>,
}

/// What there is to say.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Why {
    /// The device.
    device: ShownDevice,
    /// What keeps everything from the device; empty where nothing does.
    always: Vec<String>,
    /// What became of each notification, newest first.
    notifications: Vec<Verdict>,
}

/// What became of a notification at the device.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Verdict {
    /// The notification's number.
    notification_id: i64,
    /// A state of the ledger, or `none` where it has no row of it.
    state: String,
    /// What is known, as a sentence for people.
    because: String,
}

/// Tells why.
pub(crate) fn get(_push: &Push, call: &Call<'_>, given: GetWhy) -> Result<Why, Fault> {
    let connection = &mut call.database()?;
    let found = find(connection, &given.device)?;
    let application = application::by_id(connection, found.application_id)?;
    let application = application.ok_or_else(|| Fault::new("PSH_AUN"))?;
    let rows = match &given.notification {
        Some(id) => vec![named::notification(connection, id)?],
        None => store::notifications(connection, Some(application.id), None, i64::MAX, LAST)?,
    };
    let mut notifications = Vec::with_capacity(rows.len());
    for row in rows {
        let why = delivery::why(connection, &row, &found)?;
        notifications.push(Verdict {
            notification_id: row.id,
            state: why
                .delivery
                .map_or_else(|| "none".to_owned(), |delivery| delivery.state),
            because: why.explanation,
        });
    }
    let mut always = obstacles(&application, &found);
    let now_ms = call.host().clock().now_ms();
    let wanted = found.preferences.as_deref().map(Preference::read);
    always.extend(wanted.iter().flat_map(|wanted| spared(wanted, now_ms)));
    let mut shown = super::devices::shown(connection, vec![found])?;
    Ok(Why {
        device: shown.pop().ok_or_else(|| Fault::new("PSH_DUN"))?,
        always,
        notifications,
    })
}

/// A person at the command line has the token at hand more often than the id.
fn find(connection: &mut Connection, name: &str) -> Result<Device, Fault> {
    match named::device(connection, name) {
        Err(fault) if fault.code() == "PSH_DUN" => {
            let mut found = device::by_token(connection, None, name)?;
            found.pop().ok_or(fault)
        }
        found => found,
    }
}

fn obstacles(application: &Application, device: &Device) -> Vec<String> {
    let mut found = Vec::new();
    if !application.is_enabled() {
        found.push("Its application is disabled.".to_owned());
    }
    match device.status.as_str() {
        device::status::RETIRED => found.push(format!(
            "It is retired since {}: {}.",
            device.retired_ms.map(written).unwrap_or_default(),
            device
                .retired_reason
                .as_deref()
                .unwrap_or("no reason is known")
        )),
        device::status::INACTIVE => {
            found.push("It is inactive: it wants nothing for now.".to_owned());
        }
        _ => {}
    }
    let Some(platform) = Platform::from_word(&device.platform) else {
        return found;
    };
    match platform {
        Platform::Generic => {
            found.push("Nobody carries messages to the platform generic.".to_owned());
        }
        Platform::Ios | Platform::Android | Platform::Web
            if !application.platforms().contains(&platform) =>
        {
            found.push(format!(
                "Its application has no credentials for {platform}."
            ));
        }
        _ => {}
    }
    if let Some(alarm) = application.alarms().get(&platform) {
        found.push(format!(
            "Sending to {platform} was stopped at {}: {}.",
            written(alarm.since_ms),
            alarm.reason
        ));
    }
    found
}

/// What the device's owner wants to be spared; what he wants as a person stands at his devices too.
fn spared(wanted: &Preference, now_ms: i64) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(quiet) = &wanted.quiet {
        let (from, to) = (&quiet.from, &quiet.to);
        found.push(format!("Its owner wants quiet from {from} to {to}."));
    }
    if !wanted.opted_out.is_empty() {
        let topics = wanted.opted_out.join(", ");
        found.push(format!("Its owner wants to hear nothing of {topics}."));
    }
    let muted = wanted.muted_until_ms.filter(|until_ms| *until_ms > now_ms);
    if let Some(until_ms) = muted {
        let until = written(until_ms);
        found.push(format!("Its owner wants to hear nothing before {until}."));
    }
    found
}
