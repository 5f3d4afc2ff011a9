//! Menus and their items.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::feed::Feed;
use super::made::{Made, batch, noted};
use super::object::{object, record};
use super::site::Site;
use super::tree::Tree;
use crate::moving::Outcome;
use crate::moving::merge::Batch;

const MODULE: &str = "menu";

/// The feeds of this part.
pub(super) const FEEDS: [Feed; 2] = [
    Feed::new(MODULE, "menu", "menu_types", menus),
    Feed::new(MODULE, "item", "menu", items),
];

/// Joomla's administration has menus of its own.
const OF_SITE: &str = "t.\"client_id\" = 0";

fn menus(site: &mut Site, after: i64) -> Outcome<Batch> {
    let condition = if site.has_column("menu_types", "client_id")? {
        OF_SITE
    } else {
        "1 = 1"
    };
    let rows = site.page("menu_types", "id", after, condition)?;
    batch(rows, "id", |row| {
        Ok(Made::Record(record(json!({
            "id": row.number("id"), "menutype": row.text("menutype"), "title": row.text("title"),
            "description": row.text("description"),
        }))))
    })
}

fn items(site: &mut Site, after: i64) -> Outcome<Batch> {
    if !site.has("menu_types")? {
        return Ok(Batch::default());
    }
    let types = site.rows(&format!(
        "SELECT \"id\", \"menutype\" FROM {}",
        site.table("menu_types")
    ))?;
    let menus: HashMap<String, i64> = types
        .iter()
        .map(|row| (row.text("menutype"), row.number("id")))
        .collect();
    let places = places(site)?;
    let condition = format!("{OF_SITE} AND t.\"alias\" <> 'root'");
    let tree = Tree::read(site, "menu", "parent_id", &condition)?;
    let rows = site.page("menu", "id", after, &condition)?;
    batch(rows, "id", |row| {
        let id = row.number("id");
        let Some(menu) = menus.get(&row.text("menutype")) else {
            return Ok(Made::Skipped("its menu is not there".to_owned()));
        };
        let (place, mut notes) = (tree.place(id), Vec::new());
        let made = record(json!({
            "id": id,
            "menu_id": menu,
            "parent_id": place.parent(),
            "level": 0,
            "position": places.get(&id).copied().unwrap_or(0),
            "place": 0,
            "title": row.text("title"),
            "alias": row.text("alias"),
            "note": row.text("note"),
            "link": row.text("link"),
            "kind": row.text("type"),
            "home": row.number("home") != 0,
            "browser_navigation": row.number("browserNav"),
            "params": Value::Object(object(row, "params")),
            "language": row.text("language").trim(),
            "state": place.state(row.number("published"), &mut notes),
            "view_level_id": row.number("access"),
            "publish_up_ms": row.time_ms("publish_up"),
            "publish_down_ms": row.time_ms("publish_down"),
        }));
        Ok(noted(made, &notes))
    })
}

/// The place of each item among its siblings.
fn places(site: &mut Site) -> Outcome<HashMap<i64, i64>> {
    let sql = format!(
        "SELECT t.\"id\", t.\"parent_id\" FROM {} t WHERE {OF_SITE} AND t.\"alias\" <> 'root' ORDER BY t.\"lft\", t.\"id\"",
        site.table("menu")
    );
    let (mut places, mut children) = (HashMap::new(), HashMap::<i64, i64>::new());
    for row in site.rows(&sql)? {
        let place = children.entry(row.number("parent_id")).or_default();
        *place += 1;
        places.insert(row.number("id"), *place);
    }
    Ok(places)
}
