//! The call being answered.

use std::time::Duration;

use loggia_abi::{Request, Str, Value, covers, request::flags};
use loggia_sql::Connection;
use serde_json::Map;

use crate::description::RouteFacts;
use crate::fault::Fault;
use crate::host::Host;
use crate::parameters;

/// One call of an operation or route: who asks, from where, until when.
pub struct Call<'a> {
    request: &'a Request<'a>,
    host: &'a Host,
    route: Option<&'a RouteFacts>,
}

/// A list behind a pointer of the request.
///
/// # Safety
/// The pointer must be valid for `len` elements and `'a`, or null with `len` 0.
unsafe fn list<'a, T>(first: *const T, len: usize) -> &'a [T] {
    if first.is_null() {
        return &[];
    }
    // SAFETY: the caller promises it.
    unsafe { std::slice::from_raw_parts(first, len) }
}

/// A text of the request; every request is made by the host, which vouches for its pointers.
fn text<'a>(text: &Str<'a>) -> &'a str {
    // SAFETY: promised by the caller of `Call::new`, the only source of the texts in this file.
    unsafe { text.text() }.unwrap_or_default()
}

impl<'a> Call<'a> {
    /// # Safety
    /// Everything behind the request's pointers must live for `'a`.
    pub(crate) unsafe fn new(
        request: &'a Request<'a>,
        host: &'a Host,
        route: Option<&'a RouteFacts>,
    ) -> Self {
        Call {
            request,
            host,
            route,
        }
    }

