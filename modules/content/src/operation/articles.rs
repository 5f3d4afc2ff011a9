//! The articles of the site or of a category, or one of them.

use loggia_sdk::prelude::*;
use loggia_site::memory::Found;
use loggia_sql::Connection;

use super::item::{self, Item};
use super::list::{self, List, Window};
use crate::Content;
use crate::permission::{self, Permission};
use crate::sight::{PUBLISHED, Sight};
use crate::store::article::{self, ArticleRow, Column, Order};
use crate::store::category;
use crate::store::selection::Selection;

/// Parameters of `get/articles`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Articles {
    /// One article; without it a list is shown.
    id: Option<i64>,
    /// Only those of this category; 0 is all.
    catid: Option<i64>,
    /// How many levels below the category are shown too.
    maxsubs: Option<i64>,
    /// Featured articles: `hide`, `only`, or `show` among the others.
    #[schemars(extend("x-fallback" = true))]
    featured: Option<Featured>,
    /// How many articles a page has; without it, or with 0, all are shown. Negative shows none.
    limit: Option<i64>,
    /// The first one shown; only with `limit`.
    offset: Option<i64>,
    /// Where the page begins, instead of `offset`: empty at first, then what `next` was.
    cursor: Option<String>,
    /// The members of each article that are shown, separated by commas.
    fields: Option<Vec<String>>,
    /// Only articles that the caller may change, and of them those of this state: 1 published, 0 unpublished, 2 archived,
    /// -2 trashed. Authors see their own, editors all.
    #[schemars(range(min = -2, max = 2))]
    state: Option<i64>,
    /// What the list is ordered by: `ordering` where nothing else is said.
    #[schemars(extend("x-fallback" = true))]
    orderby: Option<OrderBy>,
    /// `asc`, or `desc` for the other way round.
    #[schemars(extend("x-fallback" = true))]
    orderdir: Option<Direction>,
}

/// Which articles of the two kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Featured {
    Hide,
    Only,
    Show,
}

/// What a list is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderBy {
    Id,
    Title,
    Alias,
    Catid,
    State,
    Created,
    CreatedBy,
    Ordering,
    Hits,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    Asc,
    Desc,
}

/// A list, or one.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Answered {
    /// Some articles.
    List(List),
    /// The article that was asked for.
    One(Box<One>),
}

/// An article with everything about it.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct One {
    /// What lists show too.
    #[serde(flatten)]
    item: Item,
    /// The language tag, or `*`.
    language: String,
    /// 1 published, 0 unpublished, 2 archived, -2 trashed.
    state: String,
}

/// Shows articles that the caller may see.
pub(crate) fn get(
    content: &Content,
    call: &Call<'_>,
    parameters: Articles,
) -> Result<Versioned<Answered>, Fault> {
    match parameters.id {
        Some(id) => one(content, call, id, parameters.state),
        None => Ok(Versioned {
            version: None,
            members: Answered::List(list(content, call, &parameters)?),
        }),
    }
}

/// Shows one article; what everybody of the same sight is shown is remembered.
fn one(
    content: &Content,
    call: &Call<'_>,
    id: i64,
    state: Option<i64>,
) -> Result<Versioned<Answered>, Fault> {
    let sight = Sight::of(content, call)?;
    let key = format!("one {id} {} {:?}", call.base_url(), sight.timeless());
    let now_ms = call.host().clock().now_ms();
    if let Some(now) = content.memory.believed(now_ms)
        && let Some(shown) = content.memory.recall::<Shown>(&key, now)
    {
        return Ok(shown.answered());
    }
    let mut connection = call.database()?;
    let now = content.memory.now(&mut connection, now_ms)?;
    let Some(row) = article::visible(&mut connection, &sight, id)? else {
        let row = unseen(content, &mut connection, call, &sight, (id, state))?;
        return Ok(shown(content, call, &sight, row)?.answered());
    };
    let shown = content.memory.recall_or(key, now, || {
        let value = shown(content, call, &sight, row)?;
        Ok(Found {
            weight: size_of::<Shown>() + value.one.item.bytes(),
            until_ms: content.until(&mut connection, now, &sight)?,
            value,
        })
    })?;
    Ok(shown.answered())
}

