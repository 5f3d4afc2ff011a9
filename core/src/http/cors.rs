//! Cross-origin requests: who may read an answer, and the preflight.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, ORIGIN,
    VARY,
};

use crate::settings::Cors;

const METHODS: HeaderValue =
    HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Content-Disposition",
);

/// Marks an answer as readable from the request's origin, where the endpoint allows it.
pub(crate) fn mark(cors: &Cors, request: &HttpRequest, response: &mut HttpResponse) {
    let headers = response.headers_mut();
    match cors {
        Cors::Off => return,
        Cors::Any => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        Cors::Origins(origins) => {
            headers.append(VARY, HeaderValue::from_static("Origin"));
            if !mark_listed(origins, request, headers) {
                return;
            }
        }
    }
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

fn mark_listed(origins: &[String], request: &HttpRequest, headers: &mut HeaderMap) -> bool {
    let Some(origin) = request.headers().get(ORIGIN) else {
        return false;
    };
    let is_listed = origins
        .iter()
        .any(|listed| listed.as_bytes() == origin.as_bytes());
    if is_listed {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(
            ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
    }
    is_listed
}

/// Whether a request is a preflight.
pub(crate) fn is_preflight(request: &HttpRequest) -> bool {
    request.method() == actix_web::http::Method::OPTIONS
        && request.headers().contains_key(ORIGIN)
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Answers a preflight; where the origin is not allowed, without the headers that would allow it.
pub(crate) fn preflight(cors: &Cors, request: &HttpRequest) -> HttpResponse {
    let mut response = HttpResponse::NoContent().finish();
    mark(cors, request, &mut response);
    let headers = response.headers_mut();
    if headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        headers.remove(ACCESS_CONTROL_EXPOSE_HEADERS);
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        if let Some(wanted) = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
        }
    }
    response
}
