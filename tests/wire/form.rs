//! One call in every form the request grammar has.

use loggia_tests::client::{Answer, Client, encoded, escaped};
use loggia_tests::site::Node;
use serde_json::{Map, Value};

const BOUNDARY: &str = "----loggia-boundary-7d1f";

/// What is asked for, whatever the form.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) action: String,
    pub(crate) module: String,
    pub(crate) resource: String,
    pub(crate) members: Vec<(String, String)>,
}

/// A way to send a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `ENDPOINT?action=..`
    Query,
    /// `/index.php/..?action=..`
    QueryBelowIndex,
    /// `/index.php?option=com_jbackend&view=request&..`
    Default,
    /// The same without the view.
    DefaultWithoutView,
    /// `/?option=com_jbackend&..`
    DefaultAtRoot,
    /// The default request, selectors and members in a form body.
    DefaultBody,
    /// Selectors and members in an urlencoded body.
    UrlencodedBody,
    /// The same as multipart.
    Multipart,
    /// The same as one JSON object.
    JsonBody,
    /// `ENDPOINT/action/module/resource[/id]?..`
    Rest,
    /// The same with a slash at the end.
    RestSlash,
    /// The path, and the members in an urlencoded body.
    RestBody,
    /// The path form on the semantic endpoint.
    SemanticRest,
    /// `METHOD ENDPOINT/module/resource[/id]?..`
    Modern,
    /// The same with members in a JSON body, where the method has one.
    ModernJson,
}

impl Form {
    pub(crate) const ALL: [Form; 15] = [
        Form::Query,
        Form::QueryBelowIndex,
        Form::Default,
        Form::DefaultWithoutView,
        Form::DefaultAtRoot,
        Form::DefaultBody,
        Form::UrlencodedBody,
        Form::Multipart,
        Form::JsonBody,
        Form::Rest,
        Form::RestSlash,
        Form::RestBody,
        Form::SemanticRest,
        Form::Modern,
        Form::ModernJson,
    ];

    /// Whether it goes to an endpoint that always answers 200.
    pub(crate) fn is_compatible(self) -> bool {
        !matches!(self, Form::SemanticRest | Form::Modern | Form::ModernJson)
    }

    /// Sends a call to a node whose site is a [`fixture`](crate::fixture).
    pub(crate) fn send(self, node: &Node, call: &Call) -> Answer {
        self.send_to(&Doors::of(node), call)
    }

    /// Sends a call by one of the doors.
    pub(crate) fn send_to(self, doors: &Doors, call: &Call) -> Answer {
        let Doors {
            free,
            semantic,
            below_index,
            ..
        } = doors;
        let path = format!("/{}/{}/{}", call.action, call.module, call.resource);
        match self {
            Form::Query => free.get(&format!("?{}", query(&call.all()))),
            Form::QueryBelowIndex => below_index.get(&format!("?{}", query(&call.all()))),
            Form::Default => {
                by_default(doors, "/index.php?option=com_jbackend&view=request&", call)
            }
            Form::DefaultWithoutView => by_default(doors, "/index.php?option=com_jbackend&", call),
            Form::DefaultAtRoot => by_default(doors, "/?option=com_jbackend&", call),
            Form::DefaultBody => {
                let mut members = call.all();
                members.push(("api_key".to_owned(), doors.key.clone()));
                form(&doors.server, "/index.php?option=com_jbackend", &members)
            }
            Form::UrlencodedBody => form(free, "", &call.all()),
            Form::Multipart => multipart(free, &call.all()),
            Form::JsonBody => free.post_json("", &object(&call.all())),
            Form::Rest => free.get(&call.rest(&path, "")),
            Form::RestSlash => free.get(&call.rest(&path, "/")),
            Form::RestBody => form(free, &path, &call.members),
            Form::SemanticRest => semantic.get(&call.rest(&path, "")),
            Form::Modern => {
                let path = format!("/{}/{}", call.module, call.resource);
                semantic.send(call.method(), &call.rest(&path, ""), None, b"")
            }
            Form::ModernJson if call.action == "get" => Form::Modern.send_to(doors, call),
            Form::ModernJson => {
                let path = format!("/{}/{}", call.module, call.resource);
                let body = object(&call.members).to_string();
                semantic.send(
                    call.method(),
                    &path,
                    Some("application/json"),
                    body.as_bytes(),
                )
            }
        }
    }
}

