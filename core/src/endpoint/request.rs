//! A request and its outcome, without the web server's types.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Instant;

use compact_str::CompactString;

use super::caller::Credentials;
use super::wording::Wording;
use crate::fault::Fault;
use crate::module::reply::Answer;

/// The headers of a request as a module may see them: names in lower case, without credentials. They are made
/// only for who asks, because most operations do not.
pub trait VisibleHeaders {
    /// Copies them.
    fn visible(&self) -> Vec<(String, String)>;
    /// The value of one, if it is a text.
    fn value(&self, name: &str) -> Option<&str>;
}

/// A request as it came in, without the web server's types. It borrows what the web server holds as long as it
/// is answered.
#[derive(Clone)]
pub struct RawRequest<'r> {
    /// The HTTP method, in upper case.
    pub method: &'r str,
    /// The path below the endpoint, as sent.
    pub rest: &'r str,
    /// The query, as sent.
    pub query: &'r str,
    /// The headers.
    pub headers: &'r dyn VisibleHeaders,
    /// What the client proves itself with.
    pub credentials: Credentials<'r>,
    /// The client's address.
    pub client_address: Option<IpAddr>,
    /// `scheme://host`, where absolute URLs may be built.
    pub origin: Cow<'r, str>,
    /// Whether the client speaks HTTPS.
    pub is_secure: bool,
    /// Whether a header proves that the request comes from a page of this very site.
    pub is_same_origin: bool,
    /// The request's id.
    pub request_id: CompactString,
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
    /// How the route's module words refusals; none where it leaves that to the host.
    pub wording: Option<Wording>,
    /// Whether the answer may be given a validator.
    pub may_validate: bool,
    /// Headers of the host: cookies, limits.
    pub headers: Vec<(String, String)>,
}

/// The parts of a call that the access log names.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// The action, or a route's method.
    pub action: CompactString,
    /// The module.
    pub module: CompactString,
    /// The resource, or a route's path.
    pub resource: CompactString,
    /// Whether it is a route.
    pub is_route: bool,
}
