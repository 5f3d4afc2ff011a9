//! The fields that people may fill in: which there are, and the operator's changes.

use loggia_sdk::prelude::*;
use loggia_site::saved::Saved;
use loggia_sql::{Connection, JsonText};
use serde_json::Value;

use crate::kind::Kind;
use crate::store::field::{self, Field, FieldRow};
use crate::store::value;
use crate::value::BETWEEN;
use crate::{Profiles, searchable, sight};

/// What profiles and requests have of their own, so that no field can be called so.
const RESERVED: [&str; 16] = [
    "id",
    "username",
    "email",
    "name",
    "password",
    "language",
    "created",
    "status",
    "action",
    "module",
    "resource",
    "option",
    "view",
    "api_key",
    "session_id",
    "itemid",
];

/// No parameters.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Nothing {}

/// The fields of profiles.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Fields {
    /// The fields, in their order.
    fields: Vec<Shown>,
}

/// A field.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Shown {
    /// The id.
    id: String,
    /// The name in profiles.
    name: String,
    /// The title for people.
    title: String,
    /// What it is for.
    description: String,
    /// What can be written into it.
    #[serde(rename = "type")]
    kind: Kind,
    /// The values that it is chosen from, where it is.
    values: Vec<String>,
    /// What stands in it where nothing was written.
    default: Value,
    /// Whether it may not be emptied.
    required: bool,
    /// Whether it can only be read here.
    readonly: bool,
}

/// Lists the fields of this endpoint.
pub(crate) fn get(profiles: &Profiles, call: &Call<'_>, _: Nothing) -> Result<Fields, Fault> {
    let fields = sight::fields(profiles, call, &mut call.database()?)?;
    let fields = fields.into_iter().map(|field| Shown {
        id: field.id.to_string(),
        default: field.shown(call.base_url(), None),
        name: field.name,
        title: field.title,
        description: field.description,
        kind: field.kind,
        values: field.options,
        required: field.required,
        readonly: field.readonly,
    });
    Ok(Fields {
        fields: fields.collect(),
    })
}

/// Parameters of `put/fields`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutField {
    /// The field to be changed; without it, it is the one of this name, which is added where there is none.
    id: Option<i64>,
    /// The name in profiles: small letters, digits and `_`.
    #[schemars(length(min = 1, max = 50))]
    name: Option<String>,
    /// The title for people; the name at first.
    #[schemars(length(max = 255))]
    title: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// What can be written into it; one line of text at first. It is set when the field is added.
    #[serde(rename = "type")]
    kind: Option<Kind>,
    /// The values that it is chosen from.
    values: Option<Vec<String>>,
    /// What stands in it where nothing was written.
    default: Option<String>,
    /// How many characters it takes at most; 0, no bound but 65536 bytes, at first.
    #[schemars(range(min = 0, max = 65536))]
    max_length: Option<i64>,
    /// Whether it may not be emptied.
    required: Option<bool>,
    /// Whether it can only be read here.
    readonly: Option<bool>,
    /// Whether it is there at all; it is at first.
    published: Option<bool>,
    /// Its place among the others; the lowest is first.
    ordering: Option<i64>,
}

/// Adds a field, or changes the members that are given.
pub(crate) fn put(
    profiles: &Profiles,
    call: &Call<'_>,
    parameters: PutField,
) -> Result<Saved, Fault> {
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        field::hold(connection)?;
        let before = find(connection, &parameters)?;
        let (row, is_new) = match before {
            Some(row) => (row, false),
            None => (new(&parameters)?, true),
        };
        let shown = (row.name.clone(), row.published);
        let row = changed(row, parameters, is_new)?;
        check(&row)?;
        let id = if is_new {
            field::add(connection, &row).map_err(taken)?
        } else {
            field::save(connection, &row).map_err(taken)?;
            row.id
        };
        if !is_new && shown != (row.name, row.published) {
            let people = value::accounts_with(connection, &[id])?;
            searchable::offer(profiles, call, connection, &people)?;
        }
        Ok(Saved::new(id, is_new))
    })
}

