//! A request and its outcome, without the web server's types.

use std::net::IpAddr;
use std::time::Instant;

use super::caller::Credentials;
use crate::fault::Fault;
use crate::module::reply::Answer;

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
