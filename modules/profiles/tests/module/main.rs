//! The module on the host's real services, as its callers see it, on each database there is.

mod changing;
mod fields;
mod partner;
mod reading;
mod records;
mod searchables;
