//! What changed in a version, in the sections Joomla shows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The changes of one version; items may be HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Changelog {
    /// Holes that were closed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub security: Vec<String>,
    /// Faults that were repaired.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fix: Vec<String>,
    /// Translations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub language: Vec<String>,
    /// What is new.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addition: Vec<String>,
    /// What works in another way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub change: Vec<String>,
    /// What is gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// What else is to be known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub note: Vec<String>,
}

impl Changelog {
    /// The sections in Joomla's order.
    pub fn sections(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        [
            ("security", self.security.as_slice()),
            ("fix", self.fix.as_slice()),
            ("language", self.language.as_slice()),
            ("addition", self.addition.as_slice()),
            ("change", self.change.as_slice()),
            ("remove", self.remove.as_slice()),
            ("note", self.note.as_slice()),
        ]
        .into_iter()
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.sections().all(|(_, items)| items.is_empty())
    }
}
