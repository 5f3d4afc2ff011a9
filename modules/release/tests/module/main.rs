//! The module on the host's real services, as its callers see it, on each database there is.

mod contract;
mod downloads;
mod feeds;
mod licence_files;
mod licences;
mod person;
mod publishing;
mod shop;
