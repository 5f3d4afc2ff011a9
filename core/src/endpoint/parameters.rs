//! The members of a request, whichever way they came: body over query over path.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::fault::{Fault, Req};
use crate::module::binding::Given;

/// A member of a form.
#[derive(Clone, Debug, PartialEq)]
pub enum FormValue {
    /// A text.
    Text(String),
    /// An upload, by its name.
    File(String),
}

/// The body of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Body {
    /// There is none, or none that holds members.
    #[default]
    None,
    /// Urlencoded or multipart.
    Form(Vec<(String, FormValue)>),
    /// A JSON object.
    Json(Map<String, Value>),
    /// It could not be read; kept until the operation is known, for some do not mind.
    Invalid(Fault),
}

/// A name and its value, decoded; borrowed where there was nothing to decode.
pub type Pair<'t> = (Cow<'t, str>, Cow<'t, str>);

/// The members of one request.
#[derive(Clone, Debug, Default)]
pub struct Parameters<'q> {
    query: Vec<Pair<'q>>,
    body: Body,
}

impl<'q> Parameters<'q> {
    /// Reads the query; a malformed escape is refused, not replaced. (`form_urlencoded` replaces it, so the
    /// pairs are taken apart here.)
    pub fn read(query: &'q str, body: Body, max_parameters: usize) -> Result<Self, Fault> {
        let query = read_urlencoded(query, max_parameters).map_err(|rule| {
            Req::ParameterNotValid
                .fault()
                .detail(format!("query: {rule}"))
        })?;
        Ok(Parameters { query, body })
    }

    /// The body, as far as it could be read.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// A member, by precedence: body over query.
    pub fn find(&self, name: &str) -> Option<Given> {
        self.find_in_body(name).or_else(|| self.find_in_query(name))
    }

    /// A member of the body.
    pub fn find_in_body(&self, name: &str) -> Option<Given> {
        match &self.body {
            Body::Json(members) => find_in_object(name, members).map(Given::Json),
            Body::Form(pairs) => {
                let file = pairs.iter().rev().find_map(|(key, value)| match value {
                    FormValue::File(upload) if key == name => Some(Given::File(upload.clone())),
                    _ => None,
                });
                file.or_else(|| {
                    gather(
                        name,
                        pairs.iter().filter_map(|(key, value)| match value {
                            FormValue::Text(text) => Some((key.as_str(), text.as_str())),
                            FormValue::File(_) => None,
                        }),
                    )
                })
            }
            Body::None | Body::Invalid(_) => None,
        }
    }

    /// A member of the query.
    pub fn find_in_query(&self, name: &str) -> Option<Given> {
        gather(
            name,
            self.query.iter().map(|(key, value)| (&**key, &**value)),
        )
    }

    /// All members of the body, or of the query where there is no body, but those that select the operation.
    pub fn members(&self) -> Map<String, Value> {
        let texts: Vec<(&str, &str)> = match &self.body {
            Body::Json(members) => {
                let chosen = members.iter().filter(|(name, _)| !is_selector(name));
                return chosen
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect();
            }
            Body::Form(pairs) => pairs
                .iter()
                .filter_map(|(name, value)| match value {
                    FormValue::Text(text) => Some((name.as_str(), text.as_str())),
                    FormValue::File(_) => None,
                })
                .collect(),
            Body::None | Body::Invalid(_) => {
                let pairs = self.query.iter();
                pairs.map(|(name, value)| (&**name, &**value)).collect()
            }
        };
        let mut members = Map::new();
        for (name, _) in &texts {
            let name = name.split_once('[').map_or(*name, |(name, _)| name);
            if !is_selector(name)
                && !members.contains_key(name)
                && let Some(given) = gather(name, texts.iter().copied())
            {
                let value = match given {
                    Given::Text(text) => Value::String(text),
                    Given::Json(value) => value,
                    Given::File(_) => continue,
                };
                members.insert(name.to_owned(), value);
            }
        }
        members
    }

