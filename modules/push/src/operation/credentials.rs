//! What an application proves itself with to vendors: taken, sealed, and never shown.

use std::io::Read;

use loggia_sdk::prelude::*;
use loggia_sdk::push::CredentialsFault;
use serde_json::{Map, Value, json};

use crate::{Push, named};

/// The most bytes of a file.
const MOST_BYTES: u64 = 256 * 1024;

/// Parameters of `put/credentials`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutCredentials {
    /// The application's code or id.
    #[schemars(length(max = 255), extend("x-missing" = "PSH_ANS"))]
    app: String,
    /// By vendor: `apns`, `fcm`, `web_push`. What is not named stays, `null` takes one away, an empty object all.
    credentials: Option<Map<String, Value>>,
    /// A file with the same, as JSON.
    file: Option<Upload>,
}

/// What it can send with now.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Kept {
    /// For which platforms it has credentials.
    platforms: Vec<String>,
    /// The public key that pages hand to browsers.
    web_push_public_key: Option<String>,
}

/// Gives an application credentials; for each vendor that is named they take the place of those that there were.
pub(crate) fn put(_push: &Push, call: &Call<'_>, given: PutCredentials) -> Result<Kept, Fault> {
    let text = match (given.credentials, &given.file) {
        (Some(members), None) => Value::Object(members).to_string(),
        (None, Some(file)) => read(call, file)?,
        _ => {
            return Err(Fault::parameter(
                "credentials",
                "or a file must be given, and not both",
            ));
        }
    };
    if is_webhook(&text) {
        let rule = "`webhook` is set by put/push/webhooks";
        return Err(Fault::new("PSH_CNV").detail(rule));
    }
    let push = call.host().push()?;
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        let application = named::application(connection, &given.app)?;
        let some = change(&text);
        let some = some.as_deref();
        let kept = push.set_credentials(connection, application.id, some);
        let kept = kept.map_err(|fault| match fault {
            CredentialsFault::Refused(rule) => Fault::new("PSH_CNV").detail(rule),
            CredentialsFault::NotFound => Fault::new("PSH_AUN"),
            CredentialsFault::Failed(fault) => fault,
        })?;
        Ok(Kept {
            platforms: kept.platforms,
            web_push_public_key: kept.web_push_public_key,
        })
    })
}

/// What the host is told: that only what is named is changed, or nothing where everything is taken away.
fn change(text: &str) -> Option<String> {
    match serde_json::from_str::<Map<String, Value>>(text) {
        Ok(members) if members.is_empty() => None,
        Ok(members) => Some(json!({ "change": members }).to_string()),
        // The host says what is wrong with it.
        Err(_) => Some(text.to_owned()),
    }
}

/// A webhook is told to the host in the same way, but nobody would be shown its secret here.
fn is_webhook(text: &str) -> bool {
    let read = serde_json::from_str::<Map<String, Value>>(text);
    read.is_ok_and(|members| members.contains_key("webhook"))
}

fn read(call: &Call<'_>, file: &Upload) -> Result<String, Fault> {
    let mut text = String::new();
    let read = call
        .host()
        .files()?
        .open(&file.0)?
        .take(MOST_BYTES)
        .read_to_string(&mut text);
    read.map_err(|_| Fault::parameter("file", "must be JSON in UTF-8"))?;
    Ok(text)
}
