//! What the modules of a site's contents have in common: how lists are paged, times and aliases written, and
//! images and files addressed; creating once, and moving in and out. No module knows another through it.

pub mod alias;
pub mod clock;
pub mod cursor;
pub mod entries;
pub mod media;
pub mod memory;
pub mod once;
pub mod page;
pub mod picture;
pub mod records;
pub mod rendered;
pub mod saved;
pub mod searchables;
pub mod tree;

pub use entries::Entries;
pub use page::Page;
pub use rendered::Rendered;
