//! Keeping an application's credentials: checked, sealed, and never shown again.

use std::borrow::Cow;

use loggia_push::{Platform, application, credentials};
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

/// What an application would have after a change of what it has: what is named takes the place of what there was for that
/// vendor, `null` takes it away, and what is not named stays. A pair of keys for browsers stays too, where none is named:
/// subscriptions are bound to it.
fn changed(known: Map<String, Value>, change: &Map<String, Value>) -> Map<String, Value> {
    let mut all = known;
    for (vendor, wanted) in change {
        let before = all.remove(vendor);
        if wanted.is_null() {
            continue;
        }
        let mut wanted = wanted.clone();
        if let (Some(keys), Some(Value::Object(before))) = (wanted.as_object_mut(), before)
            && vendor == "web_push"
            && !keys.contains_key("private_key")
            && !keys.contains_key("public_key")
        {
            let pair = before.into_iter();
            keys.extend(pair.filter(|(name, _)| name == "private_key" || name == "public_key"));
        }
        all.insert(vendor.clone(), wanted);
    }
    all
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
    /// empty. A `change`, which stands alone, leaves those for vendors that it does not name; a `webhook`, which stands
    /// alone too, changes nothing of them. A pair of keys for browsers is made where they are asked for and there is none.
    /// The alarms end.
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
        let json = &*self.whole(&row, json)?;
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
        credentials::set(
            connection,
            application_id,
            sealed.as_deref(),
            &kept.platforms,
            now_ms(),
        )?;
        Ok(kept)
    }

    /// The whole of what is to be kept, where the text is a `change` of what there is.
    fn whole<'t>(
        &self,
        row: &application::Application,
        json: &'t str,
    ) -> Result<Cow<'t, str>, CredentialsFault> {
        let Ok(Value::Object(mut members)) = serde_json::from_str(json) else {
            return Ok(json.into());
        };
        let Some(change) = members.remove("change") else {
            return Ok(json.into());
        };
        let change = change.as_object().filter(|_| members.is_empty());
        let change = change.ok_or_else(|| {
            CredentialsFault::Refused("`change` is an object, and stands by itself".to_owned())
        })?;
        let all = changed(self.known(row), change);
        Ok(if all.is_empty() {
            "".into()
        } else {
            Value::Object(all).to_string().into()
        })
    }

    /// What an application has. What cannot be opened any more is as good as none, and is put right by new credentials.
    fn known(&self, row: &application::Application) -> Map<String, Value> {
        let Some(sealed) = &row.credentials else {
            return Map::new();
        };
        let opened = self.seal.open(&row.public_id, sealed);
        let opened = opened.unwrap_or_else(|fault| {
            tracing::warn!(
                application = row.code,
                "the credentials that it had cannot be opened, and none of them stays: {fault}"
            );
            String::new()
        });
        serde_json::from_str(&opened).unwrap_or_default()
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
