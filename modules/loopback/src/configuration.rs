//! Push settings: what an application proves itself with, and what is missing of it.

use loggia_push::{Application as Row, Platform};
use serde_json::{Map, Value, json};

use crate::error::{Error, Faults};
use crate::model::Context;
use crate::reply::{Outcome, Record};

/// The member of the details under which it stands what has been sealed.
const SEALED: &str = "sealedSettings";
/// The paths in push settings that are secret.
const SECRETS: [&[&str]; 7] = [
    &["apns", "token", "key"],
    &["apns", "keyData"],
    &["apns", "pushOptions", "key"],
    &["apns", "pushOptions", "passphrase"],
    &["gcm", "serverApiKey"],
    &["fcm", "serviceAccount"],
    &["webPush", "privateKey"],
];

/// The push settings of an application.
#[derive(Clone, Debug, Default)]
pub(crate) struct PushSettings {
    /// All of them, as they were given; without secrets where they were read from the details.
    whole: Map<String, Value>,
    /// The secrets that are known to be there, as `apns.token.key`.
    sealed: Vec<String>,
    /// Whether there are any.
    is_there: bool,
}

impl PushSettings {
    /// Reads what a request brings.
    pub(crate) fn read(value: Option<&Value>) -> Result<Self, Error> {
        let whole = match value {
            None | Some(Value::Null) => return Ok(Self::default()),
            Some(Value::Object(members)) => members.clone(),
            Some(other) => return Err(invalid("pushSettings", "is not an object", other)),
        };
        for name in ["apns", "gcm", "fcm", "webPush"] {
            if let Some(value) = whole
                .get(name)
                .filter(|value| !value.is_object() && !value.is_null())
            {
                return Err(invalid(
                    &format!("pushSettings.{name}"),
                    "is not an object",
                    value,
                ));
            }
        }
        let there = SECRETS.iter().filter(|path| at(&whole, path).is_some());
        Ok(PushSettings {
            sealed: there.map(|path| path.join(".")).collect(),
            whole,
            is_there: true,
        })
    }

    /// What the details say.
    pub(crate) fn noted(details: &Record) -> Self {
        let whole = details
            .get("pushSettings")
            .and_then(Value::as_object)
            .cloned();
        let sealed = details
            .get(SEALED)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        PushSettings {
            is_there: whole.is_some(),
            whole: whole.unwrap_or_default(),
            sealed: sealed
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        }
    }

    /// Keeps what is not secret in the details, and which secrets there are.
    pub(crate) fn note(&self, details: &mut Record) {
        details.remove("pushSettings");
        details.remove(SEALED);
        if !self.is_there {
            return;
        }
        let mut open = self.whole.clone();
        for path in SECRETS {
            remove(&mut open, path);
        }
        details.insert("pushSettings".to_owned(), Value::Object(open));
        details.insert(SEALED.to_owned(), json!(self.sealed));
    }

    /// Takes what is noted from one set of details to another.
    pub(crate) fn carry(from: &Record, to: &mut Record) {
        for name in ["pushSettings", SEALED] {
            if let Some(value) = from.get(name) {
                to.insert(name.to_owned(), value.clone());
            }
        }
    }

    /// Whether a member of the details is for the server alone.
    pub(crate) fn is_note(name: &str) -> bool {
        name == SEALED
    }

    /// Whether Apple's server for production is meant.
    pub(crate) fn is_production(&self) -> bool {
        at(&self.whole, &["apns", "production"])
            .is_some_and(|value| value == true || value == "true")
    }

    fn has(&self, path: &[&str]) -> bool {
        let joined = path.join(".");
        self.sealed.contains(&joined)
            || at(&self.whole, path).is_some_and(|value| value != "" && !value.is_null())
    }

