//! Finding what a request names.

use loggia_push::{Application, Device, Notification, application, device, notification};
use loggia_sdk::prelude::*;
use loggia_sql::Connection;

/// The application with a code, or with an id for the outside.
pub(crate) fn application(connection: &mut Connection, name: &str) -> Result<Application, Fault> {
    let name = name.trim();
    let found = match application::by_code(connection, name)? {
        Some(found) => Some(found),
        None => application::by_public_id(connection, name)?,
    };
    found.ok_or_else(|| Fault::new("PSH_AUN"))
}

/// The device with a number, or with an id for the outside.
pub(crate) fn device(connection: &mut Connection, id: &str) -> Result<Device, Fault> {
    let found = match id.trim().parse() {
        Ok(number) => device::by_id(connection, number)?,
        Err(_) => device::by_public_id(connection, id.trim())?,
    };
    found.ok_or_else(|| Fault::new("PSH_DUN"))
}

/// The device with a number or id, if the caller may have it: it is that of his account, or he has the scope.
pub(crate) fn own_device(
    call: &Call<'_>,
    connection: &mut Connection,
    id: &str,
) -> Result<Device, Fault> {
    let found = device(connection, id)?;
    if may_have(call, &found) {
        return Ok(found);
    }
    // Who may not see a device is not told that there is one.
    Err(Fault::new("PSH_DUN"))
}

/// Whether a device is the caller's own, or nobody stands behind the call who could have one.
pub(crate) fn may_have(call: &Call<'_>, device: &Device) -> bool {
    call.is_unbound() || (call.user().is_some() && device.user_id == call.user())
}

/// The notification with a number, or with an id for the outside.
pub(crate) fn notification(connection: &mut Connection, id: &str) -> Result<Notification, Fault> {
    let found = match id.trim().parse() {
        Ok(number) => notification::by_id(connection, number)?,
        Err(_) => notification::by_public_id(connection, id.trim())?,
    };
    found.ok_or_else(|| Fault::new("PSH_NUN"))
}
