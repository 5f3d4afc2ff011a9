//! Adding and changing tags.

use loggia_sdk::prelude::*;
use loggia_site::alias;
use loggia_sql::Connection;

use super::saved::{Gone, Saved, taken};
use crate::Content;
use crate::permission::{self, Permission};
use crate::store::tag::{self, TagRow};

/// Parameters of `put/tags`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutTag {
    /// The tag to be changed; without it, it is the one with this alias, which is added where there is none.
    id: Option<i64>,
    /// What stands for the title in addresses; made of the title at first.
    #[schemars(length(max = 400))]
    alias: Option<String>,
    /// The title.
    #[schemars(length(min = 1, max = 255))]
    title: Option<String>,
    /// 1 published (at first), 0 unpublished, 2 archived, -2 trashed.
    #[schemars(range(min = -2, max = 2))]
    state: Option<i64>,
    /// The id of the view level of those who see it; 1, everybody, at first.
    #[schemars(range(min = 1))]
    access: Option<i64>,
}

/// Adds a tag, or changes the members that are given.
pub(crate) fn put(content: &Content, call: &Call<'_>, parameters: PutTag) -> Result<Saved, Fault> {
    Permission::of(content, call).manage()?;
    permission::check_view_level(call, parameters.access)?;
    content.memory.write(call, |connection| {
        let before = match parameters.id {
            Some(id) => Some(find(call, connection, id)?),
            None => by_alias(call, connection, &parameters)?,
        };
        let is_new = before.is_none();
        let row = match before {
            Some(row) => row,
            None => new(&parameters)?,
        };
        let row = changed(row, parameters)?;
        if is_new {
            return Ok(Saved::added(tag::add(connection, &row).map_err(taken)?));
        }
        tag::save(connection, &row).map_err(taken)?;
        Ok(Saved::changed(row.id))
    })
}

/// A tag of the caller's view levels.
fn find(call: &Call<'_>, connection: &mut Connection, id: i64) -> Result<TagRow, Fault> {
    let row = tag::by_id(connection, id)?;
    let row = row.filter(|row| permission::has_level(call, row.view_level_id));
    row.ok_or(Fault::new("CNT_TNF"))
}

/// Whoever may not see what is there learns that the alias is taken, and nothing else.
fn by_alias(
    call: &Call<'_>,
    connection: &mut Connection,
    parameters: &PutTag,
) -> Result<Option<TagRow>, Fault> {
    let (alias, title) = (parameters.alias.as_deref(), parameters.title.as_deref());
    match tag::by_alias(connection, &alias::named(alias, title, "tag")?)? {
        Some(row) if !permission::has_level(call, row.view_level_id) => Err(Fault::new("CNT_AAX")),
        found => Ok(found),
    }
}

fn new(parameters: &PutTag) -> Result<TagRow, Fault> {
    if parameters.title.is_none() {
        return Err(Fault::parameter("title", "must be given for a new tag"));
    }
    Ok(TagRow {
        id: 0,
        title: String::new(),
        alias: alias::named(
            parameters.alias.as_deref(),
            parameters.title.as_deref(),
            "tag",
        )?,
        state: 1,
        view_level_id: 1,
    })
}

fn changed(before: TagRow, parameters: PutTag) -> Result<TagRow, Fault> {
    let alias = match &parameters.alias {
        Some(alias) => alias::of(alias)?,
        None => before.alias,
    };
    Ok(TagRow {
        alias,
        title: parameters.title.unwrap_or(before.title),
        state: parameters.state.unwrap_or(before.state),
        view_level_id: parameters.access.unwrap_or(before.view_level_id),
        ..before
    })
}

/// Parameters of `delete/tags`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct DeleteTag {
    /// The tag.
    id: i64,
}

/// Deletes a tag; the articles that carry it stay.
pub(crate) fn delete(
    content: &Content,
    call: &Call<'_>,
    parameters: DeleteTag,
) -> Result<Gone, Fault> {
    Permission::of(content, call).manage()?;
    content.memory.write(call, |connection| {
        let row = find(call, connection, parameters.id)?;
        tag::delete(connection, row.id)?;
        Ok(Gone::of(row.id))
    })
}
