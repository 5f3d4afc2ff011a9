//! Push: one ledger for every channel, one engine that sends for all interfaces.
//!
//! Modules enter notifications by `loggia-push` and wake the engine. It takes some devices of a notification, writes
//! them down under a number of this claim, hands them to the vendors' senders and writes down what came of each. So
//! any number of nodes send at once, and what a node had in its hands when it died is known to be unknown.
//! `docs/push.md` tells it as a whole.

mod applications;
mod carriers;
mod claims;
mod clerk;
mod complaints;
mod courier;
mod credentials;
mod crew;
mod depot;
mod engine;
mod errands;
mod flight;
mod hands;
mod judge;
mod outcome;
mod pauses;
mod posted;
mod quiet;
mod refusal;
mod run;
mod seal;
mod settings;
mod table;
mod tally;
#[cfg(test)]
mod tests;
mod told;
pub mod vendor;
mod webhook;

pub use carriers::Carriers;
pub use credentials::Kept;
pub use engine::Push;
pub use refusal::CredentialsFault;
pub use seal::SealFault;
pub use settings::{PushSettings, PushSettingsFault};
pub use table::PushService;
pub use tally::Tally;
