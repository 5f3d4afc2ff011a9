//! `[search]`: the search over what all modules offer.

use serde::Serialize;

use super::reader::Section;

/// The search.
#[derive(Debug, Clone, Serialize)]
pub struct Search {
    /// The language of texts that are in no language of their own (`*`), for the stems of their words.
    pub language: String,
}

impl Search {
    pub(super) fn read(section: Section<'_>) -> Self {
        let language: String = section.get("language");
        let is_tag = (2..=20).contains(&language.len())
            && language
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_tag {
            let help = "write a language tag, such as \"de-DE\"";
            section.refuse("language", "this is no tag of a language", help);
        }
        section.finish();
        Self { language }
    }
}
