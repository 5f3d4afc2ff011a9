//! Moving in and out: applications, types, categories, items, revisions and votes as records.

use std::collections::HashMap;

use loggia_sdk::prelude::*;
use loggia_site::records::{
    DeleteRecords, Deleted, GetRecords, MOST, PutRecords, Records, Taken, follow_ids, unknown_kind,
};
use loggia_sql::Connection;

use crate::store::record::{self, PlacedItem};
use crate::store::{application, category, item, item_type, membership, revision, vote};
use crate::{Catalog, searchable};

/// Each behind those that it names.
const KINDS: [&str; 6] = [
    "application",
    "type",
    "category",
    "item",
    "revision",
    "vote",
];

/// Gives a page of records.
pub(crate) fn get(
    _catalog: &Catalog,
    call: &Call<'_>,
    parameters: GetRecords,
) -> Result<Records, Fault> {
    let Some(kind) = parameters.kind else {
        return Ok(Records::kinds(&KINDS));
    };
    let (after, limit) = (
        parameters.after.unwrap_or(0),
        parameters.limit.unwrap_or(MOST),
    );
    let connection = &mut call.database()?;
    match kind.as_str() {
        "application" => {
            let rows = application::after(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.id)
        }
        "type" => {
            let rows = item_type::after(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.id)
        }
        "category" => {
            let rows = category::after(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.id)
        }
        "item" => {
            let rows = placed(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.item.id)
        }
        "vote" => {
            let rows = vote::after(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.id)
        }
        "revision" => {
            let rows = revision::after(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.id)
        }
        _ => Err(unknown_kind(&KINDS)),
    }
}

fn placed(connection: &mut Connection, after: i64, limit: i64) -> Result<Vec<PlacedItem>, Fault> {
    let items = item::after(connection, after, limit)?;
    let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
    let mut categories: HashMap<i64, Vec<i64>> = HashMap::new();
    for (item, category) in membership::of_items(connection, &ids)? {
        categories.entry(item).or_default().push(category);
    }
    let placed = items.into_iter().map(|item| PlacedItem {
        categories: categories.remove(&item.id).unwrap_or_default(),
        item,
    });
    Ok(placed.collect())
}

/// Adds or replaces records.
pub(crate) fn put(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: PutRecords,
) -> Result<Taken, Fault> {
    let mut taken = Taken::default();
    catalog.memory.write(call, |connection| {
        let records = parameters.records;
        match parameters.kind.as_str() {
            "application" => {
                let rows = taken.read::<application::ApplicationRow>(records);
                taken.write(connection, &rows, |row| row.id, record::put_application)?;
                let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
                searchable::applications_changed(call, connection, &ids)?;
                follow_ids(connection, "catalog_application")?;
            }
            "type" => {
                let rows = taken.read::<item_type::TypeRow>(records);
                taken.write(connection, &rows, |row| row.id, record::put_type)?;
                follow_ids(connection, "catalog_type")?;
            }
            "category" => {
                let rows = taken.read::<category::CategoryRow>(records);
                taken.write(connection, &rows, |row| row.id, record::put_category)?;
                category::TREE.grow(connection)?;
                let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
                searchable::categories_changed(call, connection, &ids)?;
                follow_ids(connection, "catalog_category")?;
            }
            "item" => {
                let rows = taken.read::<PlacedItem>(records);
                taken.write(connection, &rows, |row| row.item.id, record::put_item)?;
                let ids: Vec<i64> = rows.iter().map(|row| row.item.id).collect();
                searchable::items_changed(call, connection, &ids)?;
                follow_ids(connection, "catalog_item")?;
            }
            "vote" => {
                let rows = taken.read::<vote::VoteRow>(records);
                taken.write(connection, &rows, |row| row.id, vote::put)?;
                follow_ids(connection, "catalog_vote")?;
            }
            "revision" => {
                let rows = taken.read::<revision::RevisionRow>(records);
                taken.write(connection, &rows, |row| row.id, record::put_revision)?;
                follow_ids(connection, "catalog_revision")?;
            }
            _ => return Err(unknown_kind(&KINDS)),
        }
        Ok(taken)
    })
}

/// Deletes records. What holds something that stays, stays.
pub(crate) fn delete(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: DeleteRecords,
) -> Result<Deleted, Fault> {
    catalog.memory.write(call, |connection| {
        let ids = &parameters.ids;
        let deleted = match parameters.kind.as_str() {
            "application" => {
                let deleted = record::delete_applications(connection, ids)?;
                searchable::applications_changed(call, connection, ids)?;
                deleted
            }
            "type" => record::delete_types(connection, ids)?,
            "category" => {
                let deleted = record::delete_categories(connection, ids)?;
                searchable::categories_changed(call, connection, ids)?;
                deleted
            }
            "item" => {
                let deleted = record::delete_items(connection, ids)?;
                searchable::items_changed(call, connection, ids)?;
                deleted
            }
            "vote" => vote::delete(connection, ids)?,
            "revision" => record::delete_revisions(connection, ids)?,
            _ => return Err(unknown_kind(&KINDS)),
        };
        Ok(Deleted { deleted })
    })
}
