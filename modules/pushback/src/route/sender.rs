//! Who sends, and to whom, read out of a request in either encoding.

use loggia_sdk::prelude::*;
use loggia_sql::Connection;
use serde_json::{Map, Value};

use crate::PushBack;
use crate::answer::{Failed, Faults, NO_TOKEN, Refusal};
use crate::form::Form;
use crate::input::{Input, ids, kind};
use crate::store::application::{self, Known};

const REQUIRED: &str = "This field is required.";
const NULL: &str = "This field may not be null.";
const INACTIVE: &str = "This application is not active.";
const NO_APPLICATION: &str =
    "No application detected with the app_token, maybe you should create it first";

/// A request whose token and list of users were found good.
pub(super) struct Sender {
    pub(super) form: Form,
    pub(super) application: Known,
    pub(super) users: Vec<String>,
    /// What is to be told, where the request is to say so.
    pub(super) content: Option<Value>,
}

/// What a request has to say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// At least one user.
    Users,
    /// Users, perhaps none, and what they are told.
    UsersAndContent,
}

impl Asked {
    fn no_users(self) -> &'static str {
        match self {
            Asked::Users => "No user's list provided unable to populate",
            Asked::UsersAndContent => "No user's list provided unable to perform notifications",
        }
    }
}

/// Reads a request, or says what is wrong with it in the words of its encoding.
pub(super) fn read(
    module: &PushBack,
    call: &Call<'_>,
    connection: &mut Connection,
    asked: Asked,
) -> Result<Sender, Failed> {
    let sender = match Input::read(call)? {
        Input::Json(members) => json(call, connection, &members, asked)?,
        Input::Form(fields) => form(call, connection, &fields, asked)?,
    };
    let most = module.settings.users_at_once;
    if sender.users.len() <= most {
        return Ok(sender);
    }
    let text = format!("Ensure this field has no more than {most} elements.");
    Err(match sender.form {
        Form::Json => Refusal::field("users", &text),
        Form::Form => Refusal::form(400, &format!("users: {text}")),
    }
    .into())
}

/// Charges a notification to the key that the operator has put behind the application: whoever knows the token, and every
/// visitor of the original's pages does, can use up no more than that. Registering changes nothing and is not counted.
fn count(call: &Call<'_>, application: &Known, asked: Asked) -> Result<(), Fault> {
    match application.details.key {
        Some(key) if asked == Asked::UsersAndContent => call.host().keys()?.count(call, key),
        _ => Ok(()),
    }
}

fn json(
    call: &Call<'_>,
    connection: &mut Connection,
    members: &Map<String, Value>,
    asked: Asked,
) -> Result<Sender, Failed> {
    let mut faults = Faults::default();
    let application = match members.get("app_token") {
        None => Err(REQUIRED.to_owned()),
        Some(Value::Null) => Err(NULL.to_owned()),
        Some(Value::String(token)) if token.is_empty() => Err(NULL.to_owned()),
        Some(Value::String(token)) => match application::by_token(connection, token)? {
            Some(known) if known.is_active() => Ok(known),
            Some(_) => Err(INACTIVE.to_owned()),
            None => Err(format!("Object with app_token={token} does not exist.")),
        },
        Some(Value::Number(number)) => {
            Err(format!("Object with app_token={number} does not exist."))
        }
        Some(_) => Err("Invalid value.".to_owned()),
    };
    if let Ok(known) = &application {
        count(call, known, asked)?;
    }
    let users = match members.get("users") {
        None => Err(REQUIRED.to_owned()),
        Some(Value::Null) => Err(NULL.to_owned()),
        Some(Value::Array(list)) if list.is_empty() && asked == Asked::Users => {
            Err("Ensure this field has at least 1 elements.".to_owned())
        }
        Some(Value::Array(list)) => ids(list).map_err(str::to_owned),
        Some(other) => Err(format!(
            "Expected a list of items but got type \"{}\".",
            kind(other)
        )),
    };
    let content = match crate::input::content(members) {
        _ if asked == Asked::Users => Ok(None),
        None => Err(REQUIRED),
        Some(Value::Null) => Err(NULL),
        Some(content) => Ok(Some(content.clone())),
    };
    match (application, users, content) {
        (Ok(application), Ok(users), Ok(content)) => Ok(Sender {
            form: Form::Json,
            application,
            users,
            content,
        }),
        (application, users, content) => {
            if let Err(text) = application {
                faults.add("app_token", text);
            }
            if let Err(text) = users {
                faults.add("users", text);
            }
            if let Err(text) = content {
                faults.add("content", text);
            }
            faults.check()?;
            Err(Fault::internal("a request has a fault that has no name").into())
        }
    }
}

fn form(
    call: &Call<'_>,
    connection: &mut Connection,
    fields: &Map<String, Value>,
    asked: Asked,
) -> Result<Sender, Failed> {
    let field = |name: &str| {
        fields
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let token = field("app_token").ok_or_else(|| Refusal::form(403, NO_TOKEN))?;
    let application = application::by_token(connection, token)?
        .ok_or_else(|| Refusal::form(404, NO_APPLICATION))?;
    if !application.is_active() {
        return Err(Refusal::form(403, INACTIVE).into());
    }
    count(call, &application, asked)?;
    let users = field("users").ok_or_else(|| Refusal::form(400, asked.no_users()))?;
    let Ok(Value::Array(list)) = serde_json::from_str(users) else {
        return Err(Refusal::form(400, "users: a list of ids in JSON is expected").into());
    };
    let users = ids(&list).map_err(|text| Refusal::form(400, &format!("users: {text}")))?;
    let content = match asked {
        Asked::Users => None,
        Asked::UsersAndContent => Some(form_content(fields)?),
    };
    Ok(Sender {
        form: Form::Form,
        application,
        users,
        content,
    })
}

/// JSON in a text; what is none is a text by itself.
fn form_content(fields: &Map<String, Value>) -> Result<Value, Refusal> {
    let nothing = || Refusal::form(400, "No content provided unable to perform notifications");
    let text = crate::input::content(fields)
        .and_then(Value::as_str)
        .ok_or_else(nothing)?;
    match serde_json::from_str(text) {
        Ok(Value::Null) => Err(nothing()),
        Ok(value) => Ok(value),
        Err(_) => Ok(Value::String(text.to_owned())),
    }
}
