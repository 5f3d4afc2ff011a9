//! Stored files on the wire: whole or in part, under a validator of the module's choice.
//!
//! actix-files knows validators of its own making only, and those differ from node to node. So the conditions
//! that name ours are decided here; the rest, and all sending of whole files, is left to it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use actix_files::{HttpRange, NamedFile};
use actix_web::body::SizedStream;
use actix_web::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE,
    ContentDisposition, DispositionParam, DispositionType, ETAG, HeaderName, HeaderValue, IF_RANGE,
    RANGE,
};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;

use super::answer::{append, is_known, not_modified, plain_fault};
use crate::fault::Req;

const CHUNK_BYTES: usize = 65_536;

/// Answers with a file under a name for the client.
pub(super) fn respond(
    request: &HttpRequest,
    path: &Path,
    name: &str,
    headers: &[(String, String)],
) -> HttpResponse {
    let header = |wanted: &str| {
        let found = headers.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    let etag = header("etag");
    if let Some(etag) = etag.filter(|etag| is_known(request, etag)) {
        return not_modified(etag);
    }
    let part = etag.and_then(|etag| part_of(request, etag));
    let response = match part {
        Some(range) => send_part(path, &range),
        None => send(request, path, etag.is_some()),
    };
    let mut response = match response {
        Ok(response) => response,
        Err(error) => {
            tracing::error!("a stored file could not be opened: {error}");
            return plain_fault(&Req::InternalError.fault());
        }
    };
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name.to_owned())],
    };
    let media = header("content-type").unwrap_or("application/octet-stream");
    set(&mut response, CONTENT_DISPOSITION, &disposition.to_string());
    set(&mut response, CONTENT_TYPE, media);
    set(&mut response, ACCEPT_RANGES, "bytes");
    // A package is compressed already, and its length and ranges are promised.
    set(&mut response, CONTENT_ENCODING, "identity");
    if let Some(etag) = etag {
        set(&mut response, ETAG, etag);
    }
    for (name, value) in headers {
        if name != "content-type" && name != "etag" {
            append(&mut response, name, value);
        }
    }
    response
}

/// The range of a request that asks for it only of the file with this very validator: actix-files would
/// not know that it is this file.
fn part_of(request: &HttpRequest, etag: &str) -> Option<String> {
    let text = |name: HeaderName| request.headers().get(name)?.to_str().ok();
    let is_same = text(IF_RANGE).is_some_and(|value| value.trim() == etag);
    let range = text(RANGE).filter(|range| range.starts_with("bytes=") && !range.contains(','))?;
    (is_same && request.method() == Method::GET).then(|| range.to_owned())
}

fn send(request: &HttpRequest, path: &Path, has_own_tag: bool) -> io::Result<HttpResponse> {
    let file = NamedFile::open(path)?;
    Ok(file.use_etag(!has_own_tag).into_response(request))
}

fn send_part(path: &Path, range: &str) -> io::Result<HttpResponse> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let Some(part) = HttpRange::parse(range, size)
        .ok()
        .and_then(|parts| parts.into_iter().next())
    else {
        let mut response = HttpResponse::new(StatusCode::RANGE_NOT_SATISFIABLE);
        set(&mut response, CONTENT_RANGE, &format!("bytes */{size}"));
        return Ok(response);
    };
    file.seek(SeekFrom::Start(part.start))?;
    let chunks = stream::try_unfold(file.take(part.length), |mut rest| async move {
        let read = web::block(move || -> io::Result<_> {
            let mut chunk = Vec::with_capacity(CHUNK_BYTES);
            let most = u64::try_from(CHUNK_BYTES).unwrap_or(u64::MAX);
            rest.by_ref().take(most).read_to_end(&mut chunk)?;
            Ok((chunk, rest))
        });
        let (chunk, rest) = read.await.map_err(io::Error::other)??;
        Ok::<_, io::Error>((!chunk.is_empty()).then(|| (Bytes::from(chunk), rest)))
    });
    let last = part.start + part.length.saturating_sub(1);
    let place = format!("bytes {}-{last}/{size}", part.start);
    Ok(HttpResponse::PartialContent()
        .insert_header((CONTENT_RANGE, place))
        .body(SizedStream::new(part.length, Box::pin(chunks))))
}

fn set(response: &mut HttpResponse, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
}
