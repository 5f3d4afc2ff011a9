//! Applications with their push settings.

use loggia_push::Application as Row;
use loggia_push::application::{self, Change, NewApplication, status};
use loggia_push::device;
use loggia_sdk::prelude::*;
use serde_json::{Value, json};

use crate::access::{MANAGE, require};
use crate::configuration::PushSettings;
use crate::error::{Error, Faults};
use crate::filter::Condition;
use crate::model::{Act, Context, Model};
use crate::property::{Kind, Property, property};
use crate::reply::{Outcome, Record, text, without};
use crate::time::written;

/// The members that are columns, or made by the server.
const OWN: [&str; 7] = [
    "id",
    "name",
    "description",
    "status",
    "created",
    "modified",
    "pushSettings",
];
/// The keys that each application has. They are made once; only new ones are made by hand.
pub(crate) const KEYS: [&str; 5] = [
    "clientKey",
    "javaScriptKey",
    "restApiKey",
    "windowsKey",
    "masterKey",
];
/// So many applications are read at once.
const BATCH: i64 = 500;

/// The model.
pub(crate) struct Application;

impl Model for Application {
    const NAME: &'static str = "Application";
    const PLACE: usize = 0;
    const PROPERTIES: &'static [Property] = &[
        property("id", Kind::Text),
        property("realm", Kind::Text),
        property("name", Kind::Text),
        property("description", Kind::Text),
        property("icon", Kind::Text),
        property("owner", Kind::Text),
        property("collaborators", Kind::Texts),
        property("email", Kind::Text),
        property("emailVerified", Kind::Boolean),
        property("url", Kind::Text),
        property("callbackUrls", Kind::Texts),
        property("permissions", Kind::Texts),
        property("clientKey", Kind::Text),
        property("javaScriptKey", Kind::Text),
        property("restApiKey", Kind::Text),
        property("windowsKey", Kind::Text),
        property("masterKey", Kind::Text),
        property("pushSettings", Kind::Any),
        property("authenticationEnabled", Kind::Boolean),
        property("anonymousAllowed", Kind::Boolean),
        property("authenticationSchemes", Kind::Any),
        property("status", Kind::Text),
        property("created", Kind::Date),
        property("modified", Kind::Date),
    ];

    const UNTOLD: &'static [&'static str] = &KEYS;

    /// What an application proves itself with is nobody's business but the operator's.
    fn admit(call: &Call<'_>, _act: Act) -> Result<(), Error> {
        require(call, MANAGE)
    }

    fn batch(
        context: &mut Context<'_>,
        condition: &Condition,
        after: i64,
    ) -> Outcome<(Option<i64>, Vec<Record>)> {
        let rows = application::list(&mut context.connection, after, BATCH)?;
        let last = rows.last().map(|row| row.id);
        let records = rows.iter().map(record);
        Ok((last, records.filter(|one| condition.holds(one)).collect()))
    }

    fn find(context: &mut Context<'_>, id: &str) -> Outcome<Option<Record>> {
        let found = application::by_public_id(&mut context.connection, id)?;
        Ok(found.as_ref().map(record))
    }

    fn create(context: &mut Context<'_>, given: Record) -> Outcome<Record> {
        check(&given)?;
        let id = text(&given, "id").unwrap_or_else(loggia_push::identity::public_id);
        if application::by_public_id(&mut context.connection, &id)?.is_some() {
            return Err(Error::taken(Self::NAME, &id).into());
        }
        let mut details = without(&given, &OWN);
        complete(&mut details);
        details.extend(keys());
        let settings = PushSettings::read(given.get("pushSettings"))?;
        settings.note(&mut details);
        let status = engine_status(given.get("status"), &settings);
        details.insert("status".to_owned(), shown_status(given.get("status")));
        let row = application::create(
            &mut context.connection,
            &NewApplication {
                code: &id,
                public_id: Some(&id),
                name: &text(&given, "name").unwrap_or_default(),
                description: &text(&given, "description").unwrap_or_default(),
                status: Some(status),
                details: Some(&Value::Object(details).to_string()),
                ..NewApplication::default()
            },
            context.now_ms,
        );
        let row = row.map_err(|error| {
            if loggia_sql::is_unique(&error) {
                Error::taken(Self::NAME, &id).into()
            } else {
                crate::reply::Failure::from(error)
            }
        })?;
        let row = settings.keep(context, row)?;
        Ok(record(&row))
    }

    fn replace(context: &mut Context<'_>, id: &str, mut given: Record) -> Outcome<Record> {
        check(&given)?;
        let row = row(context, id)?;
        let known = details(&row);
        let mut details = without(&given, &OWN);
        for name in KEYS {
            if let Some(value) = known.get(name) {
                details.entry(name).or_insert_with(|| value.clone());
            }
        }
        complete(&mut details);
        let (status, description) = (json!(status::SANDBOX), json!(""));
        for (name, value) in [("status", status), ("description", description)] {
            given.entry(name).or_insert(value);
        }
        PushSettings::carry(&known, &mut details);
        save(context, row, given, details)
    }

    fn patch(context: &mut Context<'_>, id: &str, changes: Record) -> Outcome<Record> {
        let row = row(context, id)?;
        let mut merged = record(&row);
        merged.extend(changes.clone());
        check(&merged)?;
        let mut details = details(&row);
        details.extend(without(&changes, &OWN));
        save(context, row, changes, details)
    }

    fn delete(context: &mut Context<'_>, id: &str) -> Outcome<bool> {
        let Some(row) = application::by_public_id(&mut context.connection, id)? else {
            return Ok(false);
        };
        let devices = device::ids_of_application(&mut context.connection, row.id, 1)?;
        if !devices.is_empty() {
            return Err(Error::unprocessable(
                "The application has installations.",
                json!({ "appId": id }),
            )
            .into());
        }
        application::delete(&mut context.connection, row.id)?;
        Ok(true)
    }
}

