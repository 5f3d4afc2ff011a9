//! The tree of categories, or one of them.

use std::collections::HashMap;

use loggia_sdk::prelude::*;

use super::written;
use crate::Forum;
use crate::sight::Sight;
use crate::store::category::{self, Branch, CategoryRow};

/// Parameters of `get/categories`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Categories {
    /// One category; without it a list is shown.
    id: Option<i64>,
    /// Below which category the list begins; without it, or with `root`, at the top.
    parentid: Option<i64>,
    /// How many levels the list shows: 1 where nothing is said, 0 for all.
    levels: Option<i64>,
    /// Whether moderators are shown what is not published, too.
    #[serde(default)]
    unpublished: bool,
}

/// A list, or one.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Answered {
    /// Some categories.
    List(List),
    /// The category that was asked for.
    One(Box<One>),
}

/// A list of categories, each before those below it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct List {
    /// The categories.
    categories: Vec<Entry>,
}

/// A category in a list.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// The id.
    id: String,
    /// The name.
    name: String,
    /// What stands for the name in addresses.
    alias: String,
    /// The description.
    description: String,
    /// The category above; `0` at the top.
    #[serde(rename = "parent_id")]
    parent_id: String,
    /// How deep it lies; `0` at the top.
    level: String,
    /// How many topics it has.
    num_topics: String,
    /// How many messages they have.
    num_posts: String,
    /// How often it was seen.
    hits: String,
}

/// A category with everything about it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct One {
    /// What lists show too.
    #[serde(flatten)]
    entry: Entry,
    /// The name of its icon.
    icon: String,
    /// The id of its icon.
    icon_id: String,
    /// `1` where only moderators write.
    locked: String,
    /// The user group that may read it, where groups decide.
    pub_access: String,
    /// `1` where the groups below that one may, too.
    pub_recurse: String,
    /// `1` where what is written awaits a moderator's approval.
    review: String,
    /// `1` where members may write without their names.
    allow_anonymous: String,
    /// `1` where they do unless they say otherwise.
    post_anonymous: String,
    /// `1` where topics may have polls.
    allow_polls: String,
    /// What its topics are ordered by: `lastpost`, `creation` or `alpha`.
    topic_ordering: String,
    /// The topic of its last message; `0` where there is none.
    last_topic_id: String,
    /// Its last message; `0` where there is none.
    last_post_id: String,
    /// When that was written, in seconds since 1970 (UTC).
    last_post_time: String,
}

/// Shows categories that the caller may see.
pub(crate) fn get(
    forum: &Forum,
    call: &Call<'_>,
    parameters: Categories,
) -> Result<Versioned<Answered>, Fault> {
    let mut connection = call.database()?;
    let sight = Sight::of(forum, call, &mut connection)?;
    let seen = |connection: &mut _, id| {
        let found = category::visible(connection, &sight, id)?;
        found.ok_or(Fault::new("KUN_CNF"))
    };
    if let Some(id) = parameters.id {
        let row = seen(&mut connection, id)?;
        return Ok(Versioned {
            version: Some(row.facts.version),
            members: Answered::One(Box::new(one(row))),
        });
    }
    let root = parameters.parentid.unwrap_or(0);
    if root != 0 {
        seen(&mut connection, root)?;
    }
    let branch = Branch {
        root,
        levels: match parameters.levels.unwrap_or(1) {
            ..=0 => i64::MAX,
            levels => levels,
        },
        unpublished: parameters.unpublished,
    };
    let rows = category::branch(&mut connection, &sight, branch)?;
    let categories = as_tree(rows, root).into_iter().map(entry).collect();
    Ok(Versioned {
        version: None,
        members: Answered::List(List { categories }),
    })
}

fn entry(row: CategoryRow) -> Entry {
    let facts = row.facts;
    Entry {
        id: row.id.to_string(),
        name: facts.name,
        alias: facts.alias,
        description: facts.description,
        parent_id: facts.parent_id.to_string(),
        level: facts.level.to_string(),
        num_topics: facts.topics.to_string(),
        num_posts: facts.posts.to_string(),
        hits: facts.hits.to_string(),
    }
}

fn one(row: CategoryRow) -> One {
    let facts = row.facts.clone();
    One {
        entry: entry(row),
        icon: facts.icon,
        icon_id: facts.icon_id.to_string(),
        locked: written::flag(facts.locked),
        pub_access: facts.group_id.to_string(),
        pub_recurse: written::flag(facts.group_recurse),
        review: written::flag(facts.review),
        allow_anonymous: written::flag(facts.allow_anonymous),
        post_anonymous: written::flag(facts.post_anonymous),
        allow_polls: written::flag(facts.allow_polls),
        topic_ordering: facts.topic_ordering,
        last_topic_id: facts.last_topic_id.to_string(),
        last_post_id: facts.last_post_id.to_string(),
        last_post_time: written::time(facts.last_post_ms),
    }
}

/// Puts each category before those below it; siblings keep their order. What hangs on nothing that is shown stands
/// at the top: a moderator sees his category in a part of the tree that is not published.
fn as_tree(rows: Vec<CategoryRow>, root: i64) -> Vec<CategoryRow> {
    let shown: std::collections::HashSet<i64> = rows.iter().map(|row| row.id).collect();
    let mut ordered = Vec::with_capacity(rows.len());
    let mut children: HashMap<i64, Vec<CategoryRow>> = HashMap::new();
    // What is next stands last.
    for row in rows.into_iter().rev() {
        let parent = row.facts.parent_id;
        let place = if shown.contains(&parent) {
            parent
        } else {
            root
        };
        children.entry(place).or_default().push(row);
    }
    let mut next = children.remove(&root).unwrap_or_default();
    while let Some(row) = next.pop() {
        next.extend(children.remove(&row.id).unwrap_or_default());
        ordered.push(row);
    }
    ordered
}
