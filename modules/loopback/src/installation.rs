//! Installations: what a device is to LoopBack.

mod query;

use std::collections::HashMap;

use diesel::prelude::*;
use loggia_push::device::{self, status};
use loggia_push::schema::{push_application, push_device};
use loggia_push::{Application, Device, Platform, Registration, application, registration, topic};
use loggia_sdk::prelude::*;
use loggia_sql::Connection;
use serde_json::{Value, json};

use crate::access::{DEVICES, require};
use crate::changes::tell_gone;
use crate::error::{Error, Faults};
use crate::filter::{Condition, Filter, MOST};
use crate::model::{Act, Context, Model};
use crate::property::{Kind, Property, property};
use crate::reply::{Outcome, Record, text, without};
use crate::settings::UserIds;
use crate::time::written;

pub(crate) use query::{query, refused};

/// The members that are columns, or made by the server.
const OWN: [&str; 12] = [
    "id",
    "appId",
    "deviceToken",
    "deviceType",
    "appVersion",
    "userId",
    "badge",
    "subscriptions",
    "timeZone",
    "language",
    "created",
    "modified",
];

/// So many installations are read at once.
const BATCH: i64 = 500;

/// The model.
pub(crate) struct Installation;

impl Model for Installation {
    const NAME: &'static str = "Installation";
    const PLACE: usize = 1;
    const PROPERTIES: &'static [Property] = &[
        property("id", Kind::Text),
        property("appId", Kind::Text),
        property("deviceToken", Kind::Text),
        property("deviceType", Kind::Word),
        property("appVersion", Kind::Text),
        property("userId", Kind::Text),
        property("badge", Kind::Number),
        property("subscriptions", Kind::Texts),
        property("timeZone", Kind::Text),
        property("language", Kind::Text),
        property("status", Kind::Text),
        property("created", Kind::Date),
        property("modified", Kind::Date),
    ];
    const REGISTERS_AGAIN: bool = true;

    /// Who registers a device is told its id, which nobody can guess: with it he sees and changes that one. The devices of
    /// others are for keys that keep them.
    fn admit(call: &Call<'_>, act: Act) -> Result<(), Error> {
        match act {
            Act::Add | Act::Touch => Ok(()),
            Act::Search | Act::Sweep => require(call, DEVICES),
        }
    }

    fn batch(
        context: &mut Context<'_>,
        condition: &Condition,
        after: i64,
    ) -> Outcome<(Option<i64>, Vec<Record>)> {
        // A pattern is looked for in the records themselves.
        let everything = Condition::default();
        let chosen = if condition.has_pattern() {
            &everything
        } else {
            condition
        };
        let query = query(&mut context.connection, chosen)?;
        let mut found = behind(&mut context.connection, query, after)?;
        let last = found.last().map(|row| row.id);
        let mut records = records(&mut context.connection, &mut found)?;
        if condition.has_pattern() {
            records.retain(|one| condition.holds(one));
        }
        Ok((last, records))
    }

    fn list(context: &mut Context<'_>, filter: &Filter) -> Outcome<Vec<Record>> {
        // What is not a column is sorted, and what is a pattern found, when all of it has been read.
        let is_sorted = filter.order.iter().all(|(name, _)| is_column(name));
        if !is_sorted || filter.condition.has_pattern() {
            return filter.scan(|after| Self::batch(context, &filter.condition, after));
        }
        let query = query(&mut context.connection, &filter.condition)?;
        let mut found = load(&mut context.connection, query, filter)?;
        let records = records(&mut context.connection, &mut found)?;
        let rest = Filter {
            skip: 0,
            ..filter.clone()
        };
        Ok(rest.page(records))
    }

    fn count(context: &mut Context<'_>, condition: &Condition) -> Outcome<usize> {
        if condition.has_pattern() {
            return Self::counted(context, condition);
        }
        let query = query(&mut context.connection, condition)?;
        let filter = query.filter(context.connection.dialect());
        let filter = filter.map_err(refused)?;
        let count: i64 = push_device::table
            .filter(push_device::status.ne(status::RETIRED))
            .filter(filter)
            .count()
            .get_result(&mut context.connection)?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    fn find(context: &mut Context<'_>, id: &str) -> Outcome<Option<Record>> {
        let Some(row) = seen(context, id)? else {
            return Ok(None);
        };
        let records = records(&mut context.connection, &mut [row])?;
        Ok(records.into_iter().next())
    }

    fn create(context: &mut Context<'_>, given: Record) -> Outcome<Record> {
        let (application, platform) = check(context, &given)?;
        let token = platform.clean_token(&text(&given, "deviceToken").unwrap_or_default());
        let known = device::by_token(&mut context.connection, Some(application.id), &token)?;
        let known = known.iter().find(|row| row.platform == platform.word());
        entitled(context, &given, known)?;
        let id = text(&given, "id").filter(|_| known.is_none());
        if let Some(id) = &id
            && device::by_public_id(&mut context.connection, id)?.is_some()
        {
            return Err(Error::taken(Self::NAME, id).into());
        }
        let given = again(given, known);
        enter(
            context,
            &application,
            platform,
            &given,
            id.as_deref(),
            known,
        )
    }

    fn replace(context: &mut Context<'_>, id: &str, given: Record) -> Outcome<Record> {
        let (application, platform) = check(context, &given)?;
        let row = seen(context, id)?.ok_or_else(|| Self::unknown(id))?;
        entitled(context, &given, Some(&row))?;
        let token = platform.clean_token(&text(&given, "deviceToken").unwrap_or_default());
        let key = (application.id, platform);
        let same = device::rename(&mut context.connection, row.id, key, &token)?;
        tell_gone::<Self>(context, &same)?;
        // What is not given is not there afterwards, but for what the registration cannot be without.
        let cleared = device::Change {
            language: Some(None),
            time_zone: Some(None),
            app_version: Some(None),
            badge: Some(None),
            ..device::Change::default()
        };
        device::change(&mut context.connection, row.id, &cleared, context.now_ms)?;
        let mut given = given;
        given.entry("subscriptions").or_insert_with(|| json!([]));
        enter(context, &application, platform, &given, None, Some(&row))
    }

    fn patch(context: &mut Context<'_>, id: &str, changes: Record) -> Outcome<Record> {
        let known = Self::find(context, id)?.ok_or_else(|| Self::unknown(id))?;
        let mut merged = known;
        merged.extend(changes);
        Self::replace(context, id, merged)
    }

    fn delete(context: &mut Context<'_>, id: &str) -> Outcome<bool> {
        let Some(row) = seen(context, id)? else {
            return Ok(false);
        };
        Ok(device::delete(&mut context.connection, &[row.id])? == 1)
    }
}

