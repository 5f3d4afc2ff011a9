//! Adding and changing categories.

use loggia_sdk::prelude::*;
use loggia_site::{alias, media};
use loggia_sql::Connection;

use super::categories::{Content, Metadata};
use super::place;
use super::saved::{Saved, document, taken, written};
use crate::permission::Permission;
use crate::sight::Sight;
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
    /// The category above, 0 for none. Another one moves the category with everything in it.
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
    /// The address of its image; of a file in the module media, `media:` and its id.
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
    mut parameters: PutCategory,
) -> Result<Versioned<Saved>, Fault> {
    let manager = Manager::of(catalog, call)?;
    manager
        .permission
        .check_view_level(call, parameters.access)?;
    let image = parameters.content_image.take();
    let image = image.map(|image| media::kept(call.base_url(), image));
    parameters.content_image = image
        .transpose()
        .map_err(|rule| Fault::parameter("content_image", rule))?;
    catalog.memory.write(call, |connection| {
        let Some(row) = manager.find(connection, &parameters)? else {
            let facts = changed(manager.blank(connection, &parameters)?, parameters)?;
            let id = category::add(connection, &facts).map_err(taken)?;
            searchable::categories_changed(call, connection, &[id])?;
            return Ok(Saved::added(id).versioned(1));
        };
        call.if_match(row.facts.version)?;
        manager.change(connection, row, parameters)
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
    let manager = Manager::of(catalog, call)?;
    catalog.memory.write(call, |connection| {
        let row = manager.seen(connection, which.id)?;
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

/// Who may change categories, as far as he sees them.
struct Manager<'c> {
    call: &'c Call<'c>,
    permission: Permission,
    sight: Sight,
}

impl<'c> Manager<'c> {
    fn of(catalog: &Catalog, call: &'c Call<'c>) -> Result<Self, Fault> {
        let permission = Permission::of(catalog, call);
        permission.manage()?;
        Ok(Manager {
            call,
            permission,
            sight: permission.sight(catalog, call),
        })
    }

    /// A category that he may see, whatever its state.
    fn seen(&self, connection: &mut Connection, id: i64) -> Result<CategoryRow, Fault> {
        let none = || Fault::new("ZOO_CNF");
        let row = category::by_id(connection, id)?.ok_or_else(none)?;
        let app = row.facts.application_id;
        self.application(connection, app).map_err(|_| none())?;
        category::visible(connection, app, &self.sight, id)?.ok_or_else(none)
    }

    fn application(&self, connection: &mut Connection, id: i64) -> Result<i64, Fault> {
        let found = place::application_to_fill(connection, self.call, self.permission, id)?;
        Ok(found.id)
    }

    /// The category that a request means.
    fn find(
        &self,
        connection: &mut Connection,
        parameters: &PutCategory,
    ) -> Result<Option<CategoryRow>, Fault> {
        if let Some(id) = parameters.id {
            let row = self.seen(connection, id)?;
            let app = row.facts.application_id;
            let is_meant = parameters.app.is_none_or(|given| given == app);
            return Some(row)
                .filter(|_| is_meant)
                .map(Some)
                .ok_or(Fault::new("ZOO_CNF"));
        }
        let app = parameters.app.ok_or(Fault::new("ZOO_ANS"))?;
        self.application(connection, app)?;
        let parent = parameters.parent.unwrap_or(0);
        let found = category::by_alias(connection, app, parent, &named(parameters)?)?;
        // Whoever may not see what is there learns by the fault that the alias is taken, and nothing else.
        found
            .map(|row| {
                let seen = self.seen(connection, row.id);
                seen.map_err(|_| Fault::new("ZOO_AAX"))
            })
            .transpose()
    }

    fn blank(
        &self,
        connection: &mut Connection,
        parameters: &PutCategory,
    ) -> Result<CategoryFacts, Fault> {
        if parameters.name.is_none() {
            return Err(Fault::parameter("name", "must be given for a new category"));
        }
        let application_id = parameters.app.ok_or(Fault::new("ZOO_ANS"))?;
        let parent_id = parameters.parent.unwrap_or(0);
        self.check_above(connection, application_id, parent_id)?;
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

    /// The category above is one of the same application.
    fn check_above(&self, connection: &mut Connection, app: i64, id: i64) -> Result<(), Fault> {
        if id != 0 && self.seen(connection, id)?.facts.application_id != app {
            return Err(Fault::new("ZOO_CNF"));
        }
        Ok(())
    }

    /// Changes a category; below another one it goes with everything in it.
    fn change(
        &self,
        connection: &mut Connection,
        row: CategoryRow,
        parameters: PutCategory,
    ) -> Result<Versioned<Saved>, Fault> {
        let (id, app, place) = (row.id, row.facts.application_id, row.facts.parent_id);
        let parent = parameters.parent.unwrap_or(place);
        if parent != place {
            self.check_above(connection, app, parent)?;
            if category::TREE.is_within(connection, id, parent)? {
                return Err(Fault::parameter(
                    "parent",
                    "must be neither the category itself nor one below it",
                ));
            }
        }
        let facts = CategoryFacts {
            parent_id: parent,
            ..changed(row.facts, parameters)?
        };
        let row = CategoryRow { id, facts };
        category::save(connection, &row).map_err(taken)?;
        if parent != place {
            category::TREE.grow(connection)?;
        }
        searchable::categories_changed(self.call, connection, &[id])?;
        Ok(Saved::changed(id).versioned(row.facts.version))
    }
}

fn named(parameters: &PutCategory) -> Result<String, Fault> {
    let (alias, name) = (parameters.alias.as_deref(), parameters.name.as_deref());
    alias::named(alias, name, "category")
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
