//! Headers as texts: reading those of a request, and writing those of an answer.

use actix_web::HttpResponse;
use actix_web::http::header::{
    AsHeaderName, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
};

/// A header of a request, where it is a text.
pub(super) fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Gives an answer a header, in the place of one that it has; what cannot be a header's value is left out.
pub(super) fn set(response: &mut HttpResponse, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// Gives an answer a header that a module named, beside one that it has, but for those of which it has one.
pub(super) fn append(response: &mut HttpResponse, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        if name == CONTENT_TYPE || name == CONTENT_ENCODING {
            response.headers_mut().insert(name, value);
        } else {
            response.headers_mut().append(name, value);
        }
    }
}
