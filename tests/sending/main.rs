//! Sending to a vendor that counts, by nodes that are killed while they send.

mod kill;
mod site;
