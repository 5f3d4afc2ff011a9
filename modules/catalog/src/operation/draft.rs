//! From the members of a request to the row of an item.

use loggia_sdk::prelude::*;
use loggia_site::alias;
use loggia_sql::Connection;
use serde_json::{Map, Value};

use super::categories::Metadata;
use super::saved::{Saved, document, time, written};
use super::{given, place, saving};
use crate::Catalog;
use crate::element::{self, Element};
use crate::permission::Permission;
use crate::sight::Sight;
use crate::store::item::{self, ItemFacts, ItemRow};
use crate::store::item_type::TypeRow;
use crate::store::{category, item_type, membership};

/// The most categories of an item.
const MOST_CATEGORIES: usize = 1000;

/// Parameters of `put/items` and `post/items`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutItem {
    /// The item to be changed; without it, it is the one with this application and alias, which is added where
    /// there is none. Not for `post`, which always adds.
    pub(crate) id: Option<i64>,
    /// The id of the application. It is set when the item is added.
    pub(crate) app: Option<i64>,
    /// The identifier of its type. It is set when the item is added.
    #[schemars(length(max = 100))]
    pub(crate) r#type: Option<String>,
    /// What stands for the name in addresses; made of the name at first.
    #[schemars(length(max = 400))]
    pub(crate) alias: Option<String>,
    /// The name.
    #[schemars(length(min = 1, max = 255))]
    pub(crate) name: Option<String>,
    /// The ids of all its categories.
    pub(crate) categories: Option<Vec<i64>>,
    /// The id of the category that it belongs to first; at first the first of its categories.
    #[schemars(range(min = 0))]
    pub(crate) primary_category: Option<i64>,
    /// Values of its elements, by their identifiers or the slugs of their names; `null` clears one. A plain value
    /// stands for what answers show as `data`.
    pub(crate) elements: Option<Map<String, Value>>,
    /// 1 published, 0 unpublished, 2 archived, -2 trashed. New ones of those who may not publish are unpublished.
    #[schemars(range(min = -2, max = 2))]
    pub(crate) state: Option<i64>,
    /// The id of the view level of those who see it; 1, everybody, at first.
    #[schemars(range(min = 1))]
    pub(crate) access: Option<i64>,
    /// From when it is shown, such as `2027-01-31 12:00:00` (UTC); `null` for always.
    #[serde(default)]
    pub(crate) publish_up: Change<String>,
    /// Until when it is shown; `null` for ever.
    #[serde(default)]
    pub(crate) publish_down: Change<String>,
    /// The highest are first in lists; 0 at first.
    pub(crate) priority: Option<i64>,
    /// Whether searches find it; they do at first.
    pub(crate) searchable: Option<bool>,
    /// Whether it may be commented.
    pub(crate) enable_comments: Option<bool>,
    /// The id of the account that wrote it; at first the caller's.
    #[schemars(range(min = 1))]
    pub(crate) created_by: Option<i64>,
    /// The name shown as the author's instead of the account's.
    #[schemars(length(max = 255))]
    pub(crate) created_by_alias: Option<String>,
    /// Facts for search engines, all of them.
    pub(crate) metadata: Option<Metadata>,
}

/// What a caller wants an item to be.
pub(crate) struct Draft<'c> {
    catalog: &'c Catalog,
    call: &'c Call<'c>,
    parameters: PutItem,
    permission: Permission,
    sight: Sight,
}

impl<'c> Draft<'c> {
    /// Of the members of a request, as far as the caller may set them.
    pub(crate) fn of(
        catalog: &'c Catalog,
        call: &'c Call<'c>,
        parameters: PutItem,
    ) -> Result<Self, Fault> {
        let permission = Permission::of(catalog, call);
        let sight = permission.sight(catalog, call);
        check(permission, &parameters)?;
        permission.check_view_level(call, parameters.access)?;
        if let Some(user) = parameters.created_by
            && call.host().identity()?.by_id(call, user)?.is_none()
        {
            return Err(Fault::parameter("created_by", "is no account's id"));
        }
        Ok(Draft {
            catalog,
            call,
            parameters,
            permission,
            sight,
        })
    }

