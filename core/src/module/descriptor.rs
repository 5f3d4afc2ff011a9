//! What a module says of itself: the one operation table of routing, checks, commands and documentation.

use std::collections::HashSet;

use loggia_abi::request::flags::MOST_ROUTE_SCOPES;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::fault::Req;
use crate::settings::Selection;

/// A descriptor, read and found in order.
#[derive(Clone, Debug, Deserialize)]
pub struct Descriptor {
    /// The name on the wire.
    pub module: String,
    /// The module's own version.
    pub version: String,
    /// One sentence.
    #[serde(default)]
    pub summary: String,
    /// Further names on the wire.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The services it wants; all others are refused.
    #[serde(default)]
    pub services: Vec<WantedService>,
    /// What it answers to.
    #[serde(default)]
    pub operations: Vec<Operation>,
    /// The routes of foreign protocols.
    #[serde(default)]
    pub routes: Vec<Route>,
    /// Its commands for the command line.
    #[serde(default)]
    pub commands: Vec<Command>,
    /// The JSON Schema of its settings.
    #[serde(default)]
    pub settings: Value,
    /// Its codes.
    #[serde(default)]
    pub faults: Vec<FaultText>,
    /// How refusals of its routes are worded, with places for what differs.
    #[serde(default)]
    pub refusal: Option<Map<String, Value>>,
    /// The steps of its schema.
    #[serde(default)]
    pub migrations: Vec<MigrationText>,
}

/// A service by id, in at least this version.
#[derive(Clone, Debug, Deserialize)]
pub struct WantedService {
    /// Such as `loggia.database`.
    pub id: String,
    /// The lowest version that will do.
    pub version: u32,
}

/// Where a call runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// On the HTTP worker: it neither waits nor asks a service that does.
    Inline,
    /// On the HTTP worker as long as it finds in the module's memory what it needs. If it asks for a
    /// connection, that is refused, and the call is begun anew in the module's pool.
    Cached,
    /// In the module's pool.
    #[default]
    Pool,
    /// In the module's second pool, for calls that are known to take long.
    Slow,
}

/// What an operation asks for beyond its endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OperationAccess {
    /// Nothing.
    #[default]
    Any,
    /// An account: a session, or a key that is bound to one.
    User,
    /// A key.
    Key,
    /// An account, or a key that carries the operation's scope.
    Member,
}

/// One operation.
#[derive(Clone, Debug, Deserialize)]
pub struct Operation {
    /// `get`, `post`, `put` or `delete`.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// One sentence.
    #[serde(default)]
    pub summary: String,
    /// Where it runs.
    #[serde(default)]
    pub class: Class,
    /// Whether it changes something.
    #[serde(default)]
    pub writes: bool,
    /// Whether it belongs to the jBackend contract.
    #[serde(default)]
    pub contract: bool,
    /// What it asks for.
    #[serde(default)]
    pub access: OperationAccess,
    /// Whether a `user` endpoint answers it without a session.
    #[serde(default)]
    pub guest: bool,
    /// The scope a key must carry.
    #[serde(default)]
    pub scope: Option<String>,
    /// Whether only private or keyed endpoints publish it.
    #[serde(default)]
    pub private: bool,
    /// Its parameters, in the order of the values.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// What it answers with.
    #[serde(default)]
    pub answer: AnswerShape,
    /// The codes it may answer with.
    #[serde(default)]
    pub faults: Vec<String>,
    /// How a JSON body is taken.
    #[serde(default)]
    pub body: BodyRule,
}

/// How a JSON body is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyRule {
    /// As one source among others.
    #[default]
    None,
    /// As the only source, where it can be read.
    JsonExclusive,
    /// As one source among others; besides, the module is given all members of the body, declared or not.
    Members,
}

/// The form of an answer.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct AnswerShape {
    /// The schema of the members.
    #[serde(default)]
    pub schema: Option<Value>,
    /// The media type of other answers.
    #[serde(default)]
    pub media: Option<String>,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParameterKind {
    /// Any text.
    Text,
    /// A whole number, read as PHP reads it.
    Integer,
    /// A number.
    Number,
    /// `true` and `1` are true.
    Boolean,
    /// A list of values.
    List,
    /// A JSON object.
    Object,
    /// An uploaded file.
    File,
}

