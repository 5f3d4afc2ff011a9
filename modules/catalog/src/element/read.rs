//! From what a request gives of an element to what an item keeps. A plain value stands for the first member of the
//! kind, a list for several values; what answers show can be given back as it is.

use loggia_sdk::Fault;
use serde_json::{Map, Value, json};

use super::field::{self, Field, Rule};
use super::{Element, Kind};

/// The most values that an element may have.
const MOST_VALUES: usize = 100;

/// The data of an element; `None` where nothing is left of it.
pub(crate) fn data(element: &Element, given: &Value) -> Result<Option<Value>, Fault> {
    let data = match element.definition.kind {
        Kind::Image | Kind::File | Kind::Rating => record(element, given, "")?,
        Kind::Gallery => gallery(element, given)?,
        Kind::Select | Kind::Relation | Kind::Country => choices(element, given)?,
        _ => entries(element, given)?,
    };
    if data.is_none() && element.definition.required {
        return Err(element.broken("", "must be given"));
    }
    Ok(data)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.iter().all(is_empty),
        Value::Object(members) => members.values().all(is_empty),
        _ => false,
    }
}

/// The values that are given: a list, an object with numbers for names as answers show it, or one alone.
fn values(element: &Element, given: &Value) -> Result<Vec<Value>, Fault> {
    let is_numbered = |members: &Map<String, Value>| {
        let is_number = |name: &String| name.chars().all(|digit| digit.is_ascii_digit());
        !members.is_empty() && members.keys().all(is_number)
    };
    let mut values = match given {
        Value::Array(list) => list.clone(),
        Value::Object(members) if is_numbered(members) => {
            let mut numbered: Vec<(u64, Value)> = members
                .iter()
                .map(|(name, value)| (name.parse().unwrap_or(u64::MAX), value.clone()))
                .collect();
            numbered.sort_by_key(|(number, _)| *number);
            numbered.into_iter().map(|(_, value)| value).collect()
        }
        one => vec![one.clone()],
    };
    values.retain(|value| !is_empty(value));
    if values.len() > MOST_VALUES {
        return Err(element.broken("", "has at most 100 values"));
    }
    Ok(values)
}

/// Values one behind another, each a record.
fn entries(element: &Element, given: &Value) -> Result<Option<Value>, Fault> {
    let values = values(element, given)?;
    if values.len() > 1 && !element.definition.repeatable {
        return Err(element.broken("", "has one value"));
    }
    let mut entries = Map::new();
    for (number, value) in values.iter().enumerate() {
        let place = if number == 0 {
            String::new()
        } else {
            number.to_string()
        };
        if let Some(entry) = record(element, value, &place)? {
            entries.insert(entries.len().to_string(), entry);
        }
    }
    Ok((!entries.is_empty()).then_some(Value::Object(entries)))
}

/// One value: an object with the members of its kind, or what the first of them is.
fn record(element: &Element, given: &Value, place: &str) -> Result<Option<Value>, Fault> {
    let fields = field::of(element.definition.kind);
    if is_empty(given) {
        return Ok(None);
    }
    let Value::Object(members) = given else {
        let (name, _) = fields[0];
        let member = member(element, fields[0], given, place)?;
        return Ok(Some(json!({ name: member })));
    };
    let mut kept = Map::new();
    for (name, value) in members {
        let Some(&field) = fields.iter().find(|(known, _)| known == name) else {
            let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
            let rule = format!("is none of its members, which are {}", names.join(", "));
            return Err(element.broken(&at(place, name), &rule));
        };
        if !is_empty(value) {
            kept.insert(
                name.clone(),
                member(element, field, value, &at(place, name))?,
            );
        }
    }
    let (first, _) = fields[0];
    if !kept.contains_key(first) {
        return Err(element.broken(&at(place, first), "must be given"));
    }
    Ok(Some(Value::Object(kept)))
}

fn at(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}

fn member(element: &Element, (_, rule): Field, given: &Value, place: &str) -> Result<Value, Fault> {
    field::kept(element, rule, given).map_err(|rule| element.broken(place, &rule))
}

/// Images one behind another; `value` may name their folder besides.
fn gallery(element: &Element, given: &Value) -> Result<Option<Value>, Fault> {
    let none = Map::new();
    let (members, images) = match given {
        Value::Object(members)
            if members.contains_key("images") || members.contains_key("value") =>
        {
            (members, members.get("images").cloned().unwrap_or_default())
        }
        images => (&none, images.clone()),
    };
    let mut kept = Map::new();
    for (name, rule) in [field::FOLDER, ("title", Rule::Line)] {
        if let Some(value) = members.get(name).filter(|value| !is_empty(value)) {
            kept.insert(name.to_owned(), member(element, (name, rule), value, name)?);
        }
    }
    let unknown = members
        .keys()
        .find(|name| !["value", "title", "images"].contains(&name.as_str()));
    if let Some(unknown) = unknown {
        let rule = "is none of its members, which are value, title, images";
        return Err(element.broken(unknown, rule));
    }
    let mut entries = Map::new();
    for (number, image) in values(element, &images)?.iter().enumerate() {
        if let Some(entry) = record(element, image, &format!("images.{number}"))? {
            entries.insert(number.to_string(), entry);
        }
    }
    if !entries.is_empty() {
        kept.insert("images".to_owned(), Value::Object(entries));
    }
    Ok((!kept.is_empty()).then_some(Value::Object(kept)))
}

/// Choices under the name of their kind, each but once.
fn choices(element: &Element, given: &Value) -> Result<Option<Value>, Fault> {
    let field = field::of(element.definition.kind)[0];
    let (name, _) = field;
    let given = match given {
        Value::Object(members) if members.contains_key(name) => {
            if let Some(unknown) = members.keys().find(|known| *known != name) {
                let rule = format!("is none of its members, which are {name}");
                return Err(element.broken(unknown, &rule));
            }
            members[name].clone()
        }
        other => other.clone(),
    };
    let mut kept: Vec<Value> = Vec::new();
    for value in values(element, &given)? {
        let choice = member(element, field, &value, "")?;
        if !kept.contains(&choice) {
            kept.push(choice);
        }
    }
    if kept.len() > 1 && !element.definition.repeatable {
        return Err(element.broken("", "has one value"));
    }
    Ok((!kept.is_empty()).then(|| json!({ name: numbered(kept) })))
}

/// Values under their numbers, as the wire shows several.
pub(crate) fn numbered(values: Vec<Value>) -> Value {
    numbered_members(values).into()
}

/// The same, as the members of an object.
pub(crate) fn numbered_members(values: Vec<Value>) -> Map<String, Value> {
    let numbered = values.into_iter().enumerate();
    numbered
        .map(|(number, value)| (number.to_string(), value))
        .collect()
}

/// The ids of the items that the data of a relation names.
pub(crate) fn related(data: &Value) -> Vec<i64> {
    let ids: Vec<&Value> = match &data["item"] {
        Value::Object(members) => members.values().collect(),
        Value::Array(values) => values.iter().collect(),
        _ => Vec::new(),
    };
    ids.into_iter()
        .filter_map(|id| id.as_str().map_or(id.as_i64(), |id| id.parse().ok()))
        .collect()
}
