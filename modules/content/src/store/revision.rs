//! Revisions: every version of an article as it was left by a change.

use diesel::prelude::*;
use loggia_sdk::Fault;
use loggia_sql::{Backend, Connection, JsonText};

use super::article::ArticleRow;
use super::record::TaggedArticle;
use super::schema::{content_article, content_revision};

/// Who changes an article; nobody by name at the command line or behind a key without an account.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writer {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) now_ms: i64,
}

/// A revision.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = content_revision, check_for_backend(Backend))]
pub(crate) struct RevisionRow {
    pub(crate) id: i64,
    pub(crate) article_id: i64,
    pub(crate) version: i64,
    pub(crate) user_name: String,
    pub(crate) created_ms: i64,
    pub(crate) document: JsonText,
}

impl RevisionRow {
    /// The article as it was.
    pub(crate) fn article(&self) -> Result<TaggedArticle, Fault> {
        serde_json::from_str(&self.document.0).map_err(Fault::internal)
    }
}

/// Keeps an article as it is now; nothing where its version is kept.
pub(crate) fn keep(
    connection: &mut Connection,
    article: &ArticleRow,
    tags: Vec<i64>,
    writer: &Writer,
) -> Result<(), Fault> {
    let document = TaggedArticle {
        article: article.clone(),
        tags,
    };
    let document = serde_json::to_string(&document).map_err(Fault::internal)?;
    diesel::insert_into(content_revision::table)
        .values((
            content_revision::article_id.eq(article.id),
            content_revision::version.eq(article.version),
            content_revision::user_id.eq(writer.id),
            content_revision::user_name.eq(&writer.name),
            content_revision::created_ms.eq(writer.now_ms),
            content_revision::document.eq(JsonText(document)),
        ))
        .on_conflict((content_revision::article_id, content_revision::version))
        .do_nothing()
        .execute(connection)?;
    Ok(())
}

/// Forgets all revisions of an article up to a version.
pub(crate) fn forget(connection: &mut Connection, article: i64, version: i64) -> QueryResult<()> {
    let old = content_revision::table
        .filter(content_revision::article_id.eq(article))
        .filter(content_revision::version.le(version));
    diesel::delete(old).execute(connection).map(drop)
}

/// The revisions of an article, newest first.
pub(crate) fn of_article(
    connection: &mut Connection,
    article: i64,
) -> QueryResult<Vec<RevisionRow>> {
    content_revision::table
        .filter(content_revision::article_id.eq(article))
        .order(content_revision::version.desc())
        .select(RevisionRow::as_select())
        .load(connection)
}

/// A revision.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<RevisionRow>> {
    content_revision::table
        .find(id)
        .select(RevisionRow::as_select())
        .first(connection)
        .optional()
}

/// The revision of an article before a version.
pub(crate) fn before(
    connection: &mut Connection,
    article: i64,
    version: i64,
) -> QueryResult<Option<RevisionRow>> {
    content_revision::table
        .filter(content_revision::article_id.eq(article))
        .filter(content_revision::version.lt(version))
        .order(content_revision::version.desc())
        .select(RevisionRow::as_select())
        .first(connection)
        .optional()
}

/// The revisions that an account has made, oldest first.
pub(crate) fn of_person(connection: &mut Connection, user: i64) -> QueryResult<Vec<RevisionRow>> {
    content_revision::table
        .filter(content_revision::user_id.eq(user))
        .order(content_revision::id)
        .select(RevisionRow::as_select())
        .load(connection)
}

/// Takes an account's id and name from the revisions that it has made, and deletes those of its own articles, whose
/// documents name it.
pub(crate) fn forget_person(connection: &mut Connection, user: i64) -> QueryResult<()> {
    let own = content_article::table
        .filter(content_article::created_by.eq(user))
        .select(content_article::id);
    diesel::delete(content_revision::table.filter(content_revision::article_id.eq_any(own)))
        .execute(connection)?;
    diesel::update(content_revision::table.filter(content_revision::user_id.eq(user)))
        .set((
            content_revision::user_id.eq(0),
            content_revision::user_name.eq(""),
        ))
        .execute(connection)?;
    diesel::update(content_article::table.filter(content_article::modified_by.eq(user)))
        .set(content_article::modified_by.eq(0))
        .execute(connection)
        .map(drop)
}
