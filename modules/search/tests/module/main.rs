//! The module on the host's real services, as its callers see it, on each database there is.

mod access;
mod index;
mod orders;
mod pages;
mod site;
mod words;
mod writing;
