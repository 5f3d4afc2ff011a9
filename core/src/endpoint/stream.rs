//! Which streams may be opened: what the client must have said, and from which pages.

use super::caller::Caller;
use super::request::RawRequest;
use super::table::Published;
use crate::fault::{Fault, Req};
use crate::module::reply::Answer;
use crate::service::channels::form::Kind;
use crate::settings::Cors;

/// Lets an answer pass that is no stream, or one that may be opened.
pub(super) fn check(
    answer: Answer,
    endpoint: &Published,
    request: &RawRequest<'_>,
    caller: &Caller,
) -> Result<Answer, Fault> {
    let Answer::Stream { wanted, .. } = &answer else {
        return Ok(answer);
    };
    if !may_come_from(&endpoint.settings.cors, request, caller) {
        let rule = "a stream is not opened for a page of this Origin";
        return Err(Req::AuthenticationRequired.fault().detail(rule));
    }
    if wanted.form.kind == Kind::Websocket && !asks_for_websocket(request) {
        return Ok(upgrade_required());
    }
    Ok(answer)
}

/// Any page may open a websocket to any site, and its browser sends the cookies along. So who is known by a cookie
/// must come from this site, or from one that the endpoint lists; and where it lists any, so must everybody.
fn may_come_from(cors: &Cors, request: &RawRequest<'_>, caller: &Caller) -> bool {
    let Some(origin) = request.headers.value("origin") else {
        // No browser sent it.
        return true;
    };
    let is_known_by_cookie = caller.has_cookie_session && caller.user != 0;
    let is_listed = match cors {
        Cors::Origins(origins) => origins.iter().any(|listed| listed == origin),
        Cors::Any | Cors::Off => !is_known_by_cookie,
    };
    is_listed || request.is_same_origin
}

/// Whether the client shook hands as RFC 6455 wants it.
fn asks_for_websocket(request: &RawRequest<'_>) -> bool {
    let header = |name| request.headers.value(name).unwrap_or_default();
    let has_word = |name, word: &str| {
        let mut words = header(name).split(',');
        words.any(|one| one.trim().eq_ignore_ascii_case(word))
    };
    request.method == "GET"
        && has_word("upgrade", "websocket")
        && has_word("connection", "upgrade")
        && header("sec-websocket-version") == "13"
        && header("sec-websocket-key").len() == 24
}

fn upgrade_required() -> Answer {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Answer::Bytes {
        status: 426,
        headers: vec![
            header("content-type", "text/plain; charset=utf-8"),
            header("upgrade", "websocket"),
            header("sec-websocket-version", "13"),
        ],
        body: b"Only a websocket of version 13 can be opened here.\n".to_vec(),
    }
}
