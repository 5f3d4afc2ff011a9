//! The tree of categories, or one of them.

use std::collections::HashMap;
use std::sync::Arc;

use loggia_sdk::prelude::*;
use loggia_site::Rendered;
use loggia_site::memory::Found;

use crate::Content;
use crate::sight::Sight;
use crate::store::category::{self, Branch, CategoryRow};

/// Parameters of `get/categories`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Categories {
    /// One category; without it a list is shown.
    id: Option<i64>,
    /// Below which category the list begins; without it, or with `root`, at the top.
    rootid: Option<i64>,
    /// Whether the list goes below the children.
    #[serde(default)]
    recursive: bool,
    /// Whether the articles of each category are counted.
    #[serde(default)]
    countitems: bool,
}

/// A list, or one.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Answered {
    /// Some categories.
    List(Rendered<List>),
    /// The category that was asked for.
    One(Box<One>),
}

/// A list of categories, each before those below it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct List {
    /// How many they are.
    total: usize,
    /// The categories.
    categories: Vec<Entry>,
}

/// A category in a list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Entry {
    /// The id.
    id: String,
    /// The title.
    title: String,
    /// The description, HTML.
    description: String,
    /// The category above, or `root`.
    parent_id: String,
    /// How many articles it has, where they are counted.
    numitems: Option<String>,
}

/// A category with everything about it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct One {
    /// The id.
    id: String,
    /// The title.
    title: String,
    /// What stands for the title in addresses.
    alias: String,
    /// The description, HTML.
    description: String,
    /// The description for search engines.
    metadesc: String,
    /// The key words for search engines.
    metakey: String,
    /// Further facts for search engines.
    metadata: Metadata,
    /// The language tag, or `*`.
    language: String,
    /// The category above, or `root`.
    parent_id: String,
    /// How deep it lies; 1 at the top.
    level: String,
    /// How many articles it has.
    numitems: String,
}

/// Facts for search engines.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Metadata {
    /// The title of its page.
    page_title: String,
    /// The author.
    author: String,
    /// What robots may do.
    robots: String,
}

/// Shows categories that the caller may see.
pub(crate) fn get(
    content: &Content,
    call: &Call<'_>,
    parameters: Categories,
) -> Result<Answered, Fault> {
    match parameters.id {
        Some(id) => one(content, call, id).map(|one| Answered::One(Box::new(one))),
        None => list(content, call, &parameters).map(Answered::List),
    }
}

fn one(content: &Content, call: &Call<'_>, id: i64) -> Result<One, Fault> {
    let row = category::visible(&mut call.database()?, call.view_levels(), id)?;
    let row = row.ok_or(Fault::new("CNT_CNF"))?;
    let count = counts(content, call)?.get(&id).copied().unwrap_or(0);
    Ok(One {
        id: row.id.to_string(),
        parent_id: parent(&row),
        level: row.level.to_string(),
        title: row.title,
        alias: row.alias,
        description: row.description,
        metadesc: row.metadesc,
        metakey: row.metakey,
        metadata: Metadata {
            page_title: row.page_title,
            author: row.author,
            robots: row.robots,
        },
        language: row.language,
        numitems: count.to_string(),
    })
}

/// Shows a tree; what everybody of the same sight is shown is remembered.
fn list(
    content: &Content,
    call: &Call<'_>,
    parameters: &Categories,
) -> Result<Rendered<List>, Fault> {
    let sight = Sight::of(content, call)?;
    let key = format!(
        "tree {:?} {} {} {:?} {:?}",
        parameters.rootid,
        parameters.recursive,
        parameters.countitems,
        call.view_levels(),
        sight.timeless()
    );
    let now_ms = call.host().clock().now_ms();
    if let Some(now) = content.memory.believed(now_ms)
        && let Some(shown) = content.memory.recall::<Rendered<List>>(&key, now)
    {
        return Ok((*shown).clone());
    }
    let mut connection = call.database()?;
    let now = content.memory.now(&mut connection, now_ms)?;
    let shown = content.memory.recall_or(key, now, || {
        let value = Rendered::of(&tree(content, call, parameters)?)?;
        Ok(Found {
            weight: value.bytes(),
            until_ms: content.until(&mut connection, now, &sight)?,
            value,
        })
    })?;
    Ok((*shown).clone())
}

fn tree(content: &Content, call: &Call<'_>, parameters: &Categories) -> Result<List, Fault> {
    let root = parameters.rootid.unwrap_or(0);
    let levels = call.view_levels();
    if root != 0 && category::visible(&mut call.database()?, levels, root)?.is_none() {
        return Err(Fault::new("CNT_NCF"));
    }
    let branch = Branch {
        root,
        recursive: parameters.recursive,
    };
    let rows = category::branch(&mut call.database()?, levels, branch)?;
    let counts = if parameters.countitems {
        Some(counts(content, call)?)
    } else {
        None
    };
    let numitems = |id| {
        let counts = counts.as_ref()?;
        Some(counts.get(&id).copied().unwrap_or(0).to_string())
    };
    let categories: Vec<Entry> = as_tree(rows, root)
        .into_iter()
        .map(|row| Entry {
            id: row.id.to_string(),
            parent_id: parent(&row),
            numitems: numitems(row.id),
            title: row.title,
            description: row.description,
        })
        .collect();
    Ok(List {
        total: categories.len(),
        categories,
    })
}

fn counts(content: &Content, call: &Call<'_>) -> Result<Arc<HashMap<i64, i64>>, Fault> {
    let sight = Sight::of(content, call)?;
    let mut connection = call.database()?;
    let now = content
        .memory
        .now(&mut connection, call.host().clock().now_ms())?;
    content.counts(&mut connection, now, &sight)
}

fn parent(row: &CategoryRow) -> String {
    match row.parent_id {
        0 => "root".to_owned(),
        parent => parent.to_string(),
    }
}

/// Puts each category before those below it; siblings keep their order.
fn as_tree(rows: Vec<CategoryRow>, root: i64) -> Vec<CategoryRow> {
    let mut ordered = Vec::with_capacity(rows.len());
    let mut children: HashMap<i64, Vec<CategoryRow>> = HashMap::new();
    // What is next stands last.
    for row in rows.into_iter().rev() {
        children.entry(row.parent_id).or_default().push(row);
    }
    let mut next = children.remove(&root).unwrap_or_default();
    while let Some(row) = next.pop() {
        next.extend(children.remove(&row.id).unwrap_or_default());
        ordered.push(row);
    }
    ordered
}
