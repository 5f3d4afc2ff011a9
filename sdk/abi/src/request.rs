//! What a module is handed: one call of an operation, or one request of a route.

use crate::value::{Str, Value};

/// The request in flight, as the host knows it: an opaque handle that a module passes back to services.
#[repr(C)]
pub struct Call {
    opaque: [u8; 0],
}

/// A name and its value: a header. `lg_pair` in C.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// In lower case for headers.
    pub name: Str<'a>,
    /// The value as it was sent.
    pub value: Str<'a>,
}

/// One call. `lg_request` in C. Everything behind its pointers lives until `handle` returns.
#[repr(C)]
pub struct Request<'a> {
    /// The size of this structure as the host knows it, in bytes.
    pub size: u32,
    /// The place of the operation or route in the descriptor: operations first, then routes.
    pub operation: u32,
    /// The handle for services.
    pub call: *mut Call,
    /// One value for each declared parameter, in the descriptor's order, checked by the host.
    pub parameters: *const Value<'a>,
    /// How many parameters there are.
    pub parameters_len: usize,
    /// The raw query string, without `?`.
    pub query: Str<'a>,
    /// The raw body: always for a route, for an operation only where its descriptor asks for it.
    pub body: Str<'a>,
    /// The body's content type.
    pub body_type: Str<'a>,
    /// The HTTP method, in upper case.
    pub method: Str<'a>,
    /// The path below the endpoint, with a leading slash.
    pub path: Str<'a>,
    /// For a route: the values of its path template, in order, decoded.
    pub path_parameters: *const Str<'a>,
    /// How many there are.
    pub path_parameters_len: usize,
    /// The request's headers, for a route and for an operation that writes or that answers with a file or bytes.
    /// Credentials are not among them.
    pub headers: *const Pair<'a>,
    /// How many there are.
    pub headers_len: usize,
    /// The id of the request, as in the access log and in `X-Request-Id`.
    pub request_id: Str<'a>,
    /// The name of the endpoint.
    pub endpoint: Str<'a>,
    /// The absolute URL of the endpoint, without a trailing slash; empty where none is known.
    pub base_url: Str<'a>,
    /// The client's address, for throttling; empty on the command line.
    pub client_address: Str<'a>,
    /// The account of the caller: of his session, or the one his key is bound to; 0 is nobody.
    pub user: i64,
    /// The record of the API key; 0 where the call was made without one.
    pub key: i64,
    /// The ids of the caller's user groups.
    pub groups: *const i64,
    /// How many there are.
    pub groups_len: usize,
    /// The ids of the view levels the caller may see.
    pub view_levels: *const i64,
    /// How many there are.
    pub view_levels_len: usize,
    /// Bits of [`flags`].
    pub flags: u32,
    /// Kept 0.
    pub reserved: u32,
    /// When the caller gives up, on the host's monotonic clock in microseconds; 0 is never.
    pub deadline_us: u64,
    /// Since minor 1: the fields of personal data, such as `email`, that answers of the endpoint may show of
    /// other people. Of the operator's command line they are none: it may show everything.
    pub personal_data: *const Str<'a>,
    /// How many there are.
    pub personal_data_len: usize,
}

/// The bits of [`Request::flags`].
pub mod flags {
    /// The call comes from the operator's command line, which may do everything.
    pub const OPERATOR: u32 = 1;
    /// The endpoint is marked private or asks for a key.
    pub const PRIVATE: u32 = 2;
    /// Only headers are wanted (HEAD); a body is cut off by the host.
    pub const HEAD: u32 = 4;
    /// The call was made with a key that carries the scope which the operation asks for. Since 1.1.
    pub const SCOPED: u32 = 8;
    /// The call was made with a key that carries the first scope which the route names. The bits above it stand for
    /// the next ones, up to [`MOST_ROUTE_SCOPES`]. Since 1.2.
    pub const ROUTE_SCOPE: u32 = 1 << 16;
    /// How many scopes a route may name.
    pub const MOST_ROUTE_SCOPES: usize = 8;
}
