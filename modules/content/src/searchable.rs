//! What the one search over all modules finds of this one: published articles, in their categories.
//!
//! Whoever has changed something names what he has changed, behind his own statements and in the same transaction; what
//! the tables say of it then is handed in.

use loggia_sdk::search::{Category, Document, plain_text};
use loggia_sdk::{Call, Fault};
use loggia_site::searchables::{offer, offer_categories};
use loggia_sql::Connection;

use crate::Content;
use crate::sight::PUBLISHED;
use crate::store::IDS;
use crate::store::article::{self, ArticleRow};
use crate::store::category::{self, CategoryRow};

/// The one area of this module.
const AREA: &str = <Content as loggia_sdk::Module>::NAME;

/// Hands in articles as they are now, and takes back those that are gone or not published.
pub(crate) fn articles_changed(
    call: &Call<'_>,
    connection: &mut Connection,
    ids: &[i64],
) -> Result<(), Fault> {
    for ids in ids.chunks(IDS) {
        let rows = article::published(connection, ids)?;
        let documents: Vec<Document> = rows.into_iter().map(document).collect();
        offer(call, connection, (AREA, ids), &documents)?;
    }
    Ok(())
}

/// Hands in categories as they are now, and takes back those that are gone.
pub(crate) fn categories_changed(
    call: &Call<'_>,
    connection: &mut Connection,
    ids: &[i64],
) -> Result<(), Fault> {
    for ids in ids.chunks(IDS) {
        let rows = category::by_ids(connection, ids)?;
        let categories: Vec<Category> = rows.into_iter().map(offered_category).collect();
        offer_categories(call, connection, (AREA, ids), &categories)?;
    }
    Ok(())
}

/// An article as it is found. Who may find it is decided as who may read it is, whatever the settings `filter_access`
/// and `filter_state` allow beyond.
pub(crate) fn document(row: ArticleRow) -> Document {
    Document {
        area: AREA.to_owned(),
        id: row.id,
        category_id: Some(row.category_id),
        text: plain_text(&format!("{} {}", row.introduction, row.full_text)),
        author: row.shown_author().to_owned(),
        title: row.title,
        alias: row.alias,
        metadesc: row.metadesc,
        metakey: row.metakey,
        language: row.language,
        created_ms: row.created_ms,
        modified_ms: row.modified_ms.max(row.created_ms),
        popularity: row.hits,
        publish_up_ms: row.publish_up_ms,
        publish_down_ms: row.publish_down_ms,
        view_levels: vec![row.view_level_id],
        private: false,
        href: format!("get/content/articles/{}", row.id),
    }
}

/// A category as its articles are found by it.
pub(crate) fn offered_category(row: CategoryRow) -> Category {
    Category {
        area: AREA.to_owned(),
        id: row.id,
        parent_id: (row.parent_id != 0).then_some(row.parent_id),
        title: row.title,
        alias: row.alias,
        is_published: row.state == PUBLISHED,
        view_levels: vec![row.view_level_id],
    }
}
