//! From a selector to an operation with its values bound, or the code that says why not.

use super::parameters::{Body, Parameters};
use super::request::RawRequest;
use super::selector::{Selector, methods_of};
use super::table::Published;
use crate::fault::{Fault, Req};
use crate::module::binding::{Bound, Given, bind, fault_named};
use crate::module::descriptor::{BodyRule, Descriptor, Operation};

/// Why no operation was found.
pub(super) enum Missing<'d> {
    Action,
    Resource,
    /// In the modern form the resource is there, but not for this method.
    Method(Vec<&'d str>),
}

impl Missing<'_> {
    pub(super) fn fault(self, headers: &mut Vec<(String, String)>) -> Fault {
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

pub(super) fn find_operation<'d>(
    endpoint: &Published,
    descriptor: &'d Descriptor,
    selector: &Selector<'_>,
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
            .filter(|(_, one)| one.resource == resource && endpoint.publishes(one))
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
pub(super) fn check_method(
    operation: &Operation,
    request: &RawRequest<'_>,
    selector: &Selector<'_>,
) -> Result<(), Fault> {
    let reads_by_method = matches!(request.method, "GET" | "HEAD");
    if operation.writes && !operation.contract && !selector.is_modern && reads_by_method {
        return Err(Req::MethodNotAllowed
            .fault()
            .detail("this operation writes; use POST"));
    }
    Ok(())
}

pub(super) fn bind_parameters(
    descriptor: &Descriptor,
    operation: &Operation,
    selector: &Selector<'_>,
    parameters: &Parameters<'_>,
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
                .as_deref()
                .filter(|_| name == "id")
                .map(|id| Given::Text(id.to_owned()))
        };
        parameters.find(name).or_else(in_path)
    };
    let fault_of = |code: &str| {
        fault_named(&descriptor.faults, code).unwrap_or_else(|| Req::InternalError.fault())
    };
    bind(operation, find, fault_of)
}
