//! The module on the host's real services, as its callers see it, on each database there is.

mod apps;
mod contract;
mod devices;
mod import;
mod notifications;
mod records;
mod shop;
