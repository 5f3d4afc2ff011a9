//! Adding and changing menus.

use loggia_sdk::prelude::*;

use super::{Saved, taken};
use crate::Menu;
use crate::store::menu::{self, MenuRow};

/// Parameters of `put/menus`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutMenu {
    /// The menu to be changed; without it, it is the one of this `menutype`, which is added where there is none.
    id: Option<i64>,
    /// The name by which its items are asked for: small letters, digits, `-` and `_`.
    #[schemars(length(min = 1, max = 24))]
    menutype: Option<String>,
    /// The title; the name at first.
    #[schemars(length(min = 1, max = 48))]
    title: Option<String>,
    /// What it is for.
    #[schemars(length(max = 255))]
    description: Option<String>,
}

/// Adds a menu, or changes the members that are given.
pub(crate) fn put(_menu: &Menu, call: &Call<'_>, parameters: PutMenu) -> Result<Saved, Fault> {
    if let Some(menutype) = &parameters.menutype {
        check(menutype)?;
    }
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let before = match (parameters.id, &parameters.menutype) {
            (Some(id), _) => Some(menu::by_id(connection, id)?.ok_or(Fault::new("MNU_MNF"))?),
            (None, Some(menutype)) => menu::by_type(connection, menutype)?,
            (None, None) => {
                let rule = "must be given, or the id of a menu";
                return Err(Fault::parameter("menutype", rule));
            }
        };
        let is_new = before.is_none();
        let name = parameters.menutype.clone().unwrap_or_default();
        let before = before.unwrap_or_else(|| MenuRow {
            id: 0,
            title: name.clone(),
            menutype: name,
            description: String::new(),
        });
        let row = MenuRow {
            id: before.id,
            menutype: parameters.menutype.unwrap_or(before.menutype),
            title: parameters.title.unwrap_or(before.title),
            description: parameters.description.unwrap_or(before.description),
        };
        let id = if is_new {
            menu::add(connection, &row).map_err(taken)?
        } else {
            menu::save(connection, &row).map_err(taken)?;
            row.id
        };
        Ok(Saved::new(id, is_new))
    })
}

fn check(menutype: &str) -> Result<(), Fault> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if menutype.chars().all(plain) {
        return Ok(());
    }
    let rule = "must be of small letters, digits, - and _";
    Err(Fault::parameter("menutype", rule))
}
