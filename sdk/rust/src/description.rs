//! The module's description: data for the host, handlers for the trampoline.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::Call;
use crate::fault::{Fault, FaultDescription};
use crate::module::Module;
use crate::operation::{self, Handler, Operation, Route};
use crate::schema;

/// The services of the host, as `id/version`.
pub mod service {
    /// SQL over the host's pools.
    pub const DATABASE: &str = "loggia.database/1";
    /// Queued mail.
    pub const MAIL: &str = "loggia.mail/1";
    /// The module's part of the file store.
    pub const FILES: &str = "loggia.files/1";
    /// All accounts of the site, for whoever is entitled to keep them.
    pub const ACCOUNTS: &str = "loggia.accounts/1";
    /// Accounts, groups and sessions.
    pub const IDENTITY: &str = "loggia.identity/1";
    /// Charging a call to a key that the client has not sent.
    pub const KEYS: &str = "loggia.keys/1";
    /// Publishing to connected pages.
    pub const CHANNELS: &str = "loggia.channels/1";
    /// The engine that sends notifications.
    pub const PUSH: &str = "loggia.push/1";
    /// One search over what all modules offer.
    pub const SEARCH: &str = "loggia.search/1";
}

/// What a module offers and wants.
pub struct Description<M: Module> {
    facts: Value,
    operations: Vec<(Value, Handler<M>)>,
    routes: Vec<(Value, Handler<M>)>,
    commands: Vec<Value>,
}

impl<M: Module> Description<M> {
    pub(crate) fn new() -> Self {
        let facts = json!({
            "module": M::NAME, "version": M::VERSION, "summary": "", "aliases": [],
            "services": [
                { "id": "loggia.log", "version": 1 },
                { "id": "loggia.settings", "version": 1 },
                { "id": "loggia.clock", "version": 1 },
            ],
            "faults": [], "migrations": [], "settings": schema::of::<M::Settings>(),
        });
        let mut description = Description {
            facts,
            operations: Vec::new(),
            routes: Vec::new(),
            commands: Vec::new(),
        };
        M::describe(&mut description);
        description
    }

    /// One sentence for the documentation.
    pub fn summary(&mut self, text: &str) -> &mut Self {
        self.facts["summary"] = text.into();
        self
    }

    /// Another name on the wire under which the module answers.
    pub fn alias(&mut self, name: &str) -> &mut Self {
        self.push("aliases", name.into())
    }

    /// A service the module uses, one of [`service`]. Log, settings and clock need no declaration.
    pub fn service(&mut self, id_and_version: &str) -> &mut Self {
        let (id, version) = id_and_version
            .rsplit_once('/')
            .unwrap_or((id_and_version, "1"));
        let version: u32 = version.parse().unwrap_or(1);
        self.push("services", json!({ "id": id, "version": version }))
    }

    /// The module's table of faults.
    pub fn faults(&mut self, faults: &[FaultDescription]) -> &mut Self {
        for fault in faults {
            self.push(
                "faults",
                json!({ "code": fault.code, "text": fault.text, "status": fault.status }),
            );
        }
        self
    }

    /// How the host words its own refusals of the module's routes, and of paths that are none of them where the module is
    /// mounted alone: a JSON object, in whose texts `{status}` (a text by itself becomes the number), `{code}`
    /// and `{text}` are filled in.
    pub fn refusal(&mut self, body: Value) -> &mut Self {
        self.facts["refusal"] = body;
        self
    }

    /// A step of the module's schema, run once, in order. `{id}`, `{bytes}`, `{bool}` and `{json}` stand for
    /// what the databases spell differently.
    pub fn migration(&mut self, name: &str, up: &str, down: &str) -> &mut Self {
        self.push(
            "migrations",
            json!({ "name": name, "up": up, "down": down }),
        )
    }

    /// An operation: a function from a typed parameter structure to a typed answer.
    pub fn operation<P, A>(
        &mut self,
        action: &str,
        resource: &str,
        function: fn(&M, &Call<'_>, P) -> Result<A, Fault>,
    ) -> Operation<'_>
    where
        P: DeserializeOwned + JsonSchema + 'static,
        A: Answer + 'static,
    {
        let last = self.operations.len();
        self.operations
            .push(operation::operation(action, resource, function));
        Operation {
            facts: &mut self.operations[last].0,
            commands: &mut self.commands,
        }
    }

    /// A route of a foreign protocol: an HTTP method and a path template such as `/feed/{product}.xml`.
    pub fn route<A: Answer + 'static>(
        &mut self,
        method: &str,
        path: &str,
        function: fn(&M, &Call<'_>) -> Result<A, Fault>,
    ) -> Route<'_> {
        let last = self.routes.len();
        self.routes.push(operation::route(method, path, function));
        Route {
            facts: &mut self.routes[last].0,
        }
    }

    fn push(&mut self, list: &str, value: Value) -> &mut Self {
        if let Some(list) = self.facts[list].as_array_mut() {
            list.push(value);
        }
        self
    }

    /// The descriptor's JSON, and the handlers in its order.
    pub(crate) fn finish(mut self) -> Finished<M> {
        let (operations, mut handlers): (Vec<Value>, Vec<Handler<M>>) =
            self.operations.into_iter().unzip();
        let (routes, route_handlers): (Vec<Value>, Vec<Handler<M>>) =
            self.routes.into_iter().unzip();
        handlers.extend(route_handlers);
        let route_facts = routes.iter().map(RouteFacts::read).collect();
        let operations_len = operations.len();
        self.facts["operations"] = operations.into();
        self.facts["routes"] = routes.into();
        self.facts["commands"] = self.commands.into();
        Finished {
            descriptor: self.facts.to_string(),
            handlers,
            operations_len,
            routes: route_facts,
        }
    }
}

/// A description that no longer changes.
pub(crate) struct Finished<M> {
    pub(crate) descriptor: String,
    pub(crate) handlers: Vec<Handler<M>>,
    operations_len: usize,
    routes: Vec<RouteFacts>,
}

/// What a call has to know of its route.
#[derive(Default)]
pub(crate) struct RouteFacts {
    /// The names in its path template, in order.
    pub(crate) path_names: Vec<String>,
    /// The scopes that it names.
    pub(crate) scopes: Vec<String>,
}

impl RouteFacts {
    fn read(facts: &Value) -> Self {
        let scopes = facts["scopes"].as_array().into_iter().flatten();
        RouteFacts {
            path_names: path_names(facts["path"].as_str().unwrap_or("")),
            scopes: scopes
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        }
    }
}

impl<M> Finished<M> {
    /// The route behind an index; none where it is an operation's.
    pub(crate) fn route(&self, index: usize) -> Option<&RouteFacts> {
        let route = index.checked_sub(self.operations_len)?;
        self.routes.get(route)
    }
}

fn path_names(template: &str) -> Vec<String> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split('}').next())
        .map(str::to_owned)
        .collect()
}
