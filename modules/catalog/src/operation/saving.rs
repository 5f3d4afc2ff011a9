//! How items are changed: each change is a version, and each version a revision.

use loggia_sdk::prelude::*;
use loggia_sql::Connection;

use super::saved::{Saved, taken, written};
use super::snapshot::Snapshot;
use crate::permission::Permission;
use crate::store::item::{self, ItemFacts, ItemRow};
use crate::store::membership;
use crate::store::revision::{self, RevisionFacts};
use crate::{Catalog, searchable};

/// Adds an item with its categories.
pub(crate) fn add(
    call: &Call<'_>,
    connection: &mut Connection,
    mut facts: ItemFacts,
    categories: &[i64],
) -> Result<Saved, Fault> {
    facts.version = 1;
    let id = item::add(connection, &facts).map_err(taken)?;
    membership::save(connection, id, categories)?;
    keep(connection, id, &facts, categories, "create")?;
    searchable::items_changed(call, connection, &[id])?;
    Ok(Saved::added(id))
}

/// Changes an item, with its categories where they are given, and keeps what it was; its new version.
pub(crate) fn change(
    catalog: &Catalog,
    call: &Call<'_>,
    connection: &mut Connection,
    before: ItemRow,
    mut after: ItemFacts,
    categories: Option<Vec<i64>>,
    act: &str,
) -> Result<Versioned<Saved>, Fault> {
    let id = before.id;
    let categories_before = membership::of_item(connection, id)?;
    // What was moved in from elsewhere has no revision until it is changed for the first time.
    keep(connection, id, &before.facts, &categories_before, "earlier")?;
    after.version = before.facts.version + 1;
    after.modified_ms = call.host().clock().now_ms();
    after.modified_by = Permission::of(catalog, call).user;
    let version = after.version;
    item::save(connection, id, &after).map_err(taken)?;
    if let Some(categories) = &categories {
        membership::save(connection, id, categories)?;
    }
    let categories = categories.unwrap_or(categories_before);
    keep(connection, id, &after, &categories, act)?;
    let kept = i64::from(catalog.settings.revisions);
    revision::forget(connection, id, version - kept)?;
    searchable::items_changed(call, connection, &[id])?;
    Ok(Saved::changed(id).versioned(version))
}

/// Keeps what an item is as a revision, unless there is one of this version.
fn keep(
    connection: &mut Connection,
    id: i64,
    item: &ItemFacts,
    categories: &[i64],
    act: &str,
) -> Result<(), Fault> {
    let facts = RevisionFacts {
        item_id: id,
        version: item.version,
        act: act.to_owned(),
        saved_ms: item.modified_ms,
        saved_by: item.modified_by,
        snapshot: written(&Snapshot::of(item, categories)?)?,
    };
    Ok(revision::add(connection, &facts)?)
}
