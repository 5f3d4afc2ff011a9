//! A Joomla site of version 3, 4 or 5, as records of this one: what there is of it, with its ids.
//!
//! Each part of the site is a file that names its [`Feed`]s: which table is read, and what each row is here. Versions
//! differ in columns and in how they write that there is no time; both is looked at, and not the version.

mod catalog;
mod community;
mod content;
mod endpoints;
mod feed;
pub mod files;
mod folder;
mod forum;
mod jbackend;
mod levels;
mod made;
pub mod media;
mod menu;
mod object;
mod pair;
mod plan;
mod push;
mod references;
mod site;
mod time;
mod tree;
mod users;

pub use endpoints::proposal;
pub use feed::Feed;
pub use plan::{feeds, notes};
pub use site::Site;
