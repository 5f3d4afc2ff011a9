//! Who may do what.

use loggia_sdk::prelude::*;

use crate::error::Error;

/// The scope of keys that keep applications.
pub(crate) const MANAGE: &str = "push.manage";
/// The scope of keys that send.
pub(crate) const SEND: &str = "push.send";
/// The scope of keys that see and keep everybody's installations.
pub(crate) const DEVICES: &str = "push.devices";
/// The scope of keys that send to everybody.
pub(crate) const BROADCAST: &str = "push.broadcast";
/// All of them, as each route names them.
pub(crate) const SCOPES: [&str; 4] = [MANAGE, SEND, DEVICES, BROADCAST];

/// Lets in who carries a scope.
pub(crate) fn require(call: &Call<'_>, scope: &str) -> Result<(), Error> {
    if call.carries(scope) {
        return Ok(());
    }
    if call.key().is_none() && call.user().is_none() {
        return Err(Error::unauthorized());
    }
    Err(Error::denied(format!("The key lacks the scope {scope}.")))
}
