//! `POST /event/NAME`: texts with variables, in several languages, to those who have subscribed to an event.
//!
//! This is the helper that LoopBack's component carried with it and never wired in: a payload of texts `title`, `msg`,
//! `sound`, `title.LANGUAGE`, `msg.LANGUAGE`, `data.KEY` and `var.KEY`.

use std::collections::BTreeSet;

use loggia_sdk::prelude::*;
use serde_json::{Map, Value, json};

use crate::Loopback;
use crate::access::{SEND, require};
use crate::bracket::nested;
use crate::error::{Error, Faults};
use crate::filter::Condition;
use crate::installation::Installation;
use crate::message::{Prepared, finished};
use crate::model::Model;
use crate::notify::to_matching;
use crate::reply::{Record, answer, ok, one};
use crate::rest::{whole, writing};

/// The name of the model in errors.
const MODEL: &str = "Event";

/// Sends to the installations with this subscription; `deviceQuery` chooses among them.
pub(crate) fn post(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer((|| {
        require(call, SEND)?;
        let name = call.path_parameter("name").unwrap_or_default();
        let condition = subscribed(call, name)?;
        let prepared = prepare(&one(call)?, name)?;
        whole(&mut writing(module, call)?, |context| {
            to_matching(context, &condition, &prepared)
        })?;
        crate::seal::wake(call)?;
        Ok(ok(&json!({})))
    })())
}

fn subscribed(call: &Call<'_>, name: &str) -> Result<Condition, Error> {
    let properties = Installation::PROPERTIES;
    let mut all = vec![Condition::read(
        &json!({ "subscriptions": name }),
        properties,
    )?];
    if let Some(query) = nested(call.query(), "deviceQuery")? {
        all.push(Condition::read(&query, properties)?);
    }
    Ok(Condition::All(all))
}

/// The longest text with its variables filled in, in bytes; vendors take less than a tenth of it.
const LONGEST_BYTES: usize = 65_536;

/// The fields of a payload, by what they are.
#[derive(Default)]
struct Payload<'p> {
    title: Option<&'p str>,
    text: Option<&'p str>,
    sound: Option<&'p str>,
    titles: Map<String, Value>,
    texts: Map<String, Value>,
    data: Map<String, Value>,
    variables: Map<String, Value>,
}

impl<'p> Payload<'p> {
    fn read(given: &'p Record) -> Result<Self, Error> {
        let mut payload = Payload::default();
        let mut faults = Faults::default();
        for (name, value) in given {
            match value.as_str() {
                _ if name.is_empty() => faults.add("", "presence", "can't be blank", Some(value)),
                None => faults.add(name, "invalid", "is not a text", Some(value)),
                Some(text) if !payload.take(name, text) => {
                    faults.add(name, "unknown", "is not a field of an event", Some(value));
                }
                Some(_) => {}
            }
        }
        if payload.title.is_none() && payload.text.is_none() && payload.data.is_empty() {
            faults.add(
                "msg",
                "presence",
                "can't be blank where there is neither title nor data",
                None,
            );
        }
        faults.into_result(MODEL)?;
        Ok(payload)
    }

    /// Keeps a field; whether it is one.
    fn take(&mut self, name: &str, text: &'p str) -> bool {
        let single = match name {
            "title" => Some(&mut self.title),
            "msg" => Some(&mut self.text),
            "sound" => Some(&mut self.sound),
            _ => None,
        };
        if let Some(place) = single {
            *place = Some(text);
            return true;
        }
        let Some((kind, key)) = name.split_once('.').filter(|(_, key)| !key.is_empty()) else {
            return false;
        };
        let many = match kind {
            "title" => &mut self.titles,
            "msg" => &mut self.texts,
            "data" => &mut self.data,
            "var" => &mut self.variables,
            _ => return false,
        };
        many.insert(key.to_owned(), text.into());
        true
    }

    /// A text with its variables filled in.
    fn filled(&self, member: &str, text: &str, event: &str) -> Result<String, Error> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            let Some((name, after)) = behind.split_once('}') else {
                break;
            };
            filled.push_str(before);
            filled.push_str(self.variable(name, event)?);
            rest = after;
            if filled.len() + rest.len() > LONGEST_BYTES {
                break;
            }
        }
        if filled.len() + rest.len() > LONGEST_BYTES {
            let rule = ("length", "is too long with its variables");
            return Err(Error::invalid(MODEL, member, rule, None));
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn variable<'s>(&'s self, name: &str, event: &'s str) -> Result<&'s str, Error> {
        let found = match name.split_once('.') {
            Some(("event", "name")) => Some(event),
            Some(("var", key)) => self.variables.get(key).and_then(Value::as_str),
            Some(("data", key)) => self.data.get(key).and_then(Value::as_str),
            _ => None,
        };
        let rule = ("unknown", "is not a variable of this event");
        found.ok_or_else(|| Error::invalid(MODEL, &format!("${{{name}}}"), rule, None))
    }
}