/// What a device says that registers again, with what it said before and does not say now.
fn again(mut given: Record, known: Option<&Device>) -> Record {
    let known = known.map(|row| serde_json::from_str(&row.details).unwrap_or_default());
    let known: Record = known.unwrap_or_default();
    for (name, value) in known {
        given.entry(name).or_insert(value);
    }
    given
}

/// The device with an id that the caller may have: one that belongs to an account is that account's.
fn seen(context: &mut Context<'_>, id: &str) -> Outcome<Option<Device>> {
    let call = context.call;
    let found = device::by_public_id(&mut context.connection, id)?;
    let is_his =
        |row: &Device| row.user_id.is_none() || row.user_id == call.user() || call.carries(DEVICES);
    Ok(found.filter(|row| row.status != status::RETIRED && is_his(row)))
}

/// The platform of a type that installations are registered with. A page is none of them: its token is the number of a
/// user, which anybody may guess, and whoever registered it would listen to what that user is told.
pub(crate) fn registered(word: &str) -> Option<Platform> {
    let platform = Platform::from_word(word.trim());
    platform.filter(|platform| *platform != Platform::Page)
}

/// The application and platform of a record that is as it must be.
fn check(context: &mut Context<'_>, given: &Record) -> Outcome<(Application, Platform)> {
    let mut faults = Faults::default();
    for name in ["appId", "deviceToken", "deviceType"] {
        if text(given, name).is_none() {
            faults.absent(name, given.get(name));
        }
    }
    let word = text(given, "deviceType").unwrap_or_default().to_lowercase();
    let platform = registered(&word);
    if platform.is_none() && !word.is_empty() {
        faults.add(
            "deviceType",
            "inclusion",
            "is not included in the list",
            given.get("deviceType"),
        );
    }
    if text(given, "deviceToken").is_some_and(|token| token.len() > 4096) {
        faults.add("deviceToken", "length", "is too long", None);
    }
    if let Some(badge) = given
        .get("badge")
        .filter(|badge| !badge.is_null() && !badge.is_i64())
    {
        faults.add("badge", "numericality", "is not an integer", Some(badge));
    }
    if let Some(list) = given.get("subscriptions").filter(|list| !is_texts(list)) {
        faults.add(
            "subscriptions",
            "invalid",
            "is not a list of texts",
            Some(list),
        );
    }
    faults.into_result(Installation::NAME)?;
    let id = text(given, "appId").unwrap_or_default();
    let application = find_application(&mut context.connection, &id)?;
    let platform = platform.ok_or_else(|| Error::bad_request("deviceType is unknown"))?;
    Ok((application, platform))
}

