//! The revisions of an article: listed, shown with what has changed, and made the present again.

use std::time::Duration;

use loggia_sdk::prelude::*;
use loggia_site::clock;
use loggia_sql::Connection;
use similar::TextDiff;

use super::saved::Saved;
use super::saving;
use crate::Content;
use crate::permission::{self, Permission};
use crate::store::article::ArticleRow;
use crate::store::record::TaggedArticle;
use crate::store::revision::{self, RevisionRow};
use crate::store::{category, tag};

/// How long two texts are compared before a coarser answer is given.
const COMPARING: Duration = Duration::from_millis(500);

/// Parameters of `get/revisions`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Revisions {
    /// The article.
    id: i64,
}

/// The revisions of an article.
#[derive(Serialize, JsonSchema)]
pub(crate) struct List {
    /// How many are kept.
    total: usize,
    /// The revisions, newest first.
    revisions: Vec<Facts>,
}

/// A revision.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Facts {
    /// The id.
    id: String,
    /// The article's.
    article_id: String,
    /// The version of the article.
    version: i64,
    /// The title that it had.
    title: String,
    /// Who made it; empty for the operator.
    user: String,
    /// When, in UTC.
    created: String,
}

/// Lists the revisions of an article, for who may change it.
pub(crate) fn list(
    content: &Content,
    call: &Call<'_>,
    parameters: Revisions,
) -> Result<List, Fault> {
    let mut connection = call.database()?;
    article(content, &mut connection, call, parameters.id)?;
    let revisions = revision::of_article(&mut connection, parameters.id)?
        .into_iter()
        .map(|row| Ok(facts(&row, &row.article()?.article)))
        .collect::<Result<Vec<Facts>, Fault>>()?;
    Ok(List {
        total: revisions.len(),
        revisions,
    })
}

/// Parameters of `get/revision`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Revision {
    /// The revision.
    id: i64,
    /// The revision of the same article that it is compared with; without it, the one before.
    against: Option<i64>,
}

/// A revision, and what has changed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Shown {
    /// What lists show too.
    #[serde(flatten)]
    facts: Facts,
    /// The id of the revision that it is compared with; `null` where there is none before.
    against: Option<String>,
    /// The members that differ.
    changes: Vec<Change>,
}

/// A member that differs.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Change {
    /// The member of `put/articles`.
    member: &'static str,
    /// Its lines before and after, as a unified diff.
    diff: String,
}

/// Shows a revision beside another one.
pub(crate) fn show(
    content: &Content,
    call: &Call<'_>,
    parameters: Revision,
) -> Result<Shown, Fault> {
    let mut connection = call.database()?;
    let (row, _) = find(content, &mut connection, call, parameters.id)?;
    let other = match parameters.against {
        Some(id) => {
            let other = revision::by_id(&mut connection, id)?;
            let other = other.filter(|other| other.article_id == row.article_id);
            Some(other.ok_or(Fault::new("CNT_RNF"))?)
        }
        None => revision::before(&mut connection, row.article_id, row.version)?,
    };
    let after = row.article()?;
    let before = other.as_ref().map(RevisionRow::article).transpose()?;
    Ok(Shown {
        facts: facts(&row, &after.article),
        against: other.map(|other| other.id.to_string()),
        changes: changes(before.as_ref(), &after),
    })
}

/// Parameters of `post/restore`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Restore {
    /// The revision.
    id: i64,
}

/// Makes an article what it was at a revision. What only publishers set stays as it is, where the caller is none; so do
/// a view level and a category that are not his, and what is gone.
pub(crate) fn restore(
    content: &Content,
    call: &Call<'_>,
    parameters: Restore,
) -> Result<Versioned<Saved>, Fault> {
    let writer = saving::writer(call)?;
    let may = Permission::of(content, call);
    content.memory.write(call, |connection| {
        let (row, now) = find(content, connection, call, parameters.id)?;
        call.if_match(now.version)?;
        let TaggedArticle {
            article: then,
            tags,
        } = row.article()?;
        let levels = permission::levels(call);
        let has_category = category::of_levels(connection, levels, then.category_id)?.is_some();
        let has_level = permission::has_level(call, then.view_level_id);
        let mut after = ArticleRow {
            category_id: if has_category {
                then.category_id
            } else {
                now.category_id
            },
            created_by: now.created_by,
            author_name: now.author_name.clone(),
            hits: now.hits,
            view_level_id: if has_level {
                then.view_level_id
            } else {
                now.view_level_id
            },
            ..then
        };
        if !may.publishes() {
            after = ArticleRow {
                state: now.state,
                featured: now.featured,
                position: now.position,
                publish_up_ms: now.publish_up_ms,
                publish_down_ms: now.publish_down_ms,
                view_level_id: now.view_level_id,
                category_id: now.category_id,
                ..after
            };
        }
        let tags = tag::among(connection, None, &tags)?;
        saving::change(content, call, connection, now, after, Some(tags), &writer)
    })
}

