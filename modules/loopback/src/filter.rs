//! LoopBack's filters: which records, which of their members, in which order, how many.
//!
//! They come as JSON (`filter={"where":..}`) or as PHP writes nested members (`filter[where][appId]=..`). What cannot be
//! understood is an error that names it, and never a filter that selects more.

mod condition;
mod value;

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::bracket::nested;
use crate::error::Error;
use crate::property::Property;
use crate::reply::{Outcome, Record};

pub(crate) use condition::{Comparison, Condition, Test};
pub(crate) use value::{Scalar, order as order_of_values, time_ms};

/// The most records that one answer holds.
pub(crate) const MOST: usize = 10_000;

/// What a list is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter {
    /// Which records.
    pub(crate) condition: Condition,
    /// Which members are shown.
    pub(crate) fields: Fields,
    /// By which members they are sorted; `true` begins with the greatest.
    pub(crate) order: Vec<(String, bool)>,
    /// How many at most.
    pub(crate) limit: Option<usize>,
    /// How many are passed over.
    pub(crate) skip: usize,
}

/// Which members of a record are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Fields {
    /// All.
    #[default]
    All,
    /// These.
    Only(Vec<String>),
    /// All but these.
    Without(Vec<String>),
}

impl Filter {
    /// Reads the filter of a request's query.
    pub(crate) fn read(query: &str, properties: &[Property]) -> Result<Self, Error> {
        match nested(query, "filter")? {
            Some(value) if !value.is_null() => Self::of(&value, properties),
            _ => Ok(Self::default()),
        }
    }

    fn of(value: &Value, properties: &[Property]) -> Result<Self, Error> {
        let Value::Object(members) = value else {
            return Err(Error::bad_request("filter must be a JSON object"));
        };
        let mut filter = Filter::default();
        for (name, value) in members {
            match name.as_str() {
                _ if value.is_null() => {}
                "where" => filter.condition = Condition::read(value, properties)?,
                "fields" => filter.fields = Fields::read(value)?,
                "order" => filter.order = order(value)?,
                // No limit is meant by none.
                "limit" => filter.limit = Some(number("limit", value)?).filter(|limit| *limit > 0),
                "offset" if members.get("skip").is_some_and(|skip| !skip.is_null()) => {}
                "skip" | "offset" => filter.skip = number(name, value)?,
                // None of the models has relations, so nothing can be included.
                "include" => {}
                other => {
                    return Err(Error::bad_request(format!(
                        "filter has no member \"{other}\""
                    )));
                }
            }
        }
        Ok(filter)
    }

    /// Gives the part of all records that is asked for. `read` gives those behind a number that the condition holds for,
    /// with the number up to which it has looked.
    pub(crate) fn scan(
        &self,
        mut read: impl FnMut(i64) -> Outcome<(Option<i64>, Vec<Record>)>,
    ) -> Outcome<Vec<Record>> {
        let wanted = self.skip.saturating_add(self.most());
        let mut found = Vec::new();
        let mut after = 0;
        while let (Some(last), records) = read(after)? {
            after = last;
            found.extend(records);
            if self.order.is_empty() {
                if found.len() >= wanted {
                    break;
                }
            } else if found.len() > wanted.saturating_add(MOST) {
                // What is sorted behind them is not asked for.
                found.sort_by(|one, other| self.compare(one, other));
                found.truncate(wanted);
            }
        }
        Ok(self.page(found))
    }

    /// How many records an answer holds at most.
    fn most(&self) -> usize {
        self.limit.unwrap_or(MOST).min(MOST)
    }

    /// The part of records, which have been found already, that is asked for.
    pub(crate) fn page(&self, mut records: Vec<Map<String, Value>>) -> Vec<Map<String, Value>> {
        if !self.order.is_empty() {
            records.sort_by(|one, other| self.compare(one, other));
        }
        let page = records.into_iter().skip(self.skip).take(self.most());
        page.map(|record| self.fields.of(record)).collect()
    }

    fn compare(&self, one: &Map<String, Value>, other: &Map<String, Value>) -> Ordering {
        let by = |(name, descends): &(String, bool)| {
            let (one, other) = (one.get(name), other.get(name));
            let order = order_of_values(one.unwrap_or(&Value::Null), other.unwrap_or(&Value::Null));
            if *descends { order.reverse() } else { order }
        };
        let orders = self.order.iter().map(by);
        orders.fold(Ordering::Equal, Ordering::then)
    }
}

impl Fields {
    fn read(value: &Value) -> Result<Self, Error> {
        let texts = |values: &[Value]| -> Result<Vec<String>, Error> {
            let names = values.iter().map(|one| one.as_str().map(str::to_owned));
            names
                .collect::<Option<_>>()
                .ok_or_else(|| Error::bad_request("fields must hold names of members"))
        };
        match value {
            Value::String(name) => Ok(Fields::Only(vec![name.clone()])),
            Value::Array(values) => Ok(Fields::Only(texts(values)?)),
            Value::Object(members) => {
                let is_shown = |value: &Value| value == true || value == "true" || value == "1";
                let (shown, hidden): (Vec<_>, Vec<_>) =
                    members.iter().partition(|(_, value)| is_shown(value));
                let names = |chosen: Vec<(&String, &Value)>| {
                    chosen.into_iter().map(|(name, _)| name.clone()).collect()
                };
                Ok(if shown.is_empty() {
                    Fields::Without(names(hidden))
                } else {
                    Fields::Only(names(shown))
                })
            }
            _ => Err(Error::bad_request(
                "fields must be an object, a list or a name",
            )),
        }
    }

