//! Articles by their tags.

use diesel::BoolExpressionMethods;
use loggia_sdk::prelude::*;

use super::item::{self, List};
use crate::Content;
use crate::page::Page;
use crate::sight::Sight;
use crate::store::article::{self, Column, Order};
use crate::store::condition;

/// The most tags that one request may name.
pub(crate) const MOST_TAGS: usize = 1000;

/// Parameters of `get/tagarticles`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct TagArticles {
    /// The ids of tags, separated by commas; an article with any of them is shown.
    #[schemars(extend("x-missing" = "CNT_TNS"))]
    tagid: Vec<i64>,
    /// How many articles a page has; without it, or with 0, all are shown. Negative shows none.
    limit: Option<i64>,
    /// The first one shown; only with `limit`.
    offset: Option<i64>,
}

/// Shows the published articles with any of the tags, by title, in all languages.
pub(crate) fn get(
    content: &Content,
    call: &Call<'_>,
    parameters: TagArticles,
) -> Result<List, Fault> {
    let tags: Vec<i64> = parameters
        .tagid
        .into_iter()
        .filter(|&tag| tag != 0)
        .collect();
    if tags.is_empty() {
        return Err(Fault::new("CNT_TNS"));
    }
    if tags.len() > MOST_TAGS {
        return Err(Fault::parameter("tagid", "names at most 1000 tags"));
    }
    let sight = Sight::of(content, call)?.published();
    let chosen = || {
        let tagged = condition::tagged(&tags, sight.levels.as_deref());
        Box::new(condition::articles(&sight).and(tagged))
    };
    let mut connection = call.database()?;
    let total = article::count(&mut connection, chosen())?;
    let page = Page::of(total, parameters.limit, parameters.offset);
    let by_title = Order {
        column: Column::Title,
        descending: false,
    };
    let rows = if parameters.limit.is_some_and(|limit| limit < 0) {
        Vec::new()
    } else {
        article::page(&mut connection, chosen(), by_title, page)?
    };
    let with_tags = content.settings.add_tags_in_article_list;
    let items = item::items(content, call, &sight, rows, with_tags)?;
    Ok(List::new(total, page, items))
}
