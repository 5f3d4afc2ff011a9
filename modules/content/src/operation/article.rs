//! Adding and changing articles.

use loggia_sdk::prelude::*;
use loggia_sql::Connection;

use super::draft::Draft;
use super::item::{Images, Metadata};
use super::saved::Saved;
use super::saving;
use crate::Content;
use crate::permission::Permission;
use crate::store::article::ArticleRow;

/// Parameters of `put/articles` and `post/articles`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutArticle {
    /// The article to be changed; without it, it is the one with this category and alias, which is added
    /// where there is none. Not for `post`, which always adds.
    pub(crate) id: Option<i64>,
    /// The id of its category.
    pub(crate) category: Option<i64>,
    /// What stands for the title in addresses; made of the title at first.
    #[schemars(length(max = 400))]
    pub(crate) alias: Option<String>,
    /// The title.
    #[schemars(length(min = 1, max = 255))]
    pub(crate) title: Option<String>,
    /// The introduction, HTML.
    pub(crate) introtext: Option<String>,
    /// The text behind the introduction, HTML.
    pub(crate) fulltext: Option<String>,
    /// Whether it is featured.
    pub(crate) featured: Option<bool>,
    /// The id of the account that wrote it; at first the caller's.
    #[schemars(range(min = 1))]
    pub(crate) created_by: Option<i64>,
    /// The name shown as the author's instead of the account's; empty for none.
    #[schemars(length(max = 255))]
    pub(crate) author: Option<String>,
    /// From when it is shown, such as `2027-01-31 12:00:00` (UTC); `null` for always.
    #[serde(default)]
    pub(crate) publish_up: Change<String>,
    /// Until when it is shown; `null` for ever.
    #[serde(default)]
    pub(crate) publish_down: Change<String>,
    /// The description for search engines.
    #[schemars(length(max = 1024))]
    pub(crate) metadesc: Option<String>,
    /// The key words for search engines.
    #[schemars(length(max = 1024))]
    pub(crate) metakey: Option<String>,
    /// Further facts for search engines.
    pub(crate) metadata: Option<Metadata>,
    /// Its images.
    pub(crate) images: Option<Images>,
    /// The ids of all its tags.
    pub(crate) tags: Option<Vec<i64>>,
    /// The language tag; `*`, for all, at first.
    #[schemars(length(min = 1, max = 20))]
    pub(crate) language: Option<String>,
    /// 1 published (at first), 0 unpublished, 2 archived, -2 trashed.
    #[schemars(range(min = -2, max = 2))]
    pub(crate) state: Option<i64>,
    /// The id of the view level of those who see it; 1, everybody, at first.
    #[schemars(range(min = 1))]
    pub(crate) access: Option<i64>,
    /// Its place among the others; the lowest is first.
    pub(crate) ordering: Option<i64>,
}

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