    /// A member as text, for selectors and credentials.
    pub fn text(&self, name: &str) -> Option<String> {
        as_text(self.find(name)?)
    }

    /// Removes a member everywhere, so that a credential is not passed on.
    pub fn forget(&mut self, name: &str) {
        self.query.retain(|(key, _)| key != name);
        match &mut self.body {
            Body::Form(pairs) => pairs.retain(|(key, _)| key != name),
            Body::Json(members) => {
                members.shift_remove(name);
            }
            Body::None | Body::Invalid(_) => {}
        }
    }
}

/// The members by which requests in one form or another say what they ask for.
fn is_selector(name: &str) -> bool {
    matches!(
        name,
        "action" | "module" | "resource" | "option" | "view" | "Itemid"
    )
}

/// A given member as text, where it can be one.
pub fn as_text(given: Given) -> Option<String> {
    match given {
        Given::Text(text) | Given::Json(Value::String(text)) => Some(text),
        Given::Json(value @ (Value::Number(_) | Value::Bool(_))) => Some(value.to_string()),
        _ => None,
    }
}

/// Reads `a=1&b=2`.
pub fn read_urlencoded(text: &str, max_parameters: usize) -> Result<Vec<Pair<'_>>, String> {
    let mut pairs = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        if pairs.len() == max_parameters {
            return Err(format!("more than {max_parameters} parameters"));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = decode_plus(name).zip(decode_plus(value));
        let (name, value) = decoded.ok_or_else(|| "an escape is not UTF-8".to_owned())?;
        pairs.push((name, value));
    }
    Ok(pairs)
}

fn decode_plus(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('+') {
        return decode(text);
    }
    let spaced = text.replace('+', " ");
    decode(&spaced).map(|decoded| Cow::Owned(decoded.into_owned()))
}

/// Decodes percent escapes; `None` where they are not UTF-8.
pub fn decode(text: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(text).decode_utf8().ok()
}

/// The value of a name in a JSON object. A client that knows a list as `name[]` may call the member so too.
fn find_in_object(name: &str, members: &Map<String, Value>) -> Option<Value> {
    members.get(name).cloned().or_else(|| {
        let is_list = |key: &str| key.strip_suffix("[]") == Some(name);
        let (_, value) = members.iter().find(|(key, _)| is_list(key))?;
        Some(match value {
            Value::Array(_) => value.clone(),
            one => Value::Array(vec![one.clone()]),
        })
    })
}

/// The value of a name among pairs as PHP gathers them: the last one, or an array of `name[]`, `name[key]`.
fn gather<'p>(name: &str, pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Option<Given> {
    let mut found = None;
    for (key, value) in pairs {
        let Some(rest) = key.strip_prefix(name) else {
            continue;
        };
        if rest.is_empty() {
            found = Some(Given::Text(value.to_owned()));
        } else if rest.starts_with('[') && rest.ends_with(']') {
            let mut tree = match found.take() {
                Some(Given::Json(tree)) => tree,
                _ => Value::Array(Vec::new()),
            };
            insert(&mut tree, &rest[1..rest.len() - 1], value);
            found = Some(Given::Json(tree));
        }
    }
    found
}

/// Puts a value under `a][b][` in a tree, where an empty key appends.
fn insert(tree: &mut Value, keys: &str, value: &str) {
    let (key, rest) = match keys.split_once("][") {
        Some((key, rest)) => (key, Some(rest)),
        None => (keys, None),
    };
    let place = if key.is_empty() {
        append_to(tree)
    } else {
        member_of(tree, key)
    };
    match rest {
        Some(rest) => {
            if !place.is_array() && !place.is_object() {
                *place = Value::Array(Vec::new());
            }
            insert(place, rest, value);
        }
        None => *place = Value::String(value.to_owned()),
    }
}

