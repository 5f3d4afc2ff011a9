//! Reading the log: everything a filter lets through, or what comes in.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use diesel::prelude::*;
use loggia_sql::Connection;
use serde::Serialize;

use super::access_log;

/// How many rows are read at once.
const CHUNK: i64 = 1_000;
/// A row is visible at the latest so long after it got its number: nodes commit side by side, and one may
/// commit a lower number later.
const SETTLED_MS: i64 = 15_000;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable, Selectable)]
#[diesel(table_name = access_log, check_for_backend(loggia_sql::Backend))]
pub struct Stored {
    /// Its number.
    pub id: i64,
    /// The endpoint's name.
    pub endpoint: String,
    /// 0 free, 1 user, 2 key.
    pub access_type: i16,
    /// When the request came.
    pub request_ms: i64,
    /// Its UTC day, in days since 1970-01-01.
    pub request_day: i64,
    /// Whether the answer is an error.
    pub error: i16,
    /// Which one; empty where it is none.
    pub error_code: String,
    /// Who called; 0 is nobody.
    pub user_id: i64,
    /// The key's number; 0 is none.
    pub key_id: i64,
    /// The part of the key that may be shown.
    pub key_prefix: String,
    /// The action.
    pub action: String,
    /// The module.
    pub module: String,
    /// The resource.
    pub resource: String,
    /// How long the call took.
    pub duration_us: i64,
    /// The request's id.
    pub request_id: String,
    /// The node that answered.
    pub node: String,
    /// Who sent it, perhaps only the network.
    pub client_address: String,
    /// The answer's status.
    pub http_status: i16,
}

/// Which rows are read.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only requests that came at this time or later.
    pub from_ms: Option<i64>,
    /// Only requests that came before.
    pub until_ms: Option<i64>,
    /// Only of this endpoint.
    pub endpoint: Option<String>,
    /// Only with this key.
    pub key_id: Option<i64>,
    /// Only of this account.
    pub user_id: Option<i64>,
    /// Only with this error.
    pub error_code: Option<String>,
    /// Only good answers, or only errors.
    pub error: Option<bool>,
}

type Query<'a> = access_log::BoxedQuery<'a, loggia_sql::Backend>;

fn filtered(filter: &Filter) -> Query<'_> {
    let mut query = access_log::table.into_boxed();
    if let Some(from_ms) = filter.from_ms {
        query = query.filter(access_log::request_ms.ge(from_ms));
    }
    if let Some(until_ms) = filter.until_ms {
        query = query.filter(access_log::request_ms.lt(until_ms));
    }
    if let Some(endpoint) = &filter.endpoint {
        query = query.filter(access_log::endpoint.eq(endpoint));
    }
    if let Some(key_id) = filter.key_id {
        query = query.filter(access_log::key_id.eq(key_id));
    }
    if let Some(user_id) = filter.user_id {
        query = query.filter(access_log::user_id.eq(user_id));
    }
    if let Some(code) = &filter.error_code {
        query = query.filter(access_log::error_code.eq(code));
    }
    if let Some(error) = filter.error {
        query = query.filter(access_log::error.eq(i16::from(error)));
    }
    query
}

/// Hands on every row that a filter lets through, oldest first, without holding them all. `each` ends the
/// reading by answering false. How many rows it were.
pub fn export(
    connection: &mut Connection,
    filter: &Filter,
    mut each: impl FnMut(&Stored) -> bool,
) -> QueryResult<u64> {
    let mut count = 0;
    let mut last = 0;
    loop {
        let rows: Vec<Stored> = filtered(filter)
            .filter(access_log::id.gt(last))
            .order(access_log::id)
            .limit(CHUNK)
            .select(Stored::as_select())
            .load(connection)?;
        for row in &rows {
            if !each(row) {
                return Ok(count);
            }
            count += 1;
            last = row.id;
        }
        if rows.len() < 1_000 {
            return Ok(count);
        }
    }
}

