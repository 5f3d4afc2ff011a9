//! The categories of an application, or one of them.

use std::collections::HashMap;

use loggia_sdk::prelude::*;
use loggia_site::memory::Found;
use loggia_site::{Entries, Rendered, media};

use super::place;
use super::saved::document;
use crate::Catalog;
use crate::sight::Sight;
use crate::store::category::{self, CategoryEntry, CategoryRow};

/// Parameters of `get/categories`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Categories {
    /// One category; without it all of the application are shown.
    id: Option<i64>,
    /// The id of the application.
    #[schemars(extend("x-missing" = "ZOO_ANS"))]
    app: i64,
    /// The members of each category that are shown in the list, separated by commas.
    fields: Option<Vec<String>>,
}

/// A list, or one.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Answered {
    /// All categories.
    List(Rendered<List>),
    /// The category that was asked for.
    One(Box<One>),
}

/// The categories of an application, each before those below it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct List {
    /// How many they are.
    total: usize,
    /// The categories.
    categories: Entries<Entry>,
}

/// A category in a list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Entry {
    /// The id.
    id: String,
    /// The name.
    name: String,
    /// What stands for the name in addresses.
    alias: String,
    /// The description, HTML.
    description: String,
    /// The category above, or 0.
    parent: String,
}

/// A category with everything about it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct One {
    /// The id.
    id: String,
    /// The name.
    name: String,
    /// What stands for the name in addresses.
    alias: String,
    /// The description, HTML.
    description: String,
    /// The id of the application.
    application_id: String,
    /// The category above, or 0.
    parent: String,
    /// Its place among its siblings.
    ordering: String,
    /// The line below its title.
    content_subtitle: String,
    /// The address of its image.
    content_image: String,
    /// How wide the image is shown.
    content_image_width: String,
    /// How high the image is shown.
    content_image_height: String,
    /// The title of its page.
    metadata_title: String,
    /// The description for search engines.
    metadata_description: String,
    /// The key words for search engines.
    metadata_keywords: String,
    /// What robots may do.
    metadata_robots: String,
    /// The author.
    metadata_author: String,
}

/// What a category's page shows beside its description.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Content {
    /// The line below its title.
    pub(crate) subtitle: String,
    /// The address of its image.
    pub(crate) image: String,
    /// How wide the image is shown.
    pub(crate) image_width: String,
    /// How high the image is shown.
    pub(crate) image_height: String,
}

/// Facts for search engines.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Metadata {
    /// The title of the page.
    pub(crate) title: String,
    /// The description for search engines.
    pub(crate) description: String,
    /// The key words for search engines.
    pub(crate) keywords: String,
    /// What robots may do, such as `noindex, follow`.
    pub(crate) robots: String,
    /// The author.
    pub(crate) author: String,
}

/// Shows categories that the caller may see.
pub(crate) fn get(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: Categories,
) -> Result<Answered, Fault> {
    match parameters.id {
        Some(id) => {
            let row = place_of(catalog, call, parameters.app, id)?;
            Ok(Answered::One(Box::new(one(call, row)?)))
        }
        None => list(catalog, call, &parameters).map(Answered::List),
    }
}

fn place_of(
    catalog: &Catalog,
    call: &Call<'_>,
    application: i64,
    id: i64,
) -> Result<CategoryRow, Fault> {
    let mut connection = call.database()?;
    let application = place::application(&mut connection, call, application)?.id;
    place::category(&mut connection, &Sight::of(catalog, call), application, id)
}

/// Shows the tree; what everybody of the same sight is shown is remembered.
fn list(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: &Categories,
) -> Result<Rendered<List>, Fault> {
    let Categories { app, fields, .. } = parameters;
    let sight = Sight::of(catalog, call);
    let key = format!("tree {app} {fields:?} {:?}", sight.levels);
    let now_ms = call.host().clock().now_ms();
    if let Some(now) = catalog.memory.believed(now_ms)
        && let Some(shown) = catalog.memory.recall::<Rendered<List>>(&key, now)
    {
        return Ok((*shown).clone());
    }
    let mut connection = call.database()?;
    let now = catalog.memory.now(&mut connection, now_ms)?;
    let shown = catalog.memory.recall_or(key, now, || {
        let application = place::application(&mut connection, call, *app)?.id;
        let rows = category::all(&mut connection, application, &sight)?;
        let categories: Vec<Entry> = as_tree(rows).into_iter().map(entry).collect();
        let value = Rendered::of(&List {
            total: categories.len(),
            categories: Entries::of(categories, fields.as_deref())?,
        })?;
        Ok(Found {
            weight: value.bytes(),
            until_ms: i64::MAX,
            value,
        })
    })?;
    Ok((*shown).clone())
}

fn entry(row: CategoryEntry) -> Entry {
    Entry {
        id: row.id.to_string(),
        name: row.name,
        alias: row.alias,
        description: row.description,
        parent: row.parent_id.to_string(),
    }
}

fn one(call: &Call<'_>, row: CategoryRow) -> Result<One, Fault> {
    let content: Content = document(&row.facts.content)?;
    let metadata: Metadata = document(&row.facts.metadata)?;
    Ok(One {
        id: row.id.to_string(),
        name: row.facts.name,
        alias: row.facts.alias,
        description: row.facts.description,
        application_id: row.facts.application_id.to_string(),
        parent: row.facts.parent_id.to_string(),
        ordering: row.facts.position.to_string(),
        content_subtitle: content.subtitle,
        content_image: media::shown(call.base_url(), content.image),
        content_image_width: content.image_width,
        content_image_height: content.image_height,
        metadata_title: metadata.title,
        metadata_description: metadata.description,
        metadata_keywords: metadata.keywords,
        metadata_robots: metadata.robots,
        metadata_author: metadata.author,
    })
}

/// Puts each category before those below it; siblings keep their order.
fn as_tree(rows: Vec<CategoryEntry>) -> Vec<CategoryEntry> {
    let mut ordered = Vec::with_capacity(rows.len());
    let mut children: HashMap<i64, Vec<CategoryEntry>> = HashMap::new();
    // What is next stands last.
    for row in rows.into_iter().rev() {
        children.entry(row.parent_id).or_default().push(row);
    }
    let mut next = children.remove(&0).unwrap_or_default();
    while let Some(row) = next.pop() {
        next.extend(children.remove(&row.id).unwrap_or_default());
        ordered.push(row);
    }
    ordered
}
