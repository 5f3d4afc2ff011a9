//! Push: one ledger for every channel, one engine that sends for all interfaces.
//!
//! Modules enter notifications by `loggia-push` and wake the engine. It takes some devices of a notification, writes
//! them down under a number of this claim, hands them to the vendors' senders and writes down what came of each. So
//! any number of nodes send at once, and what a node had in its hands when it died is known to be unknown.
//! `docs/push.md` tells it as a whole.

mod applications;
mod complaints;
mod courier;
mod credentials;
mod crew;
mod engine;
mod flight;
mod judge;
mod outcome;
mod pauses;
mod posted;
mod quiet;
mod run;
mod seal;
mod settings;
mod table;
#[cfg(test)]
mod tests;
mod told;
pub mod vendor;
mod webhook;

pub use credentials::{CredentialsFault, Kept};
pub use engine::{Carriers, Push};
pub use run::Tally;
pub use seal::SealFault;
pub use settings::{PushSettings, PushSettingsFault};
pub use table::PushService;