    /// The item that is named by its id, or by its application and alias where there is one.
    pub(crate) fn find(&self, connection: &mut Connection) -> Result<Option<ItemRow>, Fault> {
        let app = self.parameters.app;
        if let Some(id) = self.parameters.id {
            return self.to_change(connection, app, id).map(Some);
        }
        let app = app.ok_or(Fault::new("ZOO_ANS"))?;
        let Some(row) = item::by_alias(connection, app, &self.named()?)? else {
            return Ok(None);
        };
        // Whoever may not see what is there learns by the fault that the alias is taken, and nothing else.
        let found = self.to_change(connection, Some(app), row.id);
        found.map(Some).map_err(|fault| match fault.code() {
            "REQ_PCF" => fault,
            _ => Fault::new("ZOO_AAX"),
        })
    }

    fn to_change(
        &self,
        connection: &mut Connection,
        app: Option<i64>,
        id: i64,
    ) -> Result<ItemRow, Fault> {
        let (call, permission) = (self.call, self.permission);
        place::item_to_change(connection, call, permission, &self.sight, app, id)
    }

    /// Adds the item.
    pub(crate) fn add(&self, connection: &mut Connection) -> Result<Saved, Fault> {
        self.permission.create()?;
        let app = self.parameters.app.ok_or(Fault::new("ZOO_ANS"))?;
        place::application_to_fill(connection, self.call, self.permission, app)?;
        let wanted = self.parameters.r#type.as_deref();
        let wanted =
            wanted.ok_or_else(|| Fault::parameter("type", "must be given for a new item"))?;
        let kind = item_type::by_identifier(connection, app, wanted)?;
        let kind = kind.ok_or(Fault::new("ZOO_TNF"))?;
        let categories = self.categories(connection, app)?.unwrap_or_default();
        let before = self.blank(app, kind.id)?;
        let mut facts = self.changed(connection, before, &kind, &categories)?;
        if self.parameters.alias.is_none() {
            facts.alias = free(connection, app, facts.alias)?;
        }
        saving::add(self.call, connection, facts, &categories)
    }

