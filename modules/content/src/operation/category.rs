//! Adding and changing categories.

use loggia_sdk::prelude::*;
use loggia_site::alias;
use loggia_sql::Connection;

use super::saved::{Gone, Saved, taken};
use crate::permission::{self, Permission};
use crate::store::category::{self, CategoryRow};
use crate::store::record;
use crate::{Content, searchable};

/// Parameters of `put/categories`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutCategory {
    /// The category to be changed; without it, it is the one with this parent and alias, which is added
    /// where there is none.
    id: Option<i64>,
    /// The category above, 0 for none. Another one moves the category with everything in it.
    #[schemars(range(min = 0))]
    parent: Option<i64>,
    /// What stands for the title in addresses; made of the title at first.
    #[schemars(length(max = 400))]
    alias: Option<String>,
    /// The title.
    #[schemars(length(min = 1, max = 255))]
    title: Option<String>,
    /// The description, HTML.
    description: Option<String>,
    /// The description for search engines.
    #[schemars(length(max = 1024))]
    metadesc: Option<String>,
    /// The key words for search engines.
    #[schemars(length(max = 1024))]
    metakey: Option<String>,
    /// The title of its page.
    #[schemars(length(max = 255))]
    page_title: Option<String>,
    /// The author, for search engines.
    #[schemars(length(max = 255))]
    author: Option<String>,
    /// What robots may do, such as `noindex, follow`.
    #[schemars(length(max = 100))]
    robots: Option<String>,
    /// The language tag; `*`, for all, at first.
    #[schemars(length(min = 1, max = 20))]
    language: Option<String>,
    /// 1 published (at first), 0 unpublished, 2 archived, -2 trashed.
    #[schemars(range(min = -2, max = 2))]
    state: Option<i64>,
    /// The id of the view level of those who see it; 1, everybody, at first.
    #[schemars(range(min = 1))]
    access: Option<i64>,
    /// Its place among its siblings; the lowest is first.
    ordering: Option<i64>,
}

/// Adds a category, or changes the members that are given.
pub(crate) fn put(
    content: &Content,
    call: &Call<'_>,
    parameters: PutCategory,
) -> Result<Versioned<Saved>, Fault> {
    Permission::of(content, call).manage()?;
    permission::check_view_level(call, parameters.access)?;
    content.memory.write(call, |connection| {
        let before = find(call, connection, &parameters)?;
        let Some(before) = before else {
            return Ok(add(call, connection, parameters)?.versioned(1));
        };
        call.if_match(before.version)?;
        change(call, connection, before, parameters)
    })
}

fn change(
    call: &Call<'_>,
    connection: &mut Connection,
    before: CategoryRow,
    parameters: PutCategory,
) -> Result<Versioned<Saved>, Fault> {
    let (version, place) = (before.version, before.parent_id);
    let parent = parameters.parent.unwrap_or(place);
    if parent != place {
        check_place(call, connection, before.id, parent)?;
    }
    let mut row = changed(before, parameters)?;
    row.parent_id = parent;
    row.version = version + 1;
    if !category::save(connection, &row, version).map_err(taken)? {
        return Err(Fault::new("REQ_PCF").detail("somebody else has just changed it"));
    }
    if parent != place {
        category::TREE.grow(connection)?;
    }
    searchable::categories_changed(call, connection, &[row.id])?;
    Ok(Saved::changed(row.id).versioned(row.version))
}

/// A category that the caller may see, if he were to write, whatever its state.
fn seen(call: &Call<'_>, connection: &mut Connection, id: i64) -> Result<CategoryRow, Fault> {
    let found = category::of_levels(connection, permission::levels(call), id)?;
    found.ok_or(Fault::new("CNT_CNF"))
}