fn find(connection: &mut Connection, parameters: &PutField) -> Result<Option<FieldRow>, Fault> {
    match (parameters.id, &parameters.name) {
        (Some(id), _) => {
            let found = field::by_id(connection, id)?;
            found.map(Some).ok_or_else(|| unknown(id))
        }
        (None, Some(name)) => Ok(field::by_name(connection, name)?),
        (None, None) => Err(Fault::parameter(
            "name",
            "must be given, or the id of a field",
        )),
    }
}

fn unknown(id: i64) -> Fault {
    Fault::new("CBP_FNA").detail(format!("there is no field {id}"))
}

fn new(parameters: &PutField) -> Result<FieldRow, Fault> {
    let name = parameters.name.clone().unwrap_or_default();
    Ok(FieldRow {
        id: 0,
        title: name.clone(),
        name,
        description: String::new(),
        kind: Kind::Text.name(),
        options: written(&[])?,
        default_value: String::new(),
        max_length: 0,
        required: false,
        readonly: false,
        published: true,
        position: 0,
    })
}

fn changed(before: FieldRow, parameters: PutField, is_new: bool) -> Result<FieldRow, Fault> {
    let kind = match parameters.kind {
        Some(kind) if !is_new && kind.name() != before.kind => {
            return Err(Fault::parameter("type", "is set when the field is added"));
        }
        Some(kind) => kind.name(),
        None => before.kind,
    };
    let options = match parameters.values {
        Some(values) => written(&values)?,
        None => before.options,
    };
    Ok(FieldRow {
        kind,
        options,
        name: parameters.name.unwrap_or(before.name),
        title: parameters.title.unwrap_or(before.title),
        description: parameters.description.unwrap_or(before.description),
        default_value: parameters.default.unwrap_or(before.default_value),
        max_length: parameters.max_length.unwrap_or(before.max_length),
        required: parameters.required.unwrap_or(before.required),
        readonly: parameters.readonly.unwrap_or(before.readonly),
        published: parameters.published.unwrap_or(before.published),
        position: parameters.ordering.unwrap_or(before.position),
        ..before
    })
}

fn written(options: &[String]) -> Result<JsonText, Fault> {
    serde_json::to_string(options)
        .map(JsonText)
        .map_err(Fault::internal)
}

/// Whether a row is a field that can be.
pub(super) fn check(row: &FieldRow) -> Result<(), Fault> {
    check_name(&row.name)?;
    let field = Field::read(row.clone())?;
    let is_strange = |option: &String| option.is_empty() || option.contains(BETWEEN);
    if field.options.iter().any(is_strange) {
        let rule = format!("must not be empty, nor hold {BETWEEN}");
        return Err(Fault::parameter("values", &rule));
    }
    if field.kind.has_options() && field.options.is_empty() {
        return Err(Fault::parameter("values", "must be given for this type"));
    }
    let optional = Field {
        required: false,
        name: "default".to_owned(),
        ..field
    };
    let kept = optional.kept("", &optional.default_value.as_str().into())?;
    if kept.unwrap_or_default() == optional.default_value {
        return Ok(());
    }
    Err(Fault::parameter(
        "default",
        "must be written as values of this type are kept",
    ))
}

fn check_name(name: &str) -> Result<(), Fault> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(plain) {
        let rule = "must be of small letters, digits and _, and begin with a letter";
        return Err(Fault::parameter("name", rule));
    }
    if RESERVED.contains(&name) {
        return Err(Fault::parameter("name", "is taken by profiles or requests"));
    }
    Ok(())
}

fn taken(error: diesel::result::Error) -> Fault {
    loggia_site::saved::taken("CBP_NAX", error)
}

/// Parameters of `delete/fields`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct DeleteField {
    /// The field.
    id: i64,
}

/// It was done.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Deleted {}

/// Deletes a field with everything that stands in it.
pub(crate) fn delete(
    profiles: &Profiles,
    call: &Call<'_>,
    parameters: DeleteField,
) -> Result<Deleted, Fault> {
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        field::hold(connection)?;
        let people = value::accounts_with(connection, &[parameters.id])?;
        if !field::delete(connection, parameters.id)? {
            return Err(unknown(parameters.id));
        }
        searchable::offer(profiles, call, connection, &people)?;
        Ok(Deleted {})
    })
}
