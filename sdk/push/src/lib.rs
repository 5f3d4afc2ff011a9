//! The model of push: applications, devices, audiences, notifications and the ledger of deliveries.
//!
//! The tables belong to the host; its sending engine and the modules that offer push over the wire stand on the
//! functions here, so that each thing is written once. Nothing here sends: a module enters a notification and
//! wakes the engine by the service `loggia.push`.
//!
//! All functions take a [`Connection`](loggia_sql::Connection) and work in the caller's transaction. Times are
//! milliseconds since 1970 and handed in by the caller. JSON is kept as text.

#![deny(missing_docs)]

pub mod alarm;
pub mod application;
pub mod audience;
pub mod claim;
mod coalesce;
pub mod condition;
pub mod credentials;
pub mod delivery;
pub mod delivery_id;
pub mod device;
pub mod event;
pub mod hook;
pub mod identity;
pub mod kind;
pub mod letter;
pub mod message;
pub mod node;
pub mod notification;
pub mod page;
pub mod platform;
pub mod preference;
pub mod receipt;
pub mod registration;
pub mod retention;
mod rows;
pub mod schema;
pub mod settle;
pub mod source;
pub mod state;
pub mod topic;
pub mod wake;
pub mod whereabouts;

pub use application::Application;
pub use audience::Audience;
pub use condition::{Condition, Operator};
pub use delivery::Delivery;
pub use delivery_id::DeliveryId;
pub use device::Device;
pub use message::Message;
pub use notification::Notification;
pub use platform::Platform;
pub use preference::Preference;
pub use registration::Registration;
