//! How articles are changed: each change is a version, and each version a revision.

use loggia_sdk::prelude::*;
use loggia_sql::Connection;

use super::saved::{Saved, taken};
use crate::permission::{self, Permission};
use crate::sight::Sight;
use crate::store::article::{self, ArticleRow};
use crate::store::revision::{self, Writer};
use crate::store::tag;
use crate::{Content, searchable};

/// Who changes what the call changes.
pub(crate) fn writer(call: &Call<'_>) -> Result<Writer, Fault> {
    let now_ms = call.host().clock().now_ms();
    let account = match call.user() {
        Some(id) => call.host().identity()?.by_id(call, id)?,
        None => None,
    };
    Ok(account.map_or(
        Writer {
            now_ms,
            ..Writer::default()
        },
        |account| Writer {
            id: account.id,
            name: shown_name(account),
            now_ms,
        },
    ))
}

/// The name by which an account is shown.
pub(crate) fn shown_name(account: Account) -> String {
    if account.name.is_empty() {
        account.username
    } else {
        account.name
    }
}

/// An article that the caller reads, or may know of because he writes; in the transaction that writes. All others are
/// not told that it is there.
pub(crate) fn find(
    content: &Content,
    connection: &mut Connection,
    call: &Call<'_>,
    id: i64,
) -> Result<ArticleRow, Fault> {
    let none = || Fault::new("CNT_ANF");
    let found = article::visible(connection, &permission::sight(call), id)?;
    let row = found.ok_or_else(none)?;
    if Permission::of(content, call).knows(&row) {
        return Ok(row);
    }
    let read = article::visible(connection, &Sight::of(content, call)?, id)?;
    read.ok_or_else(none)
}

/// Adds an article.
pub(crate) fn add(
    call: &Call<'_>,
    connection: &mut Connection,
    mut row: ArticleRow,
    tags: Vec<i64>,
    writer: &Writer,
) -> Result<Saved, Fault> {
    row.version = 1;
    row.id = article::add(connection, &row).map_err(taken)?;
    tag::save_of_article(connection, row.id, &tags)?;
    revision::keep(connection, &row, tags, writer)?;
    searchable::articles_changed(call, connection, &[row.id])?;
    Ok(Saved::added(row.id))
}

/// Changes an article, with its tags where they are given, and keeps what it was; its new version.
pub(crate) fn change(
    content: &Content,
    call: &Call<'_>,
    connection: &mut Connection,
    before: ArticleRow,
    mut after: ArticleRow,
    tags: Option<Vec<i64>>,
    writer: &Writer,
) -> Result<Versioned<Saved>, Fault> {
    let tags_before = tag::ids_of_article(connection, before.id)?;
    let who_made_it = Writer {
        id: before.modified_by,
        name: String::new(),
        now_ms: before.modified_ms.max(before.created_ms),
    };
    revision::keep(connection, &before, tags_before.clone(), &who_made_it)?;
    after.version = before.version + 1;
    after.modified_ms = writer.now_ms;
    after.modified_by = writer.id;
    if !article::save(connection, &after, before.version).map_err(taken)? {
        return Err(Fault::new("REQ_PCF").detail("somebody else has just changed it"));
    }
    if let Some(tags) = &tags {
        tag::save_of_article(connection, after.id, tags)?;
    }
    revision::keep(connection, &after, tags.unwrap_or(tags_before), writer)?;
    let kept = i64::from(content.settings.revisions);
    revision::forget(connection, after.id, after.version - kept)?;
    searchable::articles_changed(call, connection, &[after.id])?;
    Ok(Saved::changed(after.id).versioned(after.version))
}
