//! Adding and changing categories.

use loggia_sdk::prelude::*;
use loggia_site::alias;
use loggia_sql::Connection;

use super::categories::{Content, Metadata};
use super::saved::{Saved, document, taken, written};
use crate::permission::Permission;
use crate::store::application;
use crate::store::category::{self, CategoryFacts, CategoryRow};
use crate::store::item;
use crate::{Catalog, searchable};

/// Parameters of `put/categories`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutCategory {
    /// The category to be changed; without it, it is the one with this application, parent and alias, which is
    /// added where there is none.
    id: Option<i64>,
    /// The id of the application. It is set when the category is added.
    app: Option<i64>,
    /// The category above, 0 for none. It is set when the category is added.
    #[schemars(range(min = 0))]
    parent: Option<i64>,
    /// What stands for the name in addresses; made of the name at first.
    #[schemars(length(max = 400))]
    alias: Option<String>,
    /// The name.
    #[schemars(length(min = 1, max = 255))]
    name: Option<String>,
    /// The description, HTML.
    description: Option<String>,
    /// The line below its title.
    #[schemars(length(max = 1024))]
    content_subtitle: Option<String>,
    /// The address of its image.
    #[schemars(length(max = 1024))]
    content_image: Option<String>,
    /// How wide the image is shown.
    #[schemars(length(max = 20))]
    content_image_width: Option<String>,
    /// How high the image is shown.
    #[schemars(length(max = 20))]
    content_image_height: Option<String>,
    /// Facts for search engines, all of them.
    metadata: Option<Metadata>,
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
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: PutCategory,
) -> Result<Versioned<Saved>, Fault> {
    Permission::of(catalog, call).manage()?;
    catalog.write(call, |connection| {
        let Some(row) = find(connection, &parameters)? else {
            let facts = changed(new(connection, &parameters)?, parameters)?;
            let id = category::add(connection, &facts).map_err(taken)?;
            searchable::categories_changed(call, connection, &[id])?;
            return Ok(Saved::added(id).versioned(1));
        };
        call.if_match(row.facts.version)?;
        let is_moved = |parent: i64| parent != row.facts.parent_id;
        if parameters.parent.is_some_and(is_moved) {
            return Err(Fault::parameter(
                "parent",
                "is set when the category is added",
            ));
        }
        let row = CategoryRow {
            facts: changed(row.facts, parameters)?,
            ..row
        };
        category::save(connection, &row).map_err(taken)?;
        searchable::categories_changed(call, connection, &[row.id])?;
        Ok(Saved::changed(row.id).versioned(row.facts.version))
    })
}

/// Which category.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Which {
    /// The category.
    id: i64,
}

/// Deletes a category that has none below it; its items stay.
pub(crate) fn delete(
    catalog: &Catalog,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Saved>, Fault> {
    Permission::of(catalog, call).manage()?;
    catalog.write(call, |connection| {
        let row = category::by_id(connection, which.id)?.ok_or(Fault::new("ZOO_CNF"))?;
        call.if_match(row.facts.version)?;
        if category::has_children(connection, row.id)? {
            return Err(Fault::new("ZOO_CNE"));
        }
        let items = item::leave_category(connection, row.id)?;
        category::delete(connection, row.id)?;
        searchable::items_changed(call, connection, &items)?;
        searchable::categories_changed(call, connection, &[row.id])?;
        Ok(Saved::changed(row.id).versioned(row.facts.version))
    })
}

fn find(
    connection: &mut Connection,
    parameters: &PutCategory,
) -> Result<Option<CategoryRow>, Fault> {
    if let Some(id) = parameters.id {
        let found = category::by_id(connection, id)?;
        let is_there = |row: &CategoryRow| {
            let app = row.facts.application_id;
            parameters.app.is_none_or(|given| given == app)
        };
        return found
            .filter(is_there)
            .map(Some)
            .ok_or(Fault::new("ZOO_CNF"));
    }
    let app = parameters.app.ok_or(Fault::new("ZOO_ANS"))?;
    if application::by_id(connection, app)?.is_none() {
        return Err(Fault::new("ZOO_AUN"));
    }
    let parent = parameters.parent.unwrap_or(0);
    Ok(category::by_alias(
        connection,
        app,
        parent,
        &named(parameters)?,
    )?)
}

fn named(parameters: &PutCategory) -> Result<String, Fault> {
    let (alias, name) = (parameters.alias.as_deref(), parameters.name.as_deref());
    alias::named(alias, name, "category")
}

fn new(connection: &mut Connection, parameters: &PutCategory) -> Result<CategoryFacts, Fault> {
    if parameters.name.is_none() {
        return Err(Fault::parameter("name", "must be given for a new category"));
    }
    let application_id = parameters.app.ok_or(Fault::new("ZOO_ANS"))?;
    let parent_id = parameters.parent.unwrap_or(0);
    if parent_id != 0 {
        let above = category::by_id(connection, parent_id)?;
        above
            .filter(|above| above.facts.application_id == application_id)
            .ok_or(Fault::new("ZOO_CNF"))?;
    }
    Ok(CategoryFacts {
        application_id,
        parent_id,
        position: 0,
        name: String::new(),
        alias: named(parameters)?,
        description: String::new(),
        content: written(&Content::default())?,
        metadata: written(&Metadata::default())?,
        state: 1,
        view_level_id: 1,
        version: 0,
    })
}

fn changed(before: CategoryFacts, parameters: PutCategory) -> Result<CategoryFacts, Fault> {
    let content: Content = document(&before.content)?;
    let content = Content {
        subtitle: parameters.content_subtitle.unwrap_or(content.subtitle),
        image: parameters.content_image.unwrap_or(content.image),
        image_width: parameters
            .content_image_width
            .unwrap_or(content.image_width),
        image_height: parameters
            .content_image_height
            .unwrap_or(content.image_height),
    };
    Ok(CategoryFacts {
        alias: match &parameters.alias {
            Some(alias) => alias::of(alias)?,
            None => before.alias,
        },
        name: parameters.name.unwrap_or(before.name),
        description: parameters.description.unwrap_or(before.description),
        content: written(&content)?,
        metadata: match &parameters.metadata {
            Some(metadata) => written(metadata)?,
            None => before.metadata,
        },
        state: parameters.state.unwrap_or(before.state),
        view_level_id: parameters.access.unwrap_or(before.view_level_id),
        position: parameters.ordering.unwrap_or(before.position),
        version: before.version + 1,
        ..before
    })
}
