//! The client of the S3 server, and what it says when it fails.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, S3CopyIfNotExists};
use object_store::client::{HttpError, HttpErrorKind};
use object_store::{BackoffConfig, ClientOptions, Error, RetryConfig};

use crate::settings::{S3, Secret};

/// How often a request is tried again whose failure may pass.
const RETRIES: usize = 2;

/// Why the server does not serve the bucket of the settings.
#[derive(Debug)]
pub enum Refusal {
    /// It has no such bucket.
    Bucket,
    /// It does not know the keys, or they may not read there. What it called its reason.
    Keys(String),
    /// It is no S3 server, or not of this region. What it called its reason.
    Server(String),
    /// It does not answer at present; another time it may.
    Silent(String),
}

/// A client for a bucket. Names of buckets stand in the path of requests, which every server understands.
pub(super) fn connect(s3: &S3, bucket: &str) -> io::Result<AmazonS3> {
    // Another part of the process may have been first; there is one provider to install.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let timeout = Duration::from_millis(s3.timeout_ms);
    let options = ClientOptions::new()
        // A long file may take its time, as long as something comes.
        .with_timeout_disabled()
        .with_read_timeout(timeout)
        .with_connect_timeout(timeout.min(Duration::from_secs(5)))
        .with_allow_http(
            s3.endpoint
                .as_ref()
                .is_some_and(|url| url.starts_with("http:")),
        );
    let retry = RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(50),
            max_backoff: Duration::from_secs(1),
            base: 2.,
        },
        max_retries: RETRIES,
        retry_timeout: timeout,
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(&s3.region)
        .with_access_key_id(s3.access_key.clone().unwrap_or_default())
        .with_secret_access_key(s3.secret_key.as_ref().map_or("", Secret::expose))
        .with_copy_if_not_exists(S3CopyIfNotExists::Multipart)
        .with_client_options(options)
        .with_retry(retry);
    if let Some(endpoint) = &s3.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    builder.build().map_err(|error| said(&error))
}

/// A failure in our own words: what the server sends may repeat the request, with the name of the key in it.
pub(super) fn said(error: &Error) -> io::Error {
    let (kind, text) = match error {
        Error::NotFound { .. } => (io::ErrorKind::NotFound, "no such object".to_owned()),
        Error::AlreadyExists { .. } => {
            (io::ErrorKind::AlreadyExists, "the name is taken".to_owned())
        }
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            (io::ErrorKind::PermissionDenied, refused(error))
        }
        other => match transport(other) {
            Some(text) => (io::ErrorKind::ResourceBusy, text.to_owned()),
            None => (io::ErrorKind::Other, refused(other)),
        },
    };
    io::Error::new(kind, format!("the bucket: {text}"))
}

fn refused(error: &Error) -> String {
    match code(error) {
        Some(code) => format!("the server refused by {code}"),
        None => "the server failed".to_owned(),
    }
}

/// What the server calls its reason, `<Code>` in its answer.
fn code(error: &Error) -> Option<String> {
    let text = error.to_string();
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let is_name = code.len() <= 60 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name.then(|| code.to_owned())
}

/// How a failure of the way to the server is called, which may pass.
fn transport(error: &Error) -> Option<&'static str> {
    let mut source = error.source();
    while let Some(one) = source {
        if let Some(http) = one.downcast_ref::<HttpError>() {
            return Some(match http.kind() {
                HttpErrorKind::Connect => "the server cannot be reached",
                HttpErrorKind::Timeout => "the server did not answer in time",
                _ => "the connection to the server broke off",
            });
        }
        source = one.source();
    }
    let is_failing = status(error).is_some_and(|status| status >= 500);
    is_failing.then_some("the server is overloaded or failing")
}

/// The HTTP status of the server's refusal, which the client tells in its text only.
fn status(error: &Error) -> Option<u16> {
    let text = error.to_string();
    let (_, rest) = text.split_once("status code: ")?;
    rest.get(..3)?.parse().ok()
}

impl Refusal {
    pub(super) fn of(error: &Error) -> Self {
        match (status(error), transport(error)) {
            (Some(404), _) => Refusal::Bucket,
            (Some(401 | 403), _) => Refusal::Keys(refused(error)),
            (_, Some(text)) => Refusal::Silent(text.to_owned()),
            (_, None) => Refusal::Server(refused(error)),
        }
    }
}