    /// What is missing to send to a platform; in the order in which LoopBack looks.
    pub(crate) fn missing(&self, platform: Platform) -> Option<&'static str> {
        let has_certificate =
            self.has(&["apns", "certData"]) || self.has(&["apns", "pushOptions", "cert"]);
        let apns: [(&[&str], &str); 5] = [
            (&["apns", "token"], "pushSettings.apns.token is missing"),
            (&["apns", "bundle"], "pushSettings.apns.bundle is missing"),
            (
                &["apns", "token", "keyId"],
                "pushSettings.apns.token.keyId is missing",
            ),
            (
                &["apns", "token", "key"],
                "pushSettings.apns.token.key is missing",
            ),
            (
                &["apns", "token", "teamId"],
                "pushSettings.apns.token.teamId is missing",
            ),
        ];
        match platform {
            Platform::Ios if has_certificate => None,
            Platform::Ios => apns
                .iter()
                .find(|(path, _)| !self.has(path))
                .map(|(_, rule)| *rule),
            Platform::Android if !self.has(&["fcm", "serviceAccount"]) => Some(
                "pushSettings.fcm.serviceAccount is missing (a serverApiKey is of no use since 2024)",
            ),
            _ => None,
        }
    }

    /// Seals what was given, where something was.
    pub(crate) fn keep(&self, context: &mut Context<'_>, row: Row) -> Outcome<Row> {
        if !self.is_there {
            return Ok(row);
        }
        crate::seal::keep(context, row, &self.credentials())
    }

    /// As the sending engine reads them.
    fn credentials(&self) -> Value {
        let text = |path: &[&str]| at(&self.whole, path).cloned().unwrap_or_default();
        let either = |one: &[&str], other: &[&str]| match text(one) {
            Value::Null => text(other),
            value => value,
        };
        let mut credentials = Map::new();
        // What is not whole is told to whoever wants to send with it, as LoopBack does.
        if self.has(&["apns"]) && self.missing(Platform::Ios).is_none() {
            let mut apns = Map::new();
            if self.has(&["apns", "token"]) {
                let token = json!({
                    "key_id": text(&["apns", "token", "keyId"]),
                    "key": text(&["apns", "token", "key"]),
                    "team_id": text(&["apns", "token", "teamId"]),
                });
                apns.insert("token".to_owned(), token);
            }
            let certificate = either(&["apns", "pushOptions", "cert"], &["apns", "certData"]);
            if !certificate.is_null() {
                apns.insert("certificate".to_owned(), certificate);
                let key = either(&["apns", "pushOptions", "key"], &["apns", "keyData"]);
                apns.insert("key".to_owned(), key);
                let password = text(&["apns", "pushOptions", "passphrase"]);
                apns.insert("password".to_owned(), password);
            }
            apns.insert("bundle".to_owned(), text(&["apns", "bundle"]));
            credentials.insert("apns".to_owned(), Value::Object(apns));
        }
        if self.has(&["fcm", "serviceAccount"]) {
            let account = json!({ "service_account": text(&["fcm", "serviceAccount"]) });
            credentials.insert("fcm".to_owned(), account);
        }
        if self.has(&["webPush", "privateKey"]) {
            let key = json!({
                "private_key": text(&["webPush", "privateKey"]),
                "subject": text(&["webPush", "subject"]),
            });
            credentials.insert("web_push".to_owned(), key);
        }
        Value::Object(credentials)
    }

    /// Whether there are any.
    pub(crate) fn is_there(&self) -> bool {
        self.is_there
    }
}

fn invalid(member: &str, rule: &str, value: &Value) -> Error {
    let mut faults = Faults::default();
    faults.add(member, "invalid", rule, Some(value));
    let error = faults.into_result("Application").err();
    error.unwrap_or_else(|| Error::bad_request(rule))
}

fn at<'v>(members: &'v Map<String, Value>, path: &[&str]) -> Option<&'v Value> {
    let (first, rest) = path.split_first()?;
    rest.iter()
        .try_fold(members.get(*first)?, |value, name| value.get(name))
}

fn remove(members: &mut Map<String, Value>, path: &[&str]) {
    match path {
        [] => {}
        [last] => {
            members.remove(*last);
        }
        [first, rest @ ..] => {
            if let Some(Value::Object(inner)) = members.get_mut(*first) {
                remove(inner, rest);
            }
        }
    }
}
