//! The entries of a list, whole or with the members alone that were asked for.

use loggia_sdk::Fault;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// Entries of a list.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Entries<T> {
    /// With all their members.
    Whole(Vec<T>),
    /// With some.
    Selected(Vec<Map<String, Value>>),
}

impl<T: Serialize + JsonSchema> Entries<T> {
    /// Entries with all their members, or with those of the parameter `fields`.
    pub fn of(entries: Vec<T>, fields: Option<&[String]>) -> Result<Self, Fault> {
        let Some(fields) = fields else {
            return Ok(Entries::Whole(entries));
        };
        check::<T>(fields)?;
        let selected: Result<Vec<_>, Fault> =
            entries.iter().map(|entry| select(entry, fields)).collect();
        Ok(Entries::Selected(selected?))
    }
}

fn check<T: JsonSchema>(fields: &[String]) -> Result<(), Fault> {
    let schema = schemars::schema_for!(T).to_value();
    let known = schema["properties"].as_object();
    match fields
        .iter()
        .find(|field| known.is_none_or(|known| !known.contains_key(*field)))
    {
        Some(unknown) => Err(Fault::parameter(
            "fields",
            &format!("{unknown} is no member of the list's entries"),
        )),
        None => Ok(()),
    }
}

fn select(entry: &impl Serialize, fields: &[String]) -> Result<Map<String, Value>, Fault> {
    let entry = serde_json::to_value(entry).map_err(Fault::internal)?;
    let Value::Object(mut members) = entry else {
        return Err(Fault::internal("an entry of a list is no object"));
    };
    members.retain(|name, _| fields.contains(name));
    Ok(members)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Serialize, JsonSchema)]
    struct Entry {
        id: String,
        title: String,
    }

    fn shown(fields: Option<&[&str]>) -> Result<Value, Fault> {
        let entries = vec![Entry {
            id: "1".into(),
            title: "One".into(),
        }];
        let fields = fields.map(|fields| fields.iter().map(|&field| field.to_owned()).collect());
        let fields: Option<Vec<String>> = fields;
        Ok(json!(Entries::of(entries, fields.as_deref())?))
    }

    #[test]
    fn only_the_members_that_are_asked_for_are_shown() {
        assert_eq!(shown(None).unwrap(), json!([{ "id": "1", "title": "One" }]));
        assert_eq!(
            shown(Some(&["title"])).unwrap(),
            json!([{ "title": "One" }])
        );
        assert_eq!(shown(Some(&["secret"])).unwrap_err().code(), "REQ_PNV");
    }
}