    /// The members of a record that are shown.
    pub(crate) fn of(&self, mut record: Map<String, Value>) -> Map<String, Value> {
        match self {
            Fields::All => {}
            Fields::Only(names) => record.retain(|name, _| names.iter().any(|one| one == name)),
            Fields::Without(names) => record.retain(|name, _| names.iter().all(|one| one != name)),
        }
        record
    }
}

/// Names with their directions, separated by commas; in a text or in a list of such.
fn order(value: &Value) -> Result<Vec<(String, bool)>, Error> {
    let wrong = || Error::bad_request("order must be such as \"created DESC\", or a list of those");
    let one = |text: &str| {
        let mut words = text.split_whitespace();
        let name = words.next().ok_or_else(wrong)?.to_owned();
        let descends = match words.next().map(str::to_ascii_uppercase).as_deref() {
            None | Some("ASC") => false,
            Some("DESC") => true,
            Some(_) => return Err(wrong()),
        };
        words.next().map_or(Ok((name, descends)), |_| Err(wrong()))
    };
    let texts = match value {
        Value::String(text) => vec![text.as_str()],
        Value::Array(values) => values
            .iter()
            .map(|value| value.as_str().ok_or_else(wrong))
            .collect::<Result<_, _>>()?,
        _ => return Err(wrong()),
    };
    let each = texts.into_iter().flat_map(|text| text.split(','));
    each.filter(|text| !text.trim().is_empty())
        .map(one)
        .collect()
}

fn number(name: &str, value: &Value) -> Result<usize, Error> {
    let number = match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    number
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(|| Error::bad_request(format!("{name} must be a number that is not negative")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::property::{Kind, property};

    const PROPERTIES: [Property; 4] = [
        property("name", Kind::Text),
        property("badge", Kind::Number),
        property("created", Kind::Date),
        property("subscriptions", Kind::Texts),
    ];

    fn read(query: &str) -> Filter {
        Filter::read(query, &PROPERTIES).unwrap()
    }

    fn record(name: &str, badge: i64) -> Map<String, Value> {
        let record = json!({ "name": name, "badge": badge });
        record.as_object().unwrap().clone()
    }

    #[test]
    fn json_and_brackets_are_the_same_filter() {
        let json = read(
            r"filter=%7B%22where%22%3A%7B%22badge%22%3A%7B%22gt%22%3A3%7D%7D%2C%22limit%22%3A2%2C%22order%22%3A%5B%22name%20DESC%22%5D%7D",
        );
        let brackets =
            read("filter[where][badge][gt]=3&filter[limit]=2&filter[order][0]=name%20DESC");
        assert_eq!(json, brackets);
        assert_eq!(read(""), Filter::default());
    }

    #[test]
    fn a_page_is_sorted_cut_and_shows_what_was_asked_for() {
        let records = || vec![record("b", 1), record("a", 2), record("c", 2)];
        let names = |query: &str| {
            let page = read(query).page(records());
            serde_json::to_value(page).unwrap()
        };
        assert_eq!(
            names("filter[order]=badge%20DESC,name&filter[fields]=name"),
            json!([{ "name": "a" }, { "name": "c" }, { "name": "b" }])
        );
        assert_eq!(
            names("filter[skip]=1&filter[limit]=1&filter[fields][badge]=false"),
            json!([{ "name": "a" }])
        );
        assert_eq!(
            names("filter[offset]=2&filter[fields][badge]=true"),
            json!([{ "badge": 2 }])
        );
    }

    #[test]
    fn what_is_no_filter_is_refused_with_the_reason() {
        let said = |query: &str| {
            let error = Filter::read(query, &PROPERTIES).unwrap_err();
            assert_eq!(error.status, 400, "{query}");
            error.message
        };
        assert!(said("filter=%7Bwhere").contains("JSON"));
        assert!(said("filter=3").contains("object"));
        assert!(said("filter[wher][a]=b").contains("\"wher\""));
        assert!(said("filter[limit]=-1").contains("limit"));
        assert!(said("filter[order]=name%20UP").contains("order"));
    }

    #[test]
    fn an_order_may_stand_in_one_text_in_several_or_in_none() {
        let both = vec![("badge".to_owned(), true), ("name".to_owned(), false)];
        for query in [
            "filter[order]=badge%20DESC,name",
            "filter[order]=badge%20DESC%20,%20name%20ASC,",
            "filter[order][]=badge%20desc,name",
            "filter[order]=badge%20DESC&filter[order]=name",
        ] {
            assert_eq!(read(query).order, both, "{query}");
        }
        assert_eq!(read("filter[order]=").order, []);
        assert_eq!(read("filter=null"), Filter::default());
        assert_eq!(read("filter[limit]=0").limit, None);
        assert_eq!(read("filter[offset]=3&filter[skip]=1").skip, 1);
    }
}