/// One parameter.
#[derive(Clone, Debug, Deserialize)]
pub struct Parameter {
    /// Its name on the wire.
    pub name: String,
    /// One sentence.
    #[serde(default)]
    pub about: Option<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ParameterKind,
    /// Whether it must be given.
    #[serde(default)]
    pub required: bool,
    /// The code that is answered where it is not.
    #[serde(default)]
    pub missing: Option<String>,
    /// Its rules, as JSON Schema.
    #[serde(default)]
    pub schema: Value,
    /// The same, ready to be checked.
    #[serde(skip)]
    pub rules: Rules,
}

/// The rules of a parameter that the host checks before a call.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The smallest number.
    pub minimum: Option<f64>,
    /// The largest number.
    pub maximum: Option<f64>,
    /// The shortest text, in characters.
    pub min_length: Option<usize>,
    /// The longest text, in characters.
    pub max_length: Option<usize>,
    /// The only texts there are.
    pub choices: Vec<String>,
    /// Whether an unknown choice counts as absent.
    pub falls_back: bool,
    /// Whether `null` is a value of its own.
    pub clearable: bool,
}

/// One route.
#[derive(Clone, Debug, Deserialize)]
pub struct Route {
    /// The HTTP method.
    pub method: String,
    /// The template, such as `/feed/{product}.xml`.
    pub path: String,
    /// One sentence.
    #[serde(default)]
    pub summary: String,
    /// Where it runs.
    #[serde(default)]
    pub class: Class,
    /// The scopes of which it wants to know whether the caller's key carries them.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// One command of the command line.
#[derive(Clone, Debug, Deserialize)]
pub struct Command {
    /// Its words, such as `release publish`.
    pub path: Vec<String>,
    /// One sentence.
    #[serde(default)]
    pub summary: Option<String>,
    /// A line that works.
    #[serde(default)]
    pub example: String,
    /// The action and resource it calls.
    pub operation: (String, String),
    /// The parameters that are given by position.
    #[serde(default)]
    pub positional: Vec<String>,
}

/// One code of a module.
#[derive(Clone, Debug, Deserialize)]
pub struct FaultText {
    /// At most 10 characters.
    pub code: String,
    /// The text on the wire.
    pub text: String,
    /// The status where statuses are real.
    pub status: u16,
}

/// One step of a module's schema.
#[derive(Clone, Debug, Deserialize)]
pub struct MigrationText {
    /// Such as `0001_release`.
    pub name: String,
    /// The way there.
    pub up: String,
    /// The way back.
    pub down: String,
}

/// The words that are actions, which no module may be named.
pub const ACTIONS: [&str; 4] = ["get", "post", "put", "delete"];

impl Descriptor {
    /// Reads and checks a descriptor's JSON.
    pub fn read(json: &str) -> Result<Self, String> {
        let mut descriptor: Descriptor = serde_json::from_str(json)
            .map_err(|error| format!("the descriptor is not valid: {error}"))?;
        descriptor.check()?;
        for operation in &mut descriptor.operations {
            for parameter in &mut operation.parameters {
                parameter.rules = Rules::read(&parameter.schema);
            }
        }
        Ok(descriptor)
    }

    /// Whether this is one of the module's names.
    pub fn answers_to(&self, name: &str) -> bool {
        self.module == name || self.aliases.iter().any(|alias| alias == name)
    }

    /// Whether an endpoint's list of modules has it, under whichever of its names.
    pub fn is_chosen(&self, modules: &Selection) -> bool {
        modules.contains(&self.module) || self.aliases.iter().any(|alias| modules.contains(alias))
    }

    /// Whether all its operations are for private endpoints alone.
    pub fn is_private(&self) -> bool {
        !self.operations.is_empty() && self.operations.iter().all(|one| one.private)
    }

