//! The module's operations and routes, a file a subject.

pub(crate) mod answer;
pub(crate) mod download;
mod draft;
pub(crate) mod feeds;
pub(crate) mod group;
pub(crate) mod keys;
pub(crate) mod licence;
pub(crate) mod licence_file;
pub(crate) mod list;
mod names;
pub(crate) mod package;
pub(crate) mod person;
pub(crate) mod product;
pub(crate) mod publish;
pub(crate) mod sites;
pub(crate) mod validate;
pub(crate) mod why;
pub(crate) mod yank;
