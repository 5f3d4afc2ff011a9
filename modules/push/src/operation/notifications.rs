//! Notifications: what is said, to whom and when.

use loggia_push::message::languages;
use loggia_push::notification::{self, NewNotification, status};
use loggia_push::{Audience, Condition, Message, Notification, Platform, device};
use loggia_sdk::prelude::*;
use loggia_site::page::last_of_full;
use loggia_site::{clock, once};
use loggia_sql::Connection;
use serde_json::{Map, Value, json};

use crate::settings::Unknown;
use crate::shown::ShownNotification;
use crate::{Push, engine, named, store};

/// The table of requests that may come twice.
pub(super) const ONCE: &str = "push_once";

/// The most notifications of one page.
const MOST: i64 = 200;

/// Parameters of `get/notifications`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct GetNotifications {
    /// Only the one with this number or id.
    #[schemars(length(max = 100))]
    id: Option<String>,
    /// Only those to this application, or to all.
    #[schemars(length(max = 255))]
    app: Option<String>,
    /// Only those in this state; without it all but the aborted ones.
    state: Option<State>,
    /// What `next` said.
    after: Option<i64>,
    /// How many a page has, at most 200.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<i64>,
}

/// How far a notification is.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// Never sent.
    Aborted,
    /// Held back.
    Paused,
    /// Sent from its time on.
    Scheduled,
    /// Being sent.
    Running,
    /// Sent to all devices.
    Completed,
}

impl State {
    fn number(self) -> i64 {
        match self {
            State::Aborted => status::ABORTED,
            State::Paused => status::PAUSED,
            State::Scheduled => status::SCHEDULED,
            State::Running => status::RUNNING,
            State::Completed => status::COMPLETED,
        }
    }
}

/// A page of notifications.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Notifications {
    /// The notifications, newest first.
    notifications: Vec<ShownNotification>,
    /// What `after` is for the next page; `null` at the end.
    next: Option<i64>,
}

/// Lists notifications, or shows one.
pub(crate) fn get(
    _push: &Push,
    call: &Call<'_>,
    given: GetNotifications,
) -> Result<Notifications, Fault> {
    let connection = &mut call.database()?;
    let limit = given.limit.unwrap_or(MOST);
    let (rows, next) = if let Some(id) = &given.id {
        (vec![named::notification(connection, id)?], None)
    } else {
        let application = given.app.as_deref();
        let application = application
            .map(|name| named::application(connection, name))
            .transpose()?;
        let before = given.after.unwrap_or(i64::MAX);
        let of = application.map(|one| one.id);
        let state = given.state.map(State::number);
        let rows = store::notifications(connection, of, state, before, limit)?;
        let next = last_of_full(&rows, limit).map(|row| row.id);
        (rows, next)
    };
    let codes = store::codes(connection, rows.iter().filter_map(|row| row.application_id))?;
    let shown = rows.into_iter();
    Ok(Notifications {
        notifications: shown
            .map(|row| ShownNotification::new(row, &codes))
            .collect(),
        next,
    })
}

/// Parameters of `post/notifications`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PostNotification {
    /// The application's code or id; without it all applications are told.
    #[schemars(length(max = 255))]
    app: Option<String>,
    /// Only devices of this platform.
    platform: Option<Platform>,
    /// The line above.
    #[schemars(length(max = 1000))]
    title: Option<String>,
    /// The text, in the form that jBackend sends: an Android device gets `title`, `message`, `icon` and `data` as data, an
    /// Apple one the alert and `data`.
    #[schemars(length(max = 4000))]
    message: Option<String>,
    /// With `message`: what travels as `data`.
    payload: Option<Map<String, Value>>,
    /// The text, for who does not write to clients of jBackend.
    #[schemars(length(max = 4000))]
    body: Option<String>,
    /// The members that travel to the device beside everything else.
    data: Option<Map<String, Value>>,
    /// Further members of the message, as the documentation has them: `badge`, `sound`, `localised`, `collapse_key`,
    /// `priority` and so on.
    content: Option<Map<String, Value>>,
    /// Who is told; without it those that are named below, or all.
    target: Option<Target>,
    /// The ids of accounts.
    users: Option<Vec<i64>>,
    /// People as an interface calls them.
    people: Option<Vec<String>>,
    /// The ids of user groups; those below them are told too.
    groups: Option<Vec<i64>>,
    /// Devices, by their numbers or ids. One that is not there is an error.
    devices: Option<Vec<String>>,
    /// Topics.
    topics: Option<Vec<String>>,
    /// A condition over devices, such as `{"field":"language","operator":"eq","value":"de"}`.
    query: Option<Map<String, Value>>,
    /// What it is about: devices that have opted out of this topic are spared.
    #[schemars(length(max = 255))]
    topic: Option<String>,
    /// What the sender notes with it.
    #[schemars(length(max = 255))]
    context: Option<String>,
    /// From when on it is sent, in UTC; at once without it.
    #[schemars(length(max = 40))]
    scheduled: Option<String>,
    /// Until when it is sent, in UTC.
    #[schemars(length(max = 40))]
    expires: Option<String>,
    /// Sent in quiet hours too.
    #[serde(default)]
    urgent: bool,
    /// Held back until it is scheduled.
    #[serde(default)]
    paused: bool,
    /// What becomes of deliveries of which nobody knows; the site's setting without it.
    unknown: Option<Policy>,
}

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Target {
    /// All devices.
    All,
    /// Those of `users`.
    Users,
    /// Those of `people`.
    People,
    /// Those of `groups`.
    Groups,
    /// `devices`.
    Devices,
    /// Those that are subscribed to one of `topics`.
    Topics,
    /// Those that `query` holds for.
    Query,
}

