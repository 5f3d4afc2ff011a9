//! The elements that a request gives, put among those that the item has.

use std::borrow::Cow;

use loggia_sdk::Fault;
use loggia_site::media;
use loggia_sql::Connection;
use serde_json::{Map, Value};

use crate::element::field::{self, Rule};
use crate::element::shown::each_text;
use crate::element::{self, Element, Kind, read};
use crate::sight::Sight;
use crate::store::{item, item_type};

/// The data of all elements: those that are given take the place of those before, `null` clears.
pub(crate) fn merged(
    elements: &[Element],
    before: Map<String, Value>,
    given: &Map<String, Value>,
    base_url: &str,
) -> Result<Map<String, Value>, Fault> {
    let mut data = before;
    for (name, value) in given {
        let element = named(elements, name)?;
        match read::data(element, &with_files(element, value, base_url))? {
            Some(value) => data.insert(element.identifier.clone(), value),
            None => data.remove(&element.identifier),
        };
    }
    let missing = elements
        .iter()
        .find(|one| one.definition.required && !data.contains_key(&one.identifier));
    match missing {
        Some(element) => Err(element.broken("", "must be given")),
        None => Ok(data),
    }
}

/// A value in which the addresses of files of the module media, as answers show them, are these files again.
fn with_files<'v>(element: &Element, given: &'v Value, base_url: &str) -> Cow<'v, Value> {
    let kind = element.definition.kind;
    let fields = field::of(kind);
    if fields.iter().all(|(_, rule)| *rule != Rule::Path) {
        return Cow::Borrowed(given);
    }
    let mut value = given.clone();
    // A plain value stands for the first member.
    let (first, _) = fields[0];
    each_text(first, &mut value, &mut |name, text| {
        if field::rule(kind, name) == Some(Rule::Path)
            && let Ok(kept) = media::kept(base_url, text.clone())
        {
            *text = kept;
        }
    });
    Cow::Owned(value)
}

/// An element by its identifier, or by the slug of its name.
pub(crate) fn named<'e>(elements: &'e [Element], name: &str) -> Result<&'e Element, Fault> {
    if let Some(element) = elements.iter().find(|one| one.identifier == name) {
        return Ok(element);
    }
    let slugs = element::names(elements, true);
    let place = slugs.iter().position(|slug| slug == name);
    place.and_then(|place| elements.get(place)).ok_or_else(|| {
        Fault::parameter(
            &format!("elements.{name}"),
            "is no element of the item's type",
        )
    })
}

/// Refuses relations that lead nowhere, to what the caller may not see, or to items of other types than they may.
pub(crate) fn check_relations(
    connection: &mut Connection,
    sight: &Sight,
    elements: &[Element],
    data: &Map<String, Value>,
) -> Result<(), Fault> {
    let relations = elements
        .iter()
        .filter(|element| element.definition.kind == Kind::Relation);
    let named: Vec<(&Element, Vec<i64>)> = relations
        .filter_map(|element| Some((element, read::related(data.get(&element.identifier)?))))
        .collect();
    let ids: Vec<i64> = named.iter().flat_map(|(_, ids)| ids.clone()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let found = item::visible_among(connection, sight, &ids)?;
    let types: Vec<i64> = found.iter().map(|(_, kind)| *kind).collect();
    let types = item_type::among(connection, &types)?;
    for (element, ids) in named {
        let is_of_type = |kind: i64| {
            let wanted = &element.definition.types;
            let row = types.iter().find(|row| row.id == kind);
            row.is_some_and(|row| wanted.is_empty() || wanted.contains(&row.facts.identifier))
        };
        let is_good = |id: &i64| {
            found
                .iter()
                .any(|(known, kind)| known == id && is_of_type(*kind))
        };
        if let Some(id) = ids.iter().find(|id| !is_good(id)) {
            return Err(element.broken("", &format!("{id} is no item that may stand here")));
        }
    }
    Ok(())
}
