//! The OpenAPI document of an endpoint, made from the operation tables of the modules that answer there.

use serde_json::{Map, Value, json};

use super::selector::methods_of;
use super::table::Published;
use crate::module::binding::fault_named;
use crate::module::descriptor::{Descriptor, Operation, Parameter, ParameterKind};
use crate::module::registry::Registry;
use crate::settings::{Access, StatusMode};

/// The document of everything that an endpoint publishes; `origin` is `scheme://host`, or empty.
pub fn document(endpoint: &Published, registry: &Registry, origin: &str) -> Value {
    let mut paths = Map::new();
    let mut tags = Vec::new();
    for slot in registry.modules() {
        let Ok(instance) = slot.serving() else {
            continue;
        };
        let descriptor = instance.descriptor();
        if !endpoint.serves(descriptor) {
            continue;
        }
        tags.push(json!({ "name": descriptor.module, "description": descriptor.summary }));
        for operation in descriptor
            .operations
            .iter()
            .filter(|one| endpoint.publishes(one))
        {
            add_operation(&mut paths, endpoint, descriptor, operation);
        }
    }
    let prefix = endpoint.settings.path.trim_end_matches('/');
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("Loggia, endpoint {}", endpoint.name),
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [{ "url": format!("{origin}{prefix}") }],
        "tags": tags,
        "security": security(endpoint),
        "components": components(),
        "paths": paths,
    })
}

fn security(endpoint: &Published) -> Value {
    match endpoint.settings.access {
        Access::Free => json!([]),
        Access::User => json!([{ "session": [] }, { "session_id": [] }]),
        Access::Key => json!([{ "api_key": [] }, { "api_key_header": [] }]),
    }
}

fn components() -> Value {
    json!({
        "securitySchemes": {
            "api_key": { "type": "apiKey", "in": "query", "name": "api_key" },
            "api_key_header": {
                "type": "apiKey", "in": "header", "name": "Authorization",
                "description": "The word api_key, a blank and the key.",
            },
            "session": { "type": "apiKey", "in": "cookie", "name": crate::service::identity::COOKIE },
            "session_id": { "type": "apiKey", "in": "query", "name": "session_id" },
        },
        "schemas": {
            "Refusal": {
                "type": "object",
                "properties": {
                    "status": { "const": "ko" },
                    "error_code": { "type": "string", "maxLength": 10 },
                    "error_description": { "type": "string" },
                },
                "required": ["status", "error_code", "error_description"],
                "additionalProperties": false,
            },
        },
    })
}

fn add_operation(
    paths: &mut Map<String, Value>,
    endpoint: &Published,
    descriptor: &Descriptor,
    operation: &Operation,
) {
    let Operation {
        action, resource, ..
    } = operation;
    let has_id = operation
        .parameters
        .iter()
        .any(|parameter| parameter.name == "id");
    let needs_id = operation
        .parameters
        .iter()
        .any(|parameter| parameter.name == "id" && parameter.required);
    let rest_method = if operation.writes && !operation.contract || action != "get" {
        "post"
    } else {
        "get"
    };
    let module = &descriptor.module;
    let mut forms = vec![(
        format!("/{action}/{module}/{resource}"),
        rest_method,
        "rest",
    )];
    if endpoint.settings.status == StatusMode::Semantic {
        for method in methods_of(action)
            .iter()
            .filter(|method| **method != "HEAD")
        {
            forms.push((format!("/{module}/{resource}"), method, "modern"));
        }
    }
    for (path, method, form) in forms {
        let method = method.to_ascii_lowercase();
        let mut variants = Vec::new();
        if has_id {
            variants.push((format!("{path}/{{id}}"), true));
        }
        if !needs_id {
            variants.push((path, false));
        }
        for (path, id_in_path) in variants {
            let suffix = if id_in_path { "_by_id" } else { "" };
            let name = format!("{form}_{method}_{action}_{module}_{resource}{suffix}");
            let text = describe(endpoint, descriptor, operation, &method, id_in_path, &name);
            let entry = paths.entry(path).or_insert_with(|| json!({}));
            entry[method.as_str()] = text;
        }
    }
}

fn describe(
    endpoint: &Published,
    descriptor: &Descriptor,
    operation: &Operation,
    method: &str,
    id_in_path: bool,
    name: &str,
) -> Value {
    let in_body = method != "get" && method != "delete";
    let mut parameters = Vec::new();
    let mut members = Vec::new();
    for parameter in &operation.parameters {
        if parameter.name == "id" && id_in_path {
            parameters.push(query_parameter(parameter, "path"));
        } else if in_body && parameter.name != "id" {
            members.push(parameter);
        } else if parameter.kind != ParameterKind::File {
            parameters.push(query_parameter(parameter, "query"));
        }
    }
    let mut text = json!({
        "operationId": name,
        "summary": operation.summary,
        "tags": [descriptor.module],
        "parameters": parameters,
        "responses": responses(endpoint, descriptor, operation),
    });
    if !members.is_empty() {
        text["requestBody"] = request_body(&members);
    }
    text
}

