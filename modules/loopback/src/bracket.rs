//! Nested members of a query: `filter=JSON`, or `filter[where][appId]=..` one by one.

use serde_json::{Map, Value};

use crate::error::Error;

/// How deep brackets may nest.
const DEEPEST: usize = 16;

/// A member of a query as JSON; none where it is not there. Numbers and truth values in brackets stay texts: what they
/// are is known where the property is.
pub(crate) fn nested(query: &str, name: &str) -> Result<Option<Value>, Error> {
    let mut members = Map::new();
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        if key == name {
            if value.trim().is_empty() {
                continue;
            }
            let json = serde_json::from_str(&value);
            return json
                .map(Some)
                .map_err(|error| Error::bad_request(format!("{name} is not valid JSON: {error}")));
        }
        let path = key.strip_prefix(name).filter(|rest| rest.starts_with('['));
        if let Some(path) = path {
            let steps = steps(path).ok_or_else(|| {
                Error::bad_request(format!("{key} does not name a member of {name}"))
            })?;
            put(&mut members, &steps, value.into_owned());
        }
    }
    Ok((!members.is_empty()).then(|| listed(Value::Object(members))))
}

/// The members of a form, of which those with brackets nest.
pub(crate) fn form(body: &[u8]) -> Map<String, Value> {
    let mut members = Map::new();
    for (key, value) in form_urlencoded::parse(body) {
        let nested = key.find('[').filter(|at| *at > 0).and_then(|at| {
            let mut path = vec![&key[..at]];
            path.extend(steps(&key[at..])?);
            Some(path)
        });
        let path = nested.unwrap_or_else(|| vec![&*key]);
        put(&mut members, &path, value.into_owned());
    }
    let members = members.into_iter();
    members.map(|(name, value)| (name, listed(value))).collect()
}

/// The names in `[where][badge][gt]`; an empty one stands for the next of a list.
fn steps(path: &str) -> Option<Vec<&str>> {
    let inner = path.strip_prefix('[')?.strip_suffix(']')?;
    let steps: Vec<&str> = inner.split("][").collect();
    let are_plain = steps.iter().all(|step| !step.contains(['[', ']']));
    (are_plain && steps.len() <= DEEPEST).then_some(steps)
}

fn put(members: &mut Map<String, Value>, steps: &[&str], value: String) {
    let Some((&step, rest)) = steps.split_first() else {
        return;
    };
    let name = if step.is_empty() {
        members.len().to_string()
    } else {
        step.to_owned()
    };
    if rest.is_empty() {
        let value = Value::String(value);
        match members.get_mut(&name) {
            // A name that comes again is a list.
            Some(Value::Array(values)) => values.push(value),
            Some(known @ Value::String(_)) => *known = Value::Array(vec![known.take(), value]),
            _ => _ = members.insert(name, value),
        }
        return;
    }
    let inner = members
        .entry(name)
        .and_modify(|inner| {
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
        })
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

/// An object whose names are 0, 1, 2 and so on is a list.
fn listed(value: Value) -> Value {
    let Value::Object(members) = value else {
        return value;
    };
    let places: Option<Vec<usize>> = members.keys().map(|name| name.parse().ok()).collect();
    let is_list = places.is_some_and(|mut places| {
        places.sort_unstable();
        !places.is_empty() && places.into_iter().eq(0..members.len())
    });
    if !is_list {
        let inner = members
            .into_iter()
            .map(|(name, value)| (name, listed(value)));
        return Value::Object(inner.collect());
    }
    let mut values: Vec<(usize, Value)> = members
        .into_iter()
        .map(|(name, value)| (name.parse().unwrap_or_default(), listed(value)))
        .collect();
    values.sort_by_key(|(place, _)| *place);
    Value::Array(values.into_iter().map(|(_, value)| value).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(query: &str) -> Value {
        nested(query, "filter").unwrap().unwrap_or_default()
    }

    #[test]
    fn brackets_build_objects_and_lists() {
        assert_eq!(
            read(
                "filter[where][and][0][a]=1&filter[where][and][1][b][inq][]=x&filter[where][and][1][b][inq][]=y"
            ),
            json!({ "where": { "and": [{ "a": "1" }, { "b": { "inq": ["x", "y"] } }] } })
        );
        assert_eq!(read("filter%5Blimit%5D=3&other=1"), json!({ "limit": "3" }));
        assert_eq!(read("filter="), Value::Null);
        assert_eq!(read("filtering=1"), Value::Null);
    }

    #[test]
    fn a_form_nests_and_a_name_that_comes_again_is_a_list() {
        let body = "name=a&subscriptions[]=x&subscriptions[]=y&push[apns][production]=true&tag=1&tag=2&odd[=3&[]=4";
        assert_eq!(
            Value::Object(form(body.as_bytes())),
            json!({
                "name": "a", "subscriptions": ["x", "y"], "push": { "apns": { "production": "true" } },
                "tag": ["1", "2"], "odd[": "3", "[]": "4",
            })
        );
        assert_eq!(
            read("filter[where][a][inq]=x&filter[where][a][inq]=y&filter[where][a][inq]=z"),
            json!({ "where": { "a": { "inq": ["x", "y", "z"] } } })
        );
    }

    #[test]
    fn brackets_that_do_not_close_are_refused() {
        for query in ["filter[where=1", "filter[a]b=1", "filter[[a]]=1"] {
            assert_eq!(nested(query, "filter").unwrap_err().status, 400, "{query}");
        }
    }
}