/// The text of a language, or of the two letters that a tag such as `fr_CA` begins with.
fn of_language<'t>(texts: &'t Map<String, Value>, tag: &str) -> Option<&'t str> {
    let short = || texts.get(tag.split_once(['_', '-'])?.0);
    texts.get(tag).or_else(short).and_then(Value::as_str)
}

fn prepare(given: &Record, event: &str) -> Result<Prepared, Error> {
    let payload = Payload::read(given)?;
    let written = |title: Option<&str>, text: Option<&str>| {
        let mut members = Map::new();
        for (member, name, text) in [("title", "title", title), ("msg", "alert", text)] {
            if let Some(text) = text {
                members.insert(name.to_owned(), payload.filled(member, text, event)?.into());
            }
        }
        Ok::<_, Error>(members)
    };
    let mut message = written(payload.title, payload.text)?;
    let tags: BTreeSet<&String> = payload.titles.keys().chain(payload.texts.keys()).collect();
    let mut localised = Map::new();
    for tag in tags {
        let (title, text) = (
            of_language(&payload.titles, tag),
            of_language(&payload.texts, tag),
        );
        localised.insert(tag.clone(), Value::Object(written(title, text)?));
    }
    if !localised.is_empty() {
        message.insert("localised".to_owned(), Value::Object(localised));
    }
    if let Some(sound) = payload.sound {
        message.insert("sound".to_owned(), sound.into());
    }
    if !payload.data.is_empty() {
        message.insert("data".to_owned(), Value::Object(payload.data.clone()));
    }
    message.insert("mirrored".to_owned(), true.into());
    finished(message, None, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(given: &Value) -> Value {
        let prepared = prepare(given.as_object().unwrap(), "news").unwrap();
        serde_json::from_str(&prepared.message).unwrap()
    }

    #[test]
    fn each_language_has_its_texts_with_the_variables_filled_in() {
        let given = json!({
            "title": "${event.name}", "msg": "${var.who} has ${data.count}", "msg.fr": "${var.who} : ${data.count}",
            "title.fr": "Nouvelles", "msg.fr_CA": "Allo ${var.who}", "data.count": "3", "var.who": "Ray", "sound": "ping",
        });
        assert_eq!(
            said(&given),
            json!({
                "title": "news", "alert": "Ray has 3", "sound": "ping", "data": { "count": "3" }, "mirrored": true,
                "localised": {
                    "fr": { "title": "Nouvelles", "alert": "Ray : 3" },
                    "fr_CA": { "title": "Nouvelles", "alert": "Allo Ray" },
                },
            })
        );
        assert_eq!(said(&json!({ "data.a": "b" }))["data"], json!({ "a": "b" }));
        assert_eq!(said(&json!({ "msg": "5 ${ and {" }))["alert"], "5 ${ and {");
    }

    #[test]
    fn what_is_no_field_or_no_variable_is_refused_by_its_name() {
        for (given, name) in [
            (json!({}), "msg"),
            (json!({ "sound": "x", "var.a": "b" }), "msg"),
            (json!({ "msg": "x", "": "y" }), ""),
            (json!({ "msg": 3 }), "msg"),
            (json!({ "msg": "x", "body": "y" }), "body"),
            (json!({ "msg": "x", "title.": "y" }), "title."),
            (json!({ "msg": "${var.a}" }), "${var.a}"),
            (json!({ "msg": "${other.a}", "var.a": "b" }), "${other.a}"),
            (json!({ "msg": "x", "msg.fr": "${data.b}" }), "${data.b}"),
            (
                json!({ "msg": "${data.a}".repeat(10), "data.a": "x".repeat(10_000) }),
                "msg",
            ),
        ] {
            let error = prepare(given.as_object().unwrap(), "news").unwrap_err();
            assert_eq!(
                (error.status, error.name),
                (422, "ValidationError"),
                "{given}"
            );
            let codes = &error.details.as_ref().unwrap()["codes"];
            assert!(codes.get(name).is_some(), "{given}: {codes}");
        }
    }
}
