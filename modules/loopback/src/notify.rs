//! Sending: by query, to one installation, to tokens.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use loggia_push::audience::AudienceFault;
use loggia_push::device::{self, status};
use loggia_push::notification::{self, NewNotification};
use loggia_push::schema::push_device;
use loggia_push::{
    Application, Audience, Device, Platform, Registration, application, registration,
};
use loggia_sdk::prelude::*;
use serde_json::{Value, json};

use crate::Loopback;
use crate::access::{BROADCAST, SEND, require};
use crate::bracket::nested;
use crate::changes::{Change, tell};
use crate::configuration::PushSettings;
use crate::error::Error;
use crate::filter::Condition;
use crate::installation::{Installation, find_application, query, records, refused, registered};
use crate::message::{Prepared, prepare};
use crate::model::{Context, Model};
use crate::reply::{Outcome, Record, answer, ok, one, text};
use crate::rest::{whole, writing};

/// So many devices one notification may name.
const NAMED: usize = loggia_push::audience::MOST_NAMED;
/// So many tokens one request may name.
const MOST_TOKENS: usize = 100_000;

/// `POST /push?deviceQuery=WHERE`.
pub(crate) fn by_query(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer((|| {
        require(call, SEND)?;
        let condition = match nested(call.query(), "deviceQuery")? {
            Some(value) => Condition::read(&value, Installation::PROPERTIES)?,
            None => Condition::default(),
        };
        if !condition.is_confined() {
            require(call, BROADCAST)?;
        }
        let given = one(call)?;
        whole(&mut writing(module, call)?, |context| {
            let prepared = prepare(&given, context.now_ms)?;
            to_matching(context, &condition, &prepared)
        })?;
        crate::seal::wake(call)?;
        Ok(ok(&json!({})))
    })())
}

/// Enters a notification to the installations that a condition holds for.
pub(crate) fn to_matching(
    context: &mut Context<'_>,
    condition: &Condition,
    prepared: &Prepared,
) -> Outcome<()> {
    let condition = query(&mut context.connection, condition)?;
    let pairs = pairs(context, &condition)?;
    check(context, &pairs, prepared)?;
    if pairs.is_empty() && prepared.scheduled_ms.is_none() {
        return Ok(());
    }
    let applications: BTreeSet<i64> = pairs.iter().map(|(id, _)| *id).collect();
    let only = Some(applications).filter(|ids| ids.len() == 1 && prepared.scheduled_ms.is_none());
    let only = only.and_then(|ids| ids.into_iter().next());
    enter(context, only, &Audience::Query(condition), prepared)
}

/// `POST /notify/:id`.
pub(crate) fn by_id(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer((|| {
        require(call, SEND)?;
        let given = one(call)?;
        let given = if given.is_empty() {
            module.settings.notify.clone()
        } else {
            given
        };
        let id = call.path_parameter("id").unwrap_or_default();
        whole(&mut writing(module, call)?, |context| {
            let prepared = prepare(&given, context.now_ms)?;
            let found = device::by_public_id(&mut context.connection, id)?;
            let found = found
                .filter(|row| row.status != status::RETIRED)
                .ok_or_else(|| {
                    let message = format!("Installation id {id} not found");
                    Error::missing(message, json!({ "installationId": id }))
                })?;
            let pairs = [(found.application_id, found.platform.clone())];
            check(context, &pairs, &prepared)?;
            let audience = Audience::Devices(vec![found.id]);
            enter(context, Some(found.application_id), &audience, &prepared)
        })?;
        crate::seal::wake(call)?;
        Ok(Body {
            status: 200,
            media_type: "text/plain; charset=utf-8".to_owned(),
            headers: Vec::new(),
            bytes: b"OK".to_vec(),
        })
    })())
}

/// `POST /notify`: many tokens of one application and platform. Those that nobody has registered are registered, because the
/// ledger knows what became of each.
pub(crate) fn by_tokens(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer((|| {
        require(call, SEND)?;
        let given = one(call)?;
        let content = given.get("notification").and_then(Value::as_object);
        let content =
            content.ok_or_else(|| Error::bad_request("notification must be an object"))?;
        let tokens = tokens(&given)?;
        let app = text(&given, "appId").unwrap_or_default();
        let word = text(&given, "deviceType").unwrap_or_default();
        whole(&mut writing(module, call)?, |context| {
            let prepared = prepare(content, context.now_ms)?;
            let application = find_application(&mut context.connection, &app)?;
            let platform = registered(&word.to_lowercase());
            check(context, &[(application.id, word)], &prepared)?;
            let platform = platform.ok_or_else(|| Error::bad_request("deviceType is unknown"))?;
            let devices = devices(context, &application, platform, &tokens)?;
            for chunk in devices.chunks(NAMED) {
                let audience = Audience::Devices(chunk.to_vec());
                enter(context, Some(application.id), &audience, &prepared)?;
            }
            Ok(ok(&json!({ "count": devices.len() })))
        })
        .and_then(|body| {
            crate::seal::wake(call)?;
            Ok(body)
        })
    })())
}

fn tokens(given: &Record) -> Result<Vec<String>, Error> {
    let list = given.get("deviceTokens").and_then(Value::as_array);
    let list = list.filter(|list| !list.is_empty());
    let tokens = list.map(|list| {
        list.iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect()
    });
    let tokens: Option<Vec<String>> = tokens.flatten();
    let tokens = tokens.ok_or_else(|| Error::bad_request("deviceTokens must be an array"))?;
    if tokens.len() > MOST_TOKENS {
        return Err(Error::bad_request(format!(
            "deviceTokens must have at most {MOST_TOKENS}"
        )));
    }
    Ok(tokens)
}