fn append_to(tree: &mut Value) -> &mut Value {
    match tree {
        Value::Object(map) => {
            let key = map.len().to_string();
            map.entry(key).or_insert(Value::Null)
        }
        other => {
            if !other.is_array() {
                *other = Value::Array(Vec::new());
            }
            let Value::Array(list) = other else {
                unreachable!("made an array just above")
            };
            list.push(Value::Null);
            let last = list.len() - 1;
            &mut list[last]
        }
    }
}

fn member_of<'t>(tree: &'t mut Value, key: &str) -> &'t mut Value {
    if let Value::Array(list) = tree {
        let map = list
            .drain(..)
            .enumerate()
            .map(|(place, value)| (place.to_string(), value))
            .collect();
        *tree = Value::Object(map);
    } else if !tree.is_object() {
        *tree = Value::Object(Map::new());
    }
    let Value::Object(map) = tree else {
        unreachable!("made an object just above")
    };
    map.entry(key.to_owned()).or_insert(Value::Null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn query(text: &str) -> Parameters<'_> {
        Parameters::read(text, Body::None, 100).expect("a readable query")
    }

    #[test]
    fn php_arrays_become_lists_and_objects() {
        let given = query("a[]=1&a[]=2&b[x]=3&b[y][]=4&c=5&c=6");
        assert_eq!(given.find("a"), Some(Given::Json(json!(["1", "2"]))));
        assert_eq!(
            given.find("b"),
            Some(Given::Json(json!({ "x": "3", "y": ["4"] })))
        );
        assert_eq!(given.find("c"), Some(Given::Text("6".to_owned())));
    }

    #[test]
    fn a_list_in_a_json_object_may_be_named_as_in_a_form() {
        let object = json!({ "a[]": ["1", "2"], "b[]": "3", "c[]": "4", "c": "5" });
        let object = object.as_object().expect("an object").clone();
        let given = Parameters::read("", Body::Json(object), 100).expect("readable");
        assert_eq!(given.find("a"), Some(Given::Json(json!(["1", "2"]))));
        assert_eq!(given.find("b"), Some(Given::Json(json!(["3"]))));
        assert_eq!(given.find("c"), Some(Given::Json(json!("5"))));
    }

    #[test]
    fn all_members_of_the_body_are_given_without_the_selectors() {
        let text = |name: &str, value: &str| (name.to_owned(), FormValue::Text(value.to_owned()));
        let form = Body::Form(vec![
            text("action", "put"),
            text("cb_city", "Köln"),
            text("cb_tags[]", "a"),
            text("cb_tags[]", "b"),
        ]);
        let members = |query, body| {
            let given = Parameters::read(query, body, 100).expect("readable");
            Value::Object(given.members())
        };
        assert_eq!(
            members("module=profiles&x=1", form),
            json!({ "cb_city": "Köln", "cb_tags": ["a", "b"] })
        );
        assert_eq!(
            members("module=profiles&x=1", Body::None),
            json!({ "x": "1" })
        );
        let object = json!({ "module": "profiles", "x": null, "y": 2 });
        let object = object.as_object().expect("an object").clone();
        assert_eq!(
            members("z=1", Body::Json(object)),
            json!({ "x": null, "y": 2 })
        );
    }

    #[test]
    fn an_escape_that_is_not_utf8_is_refused() {
        let fault = Parameters::read("a=%ff", Body::None, 100).expect_err("a fault");
        assert_eq!(
            fault.description(),
            "Parameter not valid: query: an escape is not UTF-8"
        );
    }

    #[test]
    fn the_body_wins_over_the_query() {
        let body = Body::Form(vec![("id".to_owned(), FormValue::Text("7".to_owned()))]);
        let given = Parameters::read("id=5&x=%2B+y", body, 100).expect("readable");
        assert_eq!(given.text("id").as_deref(), Some("7"));
        assert_eq!(given.text("x").as_deref(), Some("+ y"));
    }
}
