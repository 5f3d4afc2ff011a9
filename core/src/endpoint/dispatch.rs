//! One request through the house: selector, module, access, operation, call, receipt.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use loggia_abi::request::flags;

use super::admission::{Admission, Admitted, Subject};
use super::caller::{Caller, Credentials};
use super::parameters::{Body, Parameters};
use super::selector::{Selector, methods_of};
use super::table::Published;
use crate::fault::{Fault, Req};
use crate::module::binding::{Bound, Given, bind, fault_named};
use crate::module::descriptor::{BodyRule, Descriptor, Operation, OperationAccess};
use crate::module::instance::{Instance, Invocation, RequestFacts};
use crate::module::registry::{Registry, Slot};
use crate::module::reply::Answer;
use crate::service::context::CallContext;
use crate::settings::StatusMode;
use crate::store::Pool;

/// A request as it came in, without the web server's types.
#[derive(Clone, Debug)]
pub struct RawRequest {
    /// The HTTP method, in upper case.
    pub method: String,
    /// The path below the endpoint, as sent.
    pub rest: String,
    /// The query, as sent.
    pub query: String,
    /// The headers, names in lower case, without credentials; only routes see them.
    pub headers: Vec<(String, String)>,
    /// What the client proves itself with.
    pub credentials: Credentials,
    /// The client's address.
    pub client_address: Option<IpAddr>,
    /// `scheme://host`, where absolute URLs may be built.
    pub origin: String,
    /// Whether the client speaks HTTPS.
    pub is_secure: bool,
    /// Whether a header proves that the request comes from a page of this very site.
    pub is_same_origin: bool,
    /// The request's id.
    pub request_id: String,
    /// When it came in.
    pub started: Instant,
}

/// What a request is answered with.
#[derive(Debug)]
pub struct Outcome {
    /// The answer or the fault.
    pub result: Result<Answer, Fault>,
    /// Whether a route answered, which words its own statuses and bodies.
    pub is_route: bool,
    /// Whether the answer may be given a validator.
    pub may_validate: bool,
    /// Headers of the host: cookies, limits.
    pub headers: Vec<(String, String)>,
}

/// The parts of a call that the access log names.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// The action, or a route's method.
    pub action: String,
    /// The module.
    pub module: String,
    /// The resource, or a route's path.
    pub resource: String,
    /// Whether it is a route.
    pub is_route: bool,
}

/// A route that a path was found to be.
pub struct FoundRoute {
    /// The module.
    pub slot: Arc<Slot>,
    /// Its instance when the path was matched.
    pub instance: Arc<Instance>,
    /// The place in its descriptor.
    pub place: usize,
    /// The values of the template.
    pub values: Vec<String>,
}

/// The way of every request: what it needs of the rooms below.
pub struct Dispatcher {
    /// The modules.
    pub registry: Arc<Registry>,
    /// Keys, sessions, quotas and the access log.
    pub admission: Admission,
    /// For the connections of calls.
    pub pool: Pool,
}

impl Dispatcher {
    /// Refuses a request that could not be read, which leaves its row like any other.
    pub async fn reject(&self, endpoint: &Published, request: RawRequest, fault: Fault) -> Outcome {
        let mut headers = Vec::new();
        let (named, admitted) = (Named::default(), Admitted::refused());
        let refused = Err(fault);
        let result = self
            .admission
            .conclude(endpoint, &request, named, admitted, refused, &mut headers)
            .await;
        Outcome {
            result,
            is_route: false,
            may_validate: false,
            headers,
        }
    }

    /// Answers a request of an operation, in whichever form it came.
    pub async fn operation(
        &self,
        endpoint: &Published,
        request: RawRequest,
        mut parameters: Parameters,
    ) -> Outcome {
        let mut named = Named::default();
        let mut headers = Vec::new();
        let mut admitted = Admitted::refused();
        let result = self
            .run_operation(
                endpoint,
                &request,
                &mut parameters,
                &mut named,
                &mut admitted,
                &mut headers,
            )
            .await;
        let may_validate = named.action == "get";
        let result = self
            .admission
            .conclude(endpoint, &request, named, admitted, result, &mut headers)
            .await;
        Outcome {
            result,
            is_route: false,
            may_validate,
            headers,
        }
    }

