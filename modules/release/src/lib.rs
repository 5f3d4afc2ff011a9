//! Licences, packages and Joomla update feeds.

pub mod archive;
pub mod changelog;
pub mod feed;
pub mod key;
pub mod manifest;
mod pattern;
pub mod platform;
pub mod refusal;
pub mod site;
pub mod token;
pub mod updater;
pub mod version;
mod xml_tree;