fn is_texts(value: &Value) -> bool {
    let is_text = |one: &Value| {
        one.as_str()
            .is_some_and(|text| !text.is_empty() && text.len() <= 255)
    };
    value.is_null()
        || value
            .as_array()
            .is_some_and(|list| list.len() <= 1000 && list.iter().all(is_text))
}

/// The application with an id, or LoopBack's error of one that is not there.
pub(crate) fn find_application(connection: &mut Connection, id: &str) -> Outcome<Application> {
    let found = application::by_public_id(connection, id)?;
    Ok(found.ok_or_else(|| {
        let message =
            format!("Cannot configure push notifications - unknown application id \"{id}\"");
        Error::missing(message, json!({ "appId": id }))
    })?)
}

/// Whose device it is, is not for everybody to say; what is known already may be said again.
fn entitled(context: &Context<'_>, given: &Record, known: Option<&Device>) -> Result<(), Error> {
    let user = text(given, "userId");
    if user.is_none() || known.is_some_and(|row| row.user_ref == user) {
        return Ok(());
    }
    let own = context.call.user().map(|id| id.to_string());
    let is_entitled = context.module.settings.user_ids == UserIds::Any
        || context.call.carries(DEVICES)
        || own == user;
    if is_entitled {
        return Ok(());
    }
    Err(Error::denied(
        "userId is for the account itself, or for a key with the scope push.devices.",
    ))
}

fn enter(
    context: &mut Context<'_>,
    application: &Application,
    platform: Platform,
    given: &Record,
    id: Option<&str>,
    known: Option<&Device>,
) -> Outcome<Record> {
    let token = text(given, "deviceToken").unwrap_or_default();
    let (app_version, user) = (text(given, "appVersion"), text(given, "userId"));
    let (time_zone, state) = (text(given, "timeZone"), text(given, "status"));
    let language = text(given, "language");
    let is_inactive = state.is_some_and(|word| word.eq_ignore_ascii_case(status::INACTIVE));
    let account = context
        .call
        .user()
        .filter(|id| user.as_ref() == Some(&id.to_string()));
    let known = known.filter(|row| user.is_some() && row.user_ref == user);
    let account = account.or_else(|| known.and_then(|row| row.user_id));
    let topics = given.get("subscriptions").and_then(Value::as_array);
    let details = Value::Object(without(given, &OWN)).to_string();
    let registration = Registration {
        public_id: id,
        user_id: account,
        user_ref: user.as_deref(),
        status: Some(if is_inactive {
            status::INACTIVE
        } else {
            status::ACTIVE
        }),
        language: language.as_deref(),
        time_zone: time_zone.as_deref(),
        app_version: app_version.as_deref(),
        badge: given.get("badge").and_then(Value::as_i64),
        topics: topics.map(|topics| topics.iter().filter_map(Value::as_str).collect()),
        details: Some(&details),
        ..Registration::new(application.id, platform, &token)
    };
    let row = registration::register(&mut context.connection, &registration, context.now_ms)?;
    let records = records(&mut context.connection, &mut [row])?;
    let record = records.into_iter().next();
    Ok(record.ok_or_else(|| Installation::unknown("undefined"))?)
}

