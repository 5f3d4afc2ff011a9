//! The caller's own files.

use loggia_sdk::prelude::*;
use loggia_site::Page;
use loggia_sql::Connection;

use super::{Shown, own};
use crate::Media;
use crate::store::file;

/// Parameters of `get/items`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Items {
    /// One file of them.
    id: Option<i64>,
    /// Whose files; for who stands behind no account. An account has its own only.
    user: Option<i64>,
    /// How many files a page has; without it, or with 0, all are shown. Negative shows none.
    limit: Option<i64>,
    /// The first one shown; only with `limit`.
    offset: Option<i64>,
}

/// A page of files, newest first.
#[derive(Serialize, JsonSchema)]
pub(crate) struct List {
    /// How many there are on all pages.
    total: i64,
    /// How many a page has.
    limit: Option<i64>,
    /// The first one shown.
    offset: Option<i64>,
    /// The number of the page.
    pages_current: Option<i64>,
    /// How many pages there are.
    pages_total: Option<i64>,
    /// The files.
    items: Vec<Shown>,
}

/// Files, or one of them.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Answered {
    List(List),
    One(Shown),
}

/// Shows one file, or lists files.
pub(crate) fn get(
    _media: &Media,
    call: &Call<'_>,
    parameters: Items,
) -> Result<Versioned<Answered>, Fault> {
    let mut connection = call.database()?;
    if let Some(id) = parameters.id {
        let row = own(&mut connection, call, id)?;
        return Ok(Versioned {
            version: Some(row.version),
            members: Answered::One(Shown::new(call, row)),
        });
    }
    Ok(Versioned {
        version: None,
        members: Answered::List(list(call, &mut connection, &parameters)?),
    })
}

fn list(call: &Call<'_>, connection: &mut Connection, parameters: &Items) -> Result<List, Fault> {
    let owner = if call.is_unbound() {
        parameters.user
    } else {
        Some(call.user().ok_or(Fault::new("REQ_AUR"))?)
    };
    let total = file::count(connection, owner)?;
    let page = Page::of(total, parameters.limit, parameters.offset);
    let rows = if parameters.limit.is_some_and(|limit| limit < 0) {
        Vec::new()
    } else {
        file::page(connection, owner, page)?
    };
    let items = rows.into_iter().map(|row| Shown::new(call, row));
    Ok(List {
        total,
        limit: page.limit,
        offset: page.offset,
        pages_current: page.current,
        pages_total: page.total,
        items: items.collect(),
    })
}
