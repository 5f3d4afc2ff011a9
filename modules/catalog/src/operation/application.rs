//! Adding and changing applications.

use loggia_sdk::prelude::*;
use loggia_site::alias;

use super::saved::{Saved, taken};
use crate::store::application::{self, ApplicationFacts, ApplicationRow};
use crate::{Catalog, searchable};

/// Parameters of `put/applications`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutApplication {
    /// The application to be changed; without it, it is the one with this alias, which is added where there is
    /// none.
    id: Option<i64>,
    /// What stands for the name in addresses; made of the name at first.
    #[schemars(length(max = 400))]
    alias: Option<String>,
    /// The name.
    #[schemars(length(min = 1, max = 255))]
    name: Option<String>,
    /// The description, HTML.
    description: Option<String>,
    /// 1 published (at first), 0 unpublished, 2 archived, -2 trashed.
    #[schemars(range(min = -2, max = 2))]
    state: Option<i64>,
    /// The id of the view level of those who see it; 1, everybody, at first.
    #[schemars(range(min = 1))]
    access: Option<i64>,
}

/// Adds an application, or changes the members that are given.
pub(crate) fn put(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: PutApplication,
) -> Result<Saved, Fault> {
    catalog.memory.write(call, |connection| {
        let before = match parameters.id {
            Some(id) => Some(application::by_id(connection, id)?.ok_or(Fault::new("ZOO_AUN"))?),
            None => application::by_alias(connection, &named(&parameters)?)?,
        };
        let Some(row) = before else {
            let facts = changed(new(&parameters)?, parameters)?;
            let id = application::add(connection, &facts).map_err(taken)?;
            searchable::applications_changed(call, connection, &[id])?;
            return Ok(Saved::added(id));
        };
        call.if_match(row.facts.version)?;
        let row = ApplicationRow {
            facts: changed(row.facts, parameters)?,
            ..row
        };
        application::save(connection, &row).map_err(taken)?;
        searchable::applications_changed(call, connection, &[row.id])?;
        Ok(Saved::changed(row.id))
    })
}

fn named(parameters: &PutApplication) -> Result<String, Fault> {
    let (alias, name) = (parameters.alias.as_deref(), parameters.name.as_deref());
    alias::named(alias, name, "application")
}

fn new(parameters: &PutApplication) -> Result<ApplicationFacts, Fault> {
    if parameters.name.is_none() {
        return Err(Fault::parameter(
            "name",
            "must be given for a new application",
        ));
    }
    Ok(ApplicationFacts {
        name: String::new(),
        alias: named(parameters)?,
        description: String::new(),
        state: 1,
        view_level_id: 1,
        version: 0,
    })
}

fn changed(
    before: ApplicationFacts,
    parameters: PutApplication,
) -> Result<ApplicationFacts, Fault> {
    let alias = match &parameters.alias {
        Some(alias) => alias::of(alias)?,
        None => before.alias,
    };
    Ok(ApplicationFacts {
        alias,
        name: parameters.name.unwrap_or(before.name),
        description: parameters.description.unwrap_or(before.description),
        state: parameters.state.unwrap_or(before.state),
        view_level_id: parameters.access.unwrap_or(before.view_level_id),
        version: before.version + 1,
    })
}
