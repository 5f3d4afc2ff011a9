//! One request through the house: selector, module, access, operation, call, receipt.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use loggia_abi::request::flags;
use serde_json::Value;

use super::admission::{Admission, Admitted, KeyUse, Subject};
use super::caller::Caller;
use super::lookup::{bind_parameters, check_method, find_operation};
use super::parameters::Parameters;
use super::request::{Named, Outcome, RawRequest};
use super::route::FoundRoute;
use super::selector::{Selector, methods_of};
use super::stream;
use super::table::Published;
use super::till::Register;
use super::wording::Wording;
use crate::fault::{Fault, Req};
use crate::module::descriptor::BodyRule;
use crate::module::instance::{Instance, Invocation, RequestFacts};
use crate::module::registry::{Registry, Slot};
use crate::module::reply::Answer;
use crate::service::context::CallContext;
use crate::service::keys;
use crate::service::search::{self, Offers};
use crate::service::till::Till;
use crate::settings::Selection;
use crate::store::Pool;

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
    pub async fn reject(
        &self,
        endpoint: &Published,
        request: &RawRequest<'_>,
        fault: Fault,
        wording: Option<Wording>,
    ) -> Outcome {
        let mut headers = Vec::new();
        let is_route = wording.is_some();
        let named = Named {
            is_route,
            ..Named::default()
        };
        let admitted = Admitted::refused();
        let refused = Err(fault);
        let result = self
            .admission
            .conclude(endpoint, request, named, admitted, refused, &mut headers)
            .await;
        Outcome {
            result,
            is_route,
            wording,
            may_validate: false,
            headers,
        }
    }

    /// Answers a request of an operation, in whichever form it came.
    pub async fn operation(
        &self,
        endpoint: &Published,
        request: &RawRequest<'_>,
        mut parameters: Parameters<'_>,
    ) -> Outcome {
        let mut named = Named::default();
        let mut headers = Vec::new();
        let mut admitted = Admitted::refused();
        let result = self
            .run_operation(
                endpoint,
                request,
                &mut parameters,
                &mut named,
                &mut admitted,
                &mut headers,
            )
            .await;
        let may_validate = named.action == "get";
        let result = self
            .admission
            .conclude(endpoint, request, named, admitted, result, &mut headers)
            .await;
        Outcome {
            result,
            is_route: false,
            wording: None,
            may_validate,
            headers,
        }
    }

    async fn run_operation(
        &self,
        endpoint: &Published,
        request: &RawRequest<'_>,
        parameters: &mut Parameters<'_>,
        named: &mut Named,
        admitted: &mut Admitted,
        headers: &mut Vec<(String, String)>,
    ) -> Result<Answer, Fault> {
        let selector = Selector::read(
            endpoint.settings.status,
            request.method,
            request.rest,
            parameters,
        )?;
        let name = |text: &Option<Cow<'_, str>>| text.as_deref().unwrap_or_default().into();
        *named = Named {
            action: name(&selector.action),
            module: name(&selector.module),
            resource: name(&selector.resource),
            is_route: false,
        };
        let (slot, instance) = self.module(endpoint, &selector)?;
        named.module = slot.name.as_str().into();
        let found = find_operation(endpoint, instance.descriptor(), &selector);
        let operation = found.as_ref().ok().map(|(_, operation)| *operation);
        let subject = Subject {
            named,
            is_guest_call: operation.is_some_and(|one| one.guest),
            key: operation.map_or(KeyUse::Ignored, KeyUse::of),
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
        let mut context = self.context(request, &slot, &instance, endpoint, admitted);
        let till = self.till(&instance, endpoint, named, admitted, &mut context);
        let mut facts = facts(endpoint, request, admitted.caller());
        if admitted.caller().is_scoped(operation) {
            facts.flags |= flags::SCOPED;
        }
        if operation.answer.media.is_some() || operation.writes {
            // Who sends a file may have to know which part of it was asked for, who writes on what condition.
            facts.headers = request.headers.visible();
        }
        if operation.body == BodyRule::Members {
            facts.body = Value::Object(parameters.members()).to_string().into();
        }
        let invocation = Invocation {
            index: place,
            values,
            facts,
            context,
        };
        let answer = call(&slot, &instance, invocation, endpoint).await;
        settle(till, endpoint, admitted, headers)?;
        answer
    }

    /// The module that a selector names, if it answers here.
    fn module(
        &self,
        endpoint: &Published,
        selector: &Selector<'_>,
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

    /// The HTTP methods with which a path of the modern form may be asked for.
    pub fn methods(&self, endpoint: &Published, request: &RawRequest<'_>) -> Vec<String> {
        let parameters = Parameters::default();
        let selector = Selector::read(endpoint.settings.status, "GET", request.rest, &parameters);
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
            .filter(|one| one.resource == resource && endpoint.publishes(one));
        operations
            .flat_map(|one| methods_of(&one.action))
            .map(|method| (*method).to_owned())
            .collect()
    }

    /// How refusals are worded on an endpoint that publishes nothing but the routes of modules that word them.
    pub fn wording(&self, endpoint: &Published) -> Option<Wording> {
        let Selection::Only(modules) = &endpoint.settings.modules else {
            return None;
        };
        let slot = self.registry.slot(endpoint.settings.routes.first()?)?;
        let instance = slot.serving().ok().filter(|_| modules.is_empty())?;
        Wording::of(instance.descriptor())
    }

    /// Answers a request of a route.
    pub async fn route(
        &self,
        endpoint: &Published,
        request: &RawRequest<'_>,
        found: FoundRoute,
        parameters: Parameters<'_>,
        body: Vec<u8>,
    ) -> Outcome {
        let route = found.route();
        let named = Named {
            action: route.method.to_ascii_lowercase().into(),
            module: found.slot.name.as_str().into(),
            resource: route.path.as_str().into(),
            is_route: true,
        };
        let instance = Arc::clone(&found.instance);
        let mut headers = Vec::new();
        let mut admitted = Admitted::refused();
        let run = self.run_route(
            endpoint,
            request,
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
            .conclude(endpoint, request, named, admitted, result, &mut headers)
            .await;
        Outcome {
            wording: wording_of(&instance, &result),
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
        request: &RawRequest<'_>,
        found: FoundRoute,
        mut parameters: Parameters<'_>,
        body: Vec<u8>,
        named: &Named,
        admitted: &mut Admitted,
        headers: &mut Vec<(String, String)>,
    ) -> Result<Answer, Fault> {
        let subject = Subject {
            named,
            is_guest_call: false,
            key: KeyUse::of_route(found.route()),
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
        let body_type = request.headers.value("content-type");
        let route = &instance.descriptor().routes[place];
        let mut facts = RequestFacts {
            body,
            body_type: body_type.unwrap_or_default().into(),
            path_parameters: values,
            headers: request.headers.visible(),
            ..facts(endpoint, request, admitted.caller())
        };
        facts.flags |= admitted.caller().route_scopes(route);
        let mut context = self.context(request, &slot, &instance, endpoint, admitted);
        let till = self.till(&instance, endpoint, named, admitted, &mut context);
        let index = instance.descriptor().operations.len() + place;
        let invocation = Invocation {
            index,
            values: Vec::new(),
            context,
            facts,
        };
        let answer = call(&slot, &instance, invocation, endpoint).await;
        settle(till, endpoint, admitted, headers)?;
        stream::check(answer?, endpoint, request, admitted.caller())
    }

    fn context(
        &self,
        request: &RawRequest<'_>,
        slot: &Slot,
        instance: &Instance,
        endpoint: &Published,
        admitted: &Admitted,
    ) -> CallContext {
        let mut context = CallContext::new(
            self.pool.clone(),
            request.request_id.clone(),
            slot.name.as_str(),
        );
        context.user = admitted.caller().user;
        context.session = Arc::clone(admitted.session());
        context.deadline = Some(Instant::now() + deadline(instance, endpoint));
        context.client_address = request.client_address;
        context.offers = self.offers(instance, Some(endpoint));
        context
    }

    /// Where the call is charged if its module names a key; only for modules that may.
    fn till(
        &self,
        instance: &Instance,
        endpoint: &Published,
        named: &Named,
        admitted: &Admitted,
        context: &mut CallContext,
    ) -> Option<Arc<Register>> {
        let wanted = &instance.descriptor().services;
        if wanted.iter().all(|one| one.id != keys::SERVICE) {
            return None;
        }
        let deadline = context.deadline.unwrap_or_else(Instant::now);
        let access = self.admission.shared_access();
        let till = Register::new(access, endpoint, named, admitted, deadline);
        context.till = Some(Arc::clone(&till) as Arc<dyn Till>);
        Some(till)
    }

    /// The modules whose areas a call of a module that searches may show: those that its endpoint publishes, all
    /// where there is none.
    pub(super) fn offers(
        &self,
        instance: &Instance,
        endpoint: Option<&Published>,
    ) -> Option<Arc<Offers>> {
        let wanted = &instance.descriptor().services;
        if wanted.iter().all(|one| one.id != search::SERVICE) {
            return None;
        }
        let mut modules = Vec::new();
        for slot in self.registry.modules() {
            if let Ok(instance) = slot.serving()
                && endpoint.is_none_or(|endpoint| endpoint.serves(instance.descriptor()))
            {
                modules.push((slot.name.clone(), instance.descriptor().aliases.clone()));
            }
        }
        Some(Arc::new(match endpoint {
            Some(_) => Offers::only(modules),
            None => Offers::everything(modules),
        }))
    }
}

/// The words for a refusal, where there is one.
fn wording_of(instance: &Instance, result: &Result<Answer, Fault>) -> Option<Wording> {
    result.as_ref().err()?;
    Wording::of(instance.descriptor())
}

/// Enters what the call was charged to meanwhile.
fn settle(
    till: Option<Arc<Register>>,
    endpoint: &Published,
    admitted: &mut Admitted,
    headers: &mut Vec<(String, String)>,
) -> Result<(), Fault> {
    let Some(till) = till else { return Ok(()) };
    till.settle(endpoint.settings.status, admitted, headers)
}

fn deadline(instance: &Instance, endpoint: &Published) -> Duration {
    endpoint
        .settings
        .limits
        .deadline_ms
        .map_or(instance.bounds.deadline, Duration::from_millis)
}

fn facts<'r>(endpoint: &Published, request: &RawRequest<'r>, caller: &Caller) -> RequestFacts<'r> {
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
        Cow::Borrowed("")
    } else {
        Cow::Owned(format!("{}{prefix}", request.origin))
    };
    RequestFacts {
        method: Cow::Borrowed(request.method),
        path: Cow::Borrowed(request.rest),
        query: Cow::Borrowed(request.query),
        endpoint: Arc::clone(&endpoint.name),
        base_url,
        personal_data: Arc::clone(&endpoint.personal_data),
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
    invocation: Invocation<'_>,
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
