//! What people want to be spared: quiet hours, topics, everything for a while.

use loggia_push::preference::{self, Preference, QuietHours};
use loggia_push::{Application, Device};
use loggia_sdk::prelude::*;
use loggia_site::clock;
use loggia_sql::Connection;

use super::topics::is_topic;
use crate::{Push, named};

/// How many topics one can have opted out of.
const MOST_TOPICS: usize = 200;

/// Whose preferences: of a device, or of a person within an application.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct GetPreferences {
    /// Those of this device, by its number or id.
    #[schemars(length(max = 100))]
    device: Option<String>,
    /// Those of a person within this application, by its code or id.
    #[schemars(length(max = 255))]
    app: Option<String>,
    /// The person; without it the caller.
    #[schemars(length(min = 1, max = 255))]
    user: Option<String>,
}

/// What is wanted.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Preferences {
    /// From when on a day it is quiet, `22:00` by the device's clock.
    quiet_from: Option<String>,
    /// Until when.
    quiet_to: Option<String>,
    /// Topics of which nothing is to be heard.
    opted_out: Vec<String>,
    /// Nothing but what is urgent comes before this time, in UTC.
    muted_until: Option<String>,
}

impl From<Preference> for Preferences {
    fn from(wanted: Preference) -> Self {
        let quiet = wanted.quiet.map(|quiet| (quiet.from, quiet.to));
        let (quiet_from, quiet_to) = quiet.unzip();
        Preferences {
            quiet_from,
            quiet_to,
            opted_out: wanted.opted_out,
            muted_until: wanted.muted_until_ms.map(clock::written),
        }
    }
}

enum Owner {
    Device(Device),
    Person(Application, String),
}

/// Shows what is wanted.
pub(crate) fn get(
    _push: &Push,
    call: &Call<'_>,
    given: GetPreferences,
) -> Result<Preferences, Fault> {
    let connection = &mut call.database()?;
    let owner = owner(call, connection, given.device, given.app, given.user)?;
    Ok(wanted(connection, &owner)?.into())
}

fn wanted(connection: &mut Connection, owner: &Owner) -> Result<Preference, Fault> {
    Ok(match owner {
        Owner::Device(device) => {
            let text = device.preferences.as_deref();
            text.map(Preference::read).unwrap_or_default()
        }
        Owner::Person(application, user) => {
            preference::of_person(connection, application.id, user)?.unwrap_or_default()
        }
    })
}

/// An account speaks for its own devices and for itself alone.
fn owner(
    call: &Call<'_>,
    connection: &mut Connection,
    device: Option<String>,
    app: Option<String>,
    user: Option<String>,
) -> Result<Owner, Fault> {
    if let Some(id) = device {
        return Ok(Owner::Device(named::own_device(call, connection, &id)?));
    }
    let app = app.ok_or_else(|| Fault::parameter("device", "must be given, or app and user"))?;
    let application = named::application(connection, &app)?;
    let own = call.user().map(|id| id.to_string());
    let user = match (user, own) {
        (Some(user), _) if call.is_unbound() => user,
        (Some(user), Some(own)) if user == own => own,
        (None, Some(own)) => own,
        (None, None) => return Err(Fault::parameter("user", "must be given")),
        (Some(_), _) => return Err(Fault::parameter("user", "must be the caller")),
    };
    Ok(Owner::Person(application, user))
}

/// Parameters of `put/preferences`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutPreferences {
    /// Those of this device, by its number or id.
    #[schemars(length(max = 100))]
    device: Option<String>,
    /// Those of a person within this application, by its code or id.
    #[schemars(length(max = 255))]
    app: Option<String>,
    /// The person; without it the caller.
    #[schemars(length(min = 1, max = 255))]
    user: Option<String>,
    /// From when on a day it is quiet, such as `22:00`; `null` ends quiet hours.
    #[serde(default)]
    #[schemars(length(max = 5))]
    quiet_from: Change<String>,
    /// Until when, such as `07:00`.
    #[serde(default)]
    #[schemars(length(max = 5))]
    quiet_to: Change<String>,
    /// All topics of which nothing is to be heard.
    #[schemars(length(max = 200))]
    opted_out: Option<Vec<String>>,
    /// Nothing but what is urgent comes before this time, in UTC; `null` ends that.
    #[serde(default)]
    #[schemars(length(max = 40))]
    muted_until: Change<String>,
}

/// Changes what is wanted.
pub(crate) fn put(
    _push: &Push,
    call: &Call<'_>,
    given: PutPreferences,
) -> Result<Preferences, Fault> {
    let now_ms = call.host().clock().now_ms();
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        let owner = owner(call, connection, given.device, given.app, given.user)?;
        let mut wanted = wanted(connection, &owner)?;
        set_quiet(&mut wanted, given.quiet_from, given.quiet_to)?;
        if let Some(topics) = given.opted_out {
            wanted.opted_out = opted_out(&topics)?;
        }
        match given.muted_until {
            Change::Keep => {}
            Change::Clear => wanted.muted_until_ms = None,
            Change::Set(text) => {
                wanted.muted_until_ms = Some(clock::parse("muted_until", &text)?);
            }
        }
        match &owner {
            Owner::Device(device) => {
                preference::set_of_device(connection, device.id, &wanted)?;
            }
            Owner::Person(application, user) => {
                let person = (application.id, user.as_str());
                preference::set_of_person(connection, person, &wanted, now_ms)?;
            }
        }
        Ok(wanted.into())
    })
}

/// The topics, each once.
fn opted_out(given: &[String]) -> Result<Vec<String>, Fault> {
    if given.len() > MOST_TOPICS {
        return Err(Fault::parameter("opted_out", "must have at most 200"));
    }
    let mut topics: Vec<String> = Vec::with_capacity(given.len());
    for topic in given.iter().map(|topic| topic.trim()) {
        if !is_topic(topic) {
            return Err(Fault::parameter(
                "opted_out",
                "each must have 1 to 255 characters",
            ));
        }
        if !topics.iter().any(|known| known == topic) {
            topics.push(topic.to_owned());
        }
    }
    Ok(topics)
}

fn set_quiet(
    wanted: &mut Preference,
    from: Change<String>,
    to: Change<String>,
) -> Result<(), Fault> {
    let hours = match (from, to) {
        (Change::Keep, Change::Keep) => return Ok(()),
        (Change::Clear, _) | (_, Change::Clear) => {
            wanted.quiet = None;
            return Ok(());
        }
        (from, to) => {
            let known = wanted.quiet.take();
            let (known_from, known_to) = known.map(|quiet| (quiet.from, quiet.to)).unzip();
            let set = |change: Change<String>, known: Option<String>| match change {
                Change::Set(text) => Some(text),
                _ => known,
            };
            let hours = set(from, known_from).zip(set(to, known_to));
            hours.map(|(from, to)| QuietHours { from, to })
        }
    };
    let hours = hours.filter(|hours| hours.minutes().is_some());
    wanted.quiet = Some(hours.ok_or_else(|| {
        Fault::parameter(
            "quiet_from",
            "and quiet_to must be times of a day such as 22:00",
        )
    })?);
    Ok(())
}
