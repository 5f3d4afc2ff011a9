//! Adding and changing articles.

use loggia_sdk::prelude::*;
use loggia_sql::Connection;

use super::draft::{Draft, PutArticle};
use super::saved::Saved;
use super::saving;
use crate::Content;
use crate::permission::Permission;
use crate::store::article::ArticleRow;

/// Adds an article; the same request with the same `Idempotency-Key` adds one.
pub(crate) fn post(
    content: &Content,
    call: &Call<'_>,
    parameters: PutArticle,
) -> Result<Versioned<Saved>, Fault> {
    if parameters.id.is_some() {
        return Err(Fault::parameter("id", "is given when the article is added"));
    }
    Permission::of(content, call).create()?;
    let draft = Draft::of(content, call, parameters)?;
    let saved = content
        .memory
        .write_once(call, "content_once", "post/articles", |connection| {
            draft.add(connection)
        });
    Ok(saved?.versioned(1))
}

/// Adds an article, or changes the members that are given.
pub(crate) fn put(
    content: &Content,
    call: &Call<'_>,
    parameters: PutArticle,
) -> Result<Versioned<Saved>, Fault> {
    let draft = Draft::of(content, call, parameters)?;
    let permission = Permission::of(content, call);
    content.memory.write(call, |connection| {
        let Some(before) = find(content, connection, &draft)? else {
            permission.create()?;
            return Ok(draft.add(connection)?.versioned(1));
        };
        permission.edit(&before)?;
        call.if_match(before.version)?;
        draft.change(connection, before)
    })
}

fn find(
    content: &Content,
    connection: &mut Connection,
    draft: &Draft<'_>,
) -> Result<Option<ArticleRow>, Fault> {
    match draft.parameters.id {
        Some(id) => saving::find(content, connection, draft.call, id).map(Some),
        None => draft.by_alias(connection),
    }
}