/// What becomes of deliveries of which nobody knows.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Policy {
    /// They are sent again.
    Resend,
    /// They stay until somebody has them sent again.
    Hold,
}

/// What was entered.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Entered {
    /// As it is kept.
    notification: ShownNotification,
}

/// Enters a notification, and lets it be sent when its time has come.
pub(crate) fn post(
    push: &Push,
    call: &Call<'_>,
    given: PostNotification,
) -> Result<Entered, Fault> {
    let now_ms = call.host().clock().now_ms();
    let time = |name: &str, text: &Option<String>| {
        text.as_deref()
            .map(|text| clock::parse(name, text))
            .transpose()
    };
    let scheduled_ms = time("scheduled", &given.scheduled)?.unwrap_or(now_ms);
    let expires_ms = time("expires", &given.expires)?;
    if expires_ms.is_some_and(|expires| expires <= scheduled_ms.max(now_ms)) {
        return Err(Fault::parameter(
            "expires",
            "must lie behind the time of sending",
        ));
    }
    if given.message.is_some() && given.body.is_some() {
        let rule = "must not be given beside message, which is the same in jBackend's form";
        return Err(Fault::parameter("body", rule));
    }
    let message = message(&given)?;
    let entered = once::once(call, ONCE, "post/notifications", |connection| {
        let application = given.app.as_deref();
        let application = application
            .map(|name| named::application(connection, name))
            .transpose()?;
        let audience = audience(connection, &given)?;
        let new = NewNotification {
            platform: given.platform,
            topic: given.topic.as_deref(),
            context: given.context.as_deref(),
            unknown_policy: policy(push, given.unknown),
            urgent: given.urgent,
            status: if given.paused {
                status::PAUSED
            } else {
                status::SCHEDULED
            },
            scheduled_ms,
            expires_ms,
            ..NewNotification::new(
                application.as_ref().map(|one| one.id),
                &audience,
                &message,
                now_ms,
            )
        };
        let row = notification::create(connection, &new, now_ms)?;
        shown(connection, row)
    })?;
    engine::wake(call)?;
    Ok(entered)
}

fn shown(connection: &mut Connection, row: Notification) -> Result<Entered, Fault> {
    let codes = store::codes(connection, row.application_id)?;
    Ok(Entered {
        notification: ShownNotification::new(row, &codes),
    })
}

fn policy(push: &Push, given: Option<Policy>) -> &'static str {
    let policy = given.map_or(push.settings.unknown, |policy| match policy {
        Policy::Resend => Unknown::Resend,
        Policy::Hold => Unknown::Hold,
    });
    policy.word()
}

/// The row's message.
fn message(given: &PostNotification) -> Result<String, Fault> {
    let mut members = given.content.clone().unwrap_or_default();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    put("title", given.title.clone().map(Value::from));
    put("body", given.body.clone().map(Value::from));
    put("data", given.data.clone().map(Value::Object));
    if given.message.is_some() || given.payload.is_some() {
        as_jbackend(&mut members, given);
    }
    let row = Value::Object(members);
    check(&row, given.platform).map_err(|rule| Fault::new("PSH_MNV").detail(rule))?;
    Ok(row.to_string())
}

/// Whether each platform, or the one that is named, gets a message in every language.
fn check(row: &Value, only: Option<Platform>) -> Result<(), String> {
    for layers in ["platforms", "localised"] {
        let Some(given) = row.get(layers) else {
            continue;
        };
        let given = given.as_object();
        for (name, layer) in given.ok_or(format!("`{layers}` is not an object"))? {
            if layers == "platforms" && Platform::from_word(name).is_none() {
                return Err(format!("`platforms.{name}`: there is no such platform"));
            }
            if !layer.is_object() {
                return Err(format!("`{layers}.{name}` is not an object"));
            }
        }
    }
    let platforms = only.map_or_else(|| Platform::ALL.to_vec(), |one| vec![one]);
    for platform in platforms {
        check_message(row, platform, None)?;
        for language in languages(row) {
            check_message(row, platform, Some(language))
                .map_err(|rule| format!("`localised.{language}`: {rule}"))?;
        }
    }
    Ok(())
}

