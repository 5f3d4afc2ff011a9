//! Conditions over devices: a small tree that LoopBack's filters can be put into.

mod column;
mod compared;
mod filter;
mod pattern;

use loggia_sql::Dialect;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use filter::Filter;

/// How deep a tree may be.
const DEEPEST: usize = 10;
/// How many values a tree may name.
pub const MOST_VALUES: usize = 10_000;

/// A condition over a device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Condition {
    /// All of these hold.
    And {
        /// The conditions.
        and: Vec<Condition>,
    },
    /// One of these holds.
    Or {
        /// The conditions.
        or: Vec<Condition>,
    },
    /// A member of the device compares so.
    Compare {
        /// A column of the device that is not secret, `topic` for what it is subscribed to, or `details.` and a path.
        field: String,
        /// How.
        operator: Operator,
        /// With what: a list for `inq`, `nin` and `between`.
        value: Value,
    },
}

/// How a member is compared. The words are LoopBack's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Operator {
    /// Equal; with null, absent.
    Eq,
    /// Not equal, or absent.
    Neq,
    /// One of a list.
    Inq,
    /// None of a list, or absent.
    Nin,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Within the two of a list, these included.
    Between,
    /// Like a pattern with `%` and `_`.
    Like,
}

/// Why a condition is none: names the member and the rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConditionFault {
    /// There is no such member.
    #[error("`{0}` is no member of a device that can be asked for")]
    Field(String),
    /// The value does not fit.
    #[error("`{0}` cannot be compared with this value by `{1}`")]
    Value(String, &'static str),
    /// Too deep.
    #[error("a condition may be {DEEPEST} levels deep")]
    Deep,
    /// Too many values.
    #[error("a condition may name {MOST_VALUES} values")]
    Many,
}

impl Operator {
    fn word(self) -> &'static str {
        match self {
            Operator::Eq => "eq",
            Operator::Neq => "neq",
            Operator::Inq => "inq",
            Operator::Nin => "nin",
            Operator::Gt => "gt",
            Operator::Gte => "gte",
            Operator::Lt => "lt",
            Operator::Lte => "lte",
            Operator::Between => "between",
            Operator::Like => "like",
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Operator::Gt => ">",
            Operator::Gte => ">=",
            Operator::Lt => "<",
            Operator::Lte => "<=",
            Operator::Like => "LIKE",
            Operator::Neq | Operator::Nin => "<>",
            Operator::Eq | Operator::Inq | Operator::Between => "=",
        }
    }
}

impl Condition {
    /// A comparison.
    pub fn compare(field: &str, operator: Operator, value: impl Into<Value>) -> Self {
        Condition::Compare {
            field: field.to_owned(),
            operator,
            value: value.into(),
        }
    }

    /// The condition for a statement over `push_device`.
    pub fn filter(&self, dialect: Dialect) -> Result<Filter, ConditionFault> {
        Filter::of(self, dialect)
    }

    /// Whether it names the devices or their users one by one, so that an index finds the few that it means.
    pub fn is_narrow(&self) -> bool {
        match self {
            Condition::And { and } => and.iter().any(Condition::is_narrow),
            Condition::Or { or } => !or.is_empty() && or.iter().all(Condition::is_narrow),
            Condition::Compare {
                field,
                operator,
                value,
            } => {
                let names = ["id", "public_id", "token", "user_id", "user_ref"];
                names.contains(&field.as_str())
                    && matches!(operator, Operator::Eq | Operator::Inq)
                    && !value.is_null()
            }
        }
    }
}
