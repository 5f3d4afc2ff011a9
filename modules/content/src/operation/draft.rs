//! From the members of a request to the row of an article.

use loggia_sdk::prelude::*;
use loggia_site::{alias, clock};
use loggia_sql::{Connection, JsonText};

use super::item::{Images, Metadata};
use super::saved::Saved;
use super::saving::{self, shown_name};
use super::tag_articles::MOST_TAGS;
use crate::Content;
use crate::html;
use crate::permission::{self, Permission};
use crate::store::article::{self, ArticleRow};
use crate::store::revision::Writer;
use crate::store::{category, tag};

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

/// What a caller wants an article to be.
pub(crate) struct Draft<'c> {
    content: &'c Content,
    pub(crate) call: &'c Call<'c>,
    pub(crate) parameters: PutArticle,
    permission: Permission,
    writer: Writer,
    /// The id and name of the account that is to be the author, where one is named.
    author: Option<(i64, String)>,
}

impl<'c> Draft<'c> {
    /// Of the members of a request, as far as the caller may set them.
    pub(crate) fn of(
        content: &'c Content,
        call: &'c Call<'c>,
        mut parameters: PutArticle,
    ) -> Result<Self, Fault> {
        let permission = Permission::of(content, call);
        check(permission, &parameters)?;
        permission::check_view_level(call, parameters.access)?;
        if !permission.writes_any_html() {
            let texts = [&mut parameters.introtext, &mut parameters.fulltext];
            for text in texts.into_iter().flatten() {
                *text = html::harmless(text);
            }
        }
        let images = parameters.images.take();
        parameters.images = images.map(|images| images.kept(call)).transpose()?;
        let author = parameters.created_by.map(|id| author_of(call, id));
        Ok(Draft {
            content,
            call,
            permission,
            writer: saving::writer(call)?,
            author: author.transpose()?,
            parameters,
        })
    }

    /// The article with this category and alias.
    pub(crate) fn by_alias(
        &self,
        connection: &mut Connection,
    ) -> Result<Option<ArticleRow>, Fault> {
        let category = self.parameters.category.ok_or_else(|| {
            Fault::parameter(
                "category",
                "must be given where the article is not named by its id",
            )
        })?;
        let found = article::by_alias(connection, category, &named(&self.parameters)?)?;
        // Whoever may not see what is there learns by the fault that the alias is taken, and nothing else.
        found
            .map(|row| {
                saving::find(self.content, connection, self.call, row.id)
                    .map_err(|_| Fault::new("CNT_AAX"))
            })
            .transpose()
    }

    /// Adds the article.
    pub(crate) fn add(&self, connection: &mut Connection) -> Result<Saved, Fault> {
        let mut row = new(&self.parameters, self.writer.now_ms)?;
        (row.created_by, row.author_name) = match &self.author {
            Some(author) => author.clone(),
            None => (self.writer.id, self.writer.name.clone()),
        };
        if !self.permission.publishes() {
            row.state = 0;
        }
        let row = changed(row, &self.parameters)?;
        self.check_category(connection, row.category_id)?;
        let tags = self.tags(connection, &[])?.unwrap_or_default();
        saving::add(self.call, connection, row, tags, &self.writer)
    }

    /// Changes an article.
    pub(crate) fn change(
        &self,
        connection: &mut Connection,
        before: ArticleRow,
    ) -> Result<Versioned<Saved>, Fault> {
        let mut after = changed(before.clone(), &self.parameters)?;
        if let Some(author) = &self.author {
            (after.created_by, after.author_name) = author.clone();
        }
        if after.category_id != before.category_id {
            self.check_category(connection, after.category_id)?;
        }
        let carried = tag::ids_of_article(connection, before.id)?;
        let tags = self.tags(connection, &carried)?;
        saving::change(
            self.content,
            self.call,
            connection,
            before,
            after,
            tags,
            &self.writer,
        )
    }

    /// The category must be there, for the caller.
    fn check_category(&self, connection: &mut Connection, id: i64) -> Result<(), Fault> {
        let found = if self.call.is_unbound() {
            category::by_id(connection, id)?
        } else {
            category::visible(connection, self.call.view_levels(), id)?
        };
        found.map(drop).ok_or(Fault::new("CNT_CNF"))
    }

    /// The tags that are given, with those that the article carries and the caller does not see.
    fn tags(
        &self,
        connection: &mut Connection,
        carried: &[i64],
    ) -> Result<Option<Vec<i64>>, Fault> {
        let Some(mut tags) = self.parameters.tags.clone() else {
            return Ok(None);
        };
        tags.sort_unstable();
        tags.dedup();
        if tags.len() > MOST_TAGS {
            return Err(Fault::parameter("tags", "names at most 1000 tags"));
        }
        let levels = permission::levels(self.call);
        if tag::among(connection, levels, &tags)?.len() != tags.len() {
            return Err(Fault::new("CNT_TNF"));
        }
        let seen = tag::among(connection, levels, carried)?;
        tags.extend(carried.iter().filter(|id| !seen.contains(id)));
        tags.sort_unstable();
        Ok(Some(tags))
    }
}

/// Some members are for publishers, and one for managers.
fn check(permission: Permission, parameters: &PutArticle) -> Result<(), Fault> {
    let is_given = |change: &Change<String>| *change != Change::Keep;
    for (name, is_given) in [
        ("state", parameters.state.is_some()),
        ("featured", parameters.featured.is_some()),
        ("ordering", parameters.ordering.is_some()),
        ("publish_up", is_given(&parameters.publish_up)),
        ("publish_down", is_given(&parameters.publish_down)),
    ] {
        if is_given {
            permission.publish(name)?;
        }
    }
    if parameters.created_by.is_some() {
        permission.manage()?;
    }
    Ok(())
}

/// The alias that is given, or made of the title.
fn named(parameters: &PutArticle) -> Result<String, Fault> {
    let (alias, title) = (parameters.alias.as_deref(), parameters.title.as_deref());
    alias::named(alias, title, "article")
}

/// The account's id and the name it is shown by.
fn author_of(call: &Call<'_>, id: i64) -> Result<(i64, String), Fault> {
    let account = call.host().identity()?.by_id(call, id)?;
    let account = account.ok_or_else(|| Fault::parameter("created_by", "is no account's id"))?;
    Ok((account.id, shown_name(account)))
}

fn new(parameters: &PutArticle, now_ms: i64) -> Result<ArticleRow, Fault> {
    if parameters.title.is_none() {
        return Err(Fault::parameter("title", "must be given for a new article"));
    }
    Ok(ArticleRow {
        id: 0,
        category_id: 0,
        title: String::new(),
        alias: named(parameters)?,
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
        version: 1,
        modified_ms: 0,
        modified_by: 0,
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