    async fn run_operation(
        &self,
        endpoint: &Published,
        request: &RawRequest,
        parameters: &mut Parameters,
        named: &mut Named,
        admitted: &mut Admitted,
        headers: &mut Vec<(String, String)>,
    ) -> Result<Answer, Fault> {
        let selector = Selector::read(
            endpoint.settings.status,
            &request.method,
            &request.rest,
            parameters,
        )?;
        *named = Named {
            action: selector.action.clone().unwrap_or_default(),
            module: selector.module.clone().unwrap_or_default(),
            resource: selector.resource.clone().unwrap_or_default(),
            is_route: false,
        };
        let (slot, instance) = self.module(endpoint, &selector)?;
        named.module.clone_from(&slot.name);
        let found = find_operation(instance.descriptor(), &selector);
        let operation = found.as_ref().ok().map(|(_, operation)| *operation);
        let subject = Subject {
            named,
            is_guest_call: operation.is_some_and(|one| one.guest),
            needs_key: operation
                .is_some_and(|one| one.scope.is_some() || one.access == OperationAccess::Key),
            patience: deadline(&instance, endpoint),
        };
        self.admission
            .admit(endpoint, request, parameters, subject, admitted, headers)
            .await?;
        let (place, operation) = found.map_err(|missing| missing.fault(headers))?;
        check_method(operation, request, &selector)?;
        admitted.caller().may_call(operation)?;
        self.admission.check_proof(request, admitted, operation)?;
        let values = bind_parameters(instance.descriptor(), operation, &selector, parameters)?;
        let context = self.context(request, &slot, &instance, endpoint, admitted);
        let invocation = Invocation {
            index: place,
            values,
            facts: facts(endpoint, request, admitted.caller()),
            context,
        };
        call(&slot, &instance, invocation, endpoint).await
    }

    /// The module that a selector names, if it answers here.
    fn module(
        &self,
        endpoint: &Published,
        selector: &Selector,
    ) -> Result<(Arc<Slot>, Arc<Instance>), Fault> {
        let name = selector
            .module
            .as_deref()
            .filter(|name| !name.is_empty())
            .ok_or(Req::ModuleNotSpecified)?;
        let slot = self.registry.slot(name).ok_or(Req::ModuleNotFound)?;
        let instance = slot.serving()?;
        if !endpoint.serves(instance.descriptor()) {
            return Err(Req::ModuleNotFound.fault());
        }
        Ok((slot, instance))
    }

    /// The route of the endpoint's mounted modules that a path is; `Err` holds the methods it has.
    pub fn find_route(
        &self,
        endpoint: &Published,
        method: &str,
        rest: &str,
    ) -> Result<Option<FoundRoute>, Vec<String>> {
        let mut methods = Vec::new();
        for module in &endpoint.settings.routes {
            let Some(slot) = self.registry.slot(module) else {
                continue;
            };
            let Ok(instance) = slot.serving() else {
                continue;
            };
            let path = if rest.is_empty() { "/" } else { rest };
            match super::table::find_route(instance.descriptor(), method, path) {
                Some(super::table::RouteMatch::Route(place, values)) => {
                    return Ok(Some(FoundRoute {
                        slot,
                        instance,
                        place,
                        values,
                    }));
                }
                Some(super::table::RouteMatch::Method(more)) => methods.extend(more),
                None => {}
            }
        }
        if methods.is_empty() {
            Ok(None)
        } else {
            Err(methods)
        }
    }

    /// The HTTP methods with which a path of the modern form may be asked for.
    pub fn methods(&self, endpoint: &Published, request: &RawRequest) -> Vec<String> {
        let parameters = Parameters::default();
        let selector = Selector::read(endpoint.settings.status, "GET", &request.rest, &parameters);
        let Ok(selector) = selector else {
            return Vec::new();
        };
        let Ok((_, instance)) = self.module(endpoint, &selector) else {
            return Vec::new();
        };
        let resource = selector.resource.as_deref().unwrap_or_default();
        let operations = instance
            .descriptor()
            .operations
            .iter()
            .filter(|one| one.resource == resource);
        operations
            .flat_map(|one| methods_of(&one.action))
            .map(|method| (*method).to_owned())
            .collect()
    }