    pub(crate) fn values(&self) -> &'a [Value<'a>] {
        // SAFETY: promised by the caller of `new`.
        unsafe { list(self.request.parameters, self.request.parameters_len) }
    }

    pub(crate) fn raw(&self) -> *mut loggia_abi::Call {
        self.request.call
    }

    /// The services of the host.
    pub fn host(&self) -> &'a Host {
        self.host
    }

    /// The account of the caller, if somebody is logged in or his key is bound to an account.
    pub fn user(&self) -> Option<i64> {
        (self.request.user != 0).then_some(self.request.user)
    }

    /// The record of the API key, if the call was made with one.
    pub fn key(&self) -> Option<i64> {
        (self.request.key != 0).then_some(self.request.key)
    }

    /// The ids of the caller's user groups.
    pub fn groups(&self) -> &'a [i64] {
        // SAFETY: promised by the caller of `new`.
        unsafe { list(self.request.groups, self.request.groups_len) }
    }

    /// The ids of the view levels the caller may see.
    pub fn view_levels(&self) -> &'a [i64] {
        // SAFETY: promised by the caller of `new`.
        unsafe { list(self.request.view_levels, self.request.view_levels_len) }
    }

    /// Whether the call comes from the operator's command line.
    pub fn is_operator(&self) -> bool {
        self.request.flags & flags::OPERATOR != 0
    }

    /// Whether nobody stands behind the call whose permissions would have to be looked at: it comes from the
    /// operator's command line, or with a key that is bound to no account and carries the scope that the operation asks
    /// for. A key says nothing of what its holder may do in an operation that asks for none.
    pub fn is_unbound(&self) -> bool {
        let is_scoped = self.request.flags & flags::SCOPED != 0;
        self.is_operator() || (is_scoped && self.request.user == 0)
    }

    /// Whether the caller of a route may do what a scope stands for, which the route [names](crate::Route::scopes): his
    /// key carries it, or he is the operator.
    pub fn carries(&self, scope: &str) -> bool {
        let place = self
            .route
            .and_then(|route| route.scopes.iter().position(|known| known == scope));
        let is_carried = place
            .filter(|&place| place < flags::MOST_ROUTE_SCOPES)
            .is_some_and(|place| self.request.flags & (flags::ROUTE_SCOPE << place) != 0);
        self.is_operator() || is_carried
    }

    /// Whether the endpoint is marked private or asks for a key.
    pub fn is_private(&self) -> bool {
        self.request.flags & flags::PRIVATE != 0
    }

    /// Whether an answer may show a field of personal data, such as `email` or `ip`, of other people than the
    /// caller: the endpoint's `personal_data` names it, or the call is the operator's.
    pub fn may_show(&self, field: &str) -> bool {
        let is_newer = covers!(self.request, Request<'_>, personal_data_len, usize);
        if self.is_operator() || !is_newer {
            return self.is_operator();
        }
        // SAFETY: promised by the caller of `new`, for a host that knows these members.
        let shown = unsafe { list(self.request.personal_data, self.request.personal_data_len) };
        shown.iter().any(|one| text(one) == field)
    }

    /// Whether only headers are wanted (HEAD).
    pub fn is_head(&self) -> bool {
        self.request.flags & flags::HEAD != 0
    }

    /// The id of the request, as in the access log.
    pub fn request_id(&self) -> &'a str {
        text(&self.request.request_id)
    }

    /// The name of the endpoint.
    pub fn endpoint(&self) -> &'a str {
        text(&self.request.endpoint)
    }

    /// The absolute URL of the endpoint, without a trailing slash; empty where none is known.
    pub fn base_url(&self) -> &'a str {
        text(&self.request.base_url)
    }

    /// The client's address, for throttling.
    pub fn client_address(&self) -> &'a str {
        text(&self.request.client_address)
    }

    /// The HTTP method, in upper case.
    pub fn method(&self) -> &'a str {
        text(&self.request.method)
    }

    /// The path below the endpoint, with a leading slash.
    pub fn path(&self) -> &'a str {
        text(&self.request.path)
    }

    /// The raw query string, without `?`.
    pub fn query(&self) -> &'a str {
        text(&self.request.query)
    }

    /// All members of the request's body, or of its query where there is no body, declared or not, without
    /// those that select the operation and without credentials. Only of an operation that asks for them by
    /// [`members`](crate::Operation::members).
    pub fn members(&self) -> Map<String, serde_json::Value> {
        serde_json::from_slice(self.body()).unwrap_or_default()
    }

    /// The raw body: of a route always, of an operation never.
    pub fn body(&self) -> &'a [u8] {
        // SAFETY: promised by the caller of `new`.
        unsafe { self.request.body.bytes() }
    }

    /// The body's content type.
    pub fn body_type(&self) -> &'a str {
        text(&self.request.body_type)
    }

    /// A header by its name in lower case, of a route's request, of one that writes, or of one that is answered with a
    /// file or bytes. Credentials are not among them.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        // SAFETY: promised by the caller of `new`.
        let headers = unsafe { list(self.request.headers, self.request.headers_len) };
        headers
            .iter()
            .find(|pair| text(&pair.name) == name)
            .map(|pair| text(&pair.value))
    }

    /// The event that a browser says it has seen last, where it comes back to a stream of server-sent events.
    pub fn last_event_id(&self) -> Option<i64> {
        self.header("last-event-id")?.trim().parse().ok()
    }

    /// Refuses to go on where `If-Match` names another version than this one (`REQ_PCF`). A tag names the version that
    /// [`Versioned`](crate::Versioned) was sent with.
    pub fn if_match(&self, version: i64) -> Result<(), Fault> {
        let Some(tags) = self.header("if-match") else {
            return Ok(());
        };
        let is_named = |tag: &str| {
            let tag = tag.trim();
            let inner = tag.trim_start_matches("W/").trim_matches('"');
            let named = inner.split_once('-').map_or(inner, |(version, _)| version);
            tag == "*" || named.parse() == Ok(version)
        };
        if tags.split(',').any(is_named) {
            return Ok(());
        }
        Err(Fault::new("REQ_PCF").detail("If-Match: it has been changed since"))
    }

    /// The parameters as bytes: two calls of an operation with the same parameters have the same.
    pub fn parameters_bytes(&self) -> Vec<u8> {
        // SAFETY: promised by the caller of `new`.
        unsafe { parameters::bytes(self.values()) }
    }

    /// A value of the route's path template, decoded.
    pub fn path_parameter(&self, name: &str) -> Option<&'a str> {
        let names = &self.route?.path_names;
        let place = names.iter().position(|known| known == name)?;
        // SAFETY: promised by the caller of `new`.
        let values = unsafe {
            list(
                self.request.path_parameters,
                self.request.path_parameters_len,
            )
        };
        values.get(place).map(|value| text(value))
    }

    /// The time left until the caller gives up; `None` where he waits for ever.
    pub fn time_left(&self) -> Option<Duration> {
        let deadline_us = (self.request.deadline_us != 0).then_some(self.request.deadline_us)?;
        Some(Duration::from_micros(
            deadline_us.saturating_sub(self.host.clock().monotonic_us()),
        ))
    }

    /// A connection for reading. All connections of one call are the same one.
    pub fn database(&self) -> Result<Connection, Fault> {
        self.connect(false)
    }

    /// The connection for writing; on SQLite there is one in the process, so keep it briefly.
    pub fn database_for_writing(&self) -> Result<Connection, Fault> {
        self.connect(true)
    }

    fn connect(&self, write: bool) -> Result<Connection, Fault> {
        let database = self.host.database()?;
        // SAFETY: the table lives as long as the instance, the call handle as long as this call.
        let connection = unsafe { Connection::from_host(database, self.request.call, write) };
        connection.map_err(Fault::from)
    }
}
