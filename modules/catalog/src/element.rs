//! Elements: what a type of items is made of, and the values an item has of them.

pub(crate) mod country;
pub(crate) mod field;
pub(crate) mod read;
pub(crate) mod shown;

use loggia_sdk::Fault;
use loggia_sdk::prelude::*;
use loggia_site::alias;
use loggia_sql::JsonText;
use serde_json::{Map, Value};

/// The most elements of a type.
const MOST_ELEMENTS: usize = 200;
/// How many stars a rating has where its definition does not say it.
const STARS: f64 = 5.0;

/// What kind of value an element has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// One line.
    Text,
    /// Several lines, or HTML.
    Textarea,
    /// A number.
    Number,
    /// A time.
    Date,
    /// The address of an image.
    Image,
    /// Several images.
    Gallery,
    /// The address of a page.
    Link,
    /// One or several of the element's options.
    Select,
    /// Other items.
    Relation,
    /// Countries, by their two letters.
    Country,
    /// An e-mail address.
    Email,
    /// The address of a file.
    File,
    /// Stars, and how many have given them.
    Rating,
}

impl Kind {
    /// The kind as requests and answers name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Textarea => "textarea",
            Kind::Number => "number",
            Kind::Date => "date",
            Kind::Image => "image",
            Kind::Gallery => "gallery",
            Kind::Link => "link",
            Kind::Select => "select",
            Kind::Relation => "relation",
            Kind::Country => "country",
            Kind::Email => "email",
            Kind::File => "file",
            Kind::Rating => "rating",
        }
    }
}

/// The definition of an element, as `put/types` takes it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Definition {
    /// The kind of its values.
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// The name shown to people.
    pub(crate) name: String,
    /// Whether an item must have a value.
    #[serde(default)]
    pub(crate) required: bool,
    /// Whether an item may have several values.
    #[serde(default)]
    pub(crate) repeatable: bool,
    /// The most characters of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_length: Option<usize>,
    /// The least number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) minimum: Option<f64>,
    /// The greatest number; of a rating, how many stars there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maximum: Option<f64>,
    /// Whether a textarea holds HTML, which is served without what could do harm.
    #[serde(default)]
    pub(crate) html: bool,
    /// What can be selected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) options: Vec<Choice>,
    /// The identifiers of the types that a relation may lead to; none are all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) types: Vec<String>,
    /// The id of the view level of those who see it; 1 is everybody.
    #[serde(default = "everybody")]
    pub(crate) access: i64,
}

/// Something that can be selected.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    /// What is kept.
    pub(crate) value: String,
    /// What is shown to people.
    pub(crate) name: String,
}

fn everybody() -> i64 {
    1
}

/// An element of a type: its definition under its identifier, as the column of the type keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Element {
    pub(crate) identifier: String,
    #[serde(flatten)]
    pub(crate) definition: Definition,
}

impl Element {
    /// How many stars a rating has.
    pub(crate) fn stars(&self) -> f64 {
        self.definition.maximum.unwrap_or(STARS)
    }

    /// The fault of a value that breaks a rule: it names the element, and the member where there is one.
    pub(crate) fn broken(&self, member: &str, rule: &str) -> Fault {
        let dot = if member.is_empty() { "" } else { "." };
        Fault::parameter(&format!("elements.{}{dot}{member}", self.identifier), rule)
    }
}

/// The elements of a type, from its column.
pub(crate) fn of_column(column: &JsonText) -> Result<Vec<Element>, Fault> {
    serde_json::from_str(&column.0).map_err(Fault::internal)
}

/// The column of a type's elements.
pub(crate) fn to_column(elements: &[Element]) -> Result<JsonText, Fault> {
    serde_json::to_string(elements)
        .map(JsonText)
        .map_err(Fault::internal)
}

/// The elements that `put/types` was given, each checked.
pub(crate) fn defined(given: Map<String, Value>) -> Result<Vec<Element>, Fault> {
    if given.len() > MOST_ELEMENTS {
        return Err(Fault::parameter("elements", "are at most 200"));
    }
    given
        .into_iter()
        .map(|(identifier, definition)| {
            let place = format!("elements.{identifier}");
            let definition: Definition = serde_json::from_value(definition)
                .map_err(|error| Fault::parameter(&place, &error.to_string()))?;
            check(&place, &identifier, &definition)?;
            Ok(Element {
                identifier,
                definition,
            })
        })
        .collect()
}

fn check(place: &str, identifier: &str, definition: &Definition) -> Result<(), Fault> {
    let refuse = |rule: &str| Err(Fault::parameter(place, rule));
    let is_plain = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || "-_".contains(character)
    };
    if identifier.is_empty() || identifier.len() > 100 || !identifier.chars().all(is_plain) {
        return refuse("an identifier has 1 to 100 small letters, digits, - and _");
    }
    if definition.name.trim().is_empty() || definition.name.chars().count() > 255 {
        return refuse("name has 1 to 255 characters");
    }
    if definition.access < 1 {
        return refuse("access is the id of a view level");
    }
    if definition.kind == Kind::Select && definition.options.is_empty() {
        return refuse("a select has options");
    }
    let bounds = (definition.minimum, definition.maximum);
    if let (Some(least), Some(most)) = bounds
        && least > most
    {
        return refuse("minimum is at most maximum");
    }
    Ok(())
}

/// The names that answers give elements: their identifiers, or slugs of their names, each but once.
pub(crate) fn names(elements: &[Element], by_name: bool) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(elements.len());
    for element in elements {
        let name = if by_name {
            // A name without a letter or digit makes no slug.
            alias::of(&element.definition.name).unwrap_or_else(|_| element.identifier.clone())
        } else {
            element.identifier.clone()
        };
        let mut free = name.clone();
        let mut number = 2;
        while names.contains(&free) {
            free = format!("{name}-{number}");
            number += 1;
        }
        names.push(free);
    }
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn elements(given: Value) -> Result<Vec<Element>, Fault> {
        defined(given.as_object().unwrap().clone())
    }

    #[test]
    fn slugs_are_small_without_blanks_and_each_is_there_once() {
        let given = json!({
            "a": { "type": "text", "name": "Full Price" },
            "b": { "type": "number", "name": "full price" },
            "c": { "type": "text", "name": "!" },
        });
        let elements = elements(given).unwrap();
        assert_eq!(names(&elements, true), ["full-price", "full-price-2", "c"]);
        assert_eq!(names(&elements, false), ["a", "b", "c"]);
    }

    #[test]
    fn a_definition_is_refused_by_the_name_of_its_element() {
        let broken = [
            json!({ "Price": { "type": "number", "name": "Price" } }),
            json!({ "price": { "type": "money", "name": "Price" } }),
            json!({ "price": { "type": "number", "name": " " } }),
            json!({ "price": { "type": "number", "name": "Price", "minimum": 2, "maximum": 1 } }),
            json!({ "price": { "type": "select", "name": "Price" } }),
            json!({ "price": { "type": "number", "name": "Price", "colour": "red" } }),
        ];
        for given in broken {
            let fault = elements(given.clone()).unwrap_err();
            assert_eq!(fault.code(), "REQ_PNV", "{given}");
        }
    }
}
