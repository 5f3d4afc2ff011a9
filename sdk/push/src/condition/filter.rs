//! The SQL that a condition makes.

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Bool, Double, Text};
use loggia_sql::{Backend, Dialect};
use serde_json::Value;

use super::column::{Column, Path, column};
use super::compared::{Compared, Part, can_be_asked};
use super::pattern::glob;
use super::{Condition, ConditionFault, DEEPEST, MOST_VALUES, Operator};
use crate::platform::Platform;
use crate::schema::push_device;

/// A condition as SQL, for `push_device::table.filter(..)`.
#[derive(Clone, Debug, QueryId)]
pub struct Filter {
    dialect: Dialect,
    parts: Vec<Part>,
    values: usize,
}

impl Filter {
    pub(super) fn of(condition: &Condition, dialect: Dialect) -> Result<Self, ConditionFault> {
        let mut filter = Filter {
            dialect,
            parts: Vec::new(),
            values: 0,
        };
        filter.condition(condition, 0)?;
        if filter.values > MOST_VALUES {
            return Err(ConditionFault::Many);
        }
        Ok(filter)
    }

    fn sql(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Part::Sql(last)) => last.push_str(text),
            _ => self.parts.push(Part::Sql(text.to_owned())),
        }
    }

    fn value(&mut self, value: Part) {
        self.values += 1;
        self.parts.push(value);
    }

    fn condition(&mut self, condition: &Condition, depth: usize) -> Result<(), ConditionFault> {
        if depth > DEEPEST {
            return Err(ConditionFault::Deep);
        }
        match condition {
            Condition::And { and } => self.joined(and, " AND ", "1 = 1", depth),
            Condition::Or { or } => self.joined(or, " OR ", "1 = 0", depth),
            Condition::Compare {
                field,
                operator,
                value,
            } => self.compare(field, *operator, value),
        }
    }

    fn joined(
        &mut self,
        conditions: &[Condition],
        word: &str,
        empty: &str,
        depth: usize,
    ) -> Result<(), ConditionFault> {
        if conditions.is_empty() {
            self.sql(empty);
        }
        for (at, condition) in conditions.iter().enumerate() {
            self.sql(if at == 0 { "(" } else { word });
            self.condition(condition, depth + 1)?;
        }
        if !conditions.is_empty() {
            self.sql(")");
        }
        Ok(())
    }

    fn compare(
        &mut self,
        field: &str,
        operator: Operator,
        value: &Value,
    ) -> Result<(), ConditionFault> {
        let column = column(field).ok_or_else(|| ConditionFault::Field(field.to_owned()))?;
        let compared = Compared {
            field,
            column,
            operator,
        };
        if !can_be_asked(operator, value) {
            return Err(compared.fault());
        }
        match (operator, value) {
            (Operator::Inq | Operator::Nin, Value::Array(values)) => self.listed(&compared, values),
            (Operator::Between, Value::Array(bounds)) => {
                let [low, high] = bounds.as_slice() else {
                    return Err(compared.fault());
                };
                self.sql("(");
                self.single(&compared.by(Operator::Gte), low)?;
                self.sql(" AND ");
                self.single(&compared.by(Operator::Lte), high)?;
                self.sql(")");
                Ok(())
            }
            (Operator::Inq | Operator::Nin | Operator::Between, _) => Err(compared.fault()),
            (_, value) => self.single(&compared, value),
        }
    }

    /// One of a list or none of it; every value is compared as a single one is.
    fn listed(&mut self, compared: &Compared<'_>, values: &[Value]) -> Result<(), ConditionFault> {
        let (single, word, empty) = match compared.operator {
            Operator::Nin => (Operator::Neq, " AND ", "1 = 1"),
            _ => (Operator::Eq, " OR ", "1 = 0"),
        };
        if values.is_empty() {
            self.sql(empty);
            return Ok(());
        }
        if let Column::Text(name) | Column::Number(name) = compared.column
            && values.iter().all(|value| !value.is_null())
        {
            return self.in_list(compared, name, values);
        }
        for (at, value) in values.iter().enumerate() {
            self.sql(if at == 0 { "(" } else { word });
            self.single(&compared.by(single), value)?;
        }
        self.sql(")");
        Ok(())
    }

    /// A list of a column's own kind, which an index serves.
    fn in_list(
        &mut self,
        compared: &Compared<'_>,
        name: &str,
        values: &[Value],
    ) -> Result<(), ConditionFault> {
        let is_not = compared.operator == Operator::Nin;
        let own = format!("\"push_device\".\"{name}\"");
        let (before, after) = if is_not {
            (format!("({own} IS NULL OR {own} NOT IN ("), "))")
        } else {
            // An index leaves out absent values, so the statement has to say that it does too.
            (format!("({own} IS NOT NULL AND {own} IN ("), "))")
        };
        self.sql(&before);
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.sql(", ");
            }
            let value = compared.value(value)?;
            self.value(value);
        }
        self.sql(after);
        Ok(())
    }

    fn single(&mut self, compared: &Compared<'_>, value: &Value) -> Result<(), ConditionFault> {
        match compared.column {
            Column::Text(name) | Column::Number(name) | Column::Truth(name) => {
                let own = format!("\"push_device\".\"{name}\"");
                self.column(compared, &own, value)
            }
            Column::Token => self.token(compared, value),
            Column::Topic => self.topic(compared, value),
            Column::Details => self.details(compared, value),
        }
    }

    fn column(
        &mut self,
        compared: &Compared<'_>,
        own: &str,
        value: &Value,
    ) -> Result<(), ConditionFault> {
        if value.is_null() {
            return self.absent(
                compared,
                &format!("{own} IS NULL"),
                &format!("{own} IS NOT NULL"),
            );
        }
        let part = compared.value(value)?;
        match compared.operator {
            Operator::Neq => self.sql(&format!("({own} IS NULL OR {own} <> ")),
            Operator::Eq => self.sql(&format!("({own} IS NOT NULL AND {own} = ")),
            other => self.sql(&format!("({own} {} ", self.sign(other))),
        }
        self.end(compared, part);
        Ok(())
    }

    /// How a database writes a comparison. `LIKE` does not tell cases apart in SQLite, `GLOB` does.
    fn sign(&self, operator: Operator) -> &'static str {
        match (operator, self.dialect) {
            (Operator::Like, Dialect::Sqlite) => "GLOB",
            (operator, _) => operator.sign(),
        }
    }

    /// The value that is compared with, and what closes the comparison.
    fn end(&mut self, compared: &Compared<'_>, part: Part) {
        match (compared.operator, self.dialect, part) {
            (Operator::Like, Dialect::Sqlite, Part::Text(pattern)) => {
                self.value(Part::Text(glob(&pattern)));
                self.sql(")");
            }
            (Operator::Like, _, part) => {
                self.value(part);
                self.sql(" ESCAPE '\\')");
            }
            (_, _, part) => {
                self.value(part);
                self.sql(")");
            }
        }
    }

    fn absent(
        &mut self,
        compared: &Compared<'_>,
        absent: &str,
        present: &str,
    ) -> Result<(), ConditionFault> {
        match compared.operator {
            Operator::Eq => self.sql(absent),
            Operator::Neq => self.sql(present),
            _ => return Err(compared.fault()),
        }
        Ok(())
    }

    /// A token is found by its digest, which an index has.
    fn token(&mut self, compared: &Compared<'_>, value: &Value) -> Result<(), ConditionFault> {
        let (Value::String(token), Operator::Eq | Operator::Neq) = (value, compared.operator)
        else {
            return Err(compared.fault());
        };
        let is = if compared.operator == Operator::Eq {
            ""
        } else {
            "NOT "
        };
        self.sql(&format!("\"push_device\".\"token_digest\" {is}IN ("));
        for (at, digest) in Platform::digests(token).into_iter().enumerate() {
            if at > 0 {
                self.sql(", ");
            }
            self.value(Part::Text(digest));
        }
        self.sql(")");
        Ok(())
    }

    fn topic(&mut self, compared: &Compared<'_>, value: &Value) -> Result<(), ConditionFault> {
        let is = match compared.operator {
            Operator::Eq | Operator::Like => "",
            Operator::Neq => "NOT ",
            _ => return Err(compared.fault()),
        };
        let sign = compared.by(match compared.operator {
            Operator::Like => Operator::Like,
            _ => Operator::Eq,
        });
        let part = compared.value(value)?;
        self.sql(&format!(
            "{is}EXISTS (SELECT 1 FROM \"push_subscription\" WHERE \"push_subscription\".\"device_id\" = \
             \"push_device\".\"id\" AND (\"push_subscription\".\"topic\" {} ",
            self.sign(sign.operator)
        ));
        self.end(&sign, part);
        self.sql(")");
        Ok(())
    }

    fn details(&mut self, compared: &Compared<'_>, value: &Value) -> Result<(), ConditionFault> {
        let path = Path::read(compared.field)?;
        if value.is_null() {
            return match self.dialect {
                Dialect::Sqlite => self.absent_detail(
                    compared,
                    "json_extract(\"push_device\".\"details\", ",
                    &path.sqlite(),
                    ")",
                ),
                Dialect::Postgresql => self.absent_detail(
                    compared,
                    "(CAST(\"push_device\".\"details\" AS JSONB) #>> CAST(",
                    &path.postgresql(),
                    " AS TEXT[]))",
                ),
            };
        }
        match (self.dialect, compared.operator) {
            (Dialect::Sqlite, _) => self.sqlite_detail(compared, &path, value),
            (Dialect::Postgresql, Operator::Like) => {
                let part = compared.value(value)?;
                self.sql("(CAST(\"push_device\".\"details\" AS JSONB) #>> CAST(");
                self.value(Part::Text(path.postgresql()));
                self.sql(" AS TEXT[]) LIKE ");
                self.end(compared, part);
                Ok(())
            }
            (Dialect::Postgresql, _) => {
                self.postgresql_detail(compared, &path, value);
                Ok(())
            }
        }
    }

    fn absent_detail(
        &mut self,
        compared: &Compared<'_>,
        before: &str,
        path: &str,
        after: &str,
    ) -> Result<(), ConditionFault> {
        let test = match compared.operator {
            Operator::Eq => " IS NULL",
            Operator::Neq => " IS NOT NULL",
            _ => return Err(compared.fault()),
        };
        self.sql(before);
        self.value(Part::Text(path.to_owned()));
        self.sql(after);
        self.sql(test);
        Ok(())
    }

    fn sqlite_detail(
        &mut self,
        compared: &Compared<'_>,
        path: &Path<'_>,
        value: &Value,
    ) -> Result<(), ConditionFault> {
        let part = match value {
            Value::String(text) => Part::Text(text.clone()),
            Value::Bool(truth) => Part::Number((*truth).into()),
            Value::Number(number) => number
                .as_i64()
                .map(Part::Number)
                .or_else(|| number.as_f64().map(Part::Float))
                .ok_or_else(|| compared.fault())?,
            _ => return Err(compared.fault()),
        };
        let own = "json_extract(\"push_device\".\"details\", ";
        if compared.operator == Operator::Neq {
            self.sql(&format!("({own}"));
            self.value(Part::Text(path.sqlite()));
            self.sql(&format!(") IS NULL OR {own}"));
        } else if compared.is_ordered() {
            // A number is less than every text in SQLite, which means nothing; only like ones are compared.
            self.sql(&format!("(typeof({own}"));
            self.value(Part::Text(path.sqlite()));
            self.sql(match part {
                Part::Text(_) => ")) = 'text' AND ",
                _ => ")) IN ('integer', 'real') AND ",
            });
            self.sql(own);
        } else {
            self.sql(&format!("({own}"));
        }
        self.value(Part::Text(path.sqlite()));
        self.sql(&format!(") {} ", self.sign(compared.operator)));
        self.end(compared, part);
        Ok(())
    }

    /// Values of different kinds have an order in PostgreSQL that means nothing, so only like ones are compared.
    fn postgresql_detail(&mut self, compared: &Compared<'_>, path: &Path<'_>, value: &Value) {
        let own = "CAST(\"push_device\".\"details\" AS JSONB) #> CAST(";
        let (path, value) = (path.postgresql(), value.to_string());
        match compared.operator {
            Operator::Neq => {
                self.sql(&format!("(({own}"));
                self.value(Part::Text(path.clone()));
                self.sql(" AS TEXT[])) IS NULL OR (");
            }
            Operator::Eq | Operator::Inq | Operator::Nin => self.sql("(("),
            _ => {
                self.sql(&format!("(jsonb_typeof({own}"));
                self.value(Part::Text(path.clone()));
                self.sql(" AS TEXT[])) = jsonb_typeof(CAST(");
                self.value(Part::Text(value.clone()));
                self.sql(" AS JSONB)) AND (");
            }
        }
        self.sql(own);
        self.value(Part::Text(path));
        self.sql(&format!(" AS TEXT[])) {} CAST(", compared.operator.sign()));
        self.value(Part::Text(value));
        self.sql(" AS JSONB))");
    }
}

impl Expression for Filter {
    type SqlType = Bool;
}

impl AppearsOnTable<push_device::table> for Filter {}
impl SelectableExpression<push_device::table> for Filter {}

impl ValidGrouping<()> for Filter {
    type IsAggregate = diesel::expression::is_aggregate::No;
}

impl QueryFragment<Backend> for Filter {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        for part in &self.parts {
            match part {
                Part::Sql(text) => out.push_sql(text),
                Part::Text(text) => out.push_bind_param::<Text, String>(text)?,
                Part::Number(number) => out.push_bind_param::<BigInt, i64>(number)?,
                Part::Float(number) => out.push_bind_param::<Double, f64>(number)?,
                Part::Truth(truth) => out.push_bind_param::<Bool, bool>(truth)?,
            }
        }
        Ok(())
    }
}
