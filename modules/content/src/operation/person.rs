//! What the module keeps of one person: the articles he has written.

use loggia_sdk::prelude::*;
use loggia_site::{clock, once};

use crate::store::{article, revision};
use crate::{Content, searchable};

/// Whose data.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Person {
    /// The account's id.
    user: i64,
}

/// Everything the module keeps of an account.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Kept {
    /// Its articles, oldest first.
    articles: Vec<KeptArticle>,
    /// The changes that it has made, of any articles, oldest first.
    revisions: Vec<KeptRevision>,
}

/// A change by a person.
#[derive(Serialize, JsonSchema)]
pub(crate) struct KeptRevision {
    /// The id of the article.
    article_id: String,
    /// The version that the change has made.
    version: i64,
    /// When, in UTC.
    created: String,
}

/// An article of a person.
#[derive(Serialize, JsonSchema)]
pub(crate) struct KeptArticle {
    /// The id.
    id: String,
    /// The title.
    title: String,
    /// When it was made, in UTC.
    created: String,
    /// The name shown as the author's.
    author: String,
    /// The introduction.
    introtext: String,
    /// The text behind it.
    fulltext: String,
}

/// What was erased.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Erased {
    /// So many articles have no author any more; they are the site's and stay.
    articles: usize,
}

/// Gives everything that is kept of an account.
pub(crate) fn export(_content: &Content, call: &Call<'_>, person: Person) -> Result<Kept, Fault> {
    let mut connection = call.database()?;
    let articles = article::of_person(&mut connection, person.user)?
        .into_iter()
        .map(|row| KeptArticle {
            author: row.shown_author().to_owned(),
            id: row.id.to_string(),
            title: row.title,
            created: clock::written(row.created_ms),
            introtext: row.introduction,
            fulltext: row.full_text,
        })
        .collect();
    let revisions = revision::of_person(&mut connection, person.user)?
        .into_iter()
        .map(|row| KeptRevision {
            article_id: row.article_id.to_string(),
            version: row.version,
            created: clock::written(row.created_ms),
        })
        .collect();
    Ok(Kept {
        articles,
        revisions,
    })
}

/// Takes an account's id and names from its articles and from its changes. The revisions of its articles, which name it,
/// are deleted.
pub(crate) fn erase(content: &Content, call: &Call<'_>, person: Person) -> Result<Erased, Fault> {
    content.memory.write(call, |connection| {
        revision::forget_person(connection, person.user)?;
        once::forget_person(connection, "content_once", person.user)?;
        let ids = article::ids_of_person(connection, person.user)?;
        let articles = article::forget_person(connection, person.user)?;
        searchable::articles_changed(call, connection, &ids)?;
        Ok(Erased { articles })
    })
}
