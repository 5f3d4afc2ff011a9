//! Publishing items, taking them back, the archive, the trash, and out of it for ever.

use loggia_sdk::prelude::*;
use loggia_sql::Connection;

use super::place;
use super::saved::Saved;
use super::saving;
use crate::permission::Permission;
use crate::sight::PUBLISHED;
use crate::store::item::{self, ItemFacts, ItemRow};
use crate::{Catalog, searchable};

pub(crate) const UNPUBLISHED: i64 = 0;
const ARCHIVED: i64 = 2;
pub(crate) const TRASHED: i64 = -2;

/// Which item.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Which {
    /// The item.
    id: i64,
}

/// Publishes an item.
pub(crate) fn publish(
    catalog: &Catalog,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Saved>, Fault> {
    set(catalog, call, &which, PUBLISHED, "publish")
}

/// Takes an item back, or out of the trash.
pub(crate) fn unpublish(
    catalog: &Catalog,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Saved>, Fault> {
    set(catalog, call, &which, UNPUBLISHED, "unpublish")
}

/// Puts an item into the archive.
pub(crate) fn archive(
    catalog: &Catalog,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Saved>, Fault> {
    set(catalog, call, &which, ARCHIVED, "archive")
}

fn set(
    catalog: &Catalog,
    call: &Call<'_>,
    which: &Which,
    state: i64,
    act: &str,
) -> Result<Versioned<Saved>, Fault> {
    catalog.memory.write(call, |connection| {
        let before = find(catalog, call, connection, which.id)?;
        change(catalog, call, connection, before, state, act)
    })
}

/// Puts an item into the trash, from which [`unpublish`] and [`publish`] take it back. What lies there is deleted for
/// ever.
pub(crate) fn delete(
    catalog: &Catalog,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Saved>, Fault> {
    catalog.memory.write(call, |connection| {
        let before = find(catalog, call, connection, which.id)?;
        if before.facts.state != TRASHED {
            return change(catalog, call, connection, before, TRASHED, "trash");
        }
        Permission::of(catalog, call).manage()?;
        item::delete(connection, before.id)?;
        searchable::items_changed(call, connection, &[before.id])?;
        Ok(Saved::changed(before.id).versioned(before.facts.version))
    })
}

fn find(
    catalog: &Catalog,
    call: &Call<'_>,
    connection: &mut Connection,
    id: i64,
) -> Result<ItemRow, Fault> {
    let permission = Permission::of(catalog, call);
    let sight = permission.sight(catalog, call);
    place::item_to_change(connection, call, permission, &sight, None, id)
}

/// Authors may put what was not published into the trash and out of it; all else is for publishers.
fn change(
    catalog: &Catalog,
    call: &Call<'_>,
    connection: &mut Connection,
    before: ItemRow,
    state: i64,
    act: &str,
) -> Result<Versioned<Saved>, Fault> {
    let is_out_of_sight = |state: i64| state == UNPUBLISHED || state == TRASHED;
    if !(is_out_of_sight(before.facts.state) && is_out_of_sight(state)) {
        Permission::of(catalog, call).publish("state")?;
    }
    let after = ItemFacts {
        state,
        ..before.facts.clone()
    };
    saving::change(catalog, call, connection, before, after, None, act)
}
