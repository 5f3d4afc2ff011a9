//! Moving in and out: fields and profiles as records.

use loggia_sdk::prelude::*;
use loggia_site::records::{
    DeleteRecords, Deleted, GetRecords, MOST, PutRecords, Records, Taken, Unwritten, follow_ids,
    unknown_kind,
};
use loggia_sql::Connection;

use super::field::check;
use crate::store::field::{self, FieldRow};
use crate::store::record::{self, FieldRecord, ProfileRecord};
use crate::store::value;
use crate::{Profiles, searchable};

/// A profile needs its fields.
const KINDS: [&str; 2] = ["field", "profile"];

/// Gives a page of records.
pub(crate) fn get(
    _profiles: &Profiles,
    call: &Call<'_>,
    parameters: GetRecords,
) -> Result<Records, Fault> {
    let Some(kind) = parameters.kind else {
        return Ok(Records::kinds(&KINDS));
    };
    let after = parameters.after.unwrap_or(0);
    let limit = parameters.limit.unwrap_or(MOST);
    let connection = &mut call.database()?;
    match kind.as_str() {
        "field" => {
            let rows = record::fields(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.id)
        }
        "profile" => {
            let rows = record::profiles(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.id)
        }
        _ => Err(unknown_kind(&KINDS)),
    }
}

/// Adds or replaces records.
pub(crate) fn put(
    profiles: &Profiles,
    call: &Call<'_>,
    parameters: PutRecords,
) -> Result<Taken, Fault> {
    let mut taken = Taken::default();
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        field::hold(connection)?;
        let people = match parameters.kind.as_str() {
            "field" => {
                let rows = taken.read::<FieldRecord>(parameters.records);
                taken.write(connection, &rows, |row| row.id, put_field)?;
                follow_ids(connection, "profiles_field")?;
                let fields: Vec<i64> = rows.iter().map(|row| row.id).collect();
                value::accounts_with(connection, &fields)?
            }
            "profile" => {
                let rows = taken.read::<ProfileRecord>(parameters.records);
                let names = record::names(connection)?;
                let write = |connection: &mut Connection, row: &ProfileRecord| {
                    record::put_profile(connection, &names, row)
                };
                taken.write(connection, &rows, |row| row.id, write)?;
                rows.iter().map(|row| row.id).collect()
            }
            _ => return Err(unknown_kind(&KINDS)),
        };
        searchable::offer(profiles, call, connection, &people)?;
        Ok(taken)
    })
}

fn put_field(connection: &mut Connection, record: &FieldRecord) -> Result<(), Unwritten> {
    let row = FieldRow::from(record);
    if crate::kind::Kind::named(&row.kind).is_none() {
        return Err(Unwritten::Rule(format!("{} is no type of field", row.kind)));
    }
    check(&row).map_err(|fault| Unwritten::Rule(fault.reason().to_owned()))?;
    Ok(record::put_field(connection, record)?)
}

/// Deletes records.
pub(crate) fn delete(
    profiles: &Profiles,
    call: &Call<'_>,
    parameters: DeleteRecords,
) -> Result<Deleted, Fault> {
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        field::hold(connection)?;
        let ids = &parameters.ids;
        let (deleted, people) = match parameters.kind.as_str() {
            "field" => {
                let people = value::accounts_with(connection, ids)?;
                (record::delete_fields(connection, ids)?, people)
            }
            "profile" => (record::delete_profiles(connection, ids)?, ids.clone()),
            _ => return Err(unknown_kind(&KINDS)),
        };
        searchable::offer(profiles, call, connection, &people)?;
        Ok(Deleted { deleted })
    })
}
