//! Adding and changing categories.

use loggia_sdk::prelude::*;
use loggia_site::alias;
use loggia_site::saved::Saved;
use loggia_sql::Connection;

use crate::store::category::{self, Category, CategoryRow};
use crate::store::moderator;
use crate::{Forum, searchable};

/// Parameters of `put/categories`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutCategory {
    /// The category to be changed; without it, it is the one with this parent and alias, which is added
    /// where there is none.
    id: Option<i64>,
    /// The category above, 0 for none. It is set when the category is added.
    #[schemars(range(min = 0))]
    parent: Option<i64>,
    /// What stands for the name in addresses; made of the name at first.
    #[schemars(length(max = 255))]
    alias: Option<String>,
    /// The name.
    #[schemars(length(min = 1, max = 255))]
    name: Option<String>,
    /// The description, HTML.
    description: Option<String>,
    /// The name of its icon.
    #[schemars(length(max = 255))]
    icon: Option<String>,
    /// The id of its icon.
    icon_id: Option<i64>,
    /// 1 published (at first), 0 unpublished, 2 archived, -2 trashed.
    #[schemars(range(min = -2, max = 2))]
    state: Option<i64>,
    /// The id of the view level of those who see it; 1, everybody, at first.
    #[schemars(range(min = 1))]
    access: Option<i64>,
    /// The id of the user group whose members see it, and those of the groups below; `null` lets the view level decide.
    #[serde(default)]
    group: Change<i64>,
    /// The ids of the accounts that moderate it.
    #[schemars(length(max = 1000))]
    moderators: Option<Vec<i64>>,
    /// Whether only moderators write.
    locked: Option<bool>,
    /// Whether what is written awaits a moderator's approval.
    review: Option<bool>,
    /// Whether members may write without their names.
    allow_anonymous: Option<bool>,
    /// Whether they do unless they say otherwise.
    post_anonymous: Option<bool>,
    /// Whether topics may have polls.
    allow_polls: Option<bool>,
    /// What its topics are ordered by; `lastpost` at first.
    topic_ordering: Option<TopicOrdering>,
    /// Its place among its siblings; the lowest is first.
    ordering: Option<i64>,
}

/// What the topics of a category are ordered by.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TopicOrdering {
    Lastpost,
    Creation,
    Alpha,
}

impl TopicOrdering {
    fn word(self) -> String {
        let word = match self {
            TopicOrdering::Lastpost => "lastpost",
            TopicOrdering::Creation => "creation",
            TopicOrdering::Alpha => "alpha",
        };
        word.to_owned()
    }
}

/// Adds a category, or changes the members that are given.
pub(crate) fn put(
    _forum: &Forum,
    call: &Call<'_>,
    parameters: PutCategory,
) -> Result<Saved, Fault> {
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let found = find(connection, &parameters)?;
        let added = found.is_none();
        let moderators = parameters.moderators.clone();
        let id = match found {
            Some(before) => change(connection, call, before, parameters)?,
            None => add(connection, parameters)?,
        };
        if let Some(moderators) = moderators {
            save_moderators(connection, id, moderators)?;
        }
        searchable::categories_changed(call, connection, &[id])?;
        Ok(Saved::new(id, added))
    })
}

fn find(
    connection: &mut Connection,
    parameters: &PutCategory,
) -> Result<Option<CategoryRow>, Fault> {
    if let Some(id) = parameters.id {
        let found = category::by_id(connection, id)?;
        return found.map(Some).ok_or(Fault::new("KUN_CNF"));
    }
    let parent = parameters.parent.unwrap_or(0);
    Ok(category::by_alias(connection, parent, &named(parameters)?)?)
}

fn named(parameters: &PutCategory) -> Result<String, Fault> {
    alias::named(
        parameters.alias.as_deref(),
        parameters.name.as_deref(),
        "category",
    )
}

fn change(
    connection: &mut Connection,
    call: &Call<'_>,
    before: CategoryRow,
    parameters: PutCategory,
) -> Result<i64, Fault> {
    call.if_match(before.facts.version)?;
    let parent = parameters.parent;
    if parent.is_some_and(|parent| parent != before.facts.parent_id) {
        return Err(Fault::parameter(
            "parent",
            "is set when the category is added",
        ));
    }
    let row = CategoryRow {
        id: before.id,
        facts: changed(before.facts, parameters)?,
    };
    category::save(connection, &row).map_err(taken)?;
    Ok(row.id)
}

fn add(connection: &mut Connection, parameters: PutCategory) -> Result<i64, Fault> {
    let above = match parameters.parent.unwrap_or(0) {
        0 => None,
        parent => Some(category::by_id(connection, parent)?.ok_or(Fault::new("KUN_CNF"))?),
    };
    if parameters.name.is_none() {
        return Err(Fault::parameter("name", "must be given for a new category"));
    }
    let facts = Category {
        parent_id: above.as_ref().map_or(0, |above| above.id),
        level: above.map_or(0, |above| above.facts.level + 1),
        alias: named(&parameters)?,
        ..Category::new()
    };
    category::add(connection, &changed(facts, parameters)?).map_err(taken)
}

fn changed(before: Category, parameters: PutCategory) -> Result<Category, Fault> {
    let (by_group, group_id) = match parameters.group {
        Change::Keep => (before.by_group, before.group_id),
        Change::Clear => (false, before.group_id),
        Change::Set(group) => (true, group),
    };
    let alias = match &parameters.alias {
        Some(alias) => alias::of(alias)?,
        None => before.alias,
    };
    let ordering = parameters.topic_ordering.map(TopicOrdering::word);
    Ok(Category {
        alias,
        by_group,
        group_id,
        name: parameters.name.unwrap_or(before.name),
        description: parameters.description.unwrap_or(before.description),
        icon: parameters.icon.unwrap_or(before.icon),
        icon_id: parameters.icon_id.unwrap_or(before.icon_id),
        state: parameters.state.unwrap_or(before.state),
        view_level_id: parameters.access.unwrap_or(before.view_level_id),
        locked: parameters.locked.unwrap_or(before.locked),
        review: parameters.review.unwrap_or(before.review),
        allow_anonymous: parameters.allow_anonymous.unwrap_or(before.allow_anonymous),
        post_anonymous: parameters.post_anonymous.unwrap_or(before.post_anonymous),
        allow_polls: parameters.allow_polls.unwrap_or(before.allow_polls),
        topic_ordering: ordering.unwrap_or(before.topic_ordering),
        position: parameters.ordering.unwrap_or(before.position),
        ..before
    })
}

fn save_moderators(
    connection: &mut Connection,
    category: i64,
    mut users: Vec<i64>,
) -> Result<(), Fault> {
    users.sort_unstable();
    users.dedup();
    if users.first().is_some_and(|&user| user < 1) {
        return Err(Fault::parameter(
            "moderators",
            "names accounts by their ids",
        ));
    }
    Ok(moderator::save(connection, category, &users)?)
}

/// The fault of a category that cannot be saved: its alias belongs to another one.
fn taken(error: diesel::result::Error) -> Fault {
    loggia_site::saved::taken("KUN_AAX", error)
}
