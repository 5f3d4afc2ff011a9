//! Keeping an application's credentials: checked, sealed, and never shown again.

use loggia_push::{Platform, application};
use loggia_sql::Connection;
use serde_json::{Map, Value};

use super::applications::platforms;
use super::depot::Depot;
use super::refusal::CredentialsFault;
use super::vendor::{self, new_vapid_key, opened};
use crate::service::clock::now_ms;

/// What an application has now.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Kept {
    /// For which platforms there are credentials.
    pub platforms: Vec<Platform>,
    /// The public key that pages hand to browsers.
    pub web_push_public_key: Option<String>,
    /// The secret that was made for the webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<String>,
}

impl Kept {
    fn of(credentials: &vendor::Credentials) -> Self {
        let web_push = credentials.web_push.as_ref();
        Self {
            platforms: platforms(credentials).into_iter().collect(),
            web_push_public_key: web_push.and_then(|keys| keys.public_key.clone()),
            webhook_secret: None,
        }
    }
}

/// Credentials as they are kept: Apple's key without its password, and a pair of keys for browsers, where there is to
/// be one and none is named.
fn prepared(json: &str) -> Result<String, CredentialsFault> {
    let refused = |fault: serde_json::Error| CredentialsFault::Refused(fault.to_string());
    let mut value: Value = serde_json::from_str(json).map_err(refused)?;
    if let Some(apns) = value.get_mut("apns").and_then(Value::as_object_mut) {
        open_key(apns)?;
    }
    let keys = value.get_mut("web_push").and_then(Value::as_object_mut);
    if let Some(keys) = keys
        && !keys.contains_key("private_key")
        && let Some(made) = new_vapid_key()
    {
        let private = made.private_key.map(|key| key.expose().to_owned());
        keys.insert("private_key".to_owned(), private.into());
        keys.insert("public_key".to_owned(), made.public_key.into());
    }
    Ok(value.to_string())
}

/// Opens the key of a certificate with its password, which is kept nowhere. A file may hold both the certificate and
/// the key, as jBackend has it.
fn open_key(apns: &mut Map<String, Value>) -> Result<(), CredentialsFault> {
    let password = apns.remove("password").unwrap_or_default();
    let password = match &password {
        Value::Null => "",
        Value::String(text) => text,
        _ => {
            let rule = "`apns.password` is not a text".to_owned();
            return Err(CredentialsFault::Refused(rule));
        }
    };
    let text = |name: &str| apns.get(name).and_then(Value::as_str);
    let both = text("certificate").filter(|text| text.contains("PRIVATE KEY-----"));
    let Some(key) = text("key").or(both) else {
        return Ok(());
    };
    let open = opened(key, password);
    let open = open.map_err(|fault| CredentialsFault::Refused(fault.to_string()))?;
    apns.insert("key".to_owned(), open.into());
    Ok(())
}

/// The webhook, where the text is about that. It is told alone, and leaves what there is for vendors as it is.
fn webhook_of(json: &str) -> Result<Option<Value>, CredentialsFault> {
    let Ok(Value::Object(mut members)) = serde_json::from_str(json) else {
        return Ok(None);
    };
    match members.remove("webhook") {
        Some(_) if !members.is_empty() => {
            let rule = "`webhook` is set by itself".to_owned();
            Err(CredentialsFault::Refused(rule))
        }
        webhook => Ok(webhook),
    }
}

impl Depot {
    /// Keeps an application's credentials in the transaction of the connection, or takes them away where the text is
    /// empty; a `webhook`, which stands alone, changes nothing of them. A pair of keys for browsers is made where they
    /// are asked for without one. The alarms end.
    pub(super) fn set_credentials(
        &self,
        connection: &mut Connection,
        application_id: i64,
        json: &str,
    ) -> Result<Kept, CredentialsFault> {
        let row = application::by_id(connection, application_id)?;
        let row = row.ok_or(CredentialsFault::NotFound)?;
        if let Some(webhook) = webhook_of(json)? {
            let webhook_secret = self.set_webhook(connection, &row, &webhook)?;
            return Ok(Kept {
                platforms: row.platforms(),
                webhook_secret,
                ..Kept::default()
            });
        }
        let (sealed, kept) = if json.is_empty() {
            (None, Kept::default())
        } else {
            let json = &prepared(json)?;
            let credentials: vendor::Credentials = serde_json::from_str(json)
                .map_err(|fault| CredentialsFault::Refused(fault.to_string()))?;
            let known = checked(&row, credentials);
            let credentials = &known.credentials;
            self.carriers
                .check(&known)
                .map_err(CredentialsFault::Refused)?;
            let sealed = self.seal.close(&row.public_id, json)?;
            (Some(sealed), Kept::of(credentials))
        };
        application::set_credentials(
            connection,
            application_id,
            sealed.as_deref(),
            &kept.platforms,
            now_ms(),
        )?;
        Ok(kept)
    }
}

/// An application with the credentials that it would have.
fn checked(
    row: &application::Application,
    credentials: vendor::Credentials,
) -> vendor::Application {
    vendor::Application {
        id: row.id,
        version: row.version,
        code: row.code.clone(),
        is_production: row.status == application::status::PRODUCTION,
        credentials,
    }
}
