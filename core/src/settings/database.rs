//! `[database]` and `[quota]`: where rows live and how calls are counted.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::reader::Section;
use super::secret::Secret;
use super::word::words;

/// The database and how it is used.
#[derive(Debug, Clone, Serialize)]
pub struct Database {
    /// Where it is.
    #[serde(rename = "url")]
    pub target: DatabaseTarget,
    /// SQLite: connections that read beside the one that writes.
    pub readers: usize,
    /// PostgreSQL: connections of this node.
    pub pool_size: usize,
    /// SQLite: whether a commit survives a power failure (full) or only a crash of the program (normal).
    pub synchronous: Synchronous,
    /// How long a call waits for a connection, unless its deadline comes first.
    pub acquire_timeout_ms: u64,
}

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseTarget {
    /// A file, its path already resolved against the folder of the settings.
    Sqlite(PathBuf),
    /// A server, by a `postgres://` URL, which may hold a password.
    Postgresql(Secret),
}

words! {
    /// SQLite's `synchronous` pragma.
    Synchronous {
        /// Every commit reaches the disk.
        Full = "full",
        /// Commits of the last moment may be lost with the power.
        Normal = "normal",
    }
}

/// How daily limits of keys are counted.
#[derive(Debug, Clone, Serialize)]
pub struct Quota {
    /// Exactly, or by leases.
    pub mode: QuotaMode,
    /// How many calls a node takes at once in lease mode.
    pub lease_size: u32,
}

words! {
    /// How daily limits of keys are counted.
    QuotaMode {
        /// Each admitted call is charged durably before its answer.
        Strict = "strict",
        /// Calls are taken in advance; what a crash loses is never served.
        Lease = "lease",
    }
}

impl DatabaseTarget {
    /// Reads a URL; a relative path of SQLite starts from the folder.
    pub fn parse(text: &str, folder: &Path) -> Option<Self> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return (!path.is_empty()).then(|| Self::Sqlite(folder.join(path)));
        }
        let url = url::Url::parse(text).ok()?;
        matches!(url.scheme(), "postgres" | "postgresql")
            .then(|| Self::Postgresql(Secret::new(text)))
    }

    /// The target as the pool opens it; it may hold a password.
    pub fn address(&self) -> Secret {
        match self {
            Self::Sqlite(path) => Secret::new(format!("sqlite:{}", path.display())),
            Self::Postgresql(url) => url.clone(),
        }
    }

    /// The target as it may be shown: a password in the URL is hidden.
    pub fn shown(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgresql(url) => shown_url(url),
        }
    }
}

/// A URL without its password; of one that cannot be read, nothing.
fn shown_url(secret: &Secret) -> String {
    let Ok(mut url) = url::Url::parse(secret.expose()) else {
        return secret.to_string();
    };
    let hidden = url.password().is_none() || url.set_password(Some("secret")).is_ok();
    url.set_query(None);
    if hidden {
        url.into()
    } else {
        secret.to_string()
    }
}

impl Serialize for DatabaseTarget {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown())
    }
}

impl Database {
    pub(super) fn read(section: Section<'_>) -> Self {
        let database = Self {
            target: read_target(&section),
            readers: section.number("readers", 1..=256),
            pool_size: section.number("pool_size", 2..=1_000),
            synchronous: section.get("synchronous"),
            acquire_timeout_ms: section.number("acquire_timeout_ms", 1..=600_000),
        };
        section.finish();
        database
    }
}

impl Quota {
    pub(super) fn read(section: Section<'_>) -> Self {
        let quota = Self {
            mode: section.get("mode"),
            lease_size: section.number("lease_size", 1..=1_000_000),
        };
        section.finish();
        quota
    }
}

/// The database's URL as a target; a refusal never shows it, because it may hold a password.
fn read_target(section: &Section<'_>) -> DatabaseTarget {
    let text: String = section.get("url");
    DatabaseTarget::parse(&text, section.report.folder()).unwrap_or_else(|| {
        let help = "write \"sqlite:PATH\" or \"postgres://USER:PASSWORD@HOST/DATABASE\"";
        section.refuse("url", "this is no database this program knows", help);
        DatabaseTarget::Sqlite(PathBuf::new())
    })
}
