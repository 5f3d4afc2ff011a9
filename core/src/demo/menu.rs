//! The menu of the demo site. Each item is named by its place and alias, so adding it again adds nothing.

use serde_json::{Value, json};

use super::operate::operate;
use crate::app::House;

/// The view level of those who have an account.
const REGISTERED: i64 = 2;

/// Adds a menu of which a guest sees a part.
pub(super) fn menu(house: &House) -> Result<(), String> {
    let menu = json!({ "menutype": "mainmenu", "title": "Main menu" });
    operate(house, "menu", "put", "menus", &menu, None)?;
    item(
        house,
        json!({ "title": "Home", "link": "/", "home": true, "ordering": 1 }),
    )?;
    let news = item(
        house,
        json!({ "title": "News", "link": "/news", "ordering": 2 }),
    )?;
    let below = |title: &str| json!({ "title": title, "link": "/news/events", "parent": news });
    item(house, below("Events"))?;
    item(
        house,
        json!({ "title": "Members", "link": "/members", "access": REGISTERED, "ordering": 3 }),
    )?;
    item(
        house,
        json!({ "title": "Not yet", "state": 0, "ordering": 4 }),
    )
    .map(drop)
}

fn item(house: &House, mut members: Value) -> Result<i64, String> {
    members["menutype"] = json!("mainmenu");
    let saved = operate(house, "menu", "put", "items", &members, None)?;
    let id = saved["id"].as_str().and_then(|id| id.parse().ok());
    id.ok_or_else(|| "menu put/items answered without an id".to_owned())
}
