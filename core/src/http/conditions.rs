//! What the conditions and the range of a request ask of a file.
//!
//! The same for every kind of store: a client must not see where a file lies.

use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::http::Method;
use actix_web::http::header::{
    ETAG, EntityTag, IF_MATCH, IF_NONE_MATCH, IF_RANGE, IfMatch, IfModifiedSince, IfRange,
    IfUnmodifiedSince, RANGE,
};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};

use super::header;

/// What is known of the file.
pub(super) struct Facts<'a> {
    /// Its validator, in quotation marks.
    pub(super) etag: &'a str,
    pub(super) modified: SystemTime,
    pub(super) size: u64,
}

/// What the client is to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    Whole,
    /// Some of it.
    Part(Range<u64>),
    /// Nothing: the client has it.
    NotModified,
    /// Nothing: the client meant another file.
    Failed,
    /// Nothing: the file does not have such a part.
    NoPart,
}

/// Decides in the order that HTTP prescribes. What can be read by no rule is not looked at.
pub(super) fn wanted(request: &HttpRequest, file: &Facts<'_>) -> Wanted {
    if is_another(request, file) {
        return Wanted::Failed;
    }
    if is_known(request, file.etag) || is_unmodified(request, file) {
        return Wanted::NotModified;
    }
    match header::text(request.headers(), RANGE) {
        Some(range) if request.method() == Method::GET && may_be_part(request, file) => {
            part(range, file.size)
        }
        _ => Wanted::Whole,
    }
}

/// Whether the client says that it has what bears this validator.
pub(super) fn is_known(request: &HttpRequest, etag: &str) -> bool {
    fn strong(tag: &str) -> &str {
        tag.trim().trim_start_matches("W/")
    }
    let sent = header::text(request.headers(), IF_NONE_MATCH);
    sent.is_some_and(|sent| {
        sent.trim() == "*" || sent.split(',').any(|one| strong(one) == strong(etag))
    })
}

/// The answer to a client that has it.
pub(super) fn not_modified(etag: &str) -> HttpResponse {
    let mut response = HttpResponse::NotModified().finish();
    header::set(&mut response, ETAG, etag);
    response
}

fn is_another(request: &HttpRequest, file: &Facts<'_>) -> bool {
    if request.headers().contains_key(IF_MATCH) {
        return match request.get_header() {
            Some(IfMatch::Any) | None => false,
            Some(IfMatch::Items(tags)) => !tags.iter().any(|tag| is_same(tag, file)),
        };
    }
    let since = request.get_header::<IfUnmodifiedSince>();
    since.is_some_and(|IfUnmodifiedSince(since)| seconds(file.modified) > seconds(since.into()))
}

/// The date only counts without a validator.
fn is_unmodified(request: &HttpRequest, file: &Facts<'_>) -> bool {
    if request.headers().contains_key(IF_NONE_MATCH)
        || !matches!(*request.method(), Method::GET | Method::HEAD)
    {
        return false;
    }
    let since = request.get_header::<IfModifiedSince>();
    since.is_some_and(|IfModifiedSince(since)| seconds(file.modified) <= seconds(since.into()))
}

/// A part of another file would be put together with what the client has of that one.
fn may_be_part(request: &HttpRequest, file: &Facts<'_>) -> bool {
    if !request.headers().contains_key(IF_RANGE) {
        return true;
    }
    match request.get_header() {
        Some(IfRange::EntityTag(tag)) => is_same(&tag, file),
        Some(IfRange::Date(date)) => seconds(date.into()) == seconds(file.modified),
        None => false,
    }
}

fn is_same(tag: &EntityTag, file: &Facts<'_>) -> bool {
    let own: Result<EntityTag, _> = file.etag.parse();
    own.is_ok_and(|own| own.strong_eq(tag))
}

/// Dates on the wire have no fractions.
fn seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.as_ref().map_or(0, Duration::as_secs)
}

/// The first part that the file has. Several parts would need an envelope that no client of ours can read.
fn part(header: &str, size: u64) -> Wanted {
    let Some((unit, ranges)) = header.split_once('=') else {
        return Wanted::NoPart;
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Whole;
    }
    let mut found = None;
    for range in ranges
        .split(',')
        .map(str::trim)
        .filter(|one| !one.is_empty())
    {
        let Some((start, last)) = bounds(range, size) else {
            return Wanted::NoPart;
        };
        let end = last.saturating_add(1).min(size);
        if start < end && found.is_none() {
            found = Some(start..end);
        }
    }
    found.map_or(Wanted::NoPart, Wanted::Part)
}