/// Adds what an application has that says nothing of it.
fn complete(details: &mut Record) {
    for name in ["authenticationEnabled", "anonymousAllowed"] {
        details.entry(name).or_insert(json!(true));
    }
}

fn row(context: &mut Context<'_>, id: &str) -> Outcome<Row> {
    let found = application::by_public_id(&mut context.connection, id)?;
    Ok(found.ok_or_else(|| Application::unknown(id))?)
}

fn save(
    context: &mut Context<'_>,
    row: Row,
    given: Record,
    mut details: Record,
) -> Outcome<Record> {
    let settings = match given.get("pushSettings") {
        Some(value) => Some(PushSettings::read(Some(value))?),
        None => None,
    };
    if let Some(settings) = &settings {
        settings.note(&mut details);
    }
    if let Some(status) = given.get("status") {
        details.insert("status".to_owned(), shown_status(Some(status)));
    }
    // One that came by another interface has none yet.
    for (name, key) in keys() {
        details.entry(name).or_insert(key);
    }
    let noted = PushSettings::noted(&details);
    let change = Change {
        name: text(&given, "name"),
        description: given
            .get("description")
            .map(|text| text.as_str().unwrap_or_default().to_owned()),
        status: Some(engine_status(details.get("status"), &noted).to_owned()),
        details: Some(Value::Object(details).to_string()),
        ..Change::default()
    };
    let saved = application::change(&mut context.connection, row.id, &change, context.now_ms)?;
    let saved = saved.ok_or_else(|| Application::unknown(&row.public_id))?;
    let saved = match settings {
        Some(settings) => settings.keep(context, saved)?,
        None => saved,
    };
    Ok(record(&saved))
}

fn check(given: &Record) -> Result<(), Error> {
    let mut faults = Faults::default();
    if text(given, "name").is_none() {
        faults.absent("name", given.get("name"));
    }
    if let Some(status) = given.get("status")
        && !status
            .as_str()
            .is_some_and(|word| status::ALL.contains(&word))
    {
        faults.add(
            "status",
            "inclusion",
            "is not included in the list",
            Some(status),
        );
    }
    faults.into_result(Application::NAME)
}

fn shown_status(given: Option<&Value>) -> Value {
    given.cloned().unwrap_or_else(|| json!(status::SANDBOX))
}

/// LoopBack sends to Apple's server for production where the push settings say so, whatever the status is. A disabled
/// application does not send.
fn engine_status(given: Option<&Value>, settings: &PushSettings) -> &'static str {
    if given.is_some_and(|status| status == status::DISABLED) {
        status::DISABLED
    } else if settings.is_production() {
        status::PRODUCTION
    } else {
        status::SANDBOX
    }
}

/// New keys.
pub(crate) fn keys() -> Record {
    let keys = KEYS.into_iter();
    keys.map(|name| (name.to_owned(), json!(key()))).collect()
}

/// Random, in 40 hexadecimal digits.
fn key() -> String {
    let two = [
        loggia_push::identity::public_id(),
        loggia_push::identity::public_id(),
    ];
    two.concat().chars().take(40).collect()
}

fn details(row: &Row) -> Record {
    serde_json::from_str(&row.details).unwrap_or_default()
}

/// A row as LoopBack shows it: what is secret in its push settings is not among them.
fn record(row: &Row) -> Record {
    let mut record = Record::new();
    record.insert("id".to_owned(), json!(row.public_id));
    record.insert("name".to_owned(), json!(row.name));
    if !row.description.is_empty() {
        record.insert("description".to_owned(), json!(row.description));
    }
    record.insert("status".to_owned(), json!(row.status));
    let members = details(row).into_iter();
    record.extend(members.filter(|(name, _)| !PushSettings::is_note(name)));
    record.insert("created".to_owned(), written(row.created_ms));
    record.insert("modified".to_owned(), written(row.modified_ms));
    record
}
