//! LoopBack's conditions over installations as the model of devices has them.

use diesel::prelude::*;
use loggia_push::Operator;
use loggia_push::condition::ConditionFault;
use loggia_push::schema::push_application;
use loggia_sql::Connection;
use serde_json::{Value, json};

use crate::error::Error;
use crate::filter::{Comparison, Condition, Scalar, Test};
use crate::property::Kind;
use crate::reply::{Outcome, Record};

/// A condition as the model of devices has it.
pub(crate) fn query(
    connection: &mut Connection,
    condition: &Condition,
) -> Outcome<loggia_push::Condition> {
    Ok(match condition {
        Condition::All(conditions) => loggia_push::Condition::And {
            and: queries(connection, conditions)?,
        },
        Condition::Any(conditions) => loggia_push::Condition::Or {
            or: queries(connection, conditions)?,
        },
        Condition::Member(comparison) => match comparison.name.as_str() {
            "appId" => of_applications(connection, comparison)?,
            _ => compared(comparison)?,
        },
    })
}

fn queries(
    connection: &mut Connection,
    conditions: &[Condition],
) -> Outcome<Vec<loggia_push::Condition>> {
    let each = conditions.iter().map(|one| query(connection, one));
    each.collect()
}

/// Applications are few, so the test is made here and the statement names those that pass.
fn of_applications(
    connection: &mut Connection,
    comparison: &Comparison,
) -> Outcome<loggia_push::Condition> {
    let all: Vec<(i64, String)> = push_application::table
        .select((push_application::id, push_application::public_id))
        .load(connection)?;
    let condition = Condition::Member(comparison.clone());
    let passing = all.into_iter().filter(|(_, id)| {
        let mut record = Record::new();
        record.insert("appId".to_owned(), json!(id));
        condition.holds(&record)
    });
    let ids: Vec<i64> = passing.map(|(id, _)| id).collect();
    Ok(loggia_push::Condition::compare(
        "application_id",
        Operator::Inq,
        ids,
    ))
}

/// LoopBack's members that have a place of their own in the model, and their names there.
const FIELDS: [(&str, &str); 11] = [
    ("id", "public_id"),
    ("deviceToken", "token"),
    ("deviceType", "platform"),
    ("userId", "user_ref"),
    ("appVersion", "app_version"),
    ("timeZone", "time_zone"),
    ("language", "language"),
    ("subscriptions", "topic"),
    ("created", "created_ms"),
    ("modified", "modified_ms"),
    ("badge", "badge"),
];
/// Where the model has all other members.
const DETAILS: &str = "details.";

fn field_of(member: &str) -> String {
    let own = FIELDS.iter().find(|(name, _)| *name == member);
    own.map_or_else(
        || format!("{DETAILS}{member}"),
        |(_, field)| (*field).to_owned(),
    )
}

fn member_of(field: &str) -> String {
    let own = FIELDS.iter().find(|(_, one)| *one == field);
    let other = || field.strip_prefix(DETAILS).unwrap_or(field);
    own.map_or_else(other, |(name, _)| name).to_owned()
}

/// Why a condition is none, with LoopBack's names of its members.
pub(crate) fn refused(fault: ConditionFault) -> Error {
    let fault = match fault {
        ConditionFault::Field(field) => ConditionFault::Field(member_of(&field)),
        ConditionFault::Value(field, word) => ConditionFault::Value(member_of(&field), word),
        other => other,
    };
    Error::bad_request(fault.to_string())
}

fn compared(comparison: &Comparison) -> Result<loggia_push::Condition, Error> {
    let field = field_of(&comparison.name);
    let compare = |operator, value: Value| loggia_push::Condition::compare(&field, operator, value);
    let all = |values: &[Scalar]| -> Vec<Value> {
        let values = values.iter().flat_map(|one| readings(one, comparison.kind));
        values.collect()
    };
    // Where a value may be read in two ways, one that holds is enough.
    let ordered = |operator, value: &Scalar| {
        let mut each = readings(value, comparison.kind)
            .into_iter()
            .map(|one| compare(operator, one));
        match (each.next(), each.next()) {
            (Some(one), None) => one,
            (one, other) => loggia_push::Condition::Or {
                or: one.into_iter().chain(other).collect(),
            },
        }
    };
    let bounds = |from: &Scalar, to: &Scalar| loggia_push::Condition::And {
        and: vec![ordered(Operator::Gte, from), ordered(Operator::Lte, to)],
    };
    Ok(match &comparison.test {
        Test::In(values) => match all(values).as_slice() {
            [one] => compare(Operator::Eq, one.clone()),
            many => compare(Operator::Inq, many.to_vec().into()),
        },
        Test::NotIn(values) => match all(values).as_slice() {
            [one] => compare(Operator::Neq, one.clone()),
            many => compare(Operator::Nin, many.to_vec().into()),
        },
        Test::Above(value, true) => ordered(Operator::Gte, value),
        Test::Above(value, false) => ordered(Operator::Gt, value),
        Test::Below(value, true) => ordered(Operator::Lte, value),
        Test::Below(value, false) => ordered(Operator::Lt, value),
        Test::Between(from, to) => bounds(from, to),
        Test::Like(pattern, _) => compare(Operator::Like, json!(pattern)),
        Test::Exists(is_there) => {
            let operator = if *is_there {
                Operator::Neq
            } else {
                Operator::Eq
            };
            compare(operator, Value::Null)
        }
        Test::Fits(..) => {
            return Err(Error::bad_request(format!(
                "{} of those who are sent to is compared by equality, order, lists and like",
                comparison.name
            )));
        }
    })
}

/// A value, and what else it may mean: a member of no known kind is a text where the query has brackets, and perhaps a number
/// or a truth value in the record.
fn readings(value: &Scalar, kind: Kind) -> Vec<Value> {
    let mut readings = vec![json(value)];
    if let (Kind::Any, Scalar::Text(text)) = (kind, value) {
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        readings.extend(number.map(|number| json(&Scalar::Number(number))));
        readings.extend(text.parse::<bool>().ok().map(Value::Bool));
    }
    readings
}

fn json(value: &Scalar) -> Value {
    match value {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => json!(value),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it has no fraction and is small"
        )]
        Scalar::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            json!(*number as i64)
        }
        Scalar::Number(number) => json!(number),
        Scalar::Time(time_ms) => json!(time_ms),
        Scalar::Text(text) => json!(text),
    }
}