/// A revision, and its article as it is now.
fn find(
    content: &Content,
    connection: &mut Connection,
    call: &Call<'_>,
    id: i64,
) -> Result<(RevisionRow, ArticleRow), Fault> {
    let row = revision::by_id(connection, id)?.ok_or(Fault::new("CNT_RNF"))?;
    let now =
        article(content, connection, call, row.article_id).map_err(|fault| match fault.code() {
            // Whoever does not see the article does not see that it has revisions.
            "CNT_ANF" => Fault::new("CNT_RNF"),
            _ => fault,
        })?;
    Ok((row, now))
}

fn article(
    content: &Content,
    connection: &mut Connection,
    call: &Call<'_>,
    id: i64,
) -> Result<ArticleRow, Fault> {
    let row = saving::find(content, connection, call, id)?;
    Permission::of(content, call).edit(&row)?;
    Ok(row)
}

fn facts(row: &RevisionRow, article: &ArticleRow) -> Facts {
    Facts {
        id: row.id.to_string(),
        article_id: row.article_id.to_string(),
        version: row.version,
        title: article.title.clone(),
        user: row.user_name.clone(),
        created: clock::written(row.created_ms),
    }
}

/// The members by which two states of an article differ.
fn changes(before: Option<&TaggedArticle>, after: &TaggedArticle) -> Vec<Change> {
    let old = before.map(texts);
    texts(after)
        .into_iter()
        .enumerate()
        .filter_map(|(place, (member, new))| {
            let old = old.as_ref().map_or("", |old| &old[place].1);
            (old != new).then(|| Change {
                member,
                diff: diff(old, &new),
            })
        })
        .collect()
}

/// The members as texts, each ending its last line.
fn texts(tagged: &TaggedArticle) -> [(&'static str, String); 20] {
    let article = &tagged.article;
    let line = |text: &str| format!("{text}\n");
    let number = |number: i64| format!("{number}\n");
    let time = |time_ms: Option<i64>| time_ms.map_or(String::new(), |ms| line(&clock::written(ms)));
    let tags: Vec<String> = tagged.tags.iter().map(i64::to_string).collect();
    [
        ("title", line(&article.title)),
        ("alias", line(&article.alias)),
        ("category", number(article.category_id)),
        ("introtext", line(&article.introduction)),
        ("fulltext", line(&article.full_text)),
        ("featured", line(&article.featured.to_string())),
        ("created_by", number(article.created_by)),
        ("author", line(&article.author_alias)),
        ("publish_up", time(article.publish_up_ms)),
        ("publish_down", time(article.publish_down_ms)),
        ("metadesc", line(&article.metadesc)),
        ("metakey", line(&article.metakey)),
        ("metadata", line(&article.metadata.0)),
        ("images", line(&article.images.0)),
        ("tags", line(&tags.join(", "))),
        ("language", line(&article.language)),
        ("state", number(article.state)),
        ("access", number(article.view_level_id)),
        ("ordering", number(article.position)),
        ("author_name", line(&article.author_name)),
    ]
}

fn diff(old: &str, new: &str) -> String {
    TextDiff::configure()
        .timeout(COMPARING)
        .diff_lines(old, new)
        .unified_diff()
        .context_radius(2)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::diff;

    #[test]
    fn a_diff_shows_the_lines_that_changed() {
        let text = diff("one\ntwo\nthree\n", "one\n2\nthree\n");
        assert!(text.contains("-two\n+2\n"), "{text}");
    }
}