/// The devices with these tokens, each once.
fn devices(
    context: &mut Context<'_>,
    application: &Application,
    platform: Platform,
    tokens: &[String],
) -> Outcome<Vec<i64>> {
    /// So many digests one statement names.
    const CHUNK: usize = 500;
    let mut ids = BTreeSet::new();
    let mut made = Vec::new();
    for chunk in tokens.chunks(CHUNK) {
        let cleaned: Vec<String> = chunk
            .iter()
            .map(|token| platform.clean_token(token))
            .collect();
        let digests = cleaned.iter().map(|token| platform.digest(token));
        let known: Vec<(String, i64)> = push_device::table
            .filter(push_device::token_digest.eq_any(digests))
            .filter(push_device::application_id.eq(application.id))
            .filter(push_device::platform.eq(platform.word()))
            .select((push_device::token_digest, push_device::id))
            .load(&mut context.connection)?;
        let mut known: HashMap<String, i64> = known.into_iter().collect();
        for token in cleaned {
            let digest = platform.digest(&token);
            let id = if let Some(id) = known.get(&digest) {
                *id
            } else {
                let new = Registration::new(application.id, platform, &token);
                let row = registration::register(&mut context.connection, &new, context.now_ms)?;
                let id = row.id;
                made.push(row);
                known.insert(digest, id);
                id
            };
            ids.insert(id);
        }
        tell_made(context, &mut made)?;
        made.clear();
    }
    Ok(ids.into_iter().collect())
}

/// Tells whoever listens that tokens became installations.
fn tell_made(context: &mut Context<'_>, made: &mut [Device]) -> Outcome<()> {
    if made.is_empty() {
        return Ok(());
    }
    let records = records(&mut context.connection, made)?;
    tell::<Installation>(context, Change::Create, &records)
}

/// Of which applications and platforms the devices are that a condition holds for.
fn pairs(
    context: &mut Context<'_>,
    condition: &loggia_push::Condition,
) -> Outcome<Vec<(i64, String)>> {
    let filter = condition.filter(context.connection.dialect());
    let filter = filter.map_err(refused)?;
    Ok(push_device::table
        .filter(push_device::status.eq(status::ACTIVE))
        .filter(filter)
        .select((push_device::application_id, push_device::platform))
        .distinct()
        .load(&mut context.connection)?)
}

/// Whether something can be sent. What is wrong with one application or platform does not keep the others from theirs; the
/// ledger says so then.
fn check(context: &mut Context<'_>, pairs: &[(i64, String)], prepared: &Prepared) -> Outcome<()> {
    let mut first = None;
    for (id, word) in pairs {
        let application = application::by_id(&mut context.connection, *id)?;
        let application =
            application.ok_or_else(|| Error::bad_request("the application is gone"))?;
        match able(&application, word, prepared) {
            Ok(()) => return Ok(()),
            Err(error) => first = first.or(Some(error)),
        }
    }
    match first {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

fn able(application: &Application, word: &str, prepared: &Prepared) -> Result<(), Error> {
    let shown = json!({ "application": { "id": application.public_id, "name": application.name } });
    let named = format!(
        "\"{}\" (id: \"{}\")",
        application.name, application.public_id
    );
    if !application.is_enabled() {
        return Err(Error::unprocessable(
            format!("The application {named} is disabled"),
            shown,
        ));
    }
    let platform = Platform::from_word(&word.to_lowercase());
    let carried = platform.filter(|platform| *platform != Platform::Generic);
    let Some(platform) = carried else {
        let message = format!("There is no provider registered for deviceType {word}");
        return Err(Error::unprocessable(message, json!({ "deviceType": word })));
    };
    if platform == Platform::Android
        && let Some(key) = &prepared.reserved
    {
        let message =
            format!("The data of a notification to android must not have the key \"{key}\"");
        return Err(Error::unprocessable(message, json!({ "key": key })));
    }
    let details: Record = serde_json::from_str(&application.details).unwrap_or_default();
    let settings = PushSettings::noted(&details);
    if settings.is_there()
        && let Some(rule) = settings.missing(platform)
    {
        return Err(Error::unprocessable(
            format!("{rule} of application {named}"),
            shown,
        ));
    }
    // Credentials may have come by another interface.
    if application.platforms().contains(&platform) || !needs_credentials(platform) {
        return Ok(());
    }
    let message = format!("No push settings configured for application {named}");
    Err(Error::unprocessable(message, shown))
}

fn needs_credentials(platform: Platform) -> bool {
    matches!(platform, Platform::Ios | Platform::Android)
}

fn enter(
    context: &mut Context<'_>,
    application: Option<i64>,
    audience: &Audience,
    prepared: &Prepared,
) -> Outcome<()> {
    audience.check().map_err(|fault| match fault {
        AudienceFault::Condition(fault) => refused(fault),
        other => Error::bad_request(other.to_string()),
    })?;
    let audience = audience.text();
    let new = NewNotification {
        scheduled_ms: prepared.scheduled_ms.unwrap_or(context.now_ms),
        expires_ms: prepared.expires_ms,
        context: Some("loopback"),
        ..NewNotification::new(application, &audience, &prepared.message, context.now_ms)
    };
    notification::create(&mut context.connection, &new, context.now_ms)?;
    Ok(())
}
