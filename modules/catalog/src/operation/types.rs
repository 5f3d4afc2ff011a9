//! The types of an application, for whoever writes items.

use loggia_sdk::prelude::*;
use serde_json::{Map, Value};

use super::place;
use crate::Catalog;
use crate::element;
use crate::permission::Permission;
use crate::store::item_type;

/// Parameters of `get/types`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct OfApplication {
    /// The id of the application.
    #[schemars(extend("x-missing" = "ZOO_ANS"))]
    app: i64,
}

/// The types of an application.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Types {
    /// The types, by name.
    types: Vec<Type>,
}

/// A type.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Type {
    /// The id.
    id: String,
    /// What names it in requests and answers.
    identifier: String,
    /// The name.
    name: String,
    /// Its elements in their order, as `put/types` takes them.
    elements: Map<String, Value>,
}

/// Shows the types of an application. Elements of other view levels are left out.
pub(crate) fn get(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: OfApplication,
) -> Result<Types, Fault> {
    let permission = Permission::of(catalog, call);
    permission.create()?;
    let mut connection = call.database()?;
    let app = place::application_to_fill(&mut connection, call, permission, parameters.app)?.id;
    let levels = permission.sight(catalog, call).levels;
    let is_seen = |access: i64| {
        levels
            .as_ref()
            .is_none_or(|levels| levels.contains(&access))
    };
    let mut types = Vec::new();
    for row in item_type::of_application(&mut connection, app)? {
        let mut elements = Map::new();
        for one in element::of_column(&row.facts.elements)? {
            if is_seen(one.definition.access) {
                let definition = serde_json::to_value(one.definition).map_err(Fault::internal)?;
                elements.insert(one.identifier, definition);
            }
        }
        types.push(Type {
            id: row.id.to_string(),
            identifier: row.facts.identifier,
            name: row.facts.name,
            elements,
        });
    }
    Ok(Types { types })
}
