//! One operation or route: a function, and what the descriptor says of it.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::{Answer, Outgoing};
use crate::call::Call;
use crate::fault::Fault;
use crate::{parameters, schema};

/// A handler with its types erased.
pub(crate) type Handler<M> =
    Box<dyn Fn(&M, &Call<'_>, &mut Outgoing<'_>) -> Result<(), Fault> + Send + Sync>;

/// An operation being described; each method adds one fact.
pub struct Operation<'d> {
    pub(crate) facts: &'d mut Value,
    pub(crate) commands: &'d mut Vec<Value>,
}

impl Operation<'_> {
    /// One sentence for the documentation.
    pub fn summary(self, text: &str) -> Self {
        self.set("summary", text)
    }

    /// Runs on the server's own worker: only for handlers that neither wait nor use the database.
    pub fn inline(self) -> Self {
        self.set("class", "inline")
    }

    /// Runs on the server's own worker as long as it finds what it needs in the module's memory. There the
    /// host refuses every database connection, and a call that asked for one is begun anew in the pool: so
    /// nothing may be changed before the first connection.
    pub fn cached(self) -> Self {
        self.set("class", "cached")
    }

    /// Runs among the module's slow calls, which have threads of their own.
    pub fn slow(self) -> Self {
        self.set("class", "slow")
    }

    /// Changes something, and is not part of the jBackend contract: GET and HEAD are refused.
    pub fn writes(self) -> Self {
        self.set("writes", true)
    }

    /// Belongs to the jBackend contract: compatible endpoints do not look at the HTTP method.
    pub fn contract(self) -> Self {
        self.set("contract", true)
    }

    /// Asks for a user, whatever the endpoint's own access is.
    pub fn user(self) -> Self {
        self.set("access", "user")
    }

    /// Is answered on a `user` endpoint without a session.
    pub fn guest(self) -> Self {
        self.set("guest", true)
    }

    /// Answers an account that is logged in, and keys that carry this scope. What an account may do is then the
    /// module's to decide; see [`Call::is_unbound`](crate::Call::is_unbound).
    pub fn member(self, scope: &str) -> Self {
        self.set("access", "member").set("scope", scope)
    }

    /// Only for the operator's command line and for API keys that carry this scope.
    pub fn scope(self, scope: &str) -> Self {
        self.set("scope", scope)
    }

    /// Serves only endpoints that ask for a key or are marked private.
    pub fn private(self) -> Self {
        self.set("private", true)
    }

    /// A JSON body is the only source of parameters when it can be read.
    pub fn exclusive_json(self) -> Self {
        self.set("body", "json_exclusive")
    }

    /// [`Call::members`] are all members of the request, declared or not.
    pub fn members(self) -> Self {
        self.set("body", "members")
    }

    /// The media type of an operation that answers with a file or bytes.
    pub fn media(self, media: &str) -> Self {
        self.set("answer", json!({ "media": media }))
    }

    /// The faults it may answer with, for the documentation.
    pub fn raises(self, codes: &[&str]) -> Self {
        self.set("faults", codes)
    }

    /// Publishes it as a command of `loggia`, with the parameters that are given by position.
    pub fn command(self, path: &str, example: &str, positional: &[&str]) -> Self {
        let words: Vec<&str> = path.split(' ').collect();
        self.commands.push(json!({
            "path": words,
            "summary": self.facts["summary"],
            "example": example,
            "operation": [self.facts["action"], self.facts["resource"]],
            "positional": positional,
        }));
        self
    }

    fn set(self, name: &str, value: impl serde::Serialize) -> Self {
        self.facts[name] = json!(value);
        self
    }
}

/// A route being described.
pub struct Route<'d> {
    pub(crate) facts: &'d mut Value,
}

impl Route<'_> {
    /// One sentence for the documentation.
    pub fn summary(self, text: &str) -> Self {
        self.facts["summary"] = text.into();
        self
    }

    /// Runs on the server's own worker.
    pub fn inline(self) -> Self {
        self.facts["class"] = "inline".into();
        self
    }

    /// Runs on the server's own worker as long as it asks for no connection, as
    /// [`cached`](Operation::cached) operations do.
    pub fn cached(self) -> Self {
        self.facts["class"] = "cached".into();
        self
    }

    /// The scopes of which the handler wants to know whether the caller's key carries them, at most eight; see
    /// [`Call::carries`](crate::Call::carries). A key that is sent is then looked at on every endpoint.
    pub fn scopes(self, scopes: &[&str]) -> Self {
        self.facts["scopes"] = json!(scopes);
        self
    }

    /// Runs among the module's slow calls.
    pub fn slow(self) -> Self {
        self.facts["class"] = "slow".into();
        self
    }
}

/// The facts and the erased handler of an operation.
pub(crate) fn operation<M, P, A>(
    action: &str,
    resource: &str,
    function: fn(&M, &Call<'_>, P) -> Result<A, Fault>,
) -> (Value, Handler<M>)
where
    M: 'static,
    P: DeserializeOwned + JsonSchema + 'static,
    A: Answer + 'static,
{
    let parameters = schema::parameters::<P>();
    let names: Vec<String> = parameters
        .iter()
        .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned))
        .collect();
    let facts = json!({
        "action": action, "resource": resource, "class": "pool", "access": "any",
        "parameters": parameters, "answer": A::describe(),
    });
    let handler: Handler<M> = Box::new(move |module, call, out| {
        // SAFETY: the values live until `handle` returns, which is after this closure.
        let read = unsafe { parameters::read::<P>(&names, call.values()) };
        let parameters = read.map_err(|error| Fault::new("REQ_PNV").detail(error.to_string()))?;
        function(module, call, parameters)?.send(out)
    });
    (facts, handler)
}

/// The facts and the erased handler of a route.
pub(crate) fn route<M, A>(
    method: &str,
    path: &str,
    function: fn(&M, &Call<'_>) -> Result<A, Fault>,
) -> (Value, Handler<M>)
where
    M: 'static,
    A: Answer + 'static,
{
    let facts = json!({ "method": method, "path": path, "class": "pool" });
    (
        facts,
        Box::new(move |module, call, out| function(module, call)?.send(out)),
    )
}
