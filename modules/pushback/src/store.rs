//! What the module keeps, in the push ledger.

pub(crate) mod application;
pub(crate) mod client;
pub(crate) mod key;
pub(crate) mod notification;
