//! The module on the host's real services, as its callers see it, on each database there is.

mod applications;
mod console;
mod installations;
mod notifications;
mod sending;
