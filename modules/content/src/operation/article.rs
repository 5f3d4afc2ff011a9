//! Adding and changing articles.

use loggia_sdk::prelude::*;
use loggia_site::{alias, clock};
use loggia_sql::{Connection, JsonText};

use super::item::{Images, Metadata};
use super::tag::{Saved, taken};
use super::tag_articles::MOST_TAGS;
use crate::store::article::{self, ArticleRow};
use crate::store::{category, tag};
use crate::{Content, searchable};

/// Parameters of `put/articles`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutArticle {
    /// The article to be changed; without it, it is the one with this category and alias, which is added
    /// where there is none.
    id: Option<i64>,
    /// The id of its category.
    category: Option<i64>,
    /// What stands for the title in addresses; made of the title at first.
    #[schemars(length(max = 400))]
    alias: Option<String>,
    /// The title.
    #[schemars(length(min = 1, max = 255))]
    title: Option<String>,
    /// The introduction, HTML.
    introtext: Option<String>,
    /// The text behind the introduction, HTML.
    fulltext: Option<String>,
    /// Whether it is featured.
    featured: Option<bool>,
    /// The id of the account that wrote it; at first the caller's.
    #[schemars(range(min = 1))]
    created_by: Option<i64>,
    /// The name shown as the author's instead of the account's; empty for none.
    #[schemars(length(max = 255))]
    author: Option<String>,
    /// From when it is shown, such as `2027-01-31 12:00:00` (UTC); `null` for always.
    #[serde(default)]
    publish_up: Change<String>,
    /// Until when it is shown; `null` for ever.
    #[serde(default)]
    publish_down: Change<String>,
    /// The description for search engines.
    #[schemars(length(max = 1024))]
    metadesc: Option<String>,
    /// The key words for search engines.
    #[schemars(length(max = 1024))]
    metakey: Option<String>,
    /// Further facts for search engines.
    metadata: Option<Metadata>,
    /// Its images.
    images: Option<Images>,
    /// The ids of all its tags.
    tags: Option<Vec<i64>>,
    /// The language tag; `*`, for all, at first.
    #[schemars(length(min = 1, max = 20))]
    language: Option<String>,
    /// 1 published (at first), 0 unpublished, 2 archived, -2 trashed.
    #[schemars(range(min = -2, max = 2))]
    state: Option<i64>,
    /// The id of the view level of those who see it; 1, everybody, at first.
    #[schemars(range(min = 1))]
    access: Option<i64>,
    /// Its place among the others; the lowest is first.
    ordering: Option<i64>,
}

/// Adds an article, or changes the members that are given.
pub(crate) fn put(
    _content: &Content,
    call: &Call<'_>,
    parameters: PutArticle,
) -> Result<Saved, Fault> {
    let author = parameters.created_by.or(call.user());
    let author = author.map(|id| author_of(call, id)).transpose()?;
    let now_ms = call.host().clock().now_ms();
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let before = find(connection, &parameters)?;
        let is_new = before.is_none();
        let mut row = match before {
            Some(row) => row,
            None => new(&parameters, now_ms)?,
        };
        if let Some((id, name)) = author
            && (is_new || parameters.created_by.is_some())
        {
            (row.created_by, row.author_name) = (id, name);
        }
        let row = changed(row, &parameters)?;
        if category::by_id(connection, row.category_id)?.is_none() {
            return Err(Fault::new("CNT_CNF"));
        }
        let id = if is_new {
            article::add(connection, &row).map_err(taken)?
        } else {
            article::save(connection, &row).map_err(taken)?;
            row.id
        };
        if let Some(tags) = parameters.tags {
            save_tags(connection, id, tags)?;
        }
        searchable::articles_changed(call, connection, &[id])?;
        Ok(if is_new {
            Saved::added(id)
        } else {
            Saved::changed(id)
        })
    })
}