    /// Answers a request of a route.
    pub async fn route(
        &self,
        endpoint: &Published,
        request: RawRequest,
        found: FoundRoute,
        parameters: Parameters,
        body: Vec<u8>,
    ) -> Outcome {
        let route = &found.instance.descriptor().routes[found.place];
        let named = Named {
            action: route.method.to_ascii_lowercase(),
            module: found.slot.name.clone(),
            resource: route.path.clone(),
            is_route: true,
        };
        let mut headers = Vec::new();
        let mut admitted = Admitted::refused();
        let run = self.run_route(
            endpoint,
            &request,
            found,
            parameters,
            body,
            &named,
            &mut admitted,
            &mut headers,
        );
        let result = run.await;
        let result = self
            .admission
            .conclude(endpoint, &request, named, admitted, result, &mut headers)
            .await;
        Outcome {
            result,
            is_route: true,
            may_validate: false,
            headers,
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what the two halves of one request share"
    )]
    async fn run_route(
        &self,
        endpoint: &Published,
        request: &RawRequest,
        found: FoundRoute,
        mut parameters: Parameters,
        body: Vec<u8>,
        named: &Named,
        admitted: &mut Admitted,
        headers: &mut Vec<(String, String)>,
    ) -> Result<Answer, Fault> {
        let subject = Subject {
            named,
            is_guest_call: false,
            needs_key: false,
            patience: deadline(&found.instance, endpoint),
        };
        self.admission
            .admit(
                endpoint,
                request,
                &mut parameters,
                subject,
                admitted,
                headers,
            )
            .await?;
        let FoundRoute {
            slot,
            instance,
            place,
            values,
        } = found;
        let body_type = request
            .headers
            .iter()
            .find(|(name, _)| name == "content-type");
        let facts = RequestFacts {
            body,
            body_type: body_type
                .map(|(_, value)| value.clone())
                .unwrap_or_default(),
            path_parameters: values,
            headers: request.headers.clone(),
            ..facts(endpoint, request, admitted.caller())
        };
        let context = self.context(request, &slot, &instance, endpoint, admitted);
        let index = instance.descriptor().operations.len() + place;
        let invocation = Invocation {
            index,
            values: Vec::new(),
            context,
            facts,
        };
        call(&slot, &instance, invocation, endpoint).await
    }

    fn context(
        &self,
        request: &RawRequest,
        slot: &Slot,
        instance: &Instance,
        endpoint: &Published,
        admitted: &Admitted,
    ) -> CallContext {
        let mut context = CallContext::new(
            self.pool.clone(),
            request.request_id.clone(),
            slot.name.clone(),
        );
        context.user = admitted.caller().user;
        context.session = Arc::clone(admitted.session());
        context.deadline = Some(Instant::now() + deadline(instance, endpoint));
        context.client_address = request
            .client_address
            .map(|address| address.to_string())
            .unwrap_or_default();
        context
    }
}

fn deadline(instance: &Instance, endpoint: &Published) -> Duration {
    endpoint
        .settings
        .limits
        .deadline_ms
        .map_or(instance.bounds.deadline, Duration::from_millis)
}

fn facts(endpoint: &Published, request: &RawRequest, caller: &Caller) -> RequestFacts {
    let mut bits = 0;
    for (is_set, bit) in [
        (caller.is_operator, flags::OPERATOR),
        (endpoint.is_private(), flags::PRIVATE),
        (request.method == "HEAD", flags::HEAD),
    ] {
        bits |= if is_set { bit } else { 0 };
    }
    let prefix = endpoint.settings.path.trim_end_matches('/');
    let base_url = if request.origin.is_empty() {
        String::new()
    } else {
        format!("{}{prefix}", request.origin)
    };
    RequestFacts {
        method: request.method.clone(),
        path: request.rest.clone(),
        query: request.query.clone(),
        endpoint: Arc::clone(&endpoint.name),
        base_url,
        key: caller.key,
        groups: Arc::clone(&caller.groups),
        view_levels: Arc::clone(&caller.view_levels),
        flags: bits,
        ..RequestFacts::default()
    }
}