    fn check(&self) -> Result<(), String> {
        for name in std::iter::once(&self.module).chain(&self.aliases) {
            check_name(name)?;
        }
        for fault in &self.faults {
            if fault.code.is_empty() || fault.code.len() > 10 || Req::named(&fault.code).is_some() {
                return Err(format!(
                    "the fault code {:?} is empty, longer than 10 or the host's own",
                    fault.code
                ));
            }
            if !(400..=599).contains(&fault.status) {
                return Err(format!(
                    "the fault {} has the status {}, not 400 to 599",
                    fault.code, fault.status
                ));
            }
        }
        let mut seen = HashSet::new();
        for operation in &self.operations {
            self.check_operation(operation)?;
            if !seen.insert((&operation.action, &operation.resource)) {
                return Err(format!(
                    "{}/{} is declared twice",
                    operation.action, operation.resource
                ));
            }
        }
        for command in &self.commands {
            let (action, resource) = &command.operation;
            if !seen.contains(&(action, resource)) {
                return Err(format!(
                    "the command {:?} calls {action}/{resource}, which is not declared",
                    command.path
                ));
            }
        }
        self.routes.iter().try_for_each(check_route)
    }

    fn check_operation(&self, operation: &Operation) -> Result<(), String> {
        let Operation {
            action, resource, ..
        } = operation;
        if !ACTIONS.contains(&action.as_str()) || resource.is_empty() {
            return Err(format!(
                "{action}/{resource}: the action must be one of get, post, put, delete"
            ));
        }
        let missing = operation
            .parameters
            .iter()
            .filter_map(|parameter| parameter.missing.as_ref());
        for code in missing.chain(&operation.faults) {
            if self.faults.iter().all(|fault| &fault.code != code) && Req::named(code).is_none() {
                return Err(format!(
                    "{action}/{resource} names the fault {code}, which is not declared"
                ));
            }
        }
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || name.len() > 30 || !name.chars().all(plain) || ACTIONS.contains(&name) {
        return Err(format!(
            "a module cannot be named {name:?}: up to 30 of a-z, 0-9 and _, none of get, post, put, delete"
        ));
    }
    Ok(())
}

fn check_route(route: &Route) -> Result<(), String> {
    let whole = |part: &str| {
        part.matches('{').count() == part.matches('}').count() && part.matches('{').count() < 2
    };
    if route.scopes.len() > MOST_ROUTE_SCOPES {
        return Err(format!(
            "the route {:?} names more than {MOST_ROUTE_SCOPES} scopes",
            route.path
        ));
    }
    if route.path.starts_with('/') && route.path.split('/').all(whole) {
        return Ok(());
    }
    Err(format!(
        "the route {:?} must begin with / and have at most one {{name}} in a segment",
        route.path
    ))
}

impl Rules {
    fn read(schema: &Value) -> Self {
        let length = |name: &str| {
            schema[name]
                .as_u64()
                .and_then(|length| usize::try_from(length).ok())
        };
        let (format_minimum, format_maximum) = match schema["format"].as_str() {
            Some("int32") => (Some(f64::from(i32::MIN)), Some(f64::from(i32::MAX))),
            Some("uint32") => (Some(0.0), Some(f64::from(u32::MAX))),
            _ => (None, None),
        };
        Rules {
            minimum: schema["minimum"].as_f64().or(format_minimum),
            maximum: schema["maximum"].as_f64().or(format_maximum),
            min_length: length("minLength"),
            max_length: length("maxLength"),
            choices: choices(schema),
            falls_back: schema["x-fallback"].as_bool().unwrap_or(false),
            clearable: schema["x-clearable"].as_bool().unwrap_or(false),
        }
    }
}

/// An enumeration is a list of texts, or one constant per documented variant.
fn choices(schema: &Value) -> Vec<String> {
    let texts = |values: &Value| -> Vec<String> {
        values
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect()
    };
    let mut choices = texts(&schema["enum"]);
    for variant in schema["oneOf"].as_array().into_iter().flatten() {
        choices.extend(variant["const"].as_str().map(str::to_owned));
        choices.extend(texts(&variant["enum"]));
    }
    choices
}
