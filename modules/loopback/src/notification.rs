//! Notifications that are kept. Keeping one sends nothing; what is sent goes by `/push` and `/notify`.

use diesel::prelude::*;
use loggia_push::identity;
use loggia_sdk::prelude::*;
use serde_json::json;

use crate::access::{SEND, require};
use crate::error::{Error, Faults};
use crate::filter::{Condition, time_ms};
use crate::model::{Act, Context, Model};
use crate::property::{Kind, Property, property};
use crate::reply::{Outcome, Record, text};
use crate::time::written;

diesel::table! {
    loopback_notification (id) {
        id -> BigInt,
        public_id -> Text,
        members -> Text,
        created_ms -> BigInt,
        modified_ms -> BigInt,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = loopback_notification, check_for_backend(loggia_sql::Backend))]
struct Row {
    id: i64,
    public_id: String,
    members: String,
    created_ms: i64,
    modified_ms: i64,
}

/// The members that are columns.
const OWN: [&str; 3] = ["id", "created", "modified"];
/// So many rows are read at once.
const BATCH: i64 = 500;

/// The model.
pub(crate) struct Notification;

impl Model for Notification {
    const NAME: &'static str = "Notification";
    const PLACE: usize = 2;
    const PROPERTIES: &'static [Property] = &[
        property("id", Kind::Text),
        property("deviceType", Kind::Text),
        property("deviceToken", Kind::Text),
        property("alert", Kind::Any),
        property("badge", Kind::Number),
        property("category", Kind::Text),
        property("collapseKey", Kind::Text),
        property("contentAvailable", Kind::Boolean),
        property("created", Kind::Date),
        property("delayWhileIdle", Kind::Boolean),
        property("expirationInterval", Kind::Number),
        property("expirationTime", Kind::Date),
        property("modified", Kind::Date),
        property("scheduledTime", Kind::Date),
        property("sound", Kind::Any),
        property("status", Kind::Text),
        property("urlArgs", Kind::Texts),
    ];

    fn admit(call: &Call<'_>, _act: Act) -> Result<(), Error> {
        require(call, SEND)
    }

    fn batch(
        context: &mut Context<'_>,
        condition: &Condition,
        after: i64,
    ) -> Outcome<(Option<i64>, Vec<Record>)> {
        let rows: Vec<Row> = loopback_notification::table
            .filter(loopback_notification::id.gt(after))
            .order(loopback_notification::id)
            .limit(BATCH)
            .select(Row::as_select())
            .load(&mut context.connection)?;
        let last = rows.last().map(|row| row.id);
        let records = rows.iter().map(record);
        Ok((last, records.filter(|one| condition.holds(one)).collect()))
    }

    fn find(context: &mut Context<'_>, id: &str) -> Outcome<Option<Record>> {
        let found: Option<Row> = loopback_notification::table
            .filter(loopback_notification::public_id.eq(id))
            .select(Row::as_select())
            .first(&mut context.connection)
            .optional()?;
        Ok(found.as_ref().map(record))
    }

    fn create(context: &mut Context<'_>, given: Record) -> Outcome<Record> {
        check(&given)?;
        let id = text(&given, "id").unwrap_or_else(identity::public_id);
        if Self::find(context, &id)?.is_some() {
            return Err(Error::taken(Self::NAME, &id).into());
        }
        let created_ms = text(&given, "created").and_then(|text| time_ms(&text));
        let row: Row = diesel::insert_into(loopback_notification::table)
            .values((
                loopback_notification::public_id.eq(&id),
                loopback_notification::members.eq(members(given)),
                loopback_notification::created_ms.eq(created_ms.unwrap_or(context.now_ms)),
                loopback_notification::modified_ms.eq(context.now_ms),
            ))
            .returning(Row::as_returning())
            .get_result(&mut context.connection)?;
        Ok(record(&row))
    }

    fn replace(context: &mut Context<'_>, id: &str, given: Record) -> Outcome<Record> {
        check(&given)?;
        let row: Option<Row> = diesel::update(loopback_notification::table)
            .filter(loopback_notification::public_id.eq(id))
            .set((
                loopback_notification::members.eq(members(given)),
                loopback_notification::modified_ms.eq(context.now_ms),
            ))
            .returning(Row::as_returning())
            .get_result(&mut context.connection)
            .optional()?;
        let row = row.ok_or_else(|| Self::unknown(id))?;
        Ok(record(&row))
    }

    fn patch(context: &mut Context<'_>, id: &str, changes: Record) -> Outcome<Record> {
        let mut merged = Self::find(context, id)?.ok_or_else(|| Self::unknown(id))?;
        merged.extend(changes);
        Self::replace(context, id, merged)
    }

    fn delete(context: &mut Context<'_>, id: &str) -> Outcome<bool> {
        let of_it = loopback_notification::table.filter(loopback_notification::public_id.eq(id));
        Ok(diesel::delete(of_it).execute(&mut context.connection)? == 1)
    }
}

fn check(given: &Record) -> Result<(), Error> {
    let mut faults = Faults::default();
    for name in ["deviceType", "deviceToken"] {
        if text(given, name).is_none() {
            faults.absent(name, given.get(name));
        }
    }
    faults.into_result(Notification::NAME)
}

fn members(mut given: Record) -> String {
    for name in OWN {
        given.remove(name);
    }
    serde_json::Value::Object(given).to_string()
}

fn record(row: &Row) -> Record {
    let mut record: Record = serde_json::from_str(&row.members).unwrap_or_default();
    record.insert("id".to_owned(), json!(row.public_id));
    record.insert("created".to_owned(), written(row.created_ms));
    record.insert("modified".to_owned(), written(row.modified_ms));
    record
}