/// Devices as LoopBack shows them.
pub(crate) fn records(connection: &mut Connection, rows: &mut [Device]) -> Outcome<Vec<Record>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut topics = topic::by_device(connection, &ids)?;
    let applications: HashMap<i64, String> = push_application::table
        .filter(push_application::id.eq_any(rows.iter().map(|row| row.application_id)))
        .select((push_application::id, push_application::public_id))
        .load(connection)?
        .into_iter()
        .collect();
    let shown = rows.iter().map(|row| {
        let subscriptions = topics.remove(&row.id).unwrap_or_default();
        record(row, applications.get(&row.application_id), subscriptions)
    });
    Ok(shown.collect())
}

fn record(row: &Device, application: Option<&String>, subscriptions: Vec<String>) -> Record {
    let mut record = Record::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            record.insert(name.to_owned(), value);
        }
    };
    put("id", json!(row.public_id));
    put("appId", json!(application));
    put("appVersion", json!(row.app_version));
    put("userId", json!(row.user_ref));
    put("deviceToken", json!(row.token));
    put("deviceType", json!(row.platform));
    put("badge", json!(row.badge));
    put("timeZone", json!(row.time_zone));
    put("language", json!(row.language));
    if !subscriptions.is_empty() {
        put("subscriptions", json!(subscriptions));
    }
    let details: Record = serde_json::from_str(&row.details).unwrap_or_default();
    record.extend(details);
    record.insert("created".to_owned(), written(row.created_ms));
    record.insert("modified".to_owned(), written(row.modified_ms));
    record
}

fn load(
    connection: &mut Connection,
    query: loggia_push::Condition,
    filter: &Filter,
) -> Outcome<Vec<Device>> {
    let sql = query.filter(connection.dialect());
    let sql = sql.map_err(refused)?;
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let limit = filter.limit.unwrap_or(MOST).min(MOST);
    let mut rows = push_device::table
        .filter(push_device::status.ne(status::RETIRED))
        .filter(sql)
        .into_boxed();
    for (name, descends) in &filter.order {
        rows = match (name.as_str(), descends) {
            ("created", false) => rows.then_order_by(push_device::created_ms.asc()),
            ("created", true) => rows.then_order_by(push_device::created_ms.desc()),
            ("modified", false) => rows.then_order_by(push_device::modified_ms.asc()),
            ("modified", true) => rows.then_order_by(push_device::modified_ms.desc()),
            ("deviceType", false) => rows.then_order_by(push_device::platform.asc()),
            ("deviceType", true) => rows.then_order_by(push_device::platform.desc()),
            (_, false) => rows.then_order_by(push_device::id.asc()),
            (_, true) => rows.then_order_by(push_device::id.desc()),
        };
    }
    rows = rows.then_order_by(push_device::id.asc());
    rows = rows.limit(count(limit)).offset(count(filter.skip));
    Ok(rows.select(Device::as_select()).load(connection)?)
}

/// Some devices behind a number, in the order of their numbers.
fn behind(
    connection: &mut Connection,
    query: loggia_push::Condition,
    after: i64,
) -> Outcome<Vec<Device>> {
    let sql = query.filter(connection.dialect());
    let sql = sql.map_err(refused)?;
    Ok(push_device::table
        .filter(push_device::status.ne(status::RETIRED))
        .filter(push_device::id.gt(after))
        .filter(sql)
        .order(push_device::id)
        .limit(BATCH)
        .select(Device::as_select())
        .load(connection)?)
}

/// The id stands for the order in which installations were made.
fn is_column(name: &str) -> bool {
    matches!(name, "id" | "created" | "modified" | "deviceType")
}
