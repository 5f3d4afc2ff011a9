//! The caller's own files.

use loggia_sdk::prelude::*;
use loggia_site::Page;

use super::Shown;
use crate::Media;
use crate::store::file;

/// Parameters of `get/items`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Items {
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

/// Lists files.
pub(crate) fn get(_media: &Media, call: &Call<'_>, parameters: Items) -> Result<List, Fault> {
    let owner = if call.is_unbound() {
        parameters.user
    } else {
        Some(call.user().ok_or(Fault::new("REQ_AUR"))?)
    };
    let mut connection = call.database()?;
    let total = file::count(&mut connection, owner)?;
    let page = Page::of(total, parameters.limit, parameters.offset);
    let rows = if parameters.limit.is_some_and(|limit| limit < 0) {
        Vec::new()
    } else {
        file::page(&mut connection, owner, page)?
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