fn check_message(row: &Value, platform: Platform, language: Option<&str>) -> Result<(), String> {
    let message = Message::read(row, platform.word(), language);
    if is_empty(&message.map_err(|fault| fault.to_string())?) {
        return Err(format!(
            "for {platform} it must have a title, a text, data, a badge, or wake the application"
        ));
    }
    Ok(())
}

fn is_empty(message: &Message) -> bool {
    let has = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    let is_alert = |alert: &Value| alert.as_str() != Some("");
    let says = has(&message.title)
        || has(&message.body)
        || message.alert.as_ref().is_some_and(is_alert)
        || has(&message.loc_key)
        || message.badge.is_some();
    !says && message.data.is_empty() && !message.content_available
}

/// What jBackend's clients look for: Apple's the alert, a sound and the payload as `data`, Android's everything as data, so
/// that the application shows it by itself.
fn as_jbackend(members: &mut Map<String, Value>, given: &PostNotification) {
    let payload = given.payload.clone().map(Value::Object);
    let data = payload.clone().map(|payload| json!({ "data": payload }));
    members.insert("body".to_owned(), json!(given.message));
    if let Some(data) = data {
        members.insert("data".to_owned(), data);
    }
    members.entry("sound").or_insert_with(|| json!("default"));
    let android = json!({
        "title": null, "body": null, "sound": null,
        "data": {
            "title": given.title, "message": given.message, "icon": "icon",
            "data": payload.unwrap_or_else(|| json!({})),
        },
    });
    members
        .entry("platforms")
        .or_insert_with(|| json!({ "android": android }));
}

/// Who is told. What is named without a target is the target; two of them would not say which is meant.
fn audience(connection: &mut Connection, given: &PostNotification) -> Result<String, Fault> {
    let named = [
        (Target::Users, given.users.is_some()),
        (Target::People, given.people.is_some()),
        (Target::Groups, given.groups.is_some()),
        (Target::Devices, given.devices.is_some()),
        (Target::Topics, given.topics.is_some()),
        (Target::Query, given.query.is_some()),
    ];
    let mut chosen = named
        .iter()
        .filter(|(_, is_given)| *is_given)
        .map(|(target, _)| *target);
    let (first, second) = (chosen.next(), chosen.next());
    let target = given.target.or(first).unwrap_or(Target::All);
    if second.is_some() || first.is_some_and(|first| first != target) {
        return Err(Fault::parameter("target", "only what it says may be named"));
    }
    let audience = match target {
        Target::All => Audience::All,
        Target::Users => Audience::Users(given.users.clone().unwrap_or_default()),
        Target::People => Audience::People(given.people.clone().unwrap_or_default()),
        Target::Groups => Audience::Groups(given.groups.clone().unwrap_or_default()),
        Target::Devices => Audience::Devices(devices(connection, given.devices.as_deref())?),
        Target::Topics => Audience::Topics(trimmed(given.topics.as_deref())),
        Target::Query => Audience::Query(condition(given.query.clone())?),
    };
    audience
        .check()
        .map_err(|fault| Fault::parameter("target", &fault.to_string()))?;
    Ok(audience.text())
}

fn trimmed(topics: Option<&[String]>) -> Vec<String> {
    let topics = topics.unwrap_or_default().iter();
    topics.map(|topic| topic.trim().to_owned()).collect()
}

fn devices(connection: &mut Connection, ids: Option<&[String]>) -> Result<Vec<i64>, Fault> {
    let unknown = |id: &str| Fault::new("PSH_DUN").detail(format!("devices: {id}"));
    let mut found = Vec::new();
    let mut numbers = Vec::new();
    for id in ids.unwrap_or_default() {
        match id.trim().parse::<i64>() {
            Ok(number) => numbers.push(number),
            Err(_) => found.push(
                device::by_public_id(connection, id.trim())?
                    .map(|device| device.id)
                    .ok_or_else(|| unknown(id))?,
            ),
        }
    }
    let known = store::known_devices(connection, &numbers)?;
    if let Some(nobody) = numbers.iter().find(|number| !known.contains(number)) {
        return Err(unknown(&nobody.to_string()));
    }
    found.extend(numbers);
    Ok(found)
}

fn condition(query: Option<Map<String, Value>>) -> Result<Condition, Fault> {
    let query = Value::Object(query.unwrap_or_default());
    serde_json::from_value(query).map_err(|_| {
        Fault::parameter(
            "query",
            "must be {\"field\":..,\"operator\":..,\"value\":..}, or a list of such as \"and\" or \"or\"",
        )
    })
}
