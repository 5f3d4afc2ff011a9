//! The module on the host's real services, as its callers see it, on each database there is.

mod articles;
mod categories;
mod images;
mod library;
mod management;
mod records;
mod searchables;
mod settings;
mod tags;
mod writing;
