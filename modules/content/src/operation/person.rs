//! What the module keeps of one person: the articles he has written.

use loggia_sdk::prelude::*;
use loggia_site::clock;

use crate::store::article;
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
    let rows = article::of_person(&mut call.database()?, person.user)?;
    let articles = rows
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
    Ok(Kept { articles })
}

/// Takes an account's id and names from its articles.
pub(crate) fn erase(_content: &Content, call: &Call<'_>, person: Person) -> Result<Erased, Fault> {
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let ids = article::ids_of_person(connection, person.user)?;
        let articles = article::forget_person(connection, person.user)?;
        searchable::articles_changed(call, connection, &ids)?;
        Ok(Erased { articles })
    })
}
