//! `[import]`: who is master while a Joomla site lives on beside this one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::reader::Section;
use super::word::words;

/// Who is master, in general and of single modules.
#[derive(Debug, Clone, Serialize)]
pub struct Import {
    /// The master of what is not named below.
    pub owner: Owner,
    /// By the name of a module; `core` is accounts, groups and keys.
    pub owners: BTreeMap<String, Owner>,
}

words! {
    /// Whose change stays where both have changed the same since the last import.
    Owner {
        /// The Joomla site's; what is deleted there is deleted here.
        Joomla = "joomla",
        /// This site's.
        Loggia = "loggia",
    }
}

impl Import {
    /// The master of a module.
    pub fn owner_of(&self, module: &str) -> Owner {
        self.owners.get(module).copied().unwrap_or(self.owner)
    }

    pub(super) fn read(section: Section<'_>) -> Self {
        let owners = section.section("owners");
        let names: Vec<&str> = owners.rest().into_iter().map(|(name, ..)| name).collect();
        let import = Self {
            owner: section.get("owner"),
            owners: names
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), owners.optional(name)?)))
                .collect(),
        };
        owners.finish();
        section.finish();
        import
    }
}