/// The first and last byte of `A-B`, `A-` or `-N`; `None` where it is nothing of these.
fn bounds(range: &str, size: u64) -> Option<(u64, u64)> {
    let (start, last) = range.split_once('-')?;
    let number = |text: &str| -> Option<u64> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // A number too large for us is beyond the end of any file.
        is_number.then(|| text.parse().unwrap_or(u64::MAX))
    };
    match (start.trim(), last.trim()) {
        ("", last) => {
            let length = number(last)?;
            // The last no bytes are no part.
            let start = if length == 0 {
                u64::MAX
            } else {
                size.saturating_sub(length)
            };
            Some((start, u64::MAX))
        }
        (start, "") => Some((number(start)?, u64::MAX)),
        (start, last) => {
            let (start, last) = (number(start)?, number(last)?);
            (start <= last).then_some((start, last))
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const ETAG: &str = "\"abc\"";
    const DAY: &str = "Thu, 01 Jan 1970 00:16:40 GMT";
    const DAY_BEFORE: &str = "Thu, 01 Jan 1970 00:16:39 GMT";

    fn asked(method: Method, headers: &[(&str, &str)]) -> Wanted {
        let mut request = TestRequest::default().method(method);
        for header in headers {
            request = request.insert_header(*header);
        }
        let file = Facts {
            etag: ETAG,
            modified: UNIX_EPOCH + Duration::from_millis(1_000_500),
            size: 1_000,
        };
        wanted(&request.to_http_request(), &file)
    }

    fn get(headers: &[(&str, &str)]) -> Wanted {
        asked(Method::GET, headers)
    }

    #[test]
    fn a_range_is_cut_to_the_file_and_the_first_one_counts() {
        for (range, start, end) in [
            ("bytes=0-", 0, 1_000),
            ("bytes=0-0", 0, 1),
            ("bytes=10-19", 10, 20),
            ("bytes=990-99999999999999999999", 990, 1_000),
            ("bytes=-1", 999, 1_000),
            ("bytes=-5000", 0, 1_000),
            ("Bytes = 1-2", 1, 3),
            ("bytes=2000-, 5-6, 1-2", 5, 7),
        ] {
            assert_eq!(
                get(&[("Range", range)]),
                Wanted::Part(start..end),
                "{range}"
            );
        }
    }

    #[test]
    fn what_the_file_does_not_have_is_no_part() {
        for range in [
            "bytes=1000-",
            "bytes=5-4",
            "bytes=-0",
            "bytes=",
            "bytes=x-",
            "bytes=--1",
            "bytes=0-1,x",
            "7",
        ] {
            assert_eq!(get(&[("Range", range)]), Wanted::NoPart, "{range}");
        }
        assert_eq!(get(&[("Range", "lines=1-2")]), Wanted::Whole);
        assert_eq!(
            asked(Method::HEAD, &[("Range", "bytes=1-2")]),
            Wanted::Whole
        );
        assert_eq!(part("bytes=0-", 0), Wanted::NoPart);
    }

    #[test]
    fn a_part_is_sent_only_of_the_file_that_is_meant() {
        for (condition, is_part) in [
            (ETAG, true),
            ("\"other\"", false),
            ("W/\"abc\"", false),
            (DAY, true),
            (DAY_BEFORE, false),
            ("nonsense", false),
        ] {
            let wanted = get(&[("Range", "bytes=1-2"), ("If-Range", condition)]);
            let expected = if is_part {
                Wanted::Part(1..3)
            } else {
                Wanted::Whole
            };
            assert_eq!(wanted, expected, "{condition}");
        }
    }

    #[test]
    fn what_the_client_has_is_not_sent() {
        for (name, value, is_known) in [
            ("If-None-Match", ETAG, true),
            ("If-None-Match", "\"x\", W/\"abc\"", true),
            ("If-None-Match", "*", true),
            ("If-None-Match", "\"x\"", false),
            ("If-Modified-Since", DAY, true),
            ("If-Modified-Since", DAY_BEFORE, false),
        ] {
            let expected = if is_known {
                Wanted::NotModified
            } else {
                Wanted::Whole
            };
            assert_eq!(get(&[(name, value)]), expected, "{name}: {value}");
        }
        let both = [("If-None-Match", "\"x\""), ("If-Modified-Since", DAY)];
        assert_eq!(
            get(&both),
            Wanted::Whole,
            "the validator is the better word"
        );
    }

    #[test]
    fn a_condition_on_another_file_fails() {
        for (name, value, fails) in [
            ("If-Match", ETAG, false),
            ("If-Match", "*", false),
            ("If-Match", "\"x\"", true),
            ("If-Unmodified-Since", DAY, false),
            ("If-Unmodified-Since", DAY_BEFORE, true),
        ] {
            let expected = if fails { Wanted::Failed } else { Wanted::Whole };
            assert_eq!(get(&[(name, value)]), expected, "{name}: {value}");
        }
    }
}
