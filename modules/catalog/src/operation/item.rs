//! Adding and changing items.

use loggia_sdk::prelude::*;

use super::draft::{Draft, PutItem};
use super::saved::Saved;
use crate::Catalog;

/// Adds an item; the same request with the same `Idempotency-Key` adds one.
pub(crate) fn post(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: PutItem,
) -> Result<Versioned<Saved>, Fault> {
    if parameters.id.is_some() {
        return Err(Fault::parameter("id", "is given when the item is added"));
    }
    let draft = Draft::of(catalog, call, parameters)?;
    let saved = catalog
        .memory
        .write_once(call, "catalog_once", "post/items", |connection| {
            draft.add(connection)
        });
    Ok(saved?.versioned(1))
}

/// Adds an item, or changes the members that are given.
pub(crate) fn put(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: PutItem,
) -> Result<Versioned<Saved>, Fault> {
    let draft = Draft::of(catalog, call, parameters)?;
    catalog
        .memory
        .write(call, |connection| match draft.find(connection)? {
            Some(before) => draft.change(connection, before),
            None => Ok(draft.add(connection)?.versioned(1)),
        })
}
