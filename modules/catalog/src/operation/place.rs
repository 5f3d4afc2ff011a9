//! Where in the catalog a request looks: the application, and the category.

use loggia_sdk::{Call, Fault};
use loggia_sql::Connection;

use crate::permission::Permission;
use crate::sight::{PUBLISHED, Sight};
use crate::store::application::{self, ApplicationRow};
use crate::store::category::{self, CategoryRow};
use crate::store::item::{self, ItemRow};

/// An application that the caller may see.
pub(crate) fn application(
    connection: &mut Connection,
    call: &Call<'_>,
    id: i64,
) -> Result<ApplicationRow, Fault> {
    let found = application::by_id(connection, id)?;
    let row = found
        .filter(|row| row.facts.state == PUBLISHED)
        .ok_or(Fault::new("ZOO_AUN"))?;
    if call.view_levels().contains(&row.facts.view_level_id) {
        Ok(row)
    } else {
        Err(Fault::new("ZOO_ANA"))
    }
}

/// An application that a manager may fill, whatever its state; all others the one that they see.
pub(crate) fn application_to_fill(
    connection: &mut Connection,
    call: &Call<'_>,
    permission: Permission,
    id: i64,
) -> Result<ApplicationRow, Fault> {
    if !permission.manages() {
        return application(connection, call, id);
    }
    let row = application::by_id(connection, id)?.ok_or(Fault::new("ZOO_AUN"))?;
    if permission.has_level(call, row.facts.view_level_id) {
        Ok(row)
    } else {
        Err(Fault::new("ZOO_ANA"))
    }
}

/// With those of the present categories of an item that a writer does not see: the item stays in them.
pub(crate) fn with_unseen(
    connection: &mut Connection,
    sight: &Sight,
    application: i64,
    mut given: Vec<i64>,
    present: &[i64],
) -> Result<Vec<i64>, Fault> {
    let seen = category::among(connection, application, sight, present)?;
    let unseen = present.iter().filter(|id| !seen.contains(id));
    given.extend(unseen);
    Ok(given)
}

/// A category that the caller may see. Where only its view level, or one above it, is in the way, that is said.
pub(crate) fn category(
    connection: &mut Connection,
    sight: &Sight,
    application: i64,
    id: i64,
) -> Result<CategoryRow, Fault> {
    if let Some(row) = category::visible(connection, application, sight, id)? {
        return Ok(row);
    }
    let for_others = category::visible(connection, application, &sight.without_levels(), id)?;
    let code = for_others.map_or("ZOO_CNF", |_| "ZOO_ANA");
    Err(Fault::new(code))
}

/// An item that the caller may see; of an application that he may see, where one is named. Where only view levels are in
/// the way, that is said.
pub(crate) fn item(
    connection: &mut Connection,
    sight: &Sight,
    application: Option<i64>,
    id: i64,
) -> Result<ItemRow, Fault> {
    if let Some(row) = item::visible(connection, sight, application, id)? {
        return Ok(row);
    }
    let for_others = item::visible(connection, &sight.without_levels(), application, id)?;
    let code = for_others.map_or("ZOO_INF", |_| "ZOO_ANA");
    Err(Fault::new(code))
}

/// An item that the caller may change, locked until the transaction ends. `If-Match` is looked at.
pub(crate) fn item_to_change(
    connection: &mut Connection,
    call: &Call<'_>,
    permission: Permission,
    sight: &Sight,
    application: Option<i64>,
    id: i64,
) -> Result<ItemRow, Fault> {
    // What the request says of the application has not been looked at.
    item(connection, sight, None, id)?;
    let row = item::to_change(connection, id)?;
    let is_meant = |row: &ItemRow| application.is_none_or(|app| app == row.facts.application_id);
    let row = row.filter(is_meant).ok_or(Fault::new("ZOO_INF"))?;
    permission.edit(row.facts.created_by)?;
    call.if_match(row.facts.version)?;
    Ok(row)
}
