//! The elements of items, as the contract shows them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use loggia_sdk::prelude::*;
use loggia_sql::Connection;
use schemars::{Schema, SchemaGenerator};
use serde::Serializer;
use serde_json::{Map, Value};

use super::saved::document;
use crate::Catalog;
use crate::element::{self, Element, Kind, read, shown};
use crate::sight::Sight;
use crate::store::item::ItemElements;
use crate::store::{item, item_type};

/// The elements of an item: a map by their identifiers, or a list.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Elements {
    /// By their identifiers, in the order of the type.
    Map(InOrder),
    /// In the order of the type.
    List(Vec<Shown>),
}

/// An element with its value.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Shown {
    /// What identifies it among the elements of its type.
    identifier: String,
    /// The kind of its value.
    r#type: String,
    /// The value.
    data: Map<String, Value>,
}

/// Elements under their identifiers, which stay in the order of the type.
pub(crate) struct InOrder(Vec<Shown>);

impl Serialize for InOrder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|shown| (&shown.identifier, shown)))
    }
}

impl JsonSchema for InOrder {
    fn schema_name() -> Cow<'static, str> {
        "Elements".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, Shown>::json_schema(generator)
    }
}

/// The elements of an item, and the identifier of its type.
pub(crate) struct Made {
    pub(crate) type_identifier: String,
    pub(crate) elements: Elements,
}

/// A type's elements that the caller may see, each with the name that answers give it.
struct Type {
    identifier: String,
    elements: Vec<(String, Element)>,
}

/// Makes the elements of items by their ids, with one statement for their types and one for all related items.
pub(crate) fn of_items(
    catalog: &Catalog,
    call: &Call<'_>,
    connection: &mut Connection,
    items: Vec<ItemElements>,
) -> Result<HashMap<i64, Made>, Fault> {
    let types = types(catalog, call, connection, &items)?;
    let items: Vec<(i64, i64, Map<String, Value>)> = items
        .into_iter()
        .map(|item| Ok((item.id, item.type_id, document(&item.elements)?)))
        .collect::<Result<_, Fault>>()?;
    let in_sight = related_in_sight(catalog, call, connection, &types, &items)?;
    let mut made = HashMap::new();
    for (id, type_id, data) in items {
        // The tables let no item be without its type.
        let Some(kind) = types.get(&type_id) else {
            continue;
        };
        let shown = of_item(kind, data, &in_sight, call.base_url());
        let elements = if catalog.settings.identify_elements {
            Elements::Map(InOrder(shown))
        } else {
            Elements::List(shown)
        };
        let type_identifier = kind.identifier.clone();
        made.insert(
            id,
            Made {
                type_identifier,
                elements,
            },
        );
    }
    Ok(made)
}

fn types(
    catalog: &Catalog,
    call: &Call<'_>,
    connection: &mut Connection,
    items: &[ItemElements],
) -> Result<HashMap<i64, Type>, Fault> {
    let mut ids: Vec<i64> = items.iter().map(|item| item.type_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut types = HashMap::new();
    for row in item_type::among(connection, &ids)? {
        let elements = element::of_column(&row.facts.elements)?;
        let names = element::names(&elements, catalog.settings.name_elements);
        let elements = names.into_iter().zip(elements);
        let levels = call.view_levels();
        let elements = elements
            .filter(|(_, element)| levels.contains(&element.definition.access))
            .collect();
        let identifier = row.facts.identifier;
        types.insert(
            row.id,
            Type {
                identifier,
                elements,
            },
        );
    }
    Ok(types)
}

/// The related items of all these that the caller may see.
fn related_in_sight(
    catalog: &Catalog,
    call: &Call<'_>,
    connection: &mut Connection,
    types: &HashMap<i64, Type>,
    items: &[(i64, i64, Map<String, Value>)],
) -> Result<HashSet<i64>, Fault> {
    let mut ids = Vec::new();
    for (_, type_id, data) in items {
        let elements = types.get(type_id).map_or(&[][..], |kind| &kind.elements);
        for (_, element) in elements {
            if element.definition.kind == Kind::Relation {
                ids.extend(
                    data.get(&element.identifier)
                        .map(read::related)
                        .unwrap_or_default(),
                );
            }
        }
    }
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let sight = Sight::of(catalog, call);
    let visible = item::visible_among(connection, &sight, &ids)?;
    Ok(visible.into_iter().map(|(id, _)| id).collect())
}

fn of_item(
    kind: &Type,
    mut data: Map<String, Value>,
    in_sight: &HashSet<i64>,
    base_url: &str,
) -> Vec<Shown> {
    let elements = kind.elements.iter();
    elements
        .filter_map(|(name, element)| {
            let kept = data.remove(&element.identifier)?;
            Some(Shown {
                identifier: name.clone(),
                r#type: element.definition.kind.name().to_owned(),
                data: shown::data(element, kept, in_sight, base_url),
            })
        })
        .collect()
}
