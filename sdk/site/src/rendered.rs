//! A part of answers that is shown again and again: made into JSON once, and kept as that.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use loggia_sdk::Fault;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// A `T` as JSON. A clone is the same text.
#[derive(Debug)]
pub struct Rendered<T> {
    json: Arc<RawValue>,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize> Rendered<T> {
    /// Makes the JSON.
    pub fn of(value: &T) -> Result<Self, Fault> {
        let json = to_raw_value(value).map_err(Fault::internal)?;
        Ok(Rendered {
            json: json.into(),
            of: PhantomData,
        })
    }
}

impl<T> Rendered<T> {
    /// How long the JSON is.
    pub fn bytes(&self) -> usize {
        self.json.get().len()
    }
}

impl<T> Clone for Rendered<T> {
    fn clone(&self) -> Self {
        Rendered {
            json: Arc::clone(&self.json),
            of: PhantomData,
        }
    }
}

impl<T> Serialize for Rendered<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.as_ref().serialize(serializer)
    }
}

impl<T: JsonSchema> JsonSchema for Rendered<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    #[serde(untagged)]
    enum Answer {
        Part { part: Rendered<Vec<String>> },
    }

    #[test]
    fn what_is_rendered_stands_in_an_answer_as_what_it_was_made_of() {
        let texts = vec!["a \"b\"".to_owned(), "ü".to_owned()];
        let part = Rendered::of(&texts).unwrap();
        let answer = serde_json::to_string(&Answer::Part { part }).unwrap();
        assert_eq!(answer, json!({ "part": texts }).to_string());
    }
}
