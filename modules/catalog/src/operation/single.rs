//! A single item with everything about it. What everybody of the same sight is shown of it is remembered, for a second
//! at most: then its hits are looked up again, which other nodes count too.

use std::sync::atomic::{AtomicI64, Ordering};

use loggia_sdk::prelude::*;
use loggia_site::Rendered;
use loggia_site::memory::Found;
use loggia_sql::Connection;

use super::categories::Metadata;
use super::elements::{self, Elements, Made};
use super::facts::Facts;
use super::place;
use super::saved::document;
use crate::Catalog;
use crate::permission::Permission;
use crate::sight::Sight;
use crate::store::item::{ItemElements, ItemEntry, ItemRow};

/// How long an item is shown without a look at its row.
const LASTS_MS: i64 = 1000;

/// Which item a request asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// The id of its application.
    pub(super) application: i64,
    /// The id.
    pub(super) id: i64,
}

/// An item with everything about it.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct One {
    /// What lists show too.
    #[serde(flatten)]
    facts: Facts,
    /// The id of the application.
    application_id: String,
    /// The identifier of its type.
    r#type: String,
    /// Its priority; the highest are first in lists.
    priority: String,
    /// 1 published, 0 unpublished, 2 archived, -2 trashed.
    state: String,
    /// 1 where searches find it, else 0.
    searchable: String,
    /// The id of the view level of those who see it.
    access: String,
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
    /// 1 where it may be commented, else 0.
    enable_comments: String,
    /// The id of the category that it belongs to first, or 0.
    primary_category: String,
    /// How often it was read.
    hits: i64,
    /// Its elements.
    elements: Rendered<Elements>,
}

/// What is remembered of an item, with its version.
struct Shown {
    version: i64,
    one: One,
    /// Those of its row and all that were counted here since.
    hits: AtomicI64,
}

impl Shown {
    fn to_reader(&self, counts: bool) -> (i64, One) {
        let added = i64::from(counts);
        let hits = self.hits.fetch_add(added, Ordering::Relaxed) + added;
        let one = One {
            hits,
            ..self.one.clone()
        };
        (self.version, one)
    }
}

/// An item as readers see it, with its version.
pub(super) fn get(catalog: &Catalog, call: &Call<'_>, wanted: Wanted) -> Result<(i64, One), Fault> {
    let sight = Sight::of(catalog, call);
    let counts = catalog.settings.update_hits && !call.is_head();
    let Wanted { application, id } = wanted;
    let key = format!(
        "one {application} {id} {} {} {:?}",
        catalog.votes.load(Ordering::SeqCst),
        call.base_url(),
        sight.timeless()
    );
    let now_ms = call.host().clock().now_ms();
    if let Some(now) = catalog.memory.believed(now_ms)
        && let Some(shown) = catalog.memory.recall::<Shown>(&key, now)
    {
        if counts {
            catalog.hits.add(id);
        }
        return Ok(shown.to_reader(counts));
    }
    let mut connection = call.database()?;
    let now = catalog.memory.now(&mut connection, now_ms)?;
    let shown = catalog.memory.recall_or(key, now, || {
        let value = find(catalog, call, &mut connection, &sight, wanted)?;
        let until_ms = catalog.until(&mut connection, now, &sight)?;
        Ok(Found {
            weight: size_of::<Shown>() + value.one.elements.bytes(),
            until_ms: until_ms.min(now_ms.saturating_add(LASTS_MS)),
            value,
        })
    })?;
    drop(connection);
    if counts {
        catalog.hits.count(call, id);
    }
    Ok(shown.to_reader(counts))
}

fn find(
    catalog: &Catalog,
    call: &Call<'_>,
    connection: &mut Connection,
    sight: &Sight,
    wanted: Wanted,
) -> Result<Shown, Fault> {
    let row = row(call, connection, sight, wanted)?;
    let hits = row.hits + catalog.hits.pending(row.id);
    let (version, one) = complete(catalog, call, connection, row)?;
    Ok(Shown {
        version,
        one,
        hits: AtomicI64::new(hits),
    })
}

/// An item of this state, for who may change it, with its version.
pub(super) fn get_of_state(
    catalog: &Catalog,
    call: &Call<'_>,
    wanted: Wanted,
    state: i64,
) -> Result<(i64, One), Fault> {
    let sight = Permission::of_writer(catalog, call)?.sight(catalog, call);
    let mut connection = call.database()?;
    let row = row(call, &mut connection, &sight, wanted)?;
    Permission::of(catalog, call).edit(row.facts.created_by)?;
    if row.facts.state != state {
        return Err(Fault::new("ZOO_INF"));
    }
    let (version, mut one) = complete(catalog, call, &mut connection, row)?;
    drop(connection);
    if catalog.settings.update_hits && !call.is_head() {
        one.hits += catalog.hits.count(call, wanted.id);
    }
    Ok((version, one))
}

fn row(
    call: &Call<'_>,
    connection: &mut Connection,
    sight: &Sight,
    wanted: Wanted,
) -> Result<ItemRow, Fault> {
    let application = place::application(connection, call, wanted.application)?.id;
    place::item(connection, sight, Some(application), wanted.id)
}

fn complete(
    catalog: &Catalog,
    call: &Call<'_>,
    connection: &mut Connection,
    row: ItemRow,
) -> Result<(i64, One), Fault> {
    let column = ItemElements {
        id: row.id,
        type_id: row.facts.type_id,
        elements: row.facts.elements.clone(),
    };
    let mut made = elements::of_items(catalog, call, connection, vec![column])?;
    let made = made.remove(&row.id).ok_or(Fault::new("ZOO_INF"))?;
    Ok((row.facts.version, one(row, made)?))
}

fn one(row: ItemRow, made: Made) -> Result<One, Fault> {
    let metadata: Metadata = document(&row.facts.metadata)?;
    let flag = |is_set: bool| i64::from(is_set).to_string();
    let (id, item) = (row.id, row.facts);
    Ok(One {
        application_id: item.application_id.to_string(),
        r#type: made.type_identifier,
        priority: item.priority.to_string(),
        state: item.state.to_string(),
        searchable: flag(item.searchable),
        access: item.view_level_id.to_string(),
        metadata_title: metadata.title,
        metadata_description: metadata.description,
        metadata_keywords: metadata.keywords,
        metadata_robots: metadata.robots,
        metadata_author: metadata.author,
        enable_comments: flag(item.comments_enabled),
        primary_category: item.primary_category_id.to_string(),
        hits: row.hits,
        elements: Rendered::of(&made.elements)?,
        facts: Facts::of(ItemEntry {
            id,
            name: item.name,
            alias: item.alias,
            priority: item.priority,
            created_by: item.created_by,
            modified_by: item.modified_by,
            publish_up_ms: item.publish_up_ms,
            publish_down_ms: item.publish_down_ms,
            created_ms: item.created_ms,
            modified_ms: item.modified_ms,
        }),
    })
}