fn find(connection: &mut Connection, parameters: &PutArticle) -> Result<Option<ArticleRow>, Fault> {
    if let Some(id) = parameters.id {
        let found = article::by_id(connection, id)?;
        return found.map(Some).ok_or(Fault::new("CNT_ANF"));
    }
    let category = parameters.category.ok_or_else(|| {
        Fault::parameter(
            "category",
            "must be given where the article is not named by its id",
        )
    })?;
    Ok(article::by_alias(
        connection,
        category,
        &alias::named(
            parameters.alias.as_deref(),
            parameters.title.as_deref(),
            "article",
        )?,
    )?)
}

/// The account's id and the name it is shown by.
fn author_of(call: &Call<'_>, id: i64) -> Result<(i64, String), Fault> {
    let account = call.host().identity()?.by_id(call, id)?;
    let account = account.ok_or_else(|| Fault::parameter("created_by", "is no account's id"))?;
    let name = if account.name.is_empty() {
        account.username
    } else {
        account.name
    };
    Ok((account.id, name))
}

fn new(parameters: &PutArticle, now_ms: i64) -> Result<ArticleRow, Fault> {
    if parameters.title.is_none() {
        return Err(Fault::parameter("title", "must be given for a new article"));
    }
    Ok(ArticleRow {
        id: 0,
        category_id: 0,
        title: String::new(),
        alias: alias::named(
            parameters.alias.as_deref(),
            parameters.title.as_deref(),
            "article",
        )?,
        introduction: String::new(),
        full_text: String::new(),
        featured: false,
        position: 0,
        hits: 0,
        created_ms: now_ms,
        created_by: 0,
        author_name: String::new(),
        author_alias: String::new(),
        publish_up_ms: None,
        publish_down_ms: None,
        metadesc: String::new(),
        metakey: String::new(),
        metadata: written(&Metadata::default())?,
        images: written(&Images::default())?,
        language: "*".to_owned(),
        state: 1,
        view_level_id: 1,
    })
}

fn changed(before: ArticleRow, parameters: &PutArticle) -> Result<ArticleRow, Fault> {
    let given = |new: &Option<String>, old: String| new.clone().unwrap_or(old);
    Ok(ArticleRow {
        category_id: parameters.category.unwrap_or(before.category_id),
        alias: match &parameters.alias {
            Some(alias) => alias::of(alias)?,
            None => before.alias,
        },
        title: given(&parameters.title, before.title),
        introduction: given(&parameters.introtext, before.introduction),
        full_text: given(&parameters.fulltext, before.full_text),
        featured: parameters.featured.unwrap_or(before.featured),
        author_alias: given(&parameters.author, before.author_alias),
        publish_up_ms: time("publish_up", &parameters.publish_up, before.publish_up_ms)?,
        publish_down_ms: time(
            "publish_down",
            &parameters.publish_down,
            before.publish_down_ms,
        )?,
        metadesc: given(&parameters.metadesc, before.metadesc),
        metakey: given(&parameters.metakey, before.metakey),
        metadata: match &parameters.metadata {
            Some(metadata) => written(metadata)?,
            None => before.metadata,
        },
        images: match &parameters.images {
            Some(images) => written(images)?,
            None => before.images,
        },
        language: given(&parameters.language, before.language),
        state: parameters.state.unwrap_or(before.state),
        view_level_id: parameters.access.unwrap_or(before.view_level_id),
        position: parameters.ordering.unwrap_or(before.position),
        ..before
    })
}

fn time(name: &str, change: &Change<String>, before: Option<i64>) -> Result<Option<i64>, Fault> {
    match change {
        Change::Keep => Ok(before),
        Change::Clear => Ok(None),
        Change::Set(text) => clock::parse(name, text).map(Some),
    }
}

fn written(document: &impl Serialize) -> Result<JsonText, Fault> {
    serde_json::to_string(document)
        .map(JsonText)
        .map_err(Fault::internal)
}

fn save_tags(connection: &mut Connection, article: i64, mut tags: Vec<i64>) -> Result<(), Fault> {
    tags.sort_unstable();
    tags.dedup();
    if tags.len() > MOST_TAGS {
        return Err(Fault::parameter("tags", "names at most 1000 tags"));
    }
    if usize::try_from(tag::count(connection, &tags)?) != Ok(tags.len()) {
        return Err(Fault::new("CNT_TNF"));
    }
    Ok(tag::save_of_article(connection, article, &tags)?)
}
