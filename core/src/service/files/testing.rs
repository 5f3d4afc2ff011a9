//! Fresh file stores for tests, here, in the test kit and in the tests of the product.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use url::Url;

/// Names a bucket in which objects may be made, as `http://KEY:SECRET@HOST:PORT/BUCKET`.
pub const S3_VARIABLE: &str = "LOGGIA_TEST_S3";

/// A part of the bucket that no other test knows.
#[derive(Clone, Debug)]
pub struct TestBucket {
    /// The server.
    pub endpoint: String,
    /// The bucket's name.
    pub bucket: String,
    /// What the names of this test's objects begin with.
    pub prefix: String,
    /// The name of the access key.
    pub access_key: String,
    /// The key itself.
    pub secret_key: String,
}

impl TestBucket {
    /// One in the bucket that the environment names; `None`, with a line that says so, without one.
    pub fn new() -> Option<Self> {
        let Ok(text) = std::env::var(S3_VARIABLE) else {
            say_that_there_is_no_bucket();
            return None;
        };
        let url = Url::parse(&text).expect("the variable holds a URL");
        let mut endpoint = url.clone();
        endpoint.set_path("");
        endpoint
            .set_username("")
            .and_then(|()| endpoint.set_password(None))
            .expect("the URL has a host");
        Some(TestBucket {
            endpoint: endpoint.to_string().trim_end_matches('/').to_owned(),
            bucket: url.path().trim_matches('/').to_owned(),
            prefix: unique_prefix(),
            access_key: url.username().to_owned(),
            secret_key: decoded(url.password().unwrap_or_default()),
        })
    }

    /// What stands in `endpoints.toml` for it.
    pub fn settings(&self) -> String {
        let TestBucket {
            endpoint,
            bucket,
            prefix,
            access_key,
            secret_key,
        } = self;
        format!(
            "[files]\nurl = \"s3://{bucket}/{prefix}\"\n[files.s3]\nendpoint = \"{endpoint}\"\n\
             access_key = \"{access_key}\"\nsecret_key = \"{secret_key}\"\n"
        )
    }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

fn unique_prefix() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let time = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos());
    format!("test-{}/{time}-{number}", std::process::id())
}

#[expect(
    clippy::print_stderr,
    reason = "who runs the tests must see what they leave out"
)]
fn say_that_there_is_no_bucket() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        eprintln!("{S3_VARIABLE} is not set: these tests run on folders only");
    });
}
