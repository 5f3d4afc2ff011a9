//! From the host's checked values to the author's typed structure.

use std::borrow::Cow;

use loggia_abi::Value;
use loggia_abi::value::kind;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

/// The error of reading parameters; JSON's, because lists and objects cross as JSON text.
pub(crate) type Error = serde_json::Error;

/// Reads the structure `P` from the values, whose names are the descriptor's.
///
/// # Safety
/// The values' pointers must be valid for the duration of the call.
pub(crate) unsafe fn read<'a, P: Deserialize<'a>>(
    names: &'a [String],
    values: &'a [Value<'a>],
) -> Result<P, Error> {
    P::deserialize(Parameters { names, values })
}

/// The values one behind another, each with its kind and length: the same for the same values.
///
/// # Safety
/// As for [`read`].
pub(crate) unsafe fn bytes(values: &[Value<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in values {
        bytes.extend(value.kind.to_le_bytes());
        match value.kind {
            kind::TEXT | kind::JSON | kind::BYTES | kind::UUID => {
                // SAFETY: the caller promises valid pointers; these kinds use the member `text`.
                let text = unsafe { value.data.text.bytes() };
                bytes.extend(text.len().to_le_bytes());
                bytes.extend(text);
            }
            // SAFETY: a float is read as the integer of its bits; both members have eight bytes.
            _ => bytes.extend(unsafe { value.data.integer }.to_le_bytes()),
        }
    }
    bytes
}

#[derive(Clone, Copy)]
struct Parameters<'a> {
    names: &'a [String],
    values: &'a [Value<'a>],
}

impl<'a> Deserializer<'a> for Parameters<'a> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        <V: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'a> MapAccess<'a> for Parameters<'a> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'a>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        // An absent parameter is skipped, so that the structure's own default or `Option` decides.
        while self
            .values
            .first()
            .is_some_and(|value| value.kind == kind::NULL)
        {
            self.names = &self.names[1..];
            self.values = &self.values[1..];
        }
        match self.names.first().filter(|_| !self.values.is_empty()) {
            Some(name) => seed.deserialize(StrDeserializer::new(name)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let (Some((name, names)), Some((value, values))) =
            (self.names.split_first(), self.values.split_first())
        else {
            return Err(Error::custom("a value was asked for twice"));
        };
        self.names = names;
        self.values = values;
        seed.deserialize(One(value))
            .map_err(|error| Error::custom(format_args!("{name}: {error}")))
    }
}

struct One<'a>(&'a Value<'a>);

impl<'a> One<'a> {
    fn text(&self) -> Result<&'a str, Error> {
        // SAFETY: `read`'s caller promises valid pointers; the kinds that call this use the member `text`.
        unsafe { self.0.data.text.text() }.ok_or_else(|| Error::custom("not UTF-8"))
    }

    fn integer(&self) -> i64 {
        // SAFETY: called only for the kinds that the member `integer` holds.
        unsafe { self.0.data.integer }
    }
}

impl<'a> Deserializer<'a> for One<'a> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.kind {
            kind::BOOL => visitor.visit_bool(self.integer() != 0),
            kind::F64 => {
                // SAFETY: a value of this kind holds `float`.
                visitor.visit_f64(unsafe { self.0.data.float })
            }
            kind::TEXT => visitor.visit_borrowed_str(self.text()?),
            kind::JSON => serde_json::Deserializer::from_str(self.text()?).deserialize_any(visitor),
            _ => visitor.visit_i64(self.integer()),
        }
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.kind == kind::JSON && self.text()? == "null" {
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0.kind {
            kind::TEXT => {
                let text: StrDeserializer<'a, Error> = self.text()?.into_deserializer();
                text.deserialize_enum(name, variants, visitor)
            }
            _ => serde_json::Deserializer::from_str(self.text()?)
                .deserialize_enum(name, variants, visitor),
        }
    }

    forward_to_deserialize_any! {
        <V: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A parameter of an operation that changes only what is given: absent keeps, `null` clears.
///
/// Use it with `#[serde(default)]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// The member was not given.
    #[default]
    Keep,
    /// The member was given as `null`.
    Clear,
    /// The member was given.
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Change::Clear, Change::Set))
    }
}

impl<T: JsonSchema> JsonSchema for Change<T> {
    fn schema_name() -> Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Option::<T>::json_schema(generator);
        schema.insert("x-clearable".to_owned(), true.into());
        schema
    }

    fn inline_schema() -> bool {
        true
    }
}

/// A parameter that is a file: over HTTP a part of a multipart form, on the command line a path.
///
/// It names the upload for [`Files`](crate::Files); the upload is gone when the call ends.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Upload(pub String);

impl JsonSchema for Upload {
    fn schema_name() -> Cow<'static, str> {
        "Upload".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "binary", "x-type": "file" })
    }

    fn inline_schema() -> bool {
        true
    }
}
