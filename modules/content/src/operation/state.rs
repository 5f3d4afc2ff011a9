//! Publishing articles, taking them back, the archive, the trash, and out of it for ever.

use loggia_sdk::prelude::*;
use loggia_sql::Connection;

use super::saved::Saved;
use super::saving;
use crate::permission::Permission;
use crate::sight::PUBLISHED;
use crate::store::article::{self, ArticleRow};
use crate::store::revision::Writer;
use crate::{Content, searchable};

const UNPUBLISHED: i64 = 0;
const ARCHIVED: i64 = 2;
const TRASHED: i64 = -2;

/// Which article.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Which {
    /// The article.
    id: i64,
}

/// Publishes an article.
pub(crate) fn publish(
    content: &Content,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Saved>, Fault> {
    set(content, call, which.id, PUBLISHED)
}

/// Takes an article back.
pub(crate) fn unpublish(
    content: &Content,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Saved>, Fault> {
    set(content, call, which.id, UNPUBLISHED)
}

/// Puts an article into the archive.
pub(crate) fn archive(
    content: &Content,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Saved>, Fault> {
    set(content, call, which.id, ARCHIVED)
}

/// Puts an article into the trash, from which [`unpublish`] and [`publish`] take it back. What lies there is deleted for
/// ever.
pub(crate) fn delete(
    content: &Content,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Saved>, Fault> {
    let writer = saving::writer(call)?;
    content.memory.write(call, |connection| {
        let row = saving::find(content, connection, call, which.id)?;
        if row.state != TRASHED {
            return change(content, call, connection, row, TRASHED, &writer);
        }
        Permission::of(content, call).manage()?;
        call.if_match(row.version)?;
        article::delete(connection, row.id)?;
        searchable::articles_changed(call, connection, &[row.id])?;
        Ok(Saved::changed(row.id).versioned(row.version))
    })
}

fn set(content: &Content, call: &Call<'_>, id: i64, state: i64) -> Result<Versioned<Saved>, Fault> {
    let writer = saving::writer(call)?;
    content.memory.write(call, |connection| {
        let row = saving::find(content, connection, call, id)?;
        change(content, call, connection, row, state, &writer)
    })
}

fn change(
    content: &Content,
    call: &Call<'_>,
    connection: &mut Connection,
    before: ArticleRow,
    state: i64,
    writer: &Writer,
) -> Result<Versioned<Saved>, Fault> {
    Permission::of(content, call).publish("state")?;
    call.if_match(before.version)?;
    let after = ArticleRow {
        state,
        ..before.clone()
    };
    saving::change(content, call, connection, before, after, None, writer)
}
