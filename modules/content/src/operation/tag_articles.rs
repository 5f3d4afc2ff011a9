//! Articles by their tags.

use loggia_sdk::prelude::*;

use super::list::{self, List, Window};
use crate::Content;
use crate::sight::Sight;
use crate::store::article::{Column, Order};
use crate::store::selection::Selection;

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
    /// Where the page begins, instead of `offset`: empty at first, then what `next` was.
    cursor: Option<String>,
    /// The members of each article that are shown, separated by commas.
    fields: Option<Vec<String>>,
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
    let selection = Selection {
        tags: Some(tags),
        ..Selection::of(Sight::of(content, call)?.published())
    };
    let by_title = Order {
        column: Column::Title,
        descending: false,
    };
    let window = Window {
        limit: parameters.limit,
        offset: parameters.offset,
        cursor: parameters.cursor,
        fields: parameters.fields,
    };
    list::page(content, call, &selection, by_title, &window)
}
