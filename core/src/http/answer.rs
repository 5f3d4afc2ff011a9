//! From an outcome to an HTTP response: the envelope, the statuses, the headers.

use std::hash::{DefaultHasher, Hasher};

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use compact_str::{CompactString, format_compact};
use serde_json::json;

use super::conditions::{is_known, not_modified};
use super::file;
use super::header::{append, set};
use crate::endpoint::request::Outcome;
use crate::endpoint::wording::Wording;
use crate::fault::{Fault, Req};
use crate::module::reply::Answer;
use crate::settings::StatusMode;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const DISPOSITION: HeaderValue = HeaderValue::from_static("attachment;filename=\"response.json\"");

/// Builds the response of an outcome on an endpoint of this kind.
pub(crate) async fn respond(
    request: &HttpRequest,
    status: StatusMode,
    outcome: Outcome,
) -> HttpResponse {
    let Outcome {
        result,
        is_route,
        wording,
        may_validate,
        headers,
    } = outcome;
    let refused = |fault: &Fault| {
        if is_route {
            route_fault(wording.as_ref(), fault)
        } else {
            fault_answer(status, fault)
        }
    };
    let mut response = match result {
        Ok(Answer::Members { json, headers }) => {
            members(request, status, &json, headers, may_validate)
        }
        Ok(Answer::Bytes {
            status,
            headers,
            body,
        }) => bytes(request, status, headers, body),
        Ok(Answer::File {
            file,
            name,
            headers,
        }) => match file::respond(request, &file, &name, &headers).await {
            Ok(response) => response,
            Err(fault) => refused(&fault),
        },
        // Whoever can open one has done so before.
        Ok(Answer::Stream { .. }) => refused(&Req::InternalError.fault()),
        Err(fault) => refused(&fault),
    };
    for (name, value) in headers {
        append(&mut response, &name, &value);
    }
    response
}

fn members(
    request: &HttpRequest,
    status: StatusMode,
    json: &[u8],
    headers: Vec<(String, String)>,
    may_validate: bool,
) -> HttpResponse {
    let body = envelope(json);
    let etag = headers
        .iter()
        .find(|(name, _)| name == "etag")
        .map(|(_, value)| CompactString::from(value));
    let etag = etag.or_else(|| may_validate.then(|| weak_tag(&body)));
    if let Some(etag) = &etag
        && is_known(request, etag)
    {
        return not_modified(etag);
    }
    let mut response = json_response(StatusCode::OK, status, body);
    if let Some(etag) = etag {
        set(&mut response, ETAG, &etag);
    }
    for (name, value) in headers.iter().filter(|(name, _)| name != "etag") {
        append(&mut response, name, value);
    }
    response
}

/// `{"status":"ok", ...members}`; one shipped client reads the status at a fixed place.
fn envelope(members: &[u8]) -> Vec<u8> {
    let inner = members.get(1..).unwrap_or_default().trim_ascii_start();
    let mut body = Vec::with_capacity(inner.len() + 16);
    body.extend_from_slice(b"{\"status\":\"ok\"");
    if inner.first() != Some(&b'}') {
        body.push(b',');
    }
    body.extend_from_slice(inner);
    body
}

/// The answer of a refusal in the envelope.
pub(crate) fn fault_answer(mode: StatusMode, fault: &Fault) -> HttpResponse {
    let body = json!({
        "status": "ko", "error_code": fault.code, "error_description": fault.description(),
    });
    let code = match mode {
        StatusMode::Compatible => StatusCode::OK,
        StatusMode::Semantic => status_of(fault.status),
    };
    let mut response = json_response(code, mode, body.to_string().into_bytes());
    if mode == StatusMode::Semantic {
        retry_after(&mut response, fault);
    }
    response
}

/// A route's refusal: in its module's words where it has left some, else one line.
pub(crate) fn route_fault(wording: Option<&Wording>, fault: &Fault) -> HttpResponse {
    let mut response = HttpResponse::build(status_of(fault.status));
    let mut response = match wording {
        Some(wording) => response
            .insert_header((CONTENT_TYPE, JSON))
            .body(wording.body(fault)),
        None => response
            .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
            .body(format!("{} ({})\n", fault.description(), fault.code)),
    };
    retry_after(&mut response, fault);
    response
}

/// A 503 always says when to come again, also one of a module that did not.
fn retry_after(response: &mut HttpResponse, fault: &Fault) {
    let unavailable = fault.status == StatusCode::SERVICE_UNAVAILABLE.as_u16();
    let seconds = fault.retry_after_s.or(unavailable.then_some(1));
    if let Some(seconds) = seconds {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

fn json_response(code: StatusCode, mode: StatusMode, body: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::build(code);
    response.insert_header((CONTENT_TYPE, JSON));
    if mode == StatusMode::Compatible {
        response.insert_header((CONTENT_DISPOSITION, DISPOSITION));
    }
    response.body(body)
}

fn bytes(
    request: &HttpRequest,
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
) -> HttpResponse {
    let etag = headers.iter().find(|(name, _)| name == "etag");
    if let Some((_, etag)) = etag.filter(|(_, etag)| status == 200 && is_known(request, etag)) {
        return not_modified(etag);
    }
    let mut response = HttpResponse::build(status_of(status)).body(body);
    for (name, value) in &headers {
        append(&mut response, name, value);
    }
    response
}

/// A weak validator of a body; it only has to change when the body does.
fn weak_tag(body: &[u8]) -> CompactString {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    format_compact!("W/\"{:x}-{:x}\"", hasher.finish(), body.len())
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// An empty answer with a status.
pub(crate) fn empty(status: StatusCode) -> HttpResponseBuilder {
    HttpResponse::build(status)
}
