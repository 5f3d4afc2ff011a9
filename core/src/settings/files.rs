//! `[files]` and `[outgoing]`: where files live and whom outgoing calls may reach.

use std::path::PathBuf;

use ipnet::IpNet;
use serde::Serialize;

use super::reader::Section;

/// The file store.
#[derive(Debug, Clone, Serialize)]
pub struct Files {
    /// Where it is.
    #[serde(rename = "url")]
    pub store: FileStore,
}

/// Where files live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum FileStore {
    /// A folder, its path already resolved against the folder of the settings.
    Folder(PathBuf),
}

/// What outgoing calls (mail, webhooks, push) may reach.
#[derive(Debug, Clone, Serialize)]
pub struct Outgoing {
    /// Ranges of private addresses that are allowed all the same.
    pub allow: Vec<IpNet>,
    /// How long an outgoing call may take.
    pub timeout_ms: u64,
}

impl Files {
    pub(super) fn read(section: Section<'_>) -> Self {
        let text: String = section.get("url");
        let folder = text.strip_prefix("file://").unwrap_or(&text);
        if folder.is_empty() || folder.contains("://") {
            let help =
                "write the path of a folder, such as \"files\" or \"file:///var/lib/loggia\"";
            section.refuse("url", "this is no file store this program knows", help);
        }
        let store = FileStore::Folder(section.report.folder().join(folder));
        section.finish();
        Self { store }
    }
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
