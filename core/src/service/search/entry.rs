//! Documents and categories as modules hand them in.

use serde::Deserialize;

pub use crate::store::search_document::{Category, Document};
use crate::store::search_entry::{Changes, Key};

/// The most bytes of a document's text that are kept; what lies behind them finds nothing.
const MOST_TEXT_BYTES: usize = 256 * 1024;

/// One change as a module writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    /// A document is so.
    Document(Box<Document>),
    /// A category is so.
    Category(Category),
    /// A document is not to be found.
    WithdrawDocument {
        /// The area.
        area: String,
        /// The id in the area.
        id: i64,
    },
    /// There is no such category.
    WithdrawCategory {
        /// The area.
        area: String,
        /// The id in the area.
        id: i64,
    },
}

/// Why a change was refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChangeFault {
    /// The text is not one of changes.
    #[error("the changes are none: {0}")]
    Json(#[from] serde_json::Error),
    /// An area is not one.
    #[error("`{0}` is no area: it has 1 to 60 of a-z, 0-9, '_' and '.'")]
    Area(String),
}

/// What becomes of which entries, as a module writes it; of several changes of one entry the last one counts.
pub(super) fn read(json: &str) -> Result<Changes, ChangeFault> {
    let changes: Vec<Change> = serde_json::from_str(json)?;
    changes.into_iter().map(Change::into_entry).collect()
}

/// A page of what a module would hand in, as `get/searchables` answers it.
#[derive(Debug, Deserialize)]
struct Searchables {
    entries: Vec<Change>,
    next: Option<String>,
}

/// A page of what a module would hand in, and what to ask for the next one.
pub(super) fn read_page(json: &[u8]) -> Result<(Changes, Option<String>), ChangeFault> {
    let page: Searchables = serde_json::from_slice(json)?;
    let entries = page.entries.into_iter().map(Change::into_entry);
    Ok((entries.collect::<Result<_, _>>()?, page.next))
}

impl Change {
    fn into_entry(self) -> Result<(Key, Option<String>), ChangeFault> {
        let (key, content) = match self {
            Change::Document(mut document) => {
                shorten(&mut document.text);
                let json = serde_json::to_string(&document)?;
                (key(false, document.area, document.id)?, Some(json))
            }
            Change::Category(category) => {
                let json = serde_json::to_string(&category)?;
                (key(true, category.area, category.id)?, Some(json))
            }
            Change::WithdrawDocument { area, id } => (key(false, area, id)?, None),
            Change::WithdrawCategory { area, id } => (key(true, area, id)?, None),
        };
        Ok((key, content))
    }
}

fn key(is_category: bool, area: String, id: i64) -> Result<Key, ChangeFault> {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(&byte);
    if area.is_empty() || area.len() > 60 || !area.bytes().all(plain) {
        return Err(ChangeFault::Area(area));
    }
    Ok(Key {
        is_category,
        area,
        id,
    })
}

/// Cuts a text that is too long, between two characters.
fn shorten(text: &mut String) {
    let end = text.floor_char_boundary(MOST_TEXT_BYTES);
    text.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_change_of_an_entry_counts() {
        let json = r#"[{"document":{"area":"forum","id":1,"title":"a"}},
            {"withdraw_document":{"area":"forum","id":1}},{"category":{"area":"forum","id":1,"title":"b"}}]"#;
        let changes = read(json).unwrap();
        assert_eq!(changes.len(), 2);
        let document = key(false, "forum".to_owned(), 1).unwrap();
        assert_eq!(changes[&document], None);
    }

    #[test]
    fn what_is_no_change_is_refused() {
        let wrong = [
            "",
            "{}",
            r#"[{"document":{"area":""}}]"#,
            r#"[{"document":{"area":"A b"}}]"#,
            r#"[{"remove":{}}]"#,
        ];
        for json in wrong {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_very_long_text_is_cut_between_characters() {
        let mut text = "é".repeat(MOST_TEXT_BYTES);
        text.insert(0, 'a');
        shorten(&mut text);
        assert_eq!(text.len(), MOST_TEXT_BYTES - 1);
    }
}
