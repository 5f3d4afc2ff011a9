//! The server's own paths: health, metrics, and each endpoint's description.

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::answer;
use super::client::Client;
use crate::app::House;
use crate::endpoint::openapi;
use crate::endpoint::table::Published;

/// Answers the paths that stand before every endpoint.
pub(crate) async fn answer(request: &HttpRequest, house: &House) -> Option<HttpResponse> {
    match request.uri().path() {
        "/healthz" => Some(HttpResponse::Ok().content_type("text/plain").body("ok\n")),
        "/readyz" => Some(ready(house).await),
        "/metrics" => Some(
            HttpResponse::Ok()
                .content_type("text/plain; version=0.0.4")
                .body(house.render_metrics()),
        ),
        _ => None,
    }
}

/// Ready is who can answer: every module serves and the database answers. Mail that does not leave is told
/// as a warning: no request fails of it.
async fn ready(house: &House) -> HttpResponse {
    let reasons = house.unready().await;
    let code = if reasons.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let warnings: Vec<String> = house.mail_complaint().await.into_iter().collect();
    answer::empty(code).json(json!({
        "ready": reasons.is_empty(), "reasons": reasons, "warnings": warnings,
    }))
}

/// Answers what every endpoint publishes of itself, where it does.
pub(crate) fn answer_under(
    request: &HttpRequest,
    house: &House,
    endpoint: &Published,
    rest: &str,
    client: &Client<'_>,
) -> Option<HttpResponse> {
    if !endpoint.settings.openapi || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    match rest {
        "/openapi.json" => {
            let document = openapi::document(endpoint, &house.dispatcher.registry, &client.origin);
            Some(HttpResponse::Ok().json(document))
        }
        "/docs" => Some(
            HttpResponse::Ok()
                .content_type("text/html; charset=utf-8")
                .body(include_str!("docs.html")),
        ),
        _ => None,
    }
}