fn query_parameter(parameter: &Parameter, place: &str) -> Value {
    let is_list = parameter.kind == ParameterKind::List;
    let name = if is_list {
        format!("{}[]", parameter.name)
    } else {
        parameter.name.clone()
    };
    json!({
        "name": name,
        "in": place,
        "required": place == "path" || parameter.required,
        "description": parameter.about.clone().unwrap_or_default(),
        "schema": shown_schema(parameter),
    })
}

/// The schema without the host's own marks.
fn shown_schema(parameter: &Parameter) -> Value {
    let mut schema = parameter.schema.clone();
    if let Some(members) = schema.as_object_mut() {
        members.retain(|name, _| !name.starts_with("x-"));
        if parameter.required
            && parameter.kind == ParameterKind::Text
            && !members.contains_key("minLength")
        {
            members.insert("minLength".to_owned(), json!(1));
        }
    }
    schema
}

fn request_body(members: &[&Parameter]) -> Value {
    let required: Vec<&str> = members
        .iter()
        .filter(|member| member.required)
        .map(|member| member.name.as_str())
        .collect();
    let properties: Map<String, Value> = members
        .iter()
        .map(|member| {
            let mut schema = shown_schema(member);
            if let (Some(about), Some(object)) = (&member.about, schema.as_object_mut()) {
                object.insert("description".to_owned(), json!(about));
            }
            (member.name.clone(), schema)
        })
        .collect();
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    if members
        .iter()
        .any(|member| member.kind == ParameterKind::File)
    {
        return json!({ "required": true, "content": { "multipart/form-data": { "schema": schema } } });
    }
    let is_required = !required.is_empty();
    json!({
        "required": is_required,
        "content": {
            "application/json": { "schema": schema },
            "application/x-www-form-urlencoded": { "schema": schema },
        },
    })
}

fn responses(endpoint: &Published, descriptor: &Descriptor, operation: &Operation) -> Value {
    let refusal = json!({ "$ref": "#/components/schemas/Refusal" });
    let answer = success(operation);
    if endpoint.settings.status == StatusMode::Compatible {
        let mut content = answer["content"].clone();
        let either = match content["application/json"]["schema"].take() {
            Value::Null => refusal,
            schema => json!({ "oneOf": [schema, refusal] }),
        };
        content["application/json"] = json!({ "schema": either });
        return json!({ "200": { "description": "The answer or a refusal", "content": content } });
    }
    let mut responses = Map::new();
    responses.insert("200".to_owned(), answer);
    let own = operation.faults.iter().map(String::as_str);
    let missing = operation
        .parameters
        .iter()
        .filter_map(|parameter| parameter.missing.as_deref());
    let host = HOST_FAULTS.iter().copied();
    for code in own.chain(missing).chain(host) {
        let Some(fault) = fault_named(&descriptor.faults, code) else {
            continue;
        };
        let entry = responses.entry(fault.status.to_string()).or_insert_with(|| {
            json!({ "description": "", "content": { "application/json": { "schema": refusal } } })
        });
        let before = entry["description"].as_str().unwrap_or_default();
        let line = format!("{}: {}", fault.code, fault.text);
        if !before.contains(&line) {
            let text = if before.is_empty() {
                line
            } else {
                format!("{before}; {line}")
            };
            entry["description"] = json!(text);
        }
    }
    Value::Object(responses)
}

/// What any operation may be refused with by the host.
const HOST_FAULTS: [&str; 17] = [
    "REQ_PNV", "REQ_BNV", "REQ_RUN", "REQ_MNF", "REQ_AUR", "REQ_AKR", "REQ_AKI", "REQ_AKE",
    "REQ_AKN", "REQ_AKU", "REQ_AKL", "REQ_AKG", "REQ_MNA", "REQ_BTL", "REQ_RLM", "REQ_OVL",
    "REQ_TMO",
];

fn success(operation: &Operation) -> Value {
    if let Some(media) = &operation.answer.media {
        return json!({ "description": "The file", "content": { media: {} } });
    }
    let mut schema = operation
        .answer
        .schema
        .clone()
        .unwrap_or_else(|| json!({ "type": "object" }));
    let mut properties = Map::new();
    properties.insert("status".to_owned(), json!({ "const": "ok" }));
    if let Some(own) = schema["properties"].as_object() {
        properties.extend(own.clone());
    }
    schema["properties"] = Value::Object(properties);
    let mut required = vec![json!("status")];
    required.extend(schema["required"].as_array().cloned().unwrap_or_default());
    schema["required"] = Value::Array(required);
    json!({ "description": "Done", "content": { "application/json": { "schema": schema } } })
}