/// An article as it is shown, with its version.
struct Shown {
    version: i64,
    one: One,
}

impl Shown {
    fn answered(&self) -> Versioned<Answered> {
        Versioned {
            version: Some(self.version),
            members: Answered::One(Box::new(self.one.clone())),
        }
    }
}

fn shown(
    content: &Content,
    call: &Call<'_>,
    sight: &Sight,
    row: ArticleRow,
) -> Result<Shown, Fault> {
    let counts_as_unpublished = sight.state != Some(PUBLISHED)
        && category::is_unpublished(&mut call.database()?, row.category_id)?;
    let state = if counts_as_unpublished { 0 } else { row.state };
    let (language, version) = (row.language.clone(), row.version);
    let items = item::items(content, call, sight, vec![row], true)?;
    let item = items.into_iter().next().ok_or(Fault::new("CNT_ANF"))?;
    Ok(Shown {
        version,
        one: One {
            item,
            language,
            state: state.to_string(),
        },
    })
}

/// An article that readers do not see, for who may change it and asks for its state; else why it is not shown.
fn unseen(
    content: &Content,
    connection: &mut Connection,
    call: &Call<'_>,
    sight: &Sight,
    (id, state): (i64, Option<i64>),
) -> Result<ArticleRow, Fault> {
    if state.is_some() {
        let permission = Permission::of(content, call);
        let row = article::visible(connection, &permission::sight(call), id)?;
        let may_show = |row: &ArticleRow| Some(row.state) == state && permission.edit(row).is_ok();
        if let Some(row) = row.filter(may_show) {
            return Ok(row);
        }
    }
    let for_others = article::visible(connection, &sight.without_levels(), id)?;
    Err(Fault::new(for_others.map_or("CNT_ANF", |_| "CNT_ANA")))
}

fn list(content: &Content, call: &Call<'_>, parameters: &Articles) -> Result<List, Fault> {
    let mut sight = Sight::of(content, call)?;
    let mut author = None;
    if parameters.state.is_some() {
        author = Permission::of(content, call).whose()?;
        sight = Sight {
            state: parameters.state,
            ..permission::sight(call)
        };
    }
    let mut connection = call.database()?;
    let category = parameters.catid.filter(|&id| id != 0);
    if let Some(id) = category
        && parameters.state.is_none()
        && category::visible(&mut connection, call.view_levels(), id)?.is_none()
    {
        return Ok(List::empty());
    }
    let levels_below = parameters.maxsubs.unwrap_or(0).max(0);
    let selection = Selection {
        category: category.map(|id| (id, levels_below)),
        author,
        featured: match parameters.featured {
            Some(Featured::Hide) => Some(false),
            Some(Featured::Only) => Some(true),
            Some(Featured::Show) | None => None,
        },
        ..Selection::of(sight)
    };
    let window = Window {
        limit: parameters.limit,
        offset: parameters.offset,
        cursor: parameters.cursor.clone(),
        fields: parameters.fields.clone(),
    };
    list::page(content, call, &selection, order(parameters), &window)
}

fn order(parameters: &Articles) -> Order {
    let column = match parameters.orderby.unwrap_or(OrderBy::Ordering) {
        OrderBy::Id => Column::Id,
        OrderBy::Title => Column::Title,
        OrderBy::Alias => Column::Alias,
        OrderBy::Catid => Column::Category,
        OrderBy::State => Column::State,
        OrderBy::Created => Column::Created,
        OrderBy::CreatedBy => Column::CreatedBy,
        OrderBy::Ordering => Column::Position,
        OrderBy::Hits => Column::Hits,
    };
    Order {
        column,
        descending: parameters.orderdir == Some(Direction::Desc),
    }
}
