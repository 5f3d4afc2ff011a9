//! Adding and changing items.

use loggia_sdk::prelude::*;
use loggia_site::{alias, clock};
use loggia_sql::{Connection, JsonText};
use serde_json::{Map, Value};

use super::{Saved, taken};
use crate::Menu;
use crate::store::item::{self, ItemRow};
use crate::store::{menu, tree};

/// Parameters of `put/items`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutItem {
    /// The item to be changed; without it, it is the one with this menu, parent, alias and language, which is added
    /// where there is none.
    id: Option<i64>,
    /// The name of its menu. It is set when the item is added.
    menutype: Option<String>,
    /// The item above, 0 for none. It is set when the item is added.
    #[schemars(range(min = 0))]
    parent: Option<i64>,
    /// What stands for the title in addresses; made of the title at first.
    #[schemars(length(max = 400))]
    alias: Option<String>,
    /// The title.
    #[schemars(length(min = 1, max = 255))]
    title: Option<String>,
    /// A remark.
    #[schemars(length(max = 255))]
    note: Option<String>,
    /// Where it leads.
    #[schemars(length(max = 1024))]
    link: Option<String>,
    /// What it is; `url` at first.
    #[serde(rename = "type")]
    #[schemars(length(min = 1, max = 16))]
    kind: Option<String>,
    /// Whether it is the site's first page.
    home: Option<bool>,
    /// Whether it opens a window of its own, as Joomla counts.
    #[schemars(range(min = 0, max = 2))]
    browser_navigation: Option<i64>,
    /// Whatever else the site knows of it.
    params: Option<Map<String, Value>>,
    /// The language tag; `*`, for all, at first.
    #[schemars(length(min = 1, max = 20))]
    language: Option<String>,
    /// 1 published (at first), 0 unpublished, -2 trashed.
    #[schemars(range(min = -2, max = 1))]
    state: Option<i64>,
    /// The id of the view level of those who see it; 1, everybody, at first.
    #[schemars(range(min = 1))]
    access: Option<i64>,
    /// From when it is shown, such as `2027-01-31 12:00:00` (UTC); `null` for always.
    #[serde(default)]
    publish_up: Change<String>,
    /// Until when it is shown; `null` for ever.
    #[serde(default)]
    publish_down: Change<String>,
    /// Its place among its siblings; the lowest is first.
    ordering: Option<i64>,
}

/// Adds an item, or changes the members that are given.
pub(crate) fn put(_menu: &Menu, call: &Call<'_>, parameters: PutItem) -> Result<Saved, Fault> {
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let before = find(connection, &parameters)?;
        let is_new = before.id == 0;
        let row = changed(before, parameters)?;
        let id = if is_new {
            item::add(connection, &row).map_err(taken)?
        } else {
            item::save(connection, &row).map_err(taken)?;
            row.id
        };
        tree::grow(connection, row.menu_id)?;
        Ok(Saved::new(id, is_new))
    })
}

/// The item that is meant, or a new one without an id.
fn find(connection: &mut Connection, parameters: &PutItem) -> Result<ItemRow, Fault> {
    if let Some(id) = parameters.id {
        let row = item::by_id(connection, id)?.ok_or(Fault::new("MNU_INF"))?;
        if parameters
            .parent
            .is_some_and(|parent| parent != row.parent_id)
        {
            return Err(Fault::parameter("parent", "is set when the item is added"));
        }
        return Ok(row);
    }
    let menutype = parameters.menutype.as_deref().unwrap_or_default();
    if menutype.is_empty() {
        return Err(Fault::new("MNU_MNS"));
    }
    let of = menu::by_type(connection, menutype)?.ok_or(Fault::new("MNU_MNF"))?;
    let parent = parameters.parent.unwrap_or(0);
    if parent != 0 {
        let above = item::by_id(connection, parent)?.filter(|above| above.menu_id == of.id);
        above.ok_or(Fault::new("MNU_INF").detail("parent: is no item of this menu"))?;
    }
    let alias = alias::named(
        parameters.alias.as_deref(),
        parameters.title.as_deref(),
        "item",
    )?;
    let language = parameters.language.as_deref().unwrap_or("*");
    match item::by_alias(connection, (of.id, parent), &alias, language)? {
        Some(row) => Ok(row),
        None if parameters.title.is_none() => {
            Err(Fault::parameter("title", "must be given for a new item"))
        }
        None => Ok(new(of.id, parent, alias)),
    }
}

fn new(menu_id: i64, parent_id: i64, alias: String) -> ItemRow {
    ItemRow {
        id: 0,
        menu_id,
        parent_id,
        // What follows from the place in the tree is written when the tree is grown.
        level: 1,
        place: 0,
        path: alias.clone(),
        position: 0,
        title: String::new(),
        alias,
        note: String::new(),
        link: String::new(),
        kind: "url".to_owned(),
        home: false,
        browser_navigation: 0,
        params: JsonText("{}".to_owned()),
        language: "*".to_owned(),
        state: 1,
        view_level_id: 1,
        publish_up_ms: None,
        publish_down_ms: None,
    }
}

fn changed(before: ItemRow, parameters: PutItem) -> Result<ItemRow, Fault> {
    let params = match parameters.params {
        Some(params) => JsonText(Value::Object(params).to_string()),
        None => before.params,
    };
    Ok(ItemRow {
        alias: match &parameters.alias {
            Some(alias) => alias::of(alias)?,
            None => before.alias,
        },
        title: parameters.title.unwrap_or(before.title),
        note: parameters.note.unwrap_or(before.note),
        link: parameters.link.unwrap_or(before.link),
        kind: parameters.kind.unwrap_or(before.kind),
        home: parameters.home.unwrap_or(before.home),
        browser_navigation: parameters
            .browser_navigation
            .unwrap_or(before.browser_navigation),
        params,
        language: parameters.language.unwrap_or(before.language),
        state: parameters.state.unwrap_or(before.state),
        view_level_id: parameters.access.unwrap_or(before.view_level_id),
        publish_up_ms: time("publish_up", parameters.publish_up, before.publish_up_ms)?,
        publish_down_ms: time(
            "publish_down",
            parameters.publish_down,
            before.publish_down_ms,
        )?,
        position: parameters.ordering.unwrap_or(before.position),
        ..before
    })
}

fn time(name: &str, change: Change<String>, before: Option<i64>) -> Result<Option<i64>, Fault> {
    match change {
        Change::Keep => Ok(before),
        Change::Clear => Ok(None),
        Change::Set(text) => clock::parse(name, &text).map(Some),
    }
}
