//! Moving in and out: menus and items as records.

use std::collections::BTreeSet;

use loggia_sdk::prelude::*;
use loggia_site::records::{
    DeleteRecords, Deleted, GetRecords, MOST, PutRecords, Records, Taken, follow_ids, unknown_kind,
};

use crate::Menu;
use crate::store::record::{self, ItemRecord, MenuRecord};
use crate::store::tree;

/// An item needs its menu.
const KINDS: [&str; 2] = ["menu", "item"];

/// Gives a page of records.
pub(crate) fn get(_menu: &Menu, call: &Call<'_>, parameters: GetRecords) -> Result<Records, Fault> {
    let Some(kind) = parameters.kind else {
        return Ok(Records::kinds(&KINDS));
    };
    let after = parameters.after.unwrap_or(0);
    let limit = parameters.limit.unwrap_or(MOST);
    let connection = &mut call.database()?;
    match kind.as_str() {
        "menu" => {
            let rows = record::menus(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.id)
        }
        "item" => {
            let rows = record::items(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.id)
        }
        _ => Err(unknown_kind(&KINDS)),
    }
}

/// Adds or replaces records.
pub(crate) fn put(_menu: &Menu, call: &Call<'_>, parameters: PutRecords) -> Result<Taken, Fault> {
    let mut taken = Taken::default();
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        match parameters.kind.as_str() {
            "menu" => {
                let rows = taken.read::<MenuRecord>(parameters.records);
                taken.write(connection, &rows, |row| row.id, record::put_menu)?;
                follow_ids(connection, "menu_menu")?;
            }
            "item" => {
                let rows = taken.read::<ItemRecord>(parameters.records);
                taken.write(connection, &rows, |row| row.id, record::put_item)?;
                let menus: BTreeSet<i64> = rows.iter().map(|row| row.menu_id).collect();
                for menu in menus {
                    tree::grow(connection, menu)?;
                }
                follow_ids(connection, "menu_item")?;
            }
            _ => return Err(unknown_kind(&KINDS)),
        }
        Ok(taken)
    })
}

/// Deletes records. A menu with items stays; what lay below an item stands at the top.
pub(crate) fn delete(
    _menu: &Menu,
    call: &Call<'_>,
    parameters: DeleteRecords,
) -> Result<Deleted, Fault> {
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        let deleted = match parameters.kind.as_str() {
            "menu" => record::delete_menus(connection, &parameters.ids)?,
            "item" => {
                let menus = record::menus_of(connection, &parameters.ids)?;
                let deleted = record::delete_items(connection, &parameters.ids)?;
                for menu in menus {
                    tree::grow(connection, menu)?;
                }
                deleted
            }
            _ => return Err(unknown_kind(&KINDS)),
        };
        Ok(Deleted { deleted })
    })
}
