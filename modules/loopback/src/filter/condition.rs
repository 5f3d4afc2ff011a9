//! Conditions on records: a tree of comparisons, read with the kinds of the properties.

use std::cmp::Ordering;

use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};

use super::value::Scalar;
use crate::error::Error;
use crate::property::{Kind, Property};

/// How deep conditions may nest.
const DEEPEST: usize = 16;
/// The most values that a list of `inq` may hold.
const MOST_VALUES: usize = 10_000;

/// Which records.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    /// Those that all of these hold for; of none of them, every record.
    All(Vec<Condition>),
    /// Those that any of these holds for.
    Any(Vec<Condition>),
    /// Those whose member passes a test.
    Member(Comparison),
}

impl Default for Condition {
    fn default() -> Self {
        Condition::All(Vec::new())
    }
}

/// A test of one member.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Comparison {
    /// The member's name.
    pub(crate) name: String,
    /// What its values are.
    pub(crate) kind: Kind,
    /// The test.
    pub(crate) test: Test,
}

/// What a value must be.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    /// Equal to one of these.
    In(Vec<Scalar>),
    /// Equal to none of these.
    NotIn(Vec<Scalar>),
    /// Greater, or also equal.
    Above(Scalar, bool),
    /// Less, or also equal.
    Below(Scalar, bool),
    /// Between two, with both.
    Between(Scalar, Scalar),
    /// A text that is like a pattern with `%` and `_`, and the same pattern ready to be used.
    Like(String, Regex),
    /// A text that fits a pattern, or that does not.
    Fits(Regex, bool),
    /// There, or not there.
    Exists(bool),
}

impl PartialEq for Test {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Test::In(one), Test::In(other)) | (Test::NotIn(one), Test::NotIn(other)) => {
                one == other
            }
            (Test::Above(one, with), Test::Above(other, also))
            | (Test::Below(one, with), Test::Below(other, also)) => one == other && with == also,
            (Test::Between(one, up), Test::Between(other, to)) => one == other && up == to,
            (Test::Like(one, _), Test::Like(other, _)) => one == other,
            (Test::Fits(one, fits), Test::Fits(other, does)) => {
                one.as_str() == other.as_str() && fits == does
            }
            (Test::Exists(one), Test::Exists(other)) => one == other,
            _ => false,
        }
    }
}

impl Condition {
    /// Reads a `where`.
    pub(crate) fn read(value: &Value, properties: &[Property]) -> Result<Self, Error> {
        Reader { properties }.object(value, DEEPEST)
    }

    /// Whether it says of records which they are: somewhere a member equals something. Everything else, such as "not this
    /// one", may hold for every record.
    pub(crate) fn is_confined(&self) -> bool {
        match self {
            Condition::All(conditions) => conditions.iter().any(Condition::is_confined),
            Condition::Any(conditions) => conditions.iter().all(Condition::is_confined),
            Condition::Member(comparison) => match &comparison.test {
                Test::In(values) => values.iter().all(|value| *value != Scalar::Null),
                _ => false,
            },
        }
    }

    /// Whether a pattern is in it that no statement of a database has, so that records have to be looked at one by one.
    pub(crate) fn has_pattern(&self) -> bool {
        match self {
            Condition::All(conditions) | Condition::Any(conditions) => {
                conditions.iter().any(Condition::has_pattern)
            }
            Condition::Member(comparison) => matches!(comparison.test, Test::Fits(..)),
        }
    }

    /// Whether it holds for a record.
    pub(crate) fn holds(&self, record: &Map<String, Value>) -> bool {
        match self {
            Condition::All(conditions) => conditions.iter().all(|one| one.holds(record)),
            Condition::Any(conditions) => conditions.iter().any(|one| one.holds(record)),
            Condition::Member(comparison) => {
                comparison.holds(record.get(&comparison.name).unwrap_or(&Value::Null))
            }
        }
    }
}

