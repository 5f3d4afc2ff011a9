//! Push: one ledger for every channel, one engine that sends for all interfaces.

pub mod vendor;