    /// Changes an item.
    pub(crate) fn change(
        &self,
        connection: &mut Connection,
        before: ItemRow,
    ) -> Result<Versioned<Saved>, Fault> {
        let kind = item_type::by_id(connection, before.facts.type_id)?;
        let kind = kind.ok_or(Fault::new("ZOO_TNF"))?;
        let is_other = |wanted: &String| *wanted != kind.facts.identifier;
        if self.parameters.r#type.as_ref().is_some_and(is_other) {
            return Err(Fault::parameter("type", "is set when the item is added"));
        }
        let (app, id) = (before.facts.application_id, before.id);
        let present = membership::of_item(connection, id)?;
        let given = match self.categories(connection, app)? {
            Some(given) => {
                let sight = &self.sight;
                Some(place::with_unseen(connection, sight, app, given, &present)?)
            }
            None => None,
        };
        let categories = given.as_ref().unwrap_or(&present);
        let after = self.changed(connection, before.facts.clone(), &kind, categories)?;
        let (catalog, call) = (self.catalog, self.call);
        saving::change(catalog, call, connection, before, after, given, "change")
    }

    /// The categories that are given, in their order, as far as the caller may see them.
    fn categories(&self, connection: &mut Connection, app: i64) -> Result<Option<Vec<i64>>, Fault> {
        let Some(given) = &self.parameters.categories else {
            return Ok(None);
        };
        let mut categories: Vec<i64> = Vec::with_capacity(given.len().min(MOST_CATEGORIES));
        for id in given {
            if !categories.contains(id) {
                categories.push(*id);
            }
            if categories.len() > MOST_CATEGORIES {
                let rule = "names at most 1000 categories";
                return Err(Fault::parameter("categories", rule));
            }
        }
        let found = category::among(connection, app, &self.sight, &categories)?;
        if found.len() == categories.len() {
            Ok(Some(categories))
        } else {
            Err(Fault::new("ZOO_CNF"))
        }
    }

    fn named(&self) -> Result<String, Fault> {
        let PutItem { alias, name, .. } = &self.parameters;
        alias::named(alias.as_deref(), name.as_deref(), "item")
    }

    fn blank(&self, app: i64, kind: i64) -> Result<ItemFacts, Fault> {
        if self.parameters.name.is_none() {
            return Err(Fault::parameter("name", "must be given for a new item"));
        }
        let now_ms = self.call.host().clock().now_ms();
        Ok(ItemFacts {
            application_id: app,
            type_id: kind,
            name: String::new(),
            alias: self.named()?,
            state: i64::from(self.permission.publishes()),
            view_level_id: 1,
            publish_up_ms: None,
            publish_down_ms: None,
            priority: 0,
            searchable: true,
            comments_enabled: false,
            primary_category_id: 0,
            created_ms: now_ms,
            created_by: self.permission.user,
            created_by_alias: String::new(),
            modified_ms: now_ms,
            modified_by: self.permission.user,
            elements: written(&Map::new())?,
            metadata: written(&Metadata::default())?,
            version: 0,
        })
    }

    fn changed(
        &self,
        connection: &mut Connection,
        before: ItemFacts,
        kind: &TypeRow,
        categories: &[i64],
    ) -> Result<ItemFacts, Fault> {
        let given = &self.parameters;
        let text = |new: &Option<String>, old: String| new.clone().unwrap_or(old);
        Ok(ItemFacts {
            elements: written(&self.elements(connection, &before, kind)?)?,
            alias: match &given.alias {
                Some(alias) => alias::of(alias)?,
                None => before.alias,
            },
            name: text(&given.name, before.name),
            state: given.state.unwrap_or(before.state),
            view_level_id: given.access.unwrap_or(before.view_level_id),
            publish_up_ms: time("publish_up", &given.publish_up, before.publish_up_ms)?,
            publish_down_ms: time("publish_down", &given.publish_down, before.publish_down_ms)?,
            priority: given.priority.unwrap_or(before.priority),
            searchable: given.searchable.unwrap_or(before.searchable),
            comments_enabled: given.enable_comments.unwrap_or(before.comments_enabled),
            primary_category_id: primary(given, before.primary_category_id, categories)?,
            created_by: given.created_by.unwrap_or(before.created_by),
            created_by_alias: text(&given.created_by_alias, before.created_by_alias),
            metadata: match &given.metadata {
                Some(metadata) => written(metadata)?,
                None => before.metadata,
            },
            ..before
        })
    }

    /// The data of all elements. Those of view levels that the caller does not have stay as they are.
    fn elements(
        &self,
        connection: &mut Connection,
        before: &ItemFacts,
        kind: &TypeRow,
    ) -> Result<Map<String, Value>, Fault> {
        let levels = self.sight.levels.as_ref();
        let is_seen = |element: &Element| {
            levels.is_none_or(|levels| levels.contains(&element.definition.access))
        };
        let mut elements = element::of_column(&kind.facts.elements)?;
        elements.retain(is_seen);
        let none = Map::new();
        let given = self.parameters.elements.as_ref().unwrap_or(&none);
        let before = document(&before.elements)?;
        let data = given::merged(&elements, before, given, self.call.base_url())?;
        if !given.is_empty() {
            given::check_relations(connection, &self.sight, &elements, &data)?;
        }
        Ok(data)
    }
}

/// Some members are for publishers, and one for managers.
fn check(permission: Permission, parameters: &PutItem) -> Result<(), Fault> {
    for (name, is_given) in [
        ("state", parameters.state.is_some()),
        ("priority", parameters.priority.is_some()),
        ("publish_up", parameters.publish_up != Change::Keep),
        ("publish_down", parameters.publish_down != Change::Keep),
    ] {
        if is_given {
            permission.publish(name)?;
        }
    }
    if parameters.created_by.is_some() {
        permission.manage()?;
    }
    Ok(())
}

/// An alias that is free: one that is taken gets a number.
fn free(connection: &mut Connection, app: i64, wanted: String) -> Result<String, Fault> {
    let taken = item::aliases_beginning(connection, app, &wanted)?;
    let mut alias = wanted.clone();
    let mut number = 2;
    while taken.contains(&alias) {
        alias = format!("{wanted}-{number}");
        number += 1;
    }
    Ok(alias)
}

/// The first category is one of the item's.
fn primary(parameters: &PutItem, before: i64, categories: &[i64]) -> Result<i64, Fault> {
    match parameters.primary_category {
        Some(wanted) if wanted == 0 || categories.contains(&wanted) => Ok(wanted),
        Some(_) => Err(Fault::parameter(
            "primary_category",
            "must be one of the item's categories, or 0",
        )),
        None if categories.contains(&before) => Ok(before),
        None => Ok(categories.first().copied().unwrap_or(0)),
    }
}
