//! Holds a module's settings against the JSON Schema of its descriptor, so that what is wrong in them is
//! shown with its line like anything else in the file.

use serde_json::{Map, Value};

use super::Settings;
use super::problem::{Problem, nearest};

/// What is wrong in `[module.NAME]` by the module's schema; empty where all is well.
pub fn check_module(settings: &Settings, name: &str, schema: &Value) -> Vec<Problem> {
    let checker = Checker {
        settings,
        root: schema,
    };
    let values = Value::Object(settings.module(name).values.json().clone());
    let mut problems = Vec::new();
    checker.check(&values, schema, &format!("/module/{name}"), &mut problems);
    problems
}

struct Checker<'a> {
    settings: &'a Settings,
    root: &'a Value,
}

impl<'a> Checker<'a> {
    fn check(&self, value: &Value, schema: &'a Value, pointer: &str, problems: &mut Vec<Problem>) {
        let schema = self.resolve(schema);
        if let Some(help) = self.mismatch(value, schema) {
            let name = pointer.trim_start_matches('/').replace('/', ".");
            let text = format!("`{name}` is not what the module takes");
            problems.push(
                self.settings
                    .problem(pointer, text, Some(format!("write {help}"))),
            );
            return;
        }
        match value {
            Value::Object(members) => self.check_members(members, schema, pointer, problems),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.check(
                        item,
                        &schema["items"],
                        &format!("{pointer}/{index}"),
                        problems,
                    );
                }
            }
            _ => {}
        }
    }

    fn check_members(
        &self,
        members: &Map<String, Value>,
        schema: &'a Value,
        pointer: &str,
        problems: &mut Vec<Problem>,
    ) {
        let required = schema["required"].as_array().into_iter().flatten();
        for name in required
            .filter_map(Value::as_str)
            .filter(|name| !members.contains_key(*name))
        {
            let text = format!("the module needs the setting `{name}`");
            let help = format!("write `{name}` under [{}]", pointer[1..].replace('/', "."));
            problems.push(self.settings.problem(pointer, text, Some(help)));
        }
        let Some(known) = schema["properties"].as_object() else {
            return;
        };
        for (key, value) in members {
            let place = format!("{pointer}/{key}");
            if let Some(schema) = known.get(key) {
                self.check(value, schema, &place, problems);
            } else if schema["additionalProperties"].is_object() {
                self.check(value, &schema["additionalProperties"], &place, problems);
            } else {
                let help = match nearest(key, known.keys().map(String::as_str)) {
                    Some(name) => format!("write `{name}`"),
                    None => format!(
                        "known here: {}",
                        known.keys().cloned().collect::<Vec<_>>().join(", ")
                    ),
                };
                let text = format!("the module has no setting `{key}`");
                problems.push(self.settings.problem(&place, text, Some(help)));
            }
        }
    }

    /// Follows a reference within the schema.
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let target = schema["$ref"]
            .as_str()
            .and_then(|text| text.strip_prefix('#'));
        target
            .and_then(|pointer| self.root.pointer(pointer))
            .unwrap_or(schema)
    }

    /// What should stand there, where the value is something else.
    fn mismatch(&self, value: &Value, schema: &'a Value) -> Option<String> {
        let choices = choices(schema);
        if !choices.is_empty() && !choices.contains(value) {
            let words: Vec<_> = choices.iter().map(Value::to_string).collect();
            return Some(words.join(" or "));
        }
        if let Some(branches) = schema["anyOf"].as_array() {
            let fits = |branch: &'a Value| self.mismatch(value, self.resolve(branch)).is_none();
            let helps = branches
                .iter()
                .filter_map(|one| self.mismatch(value, self.resolve(one)));
            return (!branches.iter().any(fits)).then(|| helps.collect::<Vec<_>>().join(", or "));
        }
        let kinds: Vec<&str> = match &schema["type"] {
            Value::String(kind) => vec![kind],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => return None,
        };
        let fits = kinds.iter().any(|kind| is_kind(value, kind)) && in_bounds(value, schema);
        (!fits).then(|| described(&kinds, schema))
    }
}

/// The only values there are: an enumeration, or one constant for each documented variant.
fn choices(schema: &Value) -> Vec<Value> {
    let mut choices = schema["enum"].as_array().cloned().unwrap_or_default();
    for variant in schema["oneOf"].as_array().into_iter().flatten() {
        choices.extend(variant.get("const").cloned());
        choices.extend(variant["enum"].as_array().cloned().unwrap_or_default());
    }
    choices
}

fn is_kind(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    }
}

fn in_bounds(value: &Value, schema: &Value) -> bool {
    let bound = |name: &str| schema[name].as_f64();
    if let Some(number) = value.as_f64() {
        let minimum = bound("minimum").is_none_or(|least| number >= least);
        return minimum && bound("maximum").is_none_or(|most| number <= most);
    }
    let Some(text) = value.as_str() else {
        return true;
    };
    let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    let least = schema["minLength"]
        .as_u64()
        .is_none_or(|least| length >= least);
    least
        && schema["maxLength"]
            .as_u64()
            .is_none_or(|most| length <= most)
}

/// A schema's kind and bounds in words.
fn described(kinds: &[&str], schema: &Value) -> String {
    let word = |kind: &&str| match *kind {
        "string" => Some("a text"),
        "integer" => Some("a whole number"),
        "number" => Some("a number"),
        "boolean" => Some("true or false"),
        "array" => Some("a list"),
        "object" => Some("a table"),
        _ => None,
    };
    let mut text = kinds
        .iter()
        .filter_map(word)
        .collect::<Vec<_>>()
        .join(" or ");
    let bounds = [
        ("minimum", "at least"),
        ("maximum", "at most"),
        ("minLength", "with at least so many characters:"),
        ("maxLength", "with at most so many characters:"),
    ];
    for (name, words) in bounds {
        if let Some(bound) = schema.get(name) {
            text = format!("{text}, {words} {bound}");
        }
    }
    text
}
