//! Stored files on the wire: whole or in part, from the disk or from the bucket, a piece in memory at a time.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::time::UNIX_EPOCH;

use actix_web::body::SizedStream;
use actix_web::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, Charset,
    ContentDisposition, DispositionParam, DispositionType, ETAG, ExtendedValue, HttpDate,
    LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures_util::stream::{self, Stream};

use super::conditions::{Facts, Wanted, not_modified, wanted};
use super::header::{append, set};
use crate::fault::{Fault, Req};
use crate::service::files::{Place, Stored};

/// Large enough that a package takes few turns on the threads that wait for the disk.
const PIECE_BYTES: usize = 262_144;

/// Answers with a file under a name for the client.
pub(super) async fn respond(
    request: &HttpRequest,
    file: &Stored,
    name: &str,
    headers: &[(String, String)],
) -> Result<HttpResponse, Fault> {
    let header = |wanted: &str| {
        let found = headers.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    let etag = header("etag").map_or_else(|| tag_of(file), str::to_owned);
    let facts = Facts {
        etag: &etag,
        modified: file.modified,
        size: file.size,
    };
    let mut response = match wanted(request, &facts) {
        Wanted::NotModified => return Ok(not_modified(&etag)),
        Wanted::Failed => HttpResponse::new(StatusCode::PRECONDITION_FAILED),
        Wanted::NoPart => HttpResponse::build(StatusCode::RANGE_NOT_SATISFIABLE)
            .insert_header((CONTENT_RANGE, format!("bytes */{}", file.size)))
            .finish(),
        Wanted::Whole => send(HttpResponse::Ok(), request, file, 0..file.size).await?,
        Wanted::Part(range) => {
            let mut builder = HttpResponse::PartialContent();
            let place = format!("bytes {}-{}/{}", range.start, range.end - 1, file.size);
            builder.insert_header((CONTENT_RANGE, place));
            send(builder, request, file, range).await?
        }
    };
    let media = header("content-type").unwrap_or("application/octet-stream");
    let modified = HttpDate::from(file.modified).to_string();
    set(&mut response, CONTENT_DISPOSITION, &attachment(name));
    set(&mut response, CONTENT_TYPE, media);
    set(&mut response, ACCEPT_RANGES, "bytes");
    set(&mut response, LAST_MODIFIED, &modified);
    // A package is compressed already, and its length and ranges are promised.
    set(&mut response, CONTENT_ENCODING, "identity");
    set(&mut response, ETAG, &etag);
    // Whoever stored it has looked into it; a browser shall not find another type in it.
    set(&mut response, X_CONTENT_TYPE_OPTIONS, "nosniff");
    for (name, value) in headers {
        if name != "content-type" && name != "etag" {
            append(&mut response, name, value);
        }
    }
    Ok(response)
}

/// That it is saved under a name: letters beyond ASCII stand in a parameter of their own, which old clients pass over.
fn attachment(name: &str) -> String {
    let plain = |character: char| if character.is_ascii() { character } else { '_' };
    let mut parameters = vec![DispositionParam::Filename(
        name.chars().map(plain).collect(),
    )];
    if !name.is_ascii() {
        parameters.push(DispositionParam::FilenameExt(ExtendedValue {
            charset: Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value: name.as_bytes().to_vec(),
        }));
    }
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters,
    };
    disposition.to_string()
}

/// A validator for a file whose module gives none: a file is never changed, and another one under its key
/// would have another time or size.
fn tag_of(file: &Stored) -> String {
    let since = file.modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("\"{:x}-{:x}\"", file.size, since.as_millis())
}

/// Nothing is read for an answer without a body; its length is told all the same.
async fn send(
    mut builder: HttpResponseBuilder,
    request: &HttpRequest,
    file: &Stored,
    range: Range<u64>,
) -> Result<HttpResponse, Fault> {
    let length = range.end - range.start;
    if request.method() == Method::HEAD || length == 0 {
        let nothing = stream::empty::<io::Result<Bytes>>();
        return Ok(builder.body(SizedStream::new(length, nothing)));
    }
    match &file.place {
        Place::Disk(path) => {
            let pieces = read(path, range).map_err(lost)?;
            Ok(builder.body(SizedStream::new(length, Box::pin(pieces))))
        }
        Place::Object(object) => {
            let pieces = object.read(range).await.map_err(lost)?;
            Ok(builder.body(SizedStream::new(length, Box::pin(pieces))))
        }
    }
}

/// What the module has just found cannot be read.
fn lost(error: io::Error) -> Fault {
    if error.kind() == io::ErrorKind::ResourceBusy {
        tracing::warn!("a stored file cannot be sent now: {error}");
        return Req::Overloaded.fault();
    }
    tracing::error!("a stored file could not be opened: {error}");
    Req::InternalError.fault()
}

/// The pieces of a file on the disk, each read when it is wanted, on a thread that may wait for the disk.
fn read(
    path: &Path,
    range: Range<u64>,
) -> io::Result<impl Stream<Item = io::Result<Bytes>> + use<>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(range.start))?;
    let rest = file.take(range.end - range.start);
    Ok(stream::try_unfold(rest, |mut rest| async move {
        let read = web::block(move || -> io::Result<_> {
            let mut piece = Vec::with_capacity(PIECE_BYTES);
            let most = u64::try_from(PIECE_BYTES).unwrap_or(u64::MAX);
            rest.by_ref().take(most).read_to_end(&mut piece)?;
            Ok((piece, rest))
        });
        let (piece, rest) = read.await.map_err(io::Error::other)??;
        Ok::<_, io::Error>((!piece.is_empty()).then(|| (Bytes::from(piece), rest)))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_in_ascii_and_where_it_has_other_letters_as_it_is_too() {
        assert_eq!(attachment("a.png"), "attachment; filename=\"a.png\"");
        let wanted =
            "attachment; filename=\"Gr__e-1.png\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%2D1.png";
        assert_eq!(attachment("Grüße-1.png"), wanted);
    }
}
