//! The module on the host's real services, as its callers see it, on each database there is.

mod access;
mod album;
mod change;
mod files;
mod hostile;
mod records;
