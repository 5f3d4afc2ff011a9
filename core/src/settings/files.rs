//! `[files]` and `[outgoing]`: where files live and whom outgoing calls may reach.

use std::path::PathBuf;

use ipnet::IpNet;
use serde::Serialize;
use url::Url;

use super::reader::Section;
use super::secret::Secret;

/// The file store.
#[derive(Debug, Clone, Serialize)]
pub struct Files {
    /// Where it is.
    #[serde(rename = "url")]
    pub store: FileStore,
    /// This node's own folder beside a bucket, resolved.
    pub scratch: PathBuf,
    /// The server of the bucket, where the store is one.
    pub s3: S3,
}

/// Where files live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileStore {
    /// A folder, its path already resolved against the folder of the settings.
    Folder(PathBuf),
    /// A bucket of an S3 server.
    Bucket {
        /// The bucket's name.
        bucket: String,
        /// What the names of all objects begin with, without slashes around it; may be empty.
        prefix: String,
    },
}

/// The S3 server of a bucket, and who calls it.
#[derive(Debug, Clone, Serialize)]
pub struct S3 {
    /// The server; Amazon's own of the region where it is absent.
    pub endpoint: Option<String>,
    /// The region that requests are signed for.
    pub region: String,
    /// The name of the access key.
    pub access_key: Option<String>,
    /// What requests are signed with.
    pub secret_key: Option<Secret>,
    /// How long the server may be silent.
    pub timeout_ms: u64,
}

/// What outgoing calls (mail, webhooks, push) may reach.
#[derive(Debug, Clone, Serialize)]
pub struct Outgoing {
    /// Ranges of private addresses that are allowed all the same.
    pub allow: Vec<IpNet>,
    /// How long an outgoing call may take.
    pub timeout_ms: u64,
}

impl Serialize for FileStore {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Folder(path) => path.serialize(serializer),
            Self::Bucket { bucket, prefix } => {
                let url = format!("s3://{bucket}/{prefix}");
                serializer.serialize_str(url.trim_end_matches('/'))
            }
        }
    }
}

impl Files {
    pub(super) fn read(section: Section<'_>) -> Self {
        let store = read_store(&section);
        let is_bucket = matches!(store, FileStore::Bucket { .. });
        let has_keys = section.has("s3");
        if is_bucket && !has_keys {
            let help = "write [files.s3] with `access_key = { file = \"s3-access-key\" }` and \
                        `secret_key = { file = \"s3-secret-key\" }` below it";
            section.refuse("url", "a bucket needs the keys of its server", help);
        }
        let files = Self {
            scratch: section.get("scratch"),
            s3: S3::read(section.section("s3"), is_bucket && has_keys, is_bucket),
            store,
        };
        section.finish();
        files
    }
}

fn read_store(section: &Section<'_>) -> FileStore {
    let text: String = section.get("url");
    if let Some(rest) = text.strip_prefix("s3://") {
        return read_bucket(section, rest);
    }
    let folder = text.strip_prefix("file://").unwrap_or(&text);
    if folder.is_empty() || folder.contains("://") {
        let help = "write the path of a folder, such as \"files\" or \"file:///var/lib/loggia\", or \
                    a bucket, such as \"s3://BUCKET/PREFIX\"";
        section.refuse("url", "this is no file store this program knows", help);
    }
    FileStore::Folder(section.report.folder().join(folder))
}

fn read_bucket(section: &Section<'_>, rest: &str) -> FileStore {
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let prefix = prefix.trim_matches('/');
    if !is_bucket(bucket) {
        let help = "write \"s3://BUCKET/PREFIX\": a bucket has 3 to 63 small letters, digits, `.` and `-`; \
                    the server and its keys stand under [files.s3]";
        section.refuse("url", "this names no bucket", help);
    } else if !prefix.is_empty() && !prefix.split('/').all(is_segment) {
        let help = "write a prefix of letters, digits, `.`, `_`, `-` and `/`, such as \"s3://BUCKET/loggia\"";
        section.refuse("url", "this is no prefix of names in a bucket", help);
    }
    FileStore::Bucket {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
    }
}

fn is_bucket(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let inner = |byte: u8| plain(byte) || matches!(byte, b'.' | b'-');
    (3..=63).contains(&name.len())
        && name.bytes().all(inner)
        && name.bytes().next().is_some_and(plain)
        && name.bytes().last().is_some_and(plain)
}

fn is_segment(part: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    !part.is_empty() && !part.starts_with('.') && part.chars().all(plain)
}

impl S3 {
    fn read(section: Section<'_>, needs_keys: bool, is_used: bool) -> Self {
        if !is_used {
            refuse_unused(&section);
        }
        let (access_key, secret_key) = if needs_keys {
            (
                Some(section.required("access_key", "{ file = \"s3-access-key\" }")),
                Some(section.required("secret_key", "{ file = \"s3-secret-key\" }")),
            )
        } else {
            (
                section.optional("access_key"),
                section.optional("secret_key"),
            )
        };
        let s3 = Self {
            endpoint: read_endpoint(&section),
            region: read_region(&section),
            access_key,
            secret_key,
            timeout_ms: section.number("timeout_ms", 1..=600_000),
        };
        section.finish();
        s3
    }
}

/// Keys of a server that nobody would ask are a mistake in `url`.
fn refuse_unused(section: &Section<'_>) {
    for key in ["endpoint", "access_key", "secret_key"] {
        if section.has(key) {
            let text = format!("`{key}` is for a bucket, and `url` under [files] names a folder");
            let help =
                "write `url = \"s3://BUCKET/PREFIX\"` under [files], or leave [files.s3] out";
            section.refuse(key, text, help);
        }
    }
}

fn read_endpoint(section: &Section<'_>) -> Option<String> {
    let text: String = section.optional("endpoint")?;
    let is_server = Url::parse(&text).is_ok_and(|url| {
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let has_no_account = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && url.has_host() && is_bare && has_no_account
    });
    if !is_server {
        let help = "write scheme, host and port alone, such as \"https://s3.example.org\"; \
                    the bucket stands in `url` under [files]";
        section.refuse("endpoint", "this is no address of an S3 server", help);
    }
    Some(text.trim_end_matches('/').to_owned())
}

fn read_region(section: &Section<'_>) -> String {
    let region: String = section.get("region");
    if !is_segment(&region) {
        let help = "write the region's name, such as \"eu-central-1\"";
        section.refuse("region", "this is no name of a region", help);
    }
    region
}

impl Outgoing {
    pub(super) fn read(section: Section<'_>) -> Self {
        let outgoing = Self {
            allow: section.get("allow"),
            timeout_ms: section.number("timeout_ms", 1..=600_000),
        };
        section.finish();
        outgoing
    }
}
