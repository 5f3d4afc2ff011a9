//! Licences, packages and Joomla update feeds.

pub mod archive;
pub mod manifest;
mod pattern;
pub mod platform;
pub mod refusal;
pub mod version;
mod xml_tree;
