//! The operations, a file each.

pub(crate) mod apps;
pub(crate) mod batch;
pub(crate) mod credentials;
pub(crate) mod deliveries;
pub(crate) mod devices;
pub(crate) mod events;
pub(crate) mod import;
pub(crate) mod notifications;
pub(crate) mod person;
pub(crate) mod preferences;
pub(crate) mod receipts;
pub(crate) mod records;
pub(crate) mod register;
pub(crate) mod scheduler;
pub(crate) mod stats;
pub(crate) mod status;
pub(crate) mod topics;
pub(crate) mod webhooks;
pub(crate) mod why;
