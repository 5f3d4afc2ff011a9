//! Moving in and out: categories, tags and articles as records.

use loggia_sdk::prelude::*;
use loggia_site::records::{
    DeleteRecords, Deleted, GetRecords, MOST, PutRecords, Records, Taken, follow_ids, unknown_kind,
};

use crate::store::category::{self, CategoryRow};
use crate::store::record;
use crate::store::tag::TagRow;
use crate::{Content, searchable};

/// An article needs its category and its tags.
const KINDS: [&str; 3] = ["category", "tag", "article"];

/// Gives a page of records.
pub(crate) fn get(
    _content: &Content,
    call: &Call<'_>,
    parameters: GetRecords,
) -> Result<Records, Fault> {
    let Some(kind) = parameters.kind else {
        return Ok(Records::kinds(&KINDS));
    };
    let (after, limit) = (
        parameters.after.unwrap_or(0),
        parameters.limit.unwrap_or(MOST),
    );
    let connection = &mut call.database()?;
    match kind.as_str() {
        "category" => {
            let rows = category::after(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.id)
        }
        "tag" => {
            let rows = record::tags(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.id)
        }
        "article" => {
            let rows = record::articles(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.article.id)
        }
        _ => Err(unknown_kind(&KINDS)),
    }
}

/// Adds or replaces records.
pub(crate) fn put(
    content: &Content,
    call: &Call<'_>,
    parameters: PutRecords,
) -> Result<Taken, Fault> {
    let mut taken = Taken::default();
    content.memory.write(call, |connection| {
        let records = parameters.records;
        match parameters.kind.as_str() {
            "category" => {
                let rows = taken.read::<CategoryRow>(records);
                taken.write(connection, &rows, |row| row.id, record::put_category)?;
                category::TREE.grow(connection)?;
                let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
                searchable::categories_changed(call, connection, &ids)?;
                follow_ids(connection, "content_category")?;
            }
            "tag" => {
                let rows = taken.read::<TagRow>(records);
                taken.write(connection, &rows, |row| row.id, record::put_tag)?;
                follow_ids(connection, "content_tag")?;
            }
            "article" => {
                let rows = taken.read::<record::TaggedArticle>(records);
                taken.write(connection, &rows, |row| row.article.id, record::put_article)?;
                let ids: Vec<i64> = rows.iter().map(|row| row.article.id).collect();
                searchable::articles_changed(call, connection, &ids)?;
                follow_ids(connection, "content_article")?;
            }
            _ => return Err(unknown_kind(&KINDS)),
        }
        Ok(taken)
    })
}

/// Deletes records. A category with something in it stays.
pub(crate) fn delete(
    content: &Content,
    call: &Call<'_>,
    parameters: DeleteRecords,
) -> Result<Deleted, Fault> {
    content.memory.write(call, |connection| {
        let ids = &parameters.ids;
        let deleted = match parameters.kind.as_str() {
            "category" => {
                let deleted = record::delete_categories(connection, ids)?;
                searchable::categories_changed(call, connection, ids)?;
                deleted
            }
            "tag" => record::delete_tags(connection, ids)?,
            "article" => {
                let deleted = record::delete_articles(connection, ids)?;
                searchable::articles_changed(call, connection, ids)?;
                deleted
            }
            _ => return Err(unknown_kind(&KINDS)),
        };
        Ok(Deleted { deleted })
    })
}
