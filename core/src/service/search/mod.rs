//! One search over what all modules offer.
//!
//! Modules hand in documents and categories in the transaction of their write; they are rows of `search_entry`.

mod entry;
mod table;

pub use entry::{Category, Document};
pub use table::SearchService;
