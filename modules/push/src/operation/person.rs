//! What push keeps of one person: his devices.

use loggia_push::{Device, device};
use loggia_sdk::prelude::*;
use loggia_site::once;
use loggia_sql::Connection;

use super::devices::shown;
use super::notifications::ONCE;
use crate::Push;
use crate::shown::ShownDevice;
use crate::store::{self, DeviceFilter};

/// So many devices are read at once.
const BATCH: i64 = 500;

/// Whose data.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Person {
    /// The account's id.
    user: i64,
}

/// Everything the module keeps of an account.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Kept {
    /// Its devices, with their tokens and topics.
    devices: Vec<ShownDevice>,
}

/// What was erased.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Erased {
    /// So many devices, with everything that the ledger has of them.
    devices: usize,
}

/// Gives everything that is kept of an account.
pub(crate) fn export(_push: &Push, call: &Call<'_>, person: Person) -> Result<Kept, Fault> {
    let connection = &mut call.database()?;
    let mut devices = Vec::new();
    let mut after = 0;
    loop {
        let batch = of(connection, person.user, after)?;
        let Some(last) = batch.last() else { break };
        after = last.id;
        devices.extend(shown(connection, batch)?);
    }
    Ok(Kept { devices })
}

/// Forgets the devices of an account.
pub(crate) fn erase(_push: &Push, call: &Call<'_>, person: Person) -> Result<Erased, Fault> {
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        once::forget_person(connection, ONCE, person.user)?;
        let mut devices = 0;
        loop {
            let batch = of(connection, person.user, 0)?;
            if batch.is_empty() {
                break;
            }
            let ids: Vec<i64> = batch.iter().map(|device| device.id).collect();
            devices += device::delete(connection, &ids)?;
        }
        Ok(Erased { devices })
    })
}

fn of(connection: &mut Connection, user: i64, after: i64) -> Result<Vec<Device>, Fault> {
    let filter = DeviceFilter {
        user_id: Some(user),
        after,
        ..DeviceFilter::default()
    };
    Ok(store::devices(connection, &filter, BATCH)?)
}
