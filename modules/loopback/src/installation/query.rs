//! LoopBack's conditions over installations as the model of devices has them.

use diesel::prelude::*;
use loggia_push::Operator;
use loggia_push::schema::push_application;
use loggia_sql::Connection;
use serde_json::{Value, json};

use crate::error::Error;
use crate::filter::{Comparison, Condition, Scalar, Test};
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

fn compared(comparison: &Comparison) -> Result<loggia_push::Condition, Error> {
    let field = match comparison.name.as_str() {
        "id" => "public_id".to_owned(),
        "deviceToken" => "token".to_owned(),
        "deviceType" => "platform".to_owned(),
        "userId" => "user_ref".to_owned(),
        "appVersion" => "app_version".to_owned(),
        "timeZone" => "time_zone".to_owned(),
        "language" => "language".to_owned(),
        "subscriptions" => "topic".to_owned(),
        "created" => "created_ms".to_owned(),
        "modified" => "modified_ms".to_owned(),
        "badge" => "badge".to_owned(),
        other => format!("details.{other}"),
    };
    let compare = |operator, value: Value| loggia_push::Condition::compare(&field, operator, value);
    Ok(match &comparison.test {
        Test::In(values) => match values.as_slice() {
            [one] => compare(Operator::Eq, json(one)),
            many => compare(Operator::Inq, many.iter().map(json).collect()),
        },
        Test::NotIn(values) => match values.as_slice() {
            [one] => compare(Operator::Neq, json(one)),
            many => compare(Operator::Nin, many.iter().map(json).collect()),
        },
        Test::Above(value, true) => compare(Operator::Gte, json(value)),
        Test::Above(value, false) => compare(Operator::Gt, json(value)),
        Test::Below(value, true) => compare(Operator::Lte, json(value)),
        Test::Below(value, false) => compare(Operator::Lt, json(value)),
        Test::Between(from, to) => compare(Operator::Between, json!([json(from), json(to)])),
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
                "{} of installations is compared by equality, order, lists and like",
                comparison.name
            )));
        }
    })
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