/// Follows the log as it grows. Each row is given once, also where several nodes write.
#[derive(Debug)]
pub struct Tail {
    filter: Filter,
    /// Every row up to this number was given or will never come.
    settled: i64,
    /// Rows above it that were given, with the time they were first seen.
    given: BTreeMap<i64, i64>,
}

impl Tail {
    /// Begins with the last `count` rows.
    pub fn begin(
        connection: &mut Connection,
        filter: Filter,
        count: i64,
    ) -> QueryResult<(Self, Vec<Stored>)> {
        let mut rows: Vec<Stored> = filtered(&filter)
            .order(access_log::id.desc())
            .limit(count)
            .select(Stored::as_select())
            .load(connection)?;
        rows.reverse();
        let newest: Option<i64> = access_log::table
            .select(diesel::dsl::max(access_log::id))
            .get_result(connection)?;
        let settled = newest.or(rows.last().map(|row| row.id)).unwrap_or(0);
        let tail = Tail {
            filter,
            settled,
            given: BTreeMap::new(),
        };
        Ok((tail, rows))
    }

    /// What has come since the last time.
    pub fn next(&mut self, connection: &mut Connection, now_ms: i64) -> QueryResult<Vec<Stored>> {
        let rows: Vec<Stored> = filtered(&self.filter)
            .filter(access_log::id.gt(self.settled))
            .order(access_log::id)
            .select(Stored::as_select())
            .load(connection)?;
        let new: Vec<Stored> = rows
            .into_iter()
            .filter(|row| !self.given.contains_key(&row.id))
            .collect();
        self.given.extend(new.iter().map(|row| (row.id, now_ms)));
        self.settle(now_ms);
        Ok(new)
    }

    /// Forgets what needs no remembering: what directly follows, and what was seen long ago.
    fn settle(&mut self, now_ms: i64) {
        while let Some((&id, &seen_ms)) = self.given.first_key_value() {
            if id != self.settled + 1 && seen_ms + SETTLED_MS > now_ms {
                return;
            }
            self.settled = id;
            self.given.remove(&id);
        }
    }
}

impl Stored {
    /// The names of the columns, as the first line of a CSV file.
    pub const CSV_HEAD: &'static str = "id,endpoint,access_type,request_ms,request_day,error,error_code,user_id,\
        key_id,key_prefix,action,module,resource,duration_us,request_id,node,client_address,http_status";

    /// The row as a line of CSV (RFC 4180), without the line's end.
    pub fn to_csv(&self) -> String {
        let mut line = String::with_capacity(160);
        let number = |line: &mut String, number: i64| {
            // Writing to a text does not fail.
            let _ = write!(line, "{number},");
        };
        number(&mut line, self.id);
        csv_text(&mut line, &self.endpoint);
        number(&mut line, self.access_type.into());
        number(&mut line, self.request_ms);
        number(&mut line, self.request_day);
        number(&mut line, self.error.into());
        csv_text(&mut line, &self.error_code);
        number(&mut line, self.user_id);
        number(&mut line, self.key_id);
        for text in [&self.key_prefix, &self.action, &self.module, &self.resource] {
            csv_text(&mut line, text);
        }
        number(&mut line, self.duration_us);
        for text in [&self.request_id, &self.node, &self.client_address] {
            csv_text(&mut line, text);
        }
        number(&mut line, self.http_status.into());
        line.pop();
        line
    }
}

/// A text and its comma. What a spreadsheet would take for a formula gets an apostrophe before it, because
/// clients choose these texts.
fn csv_text(line: &mut String, text: &str) {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !formula && !text.contains(['"', ',', '\n', '\r']) {
        line.push_str(text);
        line.push(',');
        return;
    }
    line.push('"');
    if formula {
        line.push('\'');
    }
    line.push_str(&text.replace('"', "\"\""));
    line.push_str("\",");
}