/// Where the forms go: a node's endpoints, and the key of the default request.
pub(crate) struct Doors {
    server: Client,
    free: Client,
    semantic: Client,
    below_index: Client,
    key: String,
}

impl Doors {
    pub(crate) fn of(node: &Node) -> Self {
        Doors {
            server: node.server(),
            free: node.endpoint("free"),
            semantic: node.endpoint("semantic"),
            below_index: node.server().below("/index.php/api"),
            key: node.fact("/keys/unlimited"),
        }
    }

    /// Those with keys, and a key that is good for everything.
    pub(crate) fn keyed(node: &Node) -> Self {
        let key = node.fact("/keys/unlimited");
        let keyed = |path: &str| node.server().below(path).with_key(&key);
        Doors {
            server: node.server(),
            free: keyed("/api/key"),
            semantic: keyed("/api/semantic-key"),
            below_index: keyed("/index.php/key"),
            key,
        }
    }

    /// The same, with another key for the default request.
    pub(crate) fn with_key(self, key: &str) -> Self {
        Doors {
            key: key.to_owned(),
            ..self
        }
    }

    /// The same, over one connection a thread.
    pub(crate) fn keeping(node: &Node) -> Self {
        let doors = Self::of(node);
        Doors {
            server: doors.server.keeping(),
            free: doors.free.keeping(),
            semantic: doors.semantic.keeping(),
            below_index: doors.below_index.keeping(),
            key: doors.key,
        }
    }
}

impl Call {
    pub(crate) fn new(action: &str, module: &str, resource: &str) -> Self {
        Call {
            action: action.to_owned(),
            module: module.to_owned(),
            resource: resource.to_owned(),
            members: Vec::new(),
        }
    }

    /// With one member more.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.members.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Selectors and members.
    pub(crate) fn all(&self) -> Vec<(String, String)> {
        let selectors = [
            ("action", &self.action),
            ("module", &self.module),
            ("resource", &self.resource),
        ];
        let selectors = selectors.map(|(name, value)| (name.to_owned(), value.clone()));
        [&selectors[..], &self.members].concat()
    }

    /// A path with the id as its last segment, and the other members in the query.
    fn rest(&self, path: &str, end: &str) -> String {
        let id = self.members.iter().find(|(name, _)| name == "id");
        // An empty segment would make the path one that has no id, so that id stays in the query.
        let id = id.filter(|(_, id)| !id.is_empty());
        let others: Vec<_> = self
            .members
            .iter()
            .filter(|(name, _)| id.is_none() || name != "id")
            .cloned()
            .collect();
        let id = id
            .map(|(_, id)| format!("/{}", escaped(id)))
            .unwrap_or_default();
        format!("{path}{id}{end}?{}", query(&others))
    }

    fn method(&self) -> &'static str {
        match self.action.as_str() {
            "get" => "GET",
            "put" => "PUT",
            "delete" => "DELETE",
            _ => "POST",
        }
    }
}

fn query(members: &[(String, String)]) -> String {
    let members: Vec<_> = members
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    encoded(&members)
}

fn by_default(doors: &Doors, path: &str, call: &Call) -> Answer {
    let mut members = call.all();
    members.push(("api_key".to_owned(), doors.key.clone()));
    doors.server.get(&format!("{path}{}", query(&members)))
}

fn form(client: &Client, path: &str, members: &[(String, String)]) -> Answer {
    let members: Vec<_> = members
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    client.post_form(path, &members)
}

fn object(members: &[(String, String)]) -> Value {
    let members = members
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    Value::Object(members.collect::<Map<_, _>>())
}

fn multipart(client: &Client, members: &[(String, String)]) -> Answer {
    let mut body = String::new();
    for (name, value) in members {
        body.push_str("--");
        body.push_str(BOUNDARY);
        body.push_str("\r\nContent-Disposition: form-data; name=\"");
        body.push_str(name);
        body.push_str("\"\r\n\r\n");
        body.push_str(value);
        body.push_str("\r\n");
    }
    body.push_str("--");
    body.push_str(BOUNDARY);
    body.push_str("--\r\n");
    let media = format!("multipart/form-data; boundary={BOUNDARY}");
    client.send("POST", "", Some(&media), body.as_bytes())
}