impl Comparison {
    /// Of a list, one value that passes is enough; where none may be there, all of them are looked at.
    fn holds(&self, value: &Value) -> bool {
        let is_negative = matches!(self.test, Test::NotIn(_) | Test::Fits(_, false));
        match value {
            Value::Array(values) if matches!(self.test, Test::Exists(_)) => {
                self.passes(Some(&Scalar::Boolean(!values.is_empty())))
            }
            Value::Array(values) if is_negative => values.iter().all(|one| self.passes_value(one)),
            Value::Array(values) => values.iter().any(|one| self.passes_value(one)),
            value => self.passes_value(value),
        }
    }

    fn passes_value(&self, value: &Value) -> bool {
        self.passes(Scalar::read(value, self.kind).as_ref())
    }

    fn passes(&self, value: Option<&Scalar>) -> bool {
        let null = Scalar::Null;
        let value = value.unwrap_or(&null);
        let is = |other: &Scalar| value.compare(other) == Some(Ordering::Equal);
        let above = |other: &Scalar, also: bool| match value.compare(other) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => also,
            _ => false,
        };
        let below = |other: &Scalar, also: bool| match value.compare(other) {
            Some(Ordering::Less) => true,
            Some(Ordering::Equal) => also,
            _ => false,
        };
        match &self.test {
            Test::In(wanted) => wanted.iter().any(is),
            Test::NotIn(unwanted) => !unwanted.iter().any(is),
            Test::Above(other, also) => above(other, *also),
            Test::Below(other, also) => below(other, *also),
            Test::Between(from, to) => above(from, true) && below(to, true),
            Test::Like(_, pattern) => match value {
                Scalar::Text(text) => pattern.is_match(text),
                _ => false,
            },
            Test::Fits(pattern, fits) => match value {
                Scalar::Text(text) => pattern.is_match(text) == *fits,
                _ => !*fits,
            },
            Test::Exists(is_there) => (*value != Scalar::Null) == *is_there,
        }
    }
}

struct Reader<'p> {
    properties: &'p [Property],
}

impl Reader<'_> {
    fn object(&self, value: &Value, depth: usize) -> Result<Condition, Error> {
        let Value::Object(members) = value else {
            return Err(Error::bad_request("where must be a JSON object"));
        };
        if depth == 0 {
            return Err(Error::bad_request("where nests too deep"));
        }
        let mut conditions = Vec::new();
        for (name, value) in members {
            conditions.push(match name.as_str() {
                "and" => Condition::All(self.list(name, value, depth)?),
                "or" => {
                    let choices = self.list(name, value, depth)?;
                    if choices.is_empty() {
                        return Err(Error::bad_request("\"or\" must hold a condition"));
                    }
                    Condition::Any(choices)
                }
                _ => self.member(name, value)?,
            });
        }
        Ok(Condition::All(conditions))
    }

    fn list(&self, name: &str, value: &Value, depth: usize) -> Result<Vec<Condition>, Error> {
        let Value::Array(values) = value else {
            return Err(Error::bad_request(format!(
                "\"{name}\" must be a list of conditions"
            )));
        };
        let conditions = values.iter().map(|one| self.object(one, depth - 1));
        conditions.collect()
    }

    fn member(&self, name: &str, value: &Value) -> Result<Condition, Error> {
        let known = self.properties.iter().find(|one| one.name == name);
        let kind = known.map_or(Kind::Any, |one| one.kind);
        let scalar = |value: &Value| scalar(name, kind, value);
        let comparison = |test: Test| {
            Condition::Member(Comparison {
                name: name.to_owned(),
                kind,
                test,
            })
        };
        let Value::Object(operators) = value else {
            return Ok(comparison(Test::In(vec![scalar(value)?])));
        };
        let mut tests = Vec::new();
        let flags = operators.get("options").and_then(Value::as_str);
        for (operator, value) in operators {
            tests.push(comparison(match operator.as_str() {
                "eq" => Test::In(vec![scalar(value)?]),
                "neq" => Test::NotIn(vec![scalar(value)?]),
                "inq" => Test::In(scalars(name, kind, value)?),
                "nin" => Test::NotIn(scalars(name, kind, value)?),
                "gt" => Test::Above(scalar(value)?, false),
                "gte" => Test::Above(scalar(value)?, true),
                "lt" => Test::Below(scalar(value)?, false),
                "lte" => Test::Below(scalar(value)?, true),
                "between" => match scalars(name, kind, value)?.as_slice() {
                    [from, to] => Test::Between(from.clone(), to.clone()),
                    _ => {
                        return Err(Error::bad_request(format!(
                            "\"between\" of {name} must be a list of two values"
                        )));
                    }
                },
                "like" | "nlike" | "ilike" | "nilike" => {
                    let ignores_case = operator.contains("ilike")
                        || flags.is_some_and(|flags| flags.contains('i'));
                    let pattern = like(name, value, ignores_case)?;
                    match value {
                        Value::String(text) if operator == "like" && !ignores_case => {
                            Test::Like(text.clone(), pattern)
                        }
                        _ => Test::Fits(pattern, !operator.starts_with('n')),
                    }
                }
                "regexp" => Test::Fits(regexp(name, value)?, true),
                "exists" => Test::Exists(value == true || value == "true"),
                // It belongs to the pattern beside it.
                "options" => continue,
                other => {
                    return Err(Error::bad_request(format!(
                        "where has no operator \"{other}\" (of {name})"
                    )));
                }
            }));
        }
        if tests.is_empty() {
            return Err(Error::bad_request(format!("where says nothing of {name}")));
        }
        Ok(Condition::All(tests))
    }
}