async fn call(
    slot: &Slot,
    instance: &Arc<Instance>,
    invocation: Invocation,
    endpoint: &Published,
) -> Result<Answer, Fault> {
    let panics = slot.panics();
    let answer = instance
        .call(invocation, deadline(instance, endpoint))
        .await;
    if slot.panics() != panics {
        slot.note_panic();
    }
    answer
}

/// Why no operation was found.
enum Missing<'d> {
    Action,
    Resource,
    /// In the modern form the resource is there, but not for this method.
    Method(Vec<&'d str>),
}

impl Missing<'_> {
    fn fault(self, headers: &mut Vec<(String, String)>) -> Fault {
        match self {
            Missing::Action => Req::ActionNotSpecified.fault(),
            Missing::Resource => Req::RequestUnknown.fault(),
            Missing::Method(actions) => {
                let methods: Vec<&str> =
                    actions.into_iter().flat_map(methods_of).copied().collect();
                headers.push(("allow".to_owned(), methods.join(", ")));
                Req::MethodNotAllowed.fault()
            }
        }
    }
}

fn find_operation<'d>(
    descriptor: &'d Descriptor,
    selector: &Selector,
) -> Result<(usize, &'d Operation), Missing<'d>> {
    let action = selector
        .action
        .as_deref()
        .filter(|action| !action.is_empty())
        .ok_or(Missing::Action)?;
    let resource = selector.resource.as_deref().unwrap_or_default();
    let of_resource = || {
        descriptor
            .operations
            .iter()
            .enumerate()
            .filter(|(_, one)| one.resource == resource)
    };
    if let Some(found) = of_resource().find(|(_, one)| one.action == action) {
        return Ok(found);
    }
    let actions: Vec<&str> = of_resource().map(|(_, one)| one.action.as_str()).collect();
    if selector.is_modern && !actions.is_empty() {
        return Err(Missing::Method(actions));
    }
    Err(Missing::Resource)
}

/// jBackend does not look at the method; operations that are ours and write are not called by a link.
fn check_method(
    operation: &Operation,
    request: &RawRequest,
    selector: &Selector,
) -> Result<(), Fault> {
    let reads_by_method = matches!(request.method.as_str(), "GET" | "HEAD");
    if operation.writes && !operation.contract && !selector.is_modern && reads_by_method {
        return Err(Req::MethodNotAllowed
            .fault()
            .detail("this operation writes; use POST"));
    }
    Ok(())
}

fn bind_parameters(
    descriptor: &Descriptor,
    operation: &Operation,
    selector: &Selector,
    parameters: &Parameters,
) -> Result<Vec<Bound>, Fault> {
    let is_exclusive = operation.body == BodyRule::JsonExclusive;
    if let Body::Invalid(fault) = parameters.body()
        && !is_exclusive
    {
        return Err(fault.clone());
    }
    let json_only = is_exclusive && matches!(parameters.body(), Body::Json(_));
    let find = |name: &str| {
        if json_only {
            return parameters.find_in_body(name);
        }
        let in_path = || {
            selector
                .path_id
                .clone()
                .filter(|_| name == "id")
                .map(Given::Text)
        };
        parameters.find(name).or_else(in_path)
    };
    let fault_of = |code: &str| {
        fault_named(&descriptor.faults, code).unwrap_or_else(|| Req::InternalError.fault())
    };
    bind(operation, find, fault_of)
}

impl StatusMode {
    /// The status of a fault where this mode is in force, for the access log.
    pub fn status_of(self, fault: &Fault) -> u16 {
        match self {
            StatusMode::Compatible => 200,
            StatusMode::Semantic => fault.status,
        }
    }
}
