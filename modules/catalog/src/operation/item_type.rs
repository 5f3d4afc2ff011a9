//! Adding, changing and showing types of items.

use loggia_sdk::prelude::*;
use loggia_site::alias;
use loggia_sql::Connection;
use serde_json::{Map, Value};

use super::saved::{Saved, taken};
use crate::Catalog;
use crate::element::{self, Definition};
use crate::store::application;
use crate::store::item_type::{self, TypeFacts, TypeRow};

/// Parameters of `put/types`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutType {
    /// The type to be changed; without it, it is the one with this application and identifier, which is added
    /// where there is none.
    id: Option<i64>,
    /// The id of the application. It is set when the type is added.
    app: Option<i64>,
    /// What names it in requests and answers; made of the name at first.
    #[schemars(length(max = 100))]
    identifier: Option<String>,
    /// The name.
    #[schemars(length(min = 1, max = 255))]
    name: Option<String>,
    /// All its elements in their order, each a definition under its identifier. Values of elements that are left
    /// out stay with their items and are not shown.
    #[schemars(with = "Option<std::collections::BTreeMap<String, Definition>>")]
    elements: Option<Map<String, Value>>,
}

/// Adds a type, or changes the members that are given.
pub(crate) fn put(catalog: &Catalog, call: &Call<'_>, parameters: PutType) -> Result<Saved, Fault> {
    catalog.memory.write(call, |connection| {
        let Some(row) = find(connection, &parameters)? else {
            let facts = changed(new(&parameters)?, parameters)?;
            let id = item_type::add(connection, &facts).map_err(taken)?;
            return Ok(Saved::added(id));
        };
        call.if_match(row.facts.version)?;
        let is_moved = |app: i64| app != row.facts.application_id;
        if parameters.app.is_some_and(is_moved) {
            return Err(Fault::parameter("app", "is set when the type is added"));
        }
        let row = TypeRow {
            facts: changed(row.facts, parameters)?,
            ..row
        };
        item_type::save(connection, &row).map_err(taken)?;
        Ok(Saved::changed(row.id))
    })
}

fn find(connection: &mut Connection, parameters: &PutType) -> Result<Option<TypeRow>, Fault> {
    if let Some(id) = parameters.id {
        let found = item_type::by_id(connection, id)?;
        return found.map(Some).ok_or(Fault::new("ZOO_TNF"));
    }
    let app = parameters.app.ok_or(Fault::new("ZOO_ANS"))?;
    if application::by_id(connection, app)?.is_none() {
        return Err(Fault::new("ZOO_AUN"));
    }
    Ok(item_type::by_identifier(
        connection,
        app,
        &named(parameters)?,
    )?)
}

fn named(parameters: &PutType) -> Result<String, Fault> {
    let (identifier, name) = (parameters.identifier.as_deref(), parameters.name.as_deref());
    alias::named(identifier, name, "type")
}

fn new(parameters: &PutType) -> Result<TypeFacts, Fault> {
    if parameters.name.is_none() {
        return Err(Fault::parameter("name", "must be given for a new type"));
    }
    Ok(TypeFacts {
        application_id: parameters.app.ok_or(Fault::new("ZOO_ANS"))?,
        identifier: named(parameters)?,
        name: String::new(),
        elements: element::to_column(&[])?,
        version: 0,
    })
}

fn changed(before: TypeFacts, parameters: PutType) -> Result<TypeFacts, Fault> {
    Ok(TypeFacts {
        application_id: before.application_id,
        identifier: match &parameters.identifier {
            Some(identifier) => alias::of(identifier)?,
            None => before.identifier,
        },
        name: parameters.name.unwrap_or(before.name),
        elements: match parameters.elements {
            Some(elements) => element::to_column(&element::defined(elements)?)?,
            None => before.elements,
        },
        version: before.version + 1,
    })
}
