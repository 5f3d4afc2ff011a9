//! The module on the host's real services, as its callers see it, on each database there is.

mod access;
mod elements;
mod files;
mod items;
mod library;
mod management;
mod reading;
mod records;
mod settings;
mod votes;
mod writing;
