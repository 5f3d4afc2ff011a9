//! `[modules]` and `[module.NAME]`: where libraries are, what each is told.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use serde::{Serialize, Serializer};
use serde_json::Value;

/// Where the modules' libraries are.
#[derive(Debug, Clone, Serialize)]
pub struct Modules {
    /// Folders with libraries, resolved; empty: `lib/loggia/modules` of the installation.
    pub folders: Vec<PathBuf>,
    /// Whether a changed library is loaded by itself.
    pub reload_on_change: bool,
}

impl Modules {
    /// The folders to look in, the installation's where none is set.
    pub fn search(&self) -> Vec<PathBuf> {
        if !self.folders.is_empty() {
            return self.folders.clone();
        }
        let program = std::env::current_exe().and_then(|path| path.canonicalize());
        let installation = program
            .ok()
            .and_then(|path| Some(path.parent()?.parent()?.to_owned()));
        installation
            .map(|root| root.join("lib/loggia/modules"))
            .into_iter()
            .collect()
    }
}

/// One module's settings: the host's part, and the module's own.
#[derive(Debug, Clone, Serialize)]
pub struct ModuleSettings {
    /// Whether it is loaded at all.
    pub enabled: bool,
    /// Threads that answer its calls.
    pub threads: usize,
    /// Calls that may wait for one.
    pub queue: usize,
    /// How long a call may take, unless the endpoint says less.
    pub deadline_ms: u64,
    /// The members that the module's descriptor describes.
    #[serde(flatten)]
    pub values: ModuleValues,
}

/// A module's own settings as the file has them, references to secrets resolved, not yet checked.
///
/// Printed or serialised, secrets in it are hidden; only [`ModuleValues::json`] shows all.
#[derive(Clone, Default)]
pub struct ModuleValues {
    pub(super) full: serde_json::Map<String, Value>,
    pub(super) shown: serde_json::Map<String, Value>,
    pub(super) spans: BTreeMap<String, Range<usize>>,
}

impl ModuleValues {
    /// Everything, for the module alone.
    pub fn json(&self) -> &serde_json::Map<String, Value> {
        &self.full
    }

    /// Everything but secrets.
    pub fn shown(&self) -> &serde_json::Map<String, Value> {
        &self.shown
    }
}

impl fmt::Debug for ModuleValues {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown.fmt(formatter)
    }
}

impl Serialize for ModuleValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.shown.serialize(serializer)
    }
}