/// A category does not lie below itself.
fn check_place(
    call: &Call<'_>,
    connection: &mut Connection,
    id: i64,
    parent: i64,
) -> Result<(), Fault> {
    if parent != 0 {
        seen(call, connection, parent)?;
    }
    if category::TREE.is_within(connection, id, parent)? {
        return Err(Fault::parameter(
            "parent",
            "must be neither the category itself nor one below it",
        ));
    }
    Ok(())
}

/// Parameters of `delete/categories`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct DeleteCategory {
    /// The category.
    id: i64,
}

/// Deletes a category that has neither articles nor categories in it.
pub(crate) fn delete(
    content: &Content,
    call: &Call<'_>,
    parameters: DeleteCategory,
) -> Result<Gone, Fault> {
    Permission::of(content, call).manage()?;
    let id = parameters.id;
    content.memory.write(call, |connection| {
        let row = seen(call, connection, id)?;
        call.if_match(row.version)?;
        if record::delete_categories(connection, &[id])? == 0 {
            return Err(Fault::new("CNT_CNE"));
        }
        searchable::categories_changed(call, connection, &[id])?;
        Ok(Gone::of(id))
    })
}

fn find(
    call: &Call<'_>,
    connection: &mut Connection,
    parameters: &PutCategory,
) -> Result<Option<CategoryRow>, Fault> {
    if let Some(id) = parameters.id {
        return seen(call, connection, id).map(Some);
    }
    let parent = parameters.parent.unwrap_or(0);
    let found = category::by_alias(
        connection,
        parent,
        &alias::named(
            parameters.alias.as_deref(),
            parameters.title.as_deref(),
            "category",
        )?,
    )?;
    // Whoever may not see what is there learns by the fault that the alias is taken, and nothing else.
    found
        .map(|row| seen(call, connection, row.id).map_err(|_| Fault::new("CNT_AAX")))
        .transpose()
}

fn add(
    call: &Call<'_>,
    connection: &mut Connection,
    parameters: PutCategory,
) -> Result<Saved, Fault> {
    let alias = alias::named(
        parameters.alias.as_deref(),
        parameters.title.as_deref(),
        "category",
    )?;
    let above = match parameters.parent.unwrap_or(0) {
        0 => None,
        parent => Some(seen(call, connection, parent)?),
    };
    let row = CategoryRow {
        id: 0,
        parent_id: above.as_ref().map_or(0, |above| above.id),
        level: above.map_or(0, |above| above.level) + 1,
        position: 0,
        title: String::new(),
        alias,
        description: String::new(),
        metadesc: String::new(),
        metakey: String::new(),
        page_title: String::new(),
        author: String::new(),
        robots: String::new(),
        language: "*".to_owned(),
        state: 1,
        view_level_id: 1,
        version: 1,
    };
    if parameters.title.is_none() {
        return Err(Fault::parameter(
            "title",
            "must be given for a new category",
        ));
    }
    let row = changed(row, parameters)?;
    let id = category::add(connection, &row).map_err(taken)?;
    searchable::categories_changed(call, connection, &[id])?;
    Ok(Saved::added(id))
}

fn changed(before: CategoryRow, parameters: PutCategory) -> Result<CategoryRow, Fault> {
    let alias = match &parameters.alias {
        Some(alias) => alias::of(alias)?,
        None => before.alias,
    };
    Ok(CategoryRow {
        alias,
        title: parameters.title.unwrap_or(before.title),
        description: parameters.description.unwrap_or(before.description),
        metadesc: parameters.metadesc.unwrap_or(before.metadesc),
        metakey: parameters.metakey.unwrap_or(before.metakey),
        page_title: parameters.page_title.unwrap_or(before.page_title),
        author: parameters.author.unwrap_or(before.author),
        robots: parameters.robots.unwrap_or(before.robots),
        language: parameters.language.unwrap_or(before.language),
        state: parameters.state.unwrap_or(before.state),
        view_level_id: parameters.access.unwrap_or(before.view_level_id),
        position: parameters.ordering.unwrap_or(before.position),
        ..before
    })
}