fn scalar(name: &str, kind: Kind, value: &Value) -> Result<Scalar, Error> {
    Scalar::read(value, kind).ok_or_else(|| {
        Error::bad_request(format!(
            "{name} is compared with {value}, which it cannot be"
        ))
    })
}

fn scalars(name: &str, kind: Kind, value: &Value) -> Result<Vec<Scalar>, Error> {
    let Value::Array(values) = value else {
        return Err(Error::bad_request(format!(
            "{name} must be compared with a list of values"
        )));
    };
    if values.len() > MOST_VALUES {
        return Err(Error::bad_request(format!(
            "{name} is compared with more than {MOST_VALUES} values"
        )));
    }
    values.iter().map(|one| scalar(name, kind, one)).collect()
}

/// `%` is anything, `_` one sign, a backslash takes the meaning from what follows.
fn like(name: &str, value: &Value, ignores_case: bool) -> Result<Regex, Error> {
    let Value::String(pattern) = value else {
        return Err(Error::bad_request(format!(
            "the pattern of {name} must be a text"
        )));
    };
    let mut regex = String::from("^");
    let mut is_escaped = false;
    for sign in pattern.chars() {
        match sign {
            '\\' if !is_escaped => {
                is_escaped = true;
                continue;
            }
            '%' if !is_escaped => regex.push_str(".*"),
            '_' if !is_escaped => regex.push('.'),
            sign => regex.push_str(&regex::escape(sign.encode_utf8(&mut [0; 4]))),
        }
        is_escaped = false;
    }
    regex.push('$');
    built(name, &regex, ignores_case)
}

/// A regular expression as text, or as JavaScript writes it: `/begin/i`.
fn regexp(name: &str, value: &Value) -> Result<Regex, Error> {
    let Value::String(text) = value else {
        return Err(Error::bad_request(format!(
            "the regular expression of {name} must be a text"
        )));
    };
    let literal = text
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'))
        .filter(|(_, flags)| flags.chars().all(|flag| "gimsuy".contains(flag)));
    let (pattern, flags) = literal.unwrap_or((text, ""));
    built(name, pattern, flags.contains('i'))
}

