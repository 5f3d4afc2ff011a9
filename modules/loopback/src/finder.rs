//! The finders of LoopBack's installations.

use loggia_sdk::prelude::*;
use serde_json::{Value, json};

use crate::Loopback;
use crate::error::Error;
use crate::filter::{Condition, Filter};
use crate::installation::Installation;
use crate::model::{Act, Model};
use crate::reply::{Outcome, answer, ok, parameter};
use crate::rest::reading;

/// `GET /installations/byApp?deviceType&appId&appVersion`.
pub(crate) fn by_app(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer(found(module, call, || {
        let mut condition =
            json!({ "deviceType": needed(call, "deviceType")?, "appId": needed(call, "appId")? });
        if let Some(version) = parameter(call, "appVersion") {
            condition["appVersion"] = json!(version);
        }
        Ok(condition)
    }))
}

/// `GET /installations/byUser?deviceType&userId`.
pub(crate) fn by_user(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer(found(module, call, || {
        Ok(json!({ "deviceType": needed(call, "deviceType")?, "userId": needed(call, "userId")? }))
    }))
}

/// `GET /installations/bySubscriptions?deviceType&subscriptions`.
pub(crate) fn by_subscriptions(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer(found(module, call, || {
        let subscriptions = needed(call, "subscriptions")?;
        let names = subscriptions.split([' ', ',', '\t', '\n']);
        let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
        Ok(json!({
            "deviceType": needed(call, "deviceType")?,
            "subscriptions": { "inq": names },
        }))
    }))
}

fn needed(call: &Call<'_>, name: &str) -> Result<String, Error> {
    parameter(call, name)
        .ok_or_else(|| Error::bad_request(format!("{name} is a required argument")))
}

fn found(
    module: &Loopback,
    call: &Call<'_>,
    condition: impl FnOnce() -> Result<Value, Error>,
) -> Outcome<Body> {
    Installation::admit(call, Act::Search)?;
    let filter = Filter {
        condition: Condition::read(&condition()?, Installation::PROPERTIES)?,
        ..Filter::default()
    };
    let records = Installation::list(&mut reading(module, call)?, &filter)?;
    Ok(ok(&json!(records)))
}
