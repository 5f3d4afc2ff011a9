//! What the modules of a site's contents have in common: how lists are paged, times and aliases written, and
//! images addressed. No module knows another through it.

pub mod alias;
pub mod clock;
pub mod page;
pub mod picture;

pub use page::Page;
