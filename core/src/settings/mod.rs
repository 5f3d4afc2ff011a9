//! The settings: one file, `endpoints.toml`, over the defaults of `default.toml`.
//!
//! The file is read once into plain structs, shared as `Arc<Settings>`; a reload reads it again and puts a
//! new value in its place. Everything that is wrong in it is told together, each with its line.

mod accounts;
mod channels;
mod check;
mod database;
mod endpoint;
mod files;
mod import;
mod load;
mod log;
mod mail;
mod module;
mod notices;
mod problem;
mod reader;
mod report;
mod schema;
mod search;
mod secret;
mod server;
mod value;
mod word;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use load::Origin;

pub use accounts::{Accounts, Activation, Throttle};
pub use channels::Channels;
pub use database::{Database, DatabaseTarget, Quota, QuotaMode, Synchronous};
pub use endpoint::{Access, Cors, DefaultRequest, Endpoint, EndpointLimits, Selection, StatusMode};
pub use files::{FileStore, Files, Outgoing, S3};
pub use import::{Import, Owner};
pub use load::DEFAULTS;
pub use log::{AccessLog, Log, LogFormat, Overflow};
pub use mail::{Mail, MailTransport, Smtp, Tls};
pub use module::{ModuleSettings, ModuleValues, Modules};
pub use notices::Notices;
pub use problem::{Problem, SettingsErrors, nearest};
pub use schema::check_module;
pub use search::Search;
pub use secret::Secret;
pub use server::{Limits, Server};
pub use word::Word;

/// Everything an operator can set, checked and complete. Printed, it shows no secret.
#[derive(Clone, Serialize)]
pub struct Settings {
    /// The file these settings came from.
    #[serde(skip)]
    pub path: PathBuf,
    /// `[server]`: where to listen and within which bounds.
    pub server: Server,
    /// `[database]`: SQLite or PostgreSQL, by URL.
    pub database: Database,
    /// `[files]`: where uploaded files and packages live.
    pub files: Files,
    /// `[mail]`: how mail leaves.
    pub mail: Mail,
    /// `[outgoing]`: which addresses outgoing calls may reach beside public ones.
    pub outgoing: Outgoing,
    /// `[search]`: the search over what all modules offer.
    pub search: Search,
    /// `[channels]`: websockets, event streams, and what is kept for them.
    pub channels: Channels,
    /// `[notices]`: how nodes tell one another that there is something to look for.
    pub notices: Notices,
    /// `[log]`: the program's log and the access log.
    pub log: Log,
    /// `[accounts]`: registration, sessions, passwords.
    pub accounts: Accounts,
    /// `[quota]`: how daily limits are counted.
    pub quota: Quota,
    /// `[import]`: who is master while a Joomla site lives on beside this one.
    pub import: Import,
    /// `[modules]`: where the libraries are.
    pub modules: Modules,
    /// `[default_request]`: jBackend's `/index.php?option=com_jbackend`.
    pub default_request: DefaultRequest,
    /// `[module.NAME]` by name; ask [`Settings::module`], which knows the defaults too.
    pub module: BTreeMap<String, ModuleSettings>,
    /// What a module has that the file does not name.
    #[serde(skip)]
    pub module_default: ModuleSettings,
    /// `[[endpoint]]`, in the order of the file.
    pub endpoint: Vec<Endpoint>,
    /// Where in the file each value stands, for problems that are found later.
    #[serde(skip)]
    origin: Origin,
}

impl Settings {
    /// The folder of the file, from which its relative paths start.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// What is set for a module, named in the file or not.
    pub fn module(&self, name: &str) -> &ModuleSettings {
        self.module.get(name).unwrap_or(&self.module_default)
    }

    /// The endpoint of a name.
    pub fn endpoint(&self, name: &str) -> Option<&Endpoint> {
        self.endpoint.iter().find(|endpoint| endpoint.name == name)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.effective().fmt(formatter)
    }
}

#[cfg(test)]
mod tests;
