//! A call without HTTP: the operator's command line, and tests. The same checks of parameters, the same
//! module, no key and no log row.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use loggia_abi::request::flags;
use serde_json::Value;

use super::caller::Caller;
use super::dispatch::Dispatcher;
use crate::fault::{Fault, Req};
use crate::module::binding::{Given, bind, fault_named};
use crate::module::descriptor::BodyRule;
use crate::module::instance::{Instance, Invocation, RequestFacts};
use crate::module::registry::Slot;
use crate::module::reply::Answer;
use crate::service::CallContext;
use crate::service::identity::SessionSlot;

/// A call of an operation.
#[derive(Clone, Debug)]
pub struct DirectCall {
    /// Who calls.
    pub caller: Caller,
    /// The action.
    pub action: String,
    /// The module, by any of its names.
    pub module: String,
    /// The resource.
    pub resource: String,
    /// The members.
    pub members: Vec<(String, Given)>,
    /// The absolute URL that the module may build on; empty where there is none.
    pub base_url: String,
    /// The client's address; there is none on the command line.
    pub client_address: Option<IpAddr>,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The session of the call; one without an id for the command line.
    pub session: Arc<SessionSlot>,
}

/// A request of a route.
#[derive(Clone, Debug)]
pub struct DirectRoute {
    /// Who calls.
    pub caller: Caller,
    /// The HTTP method.
    pub method: String,
    /// The module, by any of its names.
    pub module: String,
    /// The path below the endpoint.
    pub path: String,
    /// The raw query.
    pub query: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
    /// The absolute URL that the module may build on.
    pub base_url: String,
}

impl Dispatcher {
    /// Answers a call on this thread.
    pub fn direct(&self, call: DirectCall) -> Result<Answer, Fault> {
        let (slot, instance) = self.serving(&call.module)?;
        let descriptor = instance.descriptor();
        let found = descriptor
            .operations
            .iter()
            .position(|one| one.action == call.action && one.resource == call.resource);
        let index = found.ok_or(Req::RequestUnknown)?;
        let operation = &descriptor.operations[index];
        call.caller.may_call(operation)?;
        let find = |name: &str| {
            call.members
                .iter()
                .rfind(|(known, _)| known == name)
                .map(|(_, given)| given.clone())
        };
        let fault_of = |code: &str| {
            fault_named(&descriptor.faults, code).unwrap_or_else(|| Req::InternalError.fault())
        };
        let values = bind(operation, find, fault_of)?;
        let body = if operation.body == BodyRule::Members {
            members(call.members).into()
        } else {
            Vec::new()
        };
        let mut facts = RequestFacts {
            method: "POST".into(),
            base_url: call.base_url.into(),
            headers: call.headers,
            body,
            ..facts(&call.caller)
        };
        if call.caller.is_scoped(operation) {
            facts.flags |= flags::SCOPED;
        }
        let mut context =
            self.direct_context(&call.caller, &slot.name, &instance, call.client_address);
        context.session = call.session;
        instance.call_here(&Invocation {
            index,
            values,
            context,
            facts,
        })
    }

    /// Answers a request of a route on this thread.
    pub fn direct_route(&self, call: DirectRoute) -> Result<Answer, Fault> {
        let (slot, instance) = self.serving(&call.module)?;
        let descriptor = instance.descriptor();
        let (place, path_parameters) =
            match super::table::find_route(descriptor, &call.method, &call.path) {
                Some(super::table::RouteMatch::Route(place, values)) => (place, values),
                Some(super::table::RouteMatch::Method(_)) => {
                    return Err(Req::MethodNotAllowed.fault());
                }
                None => return Err(Req::RequestUnknown.fault()),
            };
        let index = descriptor.operations.len() + place;
        let mut facts = facts(&call.caller);
        facts.flags |= call.caller.route_scopes(&descriptor.routes[place]);
        if call.method == "HEAD" {
            facts.flags |= flags::HEAD;
        }
        let context = self.direct_context(&call.caller, &slot.name, &instance, None);
        let DirectRoute {
            method,
            path,
            query,
            headers,
            body,
            base_url,
            ..
        } = call;
        let body_type = headers.iter().find(|(name, _)| name == "content-type");
        let facts = RequestFacts {
            body_type: body_type
                .map_or_else(String::new, |(_, value)| value.clone())
                .into(),
            method: method.into(),
            path: path.into(),
            query: query.into(),
            body,
            path_parameters,
            headers,
            base_url: base_url.into(),
            ..facts
        };
        instance.call_here(&Invocation {
            index,
            values: Vec::new(),
            context,
            facts,
        })
    }

    fn serving(&self, module: &str) -> Result<(Arc<Slot>, Arc<Instance>), Fault> {
        let slot = self.registry.slot(module).ok_or(Req::ModuleNotFound)?;
        let instance = slot.serving()?;
        Ok((slot, instance))
    }

    fn direct_context(
        &self,
        caller: &Caller,
        module: &str,
        instance: &Instance,
        address: Option<IpAddr>,
    ) -> CallContext {
        let mut context = CallContext::new(self.pool.clone(), "direct", module);
        context.user = caller.user;
        context.deadline = Some(Instant::now() + instance.bounds.deadline);
        context.client_address = address;
        context.offers = self.offers(instance, None);
        context
    }
}

/// All members as one JSON object, but uploads.
fn members(members: Vec<(String, Given)>) -> String {
    let written = members.into_iter().filter_map(|(name, given)| match given {
        Given::Text(text) => Some((name, Value::String(text))),
        Given::Json(value) => Some((name, value)),
        Given::File(_) => None,
    });
    Value::Object(written.collect()).to_string()
}

fn facts(caller: &Caller) -> RequestFacts<'static> {
    RequestFacts {
        endpoint: "direct".into(),
        personal_data: Arc::clone(&caller.personal_data),
        key: caller.key,
        groups: Arc::clone(&caller.groups),
        view_levels: Arc::clone(&caller.view_levels),
        flags: if caller.is_operator {
            flags::OPERATOR
        } else {
            0
        },
        ..RequestFacts::default()
    }
}
