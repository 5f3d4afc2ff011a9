//! From the web server's request to the house and back.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, AUTHORIZATION, COOKIE, HeaderMap, HeaderName, LOCATION, ORIGIN,
};
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use compact_str::CompactString;

use super::body::{BodyLimits, key_of_body, read_members, read_raw};
use super::client::Client;
use super::in_flight::Streamed;
use super::{answer, cors, header, own, stream};
use crate::app::House;
use crate::endpoint::caller::Credentials;
use crate::endpoint::credentials::key_of_authorization;
use crate::endpoint::parameters::{Body, Parameters};
use crate::endpoint::request::{Outcome, RawRequest, VisibleHeaders};
use crate::endpoint::route::FoundRoute;
use crate::endpoint::table::Published;
use crate::endpoint::wording::Wording;
use crate::fault::{Fault, Req};
use crate::module::reply::Answer;
use crate::settings::{Access, Limits, StatusMode};

/// Bodies beyond this leave in pieces, during which their request is still in flight.
const STREAMED_BYTES: u64 = 32 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PROOF: HeaderName = HeaderName::from_static("x-csrf-token");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Answers any request: the server's own paths, the default request, an endpoint, in this order.
pub(crate) async fn answer(
    request: HttpRequest,
    payload: Payload,
    house: Data<House>,
) -> HttpResponse {
    let request_id = new_request_id();
    let flight = house.in_flight.begin();
    let mut response = match own::answer(&request, &house).await {
        Some(response) => response,
        None => answer_endpoint(&request, payload, &house, &request_id).await,
    };
    header::set(&mut response, REQUEST_ID, &request_id);
    match response.body().size() {
        BodySize::Sized(length) if length > STREAMED_BYTES => response.map_body(|_, body| {
            Streamed {
                body,
                _flight: flight,
            }
            .boxed()
        }),
        _ => response,
    }
}

/// Ids are unique in the process and, by a random part made at its start, among nodes.
fn new_request_id() -> CompactString {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    static START: LazyLock<[u8; 8]> = LazyLock::new(rand::random);
    let mut id = [0; 12];
    let (start, number) = id.split_at_mut(8);
    start.copy_from_slice(&*START);
    number.copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    let mut text = [0; 24];
    match hex::encode_to_slice(id, &mut text) {
        Ok(()) => CompactString::from_utf8_lossy(&text),
        Err(_) => unreachable!("two digits are a byte"),
    }
}

async fn answer_endpoint(
    request: &HttpRequest,
    payload: Payload,
    house: &House,
    request_id: &CompactString,
) -> HttpResponse {
    let table = house.table.load();
    let Some((endpoint, rest)) = find_endpoint(&table, request) else {
        return answer::empty(StatusCode::NOT_FOUND).body("Nothing is published here.\n");
    };
    let mut response = answer_on(request, payload, house, endpoint, rest, request_id).await;
    cors::mark(&endpoint.settings.cors, request, &mut response);
    response
}

/// The default request is told by its option, not by its path alone.
fn find_endpoint<'t, 'r>(
    table: &'t crate::endpoint::table::Table,
    request: &'r HttpRequest,
) -> Option<(&'t Arc<Published>, &'r str)> {
    let path = request.uri().path();
    if matches!(path, "/" | "/index.php") {
        let is_jbackend = request
            .query_string()
            .split('&')
            .any(|pair| pair == "option=com_jbackend");
        if let Some(default) = table.default_request().filter(|_| is_jbackend) {
            return Some((default, ""));
        }
    }
    // Who joins a base path of `/` and a path begins with two slashes.
    let doubled = path.starts_with("//");
    table.find(if doubled { &path[1..] } else { path })
}