fn built(name: &str, pattern: &str, ignores_case: bool) -> Result<Regex, Error> {
    let built = RegexBuilder::new(pattern)
        .case_insensitive(ignores_case)
        .dot_matches_new_line(true)
        .size_limit(1 << 16)
        .build();
    built.map_err(|_| Error::bad_request(format!("the pattern of {name} cannot be understood")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::property::property;

    const PROPERTIES: [Property; 5] = [
        property("name", Kind::Text),
        property("badge", Kind::Number),
        property("created", Kind::Date),
        property("on", Kind::Boolean),
        property("subscriptions", Kind::Texts),
    ];

    fn holds(condition: &Value) -> bool {
        let record = json!({
            "name": "Ada", "badge": 7, "created": "2027-01-31T12:00:00.000Z", "on": true,
            "subscriptions": ["news", "sport"], "own": 12,
        });
        let condition = Condition::read(condition, &PROPERTIES).unwrap();
        condition.holds(record.as_object().unwrap())
    }

    #[test]
    fn each_operator_selects_what_it_says() {
        for (condition, expected) in [
            (json!({}), true),
            (json!({ "name": "Ada" }), true),
            (json!({ "name": "ada" }), false),
            (json!({ "name": { "neq": "Ada" } }), false),
            (json!({ "name": { "inq": ["Bob", "Ada"] } }), true),
            (json!({ "name": { "nin": ["Bob"] } }), true),
            (json!({ "badge": { "gt": 6, "lt": 8 } }), true),
            (json!({ "badge": { "gte": "8" } }), false),
            (json!({ "badge": { "between": [7, 9] } }), true),
            (json!({ "badge": { "lte": 6.5 } }), false),
            (json!({ "created": { "gt": "2027-01-31" } }), true),
            (
                json!({ "created": { "lt": "2027-01-31T12:00:00+01:00" } }),
                false,
            ),
            (json!({ "on": "true" }), true),
            (json!({ "name": { "like": "A%" } }), true),
            (json!({ "name": { "like": "a%" } }), false),
            (json!({ "name": { "like": "a%", "options": "i" } }), true),
            (json!({ "name": { "ilike": "_DA" } }), true),
            (json!({ "name": { "nlike": "A%" } }), false),
            (json!({ "name": { "regexp": "/^a/i" } }), true),
            (json!({ "subscriptions": "news" }), true),
            (
                json!({ "subscriptions": { "inq": ["art", "sport"] } }),
                true,
            ),
            (json!({ "subscriptions": { "nin": ["sport"] } }), false),
            (json!({ "own": { "gt": "11" } }), true),
            (json!({ "missing": null }), true),
            (json!({ "missing": { "neq": "x" } }), true),
            (json!({ "missing": { "gt": 1 } }), false),
            (json!({ "or": [{ "name": "Bob" }, { "badge": 7 }] }), true),
            (json!({ "and": [{ "name": "Bob" }, { "badge": 7 }] }), false),
        ] {
            assert_eq!(holds(&condition), expected, "{condition}");
        }
    }

    #[test]
    fn what_is_not_understood_never_selects_everything() {
        for condition in [
            json!([]),
            json!({ "or": [] }),
            json!({ "and": {} }),
            json!({ "name": { "near": 1 } }),
            json!({ "name": {} }),
            json!({ "badge": "many" }),
            json!({ "created": { "gt": "soon" } }),
            json!({ "badge": { "between": [1] } }),
            json!({ "name": { "regexp": "(" } }),
        ] {
            let error = Condition::read(&condition, &PROPERTIES).unwrap_err();
            assert_eq!(error.status, 400, "{condition}");
        }
    }

    #[test]
    fn only_what_names_what_it_means_is_confined() {
        let is_confined = |value: Value| {
            let condition = Condition::read(&value, &PROPERTIES).unwrap();
            condition.is_confined()
        };
        assert!(is_confined(json!({ "name": "Ada" })));
        assert!(is_confined(
            json!({ "badge": { "gt": 0 }, "name": { "inq": ["Ada"] } })
        ));
        assert!(is_confined(
            json!({ "or": [{ "name": "Ada" }, { "name": "Bob" }] })
        ));
        assert!(!is_confined(json!({})));
        assert!(!is_confined(json!({ "and": [{}, {}] })));
        assert!(!is_confined(json!({ "or": [{ "name": "Ada" }, {}] })));
        assert!(!is_confined(json!({ "name": { "neq": "" } })));
        assert!(!is_confined(json!({ "missing": null })));
    }
}
