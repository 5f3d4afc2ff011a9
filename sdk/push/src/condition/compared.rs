//! Comparisons on their way into SQL, and the values that they bring.

use serde_json::Value;

use super::column::Column;
use super::{ConditionFault, Operator};

/// A piece of a statement: text of it, or a value for it.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Sql(String),
    Text(String),
    Number(i64),
    Float(f64),
    Truth(bool),
}

/// Whether a database can be asked for a value: a text has no NUL, and a pattern does not end within an escape. What one
/// database takes and the other does not is refused for both.
pub(super) fn can_be_asked(operator: Operator, value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let escapes = text.bytes().rev().take_while(|byte| *byte == b'\\').count();
            !text.contains('\0') && (operator != Operator::Like || escapes % 2 == 0)
        }
        Value::Array(values) => values.iter().all(|value| can_be_asked(operator, value)),
        _ => true,
    }
}

/// One comparison on its way into SQL.
pub(super) struct Compared<'a> {
    pub(super) field: &'a str,
    pub(super) column: Column,
    pub(super) operator: Operator,
}

impl Compared<'_> {
    pub(super) fn by(&self, operator: Operator) -> Self {
        Compared {
            field: self.field,
            column: self.column,
            operator,
        }
    }

    pub(super) fn is_ordered(&self) -> bool {
        use Operator::{Gt, Gte, Lt, Lte};
        matches!(self.operator, Gt | Gte | Lt | Lte)
    }

    pub(super) fn fault(&self) -> ConditionFault {
        ConditionFault::Value(self.field.to_owned(), self.operator.word())
    }

    /// A value as the column has it.
    pub(super) fn value(&self, value: &Value) -> Result<Part, ConditionFault> {
        let part = match (self.column, value) {
            (Column::Number(_), _) if self.operator == Operator::Like => None,
            (Column::Number(_), Value::Number(number)) => number
                .as_i64()
                .map(Part::Number)
                .or_else(|| number.as_f64().map(Part::Float)),
            (Column::Number(_), Value::String(text)) => text.parse().ok().map(Part::Number),
            (Column::Truth(_), Value::Bool(truth)) => Some(Part::Truth(*truth)),
            (Column::Number(_) | Column::Truth(_), _) => None,
            (_, Value::String(text)) => Some(Part::Text(text.clone())),
            (_, Value::Number(number)) => Some(Part::Text(number.to_string())),
            (_, Value::Bool(truth)) => Some(Part::Text(truth.to_string())),
            _ => None,
        };
        part.ok_or_else(|| self.fault())
    }
}