async fn answer_on(
    request: &HttpRequest,
    payload: Payload,
    house: &House,
    endpoint: &Published,
    rest: &str,
    request_id: &CompactString,
) -> HttpResponse {
    let settings = house.settings.load();
    if cors::is_preflight(request) && endpoint.settings.cors != crate::settings::Cors::Off {
        return cors::preflight(&endpoint.settings.cors, request);
    }
    let client = Client::read(request, &settings.server);
    if endpoint.settings.force_ssl && !client.is_secure {
        return to_https(request);
    }
    if let Some(response) = own::answer_under(request, house, endpoint, rest, &client) {
        return response;
    }
    let headers = Headers(request.headers());
    let raw = raw_request(request, rest, client, &headers, request_id);
    let limits = limits(&settings.server.limits, endpoint);
    let max_url_bytes = settings.server.limits.max_url_bytes;
    if url_bytes(request) > max_url_bytes {
        let rule = format!("the URL must have at most {max_url_bytes} bytes");
        let fault = Req::ParameterNotValid.fault().detail(rule);
        let wording = house.dispatcher.wording(endpoint);
        return reject(request, house, endpoint, &raw, fault, wording).await;
    }
    match FoundRoute::find(&house.dispatcher.registry, endpoint, raw.method, rest) {
        Ok(Some(found)) => {
            answer_route(request, payload, house, endpoint, &raw, found, limits).await
        }
        Err(methods) if raw.method != "OPTIONS" => {
            let fault = Req::MethodNotAllowed.fault();
            let wording = house.dispatcher.wording(endpoint);
            with_allow(answer::route_fault(wording.as_ref(), &fault), &methods)
        }
        Err(methods) => allow(&methods),
        Ok(None) => {
            let is_asked = raw.method != "OPTIONS";
            let wording = is_asked.then(|| house.dispatcher.wording(endpoint));
            let Some(wording) = wording.flatten() else {
                return answer_operation(request, payload, house, endpoint, &raw, limits).await;
            };
            let what = format!("{} {rest}", raw.method);
            let fault = Req::RequestUnknown.fault().detail(what);
            reject(request, house, endpoint, &raw, fault, Some(wording)).await
        }
    }
}

/// Refuses what is nobody's in particular.
async fn reject(
    request: &HttpRequest,
    house: &House,
    endpoint: &Published,
    raw: &RawRequest<'_>,
    fault: Fault,
    wording: Option<Wording>,
) -> HttpResponse {
    let rejected = house.dispatcher.reject(endpoint, raw, fault, wording).await;
    answer::respond(request, endpoint.settings.status, rejected).await
}

async fn answer_route(
    request: &HttpRequest,
    payload: Payload,
    house: &House,
    endpoint: &Published,
    raw: &RawRequest<'_>,
    found: FoundRoute,
    limits: BodyLimits,
) -> HttpResponse {
    let (body, stream) = if stream::is_upgrade(request.headers()) {
        (Ok(Bytes::new()), Some(payload))
    } else {
        (read_raw(payload, limits).await, None)
    };
    let wants_key = endpoint.settings.access == Access::Key || !found.route().scopes.is_empty();
    let read = body.and_then(|body| {
        let key = if wants_key {
            key_of_body(request.headers(), &body, limits)
        } else {
            Body::None
        };
        Ok((
            body.to_vec(),
            Parameters::read(raw.query, key, limits.max_parameters)?,
        ))
    });
    let outcome = match read {
        Ok((body, parameters)) => {
            house
                .dispatcher
                .route(endpoint, raw, found, parameters, body)
                .await
        }
        Err(fault) => {
            let wording = found.wording();
            let rejected = house.dispatcher.reject(endpoint, raw, fault, wording).await;
            Outcome {
                is_route: true,
                ..rejected
            }
        }
    };
    match outcome.result {
        Ok(Answer::Stream { wanted, headers }) => {
            let headers = headers.into_iter().chain(outcome.headers).collect();
            stream::respond(request, stream, house, wanted, headers).await
        }
        result => {
            let outcome = Outcome { result, ..outcome };
            answer::respond(request, endpoint.settings.status, outcome).await
        }
    }
}

async fn answer_operation(
    request: &HttpRequest,
    payload: Payload,
    house: &House,
    endpoint: &Published,
    raw: &RawRequest<'_>,
    limits: BodyLimits,
) -> HttpResponse {
    let mode = endpoint.settings.status;
    if raw.method == "OPTIONS" && mode == StatusMode::Semantic {
        return allow(&house.dispatcher.methods(endpoint, raw));
    }
    // A GET has no members in its body for PHP either.
    let read = if matches!(raw.method, "GET" | "HEAD") {
        Ok(super::body::ReadBody::default())
    } else {
        read_members(request.headers(), payload, &house.files, limits).await
    };
    let read = read.and_then(|read| {
        let parameters = Parameters::read(raw.query, read.body, limits.max_parameters)?;
        Ok((parameters, read.uploads))
    });
    let outcome = match read {
        Ok((parameters, uploads)) => {
            let outcome = house.dispatcher.operation(endpoint, raw, parameters).await;
            // The uploads' files live until here.
            drop(uploads);
            outcome
        }
        Err(fault) => house.dispatcher.reject(endpoint, raw, fault, None).await,
    };
    answer::respond(request, mode, outcome).await
}

