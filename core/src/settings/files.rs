//! `[files]` and `[outgoing]`: where files live and whom outgoing calls may reach.

use std::path::PathBuf;

use ipnet::IpNet;
use serde::Serialize;

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
