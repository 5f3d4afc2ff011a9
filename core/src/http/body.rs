//! Reading a request's body within its bounds.

use std::io::Write;
use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt;
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::endpoint::parameters::{Body, FormValue, read_urlencoded};
use crate::fault::{Fault, Req};
use crate::service::files::FileStore;

/// How much of a body is taken.
#[derive(Clone, Copy)]
pub(crate) struct BodyLimits {
    pub(crate) max_bytes: usize,
    pub(crate) max_parameters: usize,
    pub(crate) max_json_depth: usize,
    pub(crate) timeout: Duration,
}

/// The members of a body, and the uploads that live as long as the request.
#[derive(Default)]
pub(crate) struct ReadBody {
    pub(crate) body: Body,
    pub(crate) uploads: Vec<NamedTempFile>,
}

/// Reads all bytes.
pub(crate) async fn read_raw(payload: Payload, limits: BodyLimits) -> Result<Bytes, Fault> {
    let read = collect(payload, limits.max_bytes);
    tokio::time::timeout(limits.timeout, read)
        .await
        .unwrap_or_else(|_| Err(slow()))
}

async fn collect(mut payload: Payload, max_bytes: usize) -> Result<Bytes, Fault> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk =
            chunk.map_err(|_| Req::BodyNotValid.fault().detail("the transfer broke off"))?;
        if bytes.len() + chunk.len() > max_bytes {
            return Err(too_large(max_bytes));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn too_large(max_bytes: usize) -> Fault {
    Req::BodyTooLarge
        .fault()
        .detail(format!("at most {max_bytes} bytes are taken"))
}

fn slow() -> Fault {
    Req::BodyNotValid
        .fault()
        .detail("it did not arrive in time")
}

/// Reads the members of a body, whatever form it has. What cannot be read is kept as such.
pub(crate) async fn read_members(
    headers: &HeaderMap,
    payload: Payload,
    files: &FileStore,
    limits: BodyLimits,
) -> Result<ReadBody, Fault> {
    let media = media_type(headers);
    if media == "multipart/form-data" {
        let read = read_multipart(Multipart::new(headers, payload), files, limits);
        return match tokio::time::timeout(limits.timeout, read).await {
            Ok(Err(fault)) if fault.code == Req::BodyNotValid.code() => Ok(ReadBody {
                body: Body::Invalid(fault),
                uploads: Vec::new(),
            }),
            Ok(read) => read,
            Err(_) => Err(slow()),
        };
    }
    let bytes = read_raw(payload, limits).await?;
    let body = if bytes.trim_ascii().is_empty() {
        Body::None
    } else {
        members(&media, &bytes, limits).unwrap_or_else(Body::Invalid)
    };
    Ok(ReadBody {
        body,
        uploads: Vec::new(),
    })
}

/// The media type of a body, in lower case, without its parameters.
fn media_type(headers: &HeaderMap) -> String {
    let media = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default();
    media.trim().to_ascii_lowercase()
}

/// The key that a body carries whose members are a route's own business: a body with nothing in it but that. What cannot
/// be read carries none.
pub(crate) fn key_of_body(headers: &HeaderMap, bytes: &[u8], limits: BodyLimits) -> Body {
    const NAME: &str = "api_key";
    match members(&media_type(headers), bytes, limits) {
        Ok(Body::Json(mut members)) => {
            members.retain(|name, _| name == NAME);
            Body::Json(members)
        }
        Ok(Body::Form(mut pairs)) => {
            pairs.retain(|(name, _)| name == NAME);
            Body::Form(pairs)
        }
        Ok(Body::None | Body::Invalid(_)) | Err(_) => Body::None,
    }
}

/// jBackend's clients do not always name the type of a JSON body, so an object is recognised by its brace.
fn members(media: &str, bytes: &[u8], limits: BodyLimits) -> Result<Body, Fault> {
    let is_json = media == "application/json" || media.ends_with("+json") || media == "text/json";
    let looks_like_json = bytes.trim_ascii_start().first() == Some(&b'{');
    if is_json || looks_like_json {
        match json_members(bytes, limits.max_json_depth) {
            Err(fault) if is_json => return Err(fault),
            Ok(body) => return Ok(body),
            Err(_) => {}
        }
    }
    if media == "application/x-www-form-urlencoded" || media.is_empty() || media == "text/plain" {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| Req::BodyNotValid.fault().detail("it is not UTF-8"))?;
        let pairs = read_urlencoded(text, limits.max_parameters)
            .map_err(|rule| Req::BodyNotValid.fault().detail(rule))?;
        return Ok(Body::Form(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into_owned(), FormValue::Text(value.into_owned())))
                .collect(),
        ));
    }
    Err(Req::BodyNotValid
        .fault()
        .detail("the type must be application/json, application/x-www-form-urlencoded or multipart/form-data"))
}

fn json_members(bytes: &[u8], max_depth: usize) -> Result<Body, Fault> {
    let invalid = |rule: String| Req::BodyNotValid.fault().detail(rule);
    if depth(bytes) > max_depth {
        return Err(invalid(format!("it nests deeper than {max_depth} levels")));
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(members)) => Ok(Body::Json(members)),
        Ok(_) => Err(invalid("it must be a JSON object".to_owned())),
        Err(error) => Err(invalid(format!(
            "it is not JSON (line {}, column {})",
            error.line(),
            error.column()
        ))),
    }
}

/// How deep brackets nest outside of texts; cheaper than building what is then refused.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0usize, 0, false, false);
    for byte in bytes {
        match (in_text, byte) {
            _ if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'{' | b'[') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

async fn read_multipart(
    mut form: Multipart,
    files: &FileStore,
    limits: BodyLimits,
) -> Result<ReadBody, Fault> {
    let invalid = |rule: &str| Req::BodyNotValid.fault().detail(rule);
    let mut read = ReadBody::default();
    let (mut pairs, mut total) = (Vec::new(), 0usize);
    while let Some(field) = form.next().await {
        let mut field = field.map_err(|_| invalid("it is not a multipart form"))?;
        if pairs.len() == limits.max_parameters {
            return Err(invalid(&format!(
                "more than {} parameters",
                limits.max_parameters
            )));
        }
        let name = field.name().unwrap_or_default().to_owned();
        let is_file = field
            .content_disposition()
            .is_some_and(|d| d.get_filename().is_some());
        let mut upload = if is_file {
            Some(files.upload().map_err(failed)?)
        } else {
            None
        };
        let mut text = Vec::new();
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(|_| invalid("it is not a multipart form"))?;
            total += chunk.len();
            if total > limits.max_bytes {
                return Err(too_large(limits.max_bytes));
            }
            match &mut upload {
                Some(file) => file.write_all(&chunk).map_err(failed)?,
                None => text.extend_from_slice(&chunk),
            }
        }
        let value = match upload {
            Some(file) => {
                let name = file
                    .path()
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned());
                read.uploads.push(file);
                FormValue::File(name.unwrap_or_default())
            }
            None => FormValue::Text(
                String::from_utf8(text).map_err(|_| invalid("a part is not UTF-8"))?,
            ),
        };
        pairs.push((name, value));
    }
    read.body = Body::Form(pairs);
    Ok(read)
}

fn failed(error: std::io::Error) -> Fault {
    tracing::error!("an upload could not be stored: {error}");
    Req::InternalError.fault()
}

#[cfg(test)]
mod tests {
    use super::depth;

    #[test]
    fn brackets_in_texts_do_not_count_as_depth() {
        assert_eq!(depth(br#"{"a":"[[[\"[","b":[{}]}"#), 3);
    }
}