fn limits(limits: &Limits, endpoint: &Published) -> BodyLimits {
    BodyLimits {
        max_bytes: endpoint
            .settings
            .limits
            .max_body_bytes
            .unwrap_or(limits.max_body_bytes),
        max_parameters: limits.max_parameters,
        max_json_depth: limits.max_json_depth,
        timeout: Duration::from_millis(limits.body_timeout_ms),
    }
}

/// The length of the request's target.
fn url_bytes(request: &HttpRequest) -> usize {
    let uri = request.uri();
    // Only who speaks to a proxy names these.
    let scheme = uri.scheme_str().map_or(0, |scheme| scheme.len() + 3);
    let authority = uri.authority().map_or(0, |name| name.as_str().len());
    let query = uri.query().map_or(0, |query| query.len() + 1);
    scheme + authority + uri.path().len() + query
}

fn raw_request<'r>(
    request: &'r HttpRequest,
    rest: &'r str,
    client: Client<'r>,
    headers: &'r Headers<'r>,
    request_id: &CompactString,
) -> RawRequest<'r> {
    RawRequest {
        method: request.method().as_str(),
        rest,
        query: request.query_string(),
        headers,
        credentials: credentials(headers.0),
        client_address: client.address,
        is_secure: client.is_secure,
        is_same_origin: is_same_origin(headers.0, &client),
        origin: client.origin,
        request_id: request_id.clone(),
        started: Instant::now(),
    }
}

/// The headers of a request; modules see everything but credentials.
struct Headers<'r>(&'r HeaderMap);

impl VisibleHeaders for Headers<'_> {
    fn visible(&self) -> Vec<(String, String)> {
        let is_visible = |name: &HeaderName| name != AUTHORIZATION && name != COOKIE;
        self.0
            .iter()
            .filter(|(name, _)| is_visible(name))
            .filter_map(|(name, value)| {
                Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
            })
            .collect()
    }

    fn value(&self, name: &str) -> Option<&str> {
        header::text(self.0, name)
    }
}

fn credentials(headers: &HeaderMap) -> Credentials<'_> {
    let cookies = header::text(headers, COOKIE).unwrap_or_default();
    Credentials {
        header_key: header::text(headers, AUTHORIZATION).and_then(key_of_authorization),
        cookie_session: cookies
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == crate::service::identity::COOKIE)
            .map(|(_, value)| value.trim_matches('"')),
        proof: header::text(headers, PROOF),
    }
}

/// Browsers say where a request comes from; a page of another site cannot say that it is ours.
fn is_same_origin(headers: &HeaderMap, client: &Client<'_>) -> bool {
    header::text(headers, FETCH_SITE) == Some("same-origin")
        || header::text(headers, ORIGIN)
            .is_some_and(|origin| !client.origin.is_empty() && client.origin == origin)
}

fn to_https(request: &HttpRequest) -> HttpResponse {
    let host = request.connection_info().host().to_owned();
    let host = host
        .rsplit_once(':')
        .map_or(host.as_str(), |(name, _)| name);
    let location = format!("https://{host}{}", request.uri());
    let mut response = answer::empty(StatusCode::SEE_OTHER).finish();
    header::set(&mut response, LOCATION, &location);
    response
}

fn allow(methods: &[String]) -> HttpResponse {
    with_allow(answer::empty(StatusCode::NO_CONTENT).finish(), methods)
}

fn with_allow(mut response: HttpResponse, methods: &[String]) -> HttpResponse {
    let mut names: Vec<&str> = methods.iter().map(String::as_str).collect();
    if names.contains(&"GET") && !names.contains(&"HEAD") {
        names.push("HEAD");
    }
    names.push("OPTIONS");
    header::set(&mut response, ALLOW, &names.join(", "));
    response
}
