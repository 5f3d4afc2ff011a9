//! The routes that all models have.

use loggia_sdk::prelude::*;
use serde_json::{Value, json};

use crate::Loopback;
use crate::bracket::nested;
use crate::changes::{Change, tell, tell_gone};
use crate::error::Error;
use crate::filter::{Condition, Filter};
use crate::model::{Act, Context, Model};
use crate::reply::{Given, Outcome, Record, answer, given, ok, one, text};
use crate::typed::typed;

/// Begins a request that reads.
pub(crate) fn reading<'c>(module: &'c Loopback, call: &'c Call<'c>) -> Outcome<Context<'c>> {
    Ok(Context {
        module,
        call,
        connection: call.database()?,
        now_ms: call.host().clock().now_ms(),
    })
}

/// Begins a request that writes.
pub(crate) fn writing<'c>(module: &'c Loopback, call: &'c Call<'c>) -> Outcome<Context<'c>> {
    Ok(Context {
        connection: call.database_for_writing()?,
        ..reading(module, call)?
    })
}

/// Runs something in one transaction.
pub(crate) fn whole<T>(
    context: &mut Context<'_>,
    run: impl FnOnce(&mut Context<'_>) -> Outcome<T>,
) -> Outcome<T> {
    // All connections of a call are the same one, so what is run inside writes in this transaction.
    let mut connection = context.call.database_for_writing()?;
    connection.transaction(|_| run(context))
}

pub(crate) fn id<'c>(call: &'c Call<'c>) -> &'c str {
    call.path_parameter("id").unwrap_or_default()
}

fn condition<M: Model>(call: &Call<'_>) -> Result<Condition, Error> {
    match nested(call.query(), "where")? {
        Some(value) if !value.is_null() => Condition::read(&value, M::PROPERTIES),
        _ => Ok(Condition::default()),
    }
}

/// `GET R`.
pub(crate) fn list<M: Model>(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer((|| {
        M::admit(call, Act::Search)?;
        let filter = Filter::read(call.query(), M::PROPERTIES)?;
        let records = M::list(&mut reading(module, call)?, &filter)?;
        Ok(ok(&json!(records)))
    })())
}

/// `GET R/findOne`.
pub(crate) fn find_one<M: Model>(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer((|| {
        M::admit(call, Act::Search)?;
        let filter = Filter {
            limit: Some(1),
            ..Filter::read(call.query(), M::PROPERTIES)?
        };
        let mut records = M::list(&mut reading(module, call)?, &filter)?;
        let first = records.pop().ok_or_else(|| M::unknown("undefined"))?;
        Ok(ok(&json!(first)))
    })())
}

/// `GET R/count`.
pub(crate) fn count<M: Model>(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer((|| {
        M::admit(call, Act::Search)?;
        let condition = condition::<M>(call)?;
        let count = M::count(&mut reading(module, call)?, &condition)?;
        Ok(ok(&json!({ "count": count })))
    })())
}

/// `GET R/:id`.
pub(crate) fn find<M: Model>(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer((|| {
        M::admit(call, Act::Touch)?;
        let filter = Filter::read(call.query(), M::PROPERTIES)?;
        let found = M::find(&mut reading(module, call)?, id(call))?;
        let found = found.ok_or_else(|| M::unknown(id(call)))?;
        Ok(ok(&Value::Object(filter.fields.of(found))))
    })())
}

/// `GET R/:id/exists`.
pub(crate) fn exists<M: Model>(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer((|| {
        M::admit(call, Act::Touch)?;
        let found = M::find(&mut reading(module, call)?, id(call))?;
        Ok(ok(&json!({ "exists": found.is_some() })))
    })())
}

/// `POST R`.
pub(crate) fn create<M: Model>(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer((|| {
        M::admit(call, Act::Add)?;
        let given = given(call)?;
        whole(&mut writing(module, call)?, |context| match given {
            Given::One(record) => Ok(ok(&Value::Object(made::<M>(context, typed::<M>(record)?)?))),
            Given::Many(records) => {
                let made = records
                    .into_iter()
                    .map(|one| M::create(context, typed::<M>(one)?));
                let made = made.collect::<Outcome<Vec<Record>>>()?;
                tell_made::<M>(context, &made)?;
                Ok(ok(&json!(made)))
            }
        })
    })())
}

/// Adds a record and tells of it.
fn made<M: Model>(context: &mut Context<'_>, record: Record) -> Outcome<Record> {
    let made = M::create(context, record)?;
    tell_made::<M>(context, std::slice::from_ref(&made))?;
    Ok(made)
}

/// A device that registers again is no new record.
fn tell_made<M: Model>(context: &mut Context<'_>, made: &[Record]) -> Outcome<()> {
    for record in made {
        let is_new = !M::REGISTERS_AGAIN || record.get("created") == record.get("modified");
        let change = if is_new {
            Change::Create
        } else {
            Change::Update
        };
        tell::<M>(context, change, std::slice::from_ref(record))?;
    }
    Ok(())
}

/// `PATCH R`: changes the record with the id that is given, or adds one.
pub(crate) fn patch_or_create<M: Model>(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    upsert::<M>(module, call, M::patch)
}

/// `PUT R` and `POST R/replaceOrCreate`.
pub(crate) fn replace_or_create<M: Model>(
    module: &Loopback,
    call: &Call<'_>,
) -> Result<Body, Fault> {
    upsert::<M>(module, call, M::replace)
}

type Save = fn(&mut Context<'_>, &str, Record) -> Outcome<Record>;

/// Changes a record by `save` and tells of it.
pub(crate) fn saved<M: Model>(
    context: &mut Context<'_>,
    save: Save,
    id: &str,
    record: Record,
) -> Outcome<Record> {
    let saved = save(context, id, record)?;
    tell::<M>(context, Change::Update, std::slice::from_ref(&saved))?;
    Ok(saved)
}

fn upsert<M: Model>(module: &Loopback, call: &Call<'_>, save: Save) -> Result<Body, Fault> {
    answer((|| {
        M::admit(call, Act::Add)?;
        let record = typed::<M>(one(call)?)?;
        whole(&mut writing(module, call)?, |context| {
            let known = match text(&record, "id") {
                Some(id) => M::find(context, &id)?.map(|_| id),
                None => None,
            };
            let saved = if let Some(id) = known {
                M::admit(call, Act::Touch)?;
                saved::<M>(context, save, &id, record)?
            } else {
                made::<M>(context, record)?
            };
            Ok(ok(&Value::Object(saved)))
        })
    })())
}

/// `POST R/upsertWithWhere`.
pub(crate) fn upsert_with_where<M: Model>(
    module: &Loopback,
    call: &Call<'_>,
) -> Result<Body, Fault> {
    answer((|| {
        M::admit(call, Act::Sweep)?;
        let filter = Filter {
            condition: condition::<M>(call)?,
            limit: Some(2),
            ..Filter::default()
        };
        let record = typed::<M>(one(call)?)?;
        whole(&mut writing(module, call)?, |context| {
            let found = M::list(context, &filter)?;
            let saved = match found.as_slice() {
                [] => made::<M>(context, record)?,
                [known] => {
                    let id = text(known, "id").unwrap_or_default();
                    saved::<M>(context, M::patch, &id, record)?
                }
                _ => {
                    let message = "There are multiple instances found. Upsert Operation will not be performed!";
                    return Err(Error::unprocessable(message, json!({ "context": M::NAME })).into());
                }
            };
            Ok(ok(&Value::Object(saved)))
        })
    })())
}

/// `PATCH R/:id`.
pub(crate) fn patch<M: Model>(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    change::<M>(module, call, M::patch)
}

/// `PUT R/:id` and `POST R/:id/replace`.
pub(crate) fn replace<M: Model>(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    change::<M>(module, call, M::replace)
}

fn change<M: Model>(module: &Loopback, call: &Call<'_>, save: Save) -> Result<Body, Fault> {
    answer((|| {
        M::admit(call, Act::Touch)?;
        let mut record = typed::<M>(one(call)?)?;
        let id = id(call).to_owned();
        if text(&record, "id").is_some_and(|given| given != id) {
            let message = "id property (id) cannot be updated";
            return Err(Error::bad_request(message).into());
        }
        record.insert("id".to_owned(), json!(id));
        whole(&mut writing(module, call)?, |context| {
            if M::find(context, &id)?.is_none() {
                return Err(M::unknown(&id).into());
            }
            let saved = saved::<M>(context, save, &id, record)?;
            Ok(ok(&Value::Object(saved)))
        })
    })())
}

/// `POST R/update`.
pub(crate) fn update_all<M: Model>(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer((|| {
        M::admit(call, Act::Sweep)?;
        let condition = condition::<M>(call)?;
        let changes = typed::<M>(one(call)?)?;
        whole(&mut writing(module, call)?, |context| {
            let (mut count, mut after) = (0, 0);
            while let (Some(last), found) = M::batch(context, &condition, after)? {
                after = last;
                count += found.len();
                let ids = found.iter().map(|one| text(one, "id").unwrap_or_default());
                let saved = ids.map(|id| M::patch(context, &id, changes.clone()));
                let saved = saved.collect::<Outcome<Vec<Record>>>()?;
                tell::<M>(context, Change::Update, &saved)?;
            }
            Ok(ok(&json!({ "count": count })))
        })
    })())
}

/// `DELETE R/:id`.
pub(crate) fn delete<M: Model>(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer((|| {
        M::admit(call, Act::Touch)?;
        whole(&mut writing(module, call)?, |context| {
            let is_gone = M::delete(context, id(call))?;
            if is_gone {
                tell_gone::<M>(context, &[id(call).to_owned()])?;
            }
            Ok(ok(&json!({ "count": u8::from(is_gone) })))
        })
    })())
}
