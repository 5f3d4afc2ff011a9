//! From Rust types to the descriptor's parameters and schemas.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The schema of a type, without references, so that each part of a descriptor stands alone.
pub(crate) fn of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value();
    if let Some(object) = schema.as_object_mut() {
        object.remove("title");
    }
    schema
}

/// The parameters of an operation, in the order of the structure's members.
pub(crate) fn parameters<P: JsonSchema>() -> Vec<Value> {
    let schema = of::<P>();
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let Some(properties) = schema["properties"].as_object() else {
        return Vec::new();
    };
    properties
        .iter()
        .map(|(name, property)| parameter(name, property, required.contains(&name.as_str())))
        .collect()
}

fn parameter(name: &str, property: &Value, required: bool) -> Value {
    let mut schema = property.as_object().cloned().unwrap_or_default();
    let about = schema.remove("description").unwrap_or_default();
    let missing = schema.remove("x-missing");
    let declared = schema.remove("x-type");
    if !schema.contains_key("x-clearable") {
        forget_null(&mut schema);
    }
    let kind = declared.unwrap_or_else(|| kind(&schema).into());
    let mut parameter = json!({
        "name": name, "about": about, "type": kind, "required": required, "schema": schema,
    });
    if let Some(missing) = missing {
        parameter["missing"] = missing;
    }
    parameter
}

/// An optional member may be absent; `null` on the wire is a different thing, which only `Change` asks for.
fn forget_null(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(options)) = schema.get("anyOf").cloned() {
        let mut rest = options
            .into_iter()
            .filter(|option| option["type"] != "null");
        if let (Some(Value::Object(only)), None) = (rest.next(), rest.next()) {
            schema.remove("anyOf");
            schema.extend(only);
        }
    }
}

fn kind(schema: &Map<String, Value>) -> &'static str {
    let name = match schema.get("type") {
        Some(Value::String(name)) => name.as_str(),
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null")
            .unwrap_or(""),
        // An enumeration with documented variants is a choice among constants, which are texts.
        _ if schema.contains_key("oneOf") || schema.contains_key("enum") => "string",
        _ => "",
    };
    match name {
        "string" => "text",
        "integer" => "integer",
        "number" => "number",
        "boolean" => "boolean",
        "array" => "list",
        _ => "object",
    }
}
