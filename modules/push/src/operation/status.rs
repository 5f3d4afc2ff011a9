//! The buttons of jBackend's list of notifications: abort, pause, schedule, unlock.

use loggia_push::notification::{self, status};
use loggia_push::{node, settle};
use loggia_sdk::prelude::*;

use crate::shown::ShownNotification;
use crate::{Push, bounds, engine, named, store};

/// Which notifications.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Chosen {
    /// Their numbers or ids.
    #[schemars(length(min = 1, max = 200))]
    ids: Vec<String>,
}

/// Those that were changed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Changed {
    /// As they are now.
    notifications: Vec<ShownNotification>,
}

/// Deletes them for people: they are never sent.
pub(crate) fn abort(_push: &Push, call: &Call<'_>, chosen: Chosen) -> Result<Changed, Fault> {
    set(call, &chosen, Some(status::ABORTED))
}

/// Holds them back.
pub(crate) fn pause(_push: &Push, call: &Call<'_>, chosen: Chosen) -> Result<Changed, Fault> {
    set(call, &chosen, Some(status::PAUSED))
}

/// Lets them be sent, from where they stopped.
pub(crate) fn schedule(_push: &Push, call: &Call<'_>, chosen: Chosen) -> Result<Changed, Fault> {
    set(call, &chosen, Some(status::SCHEDULED))
}

/// Frees what nodes that are dead have left locked. A living node does that by itself, and this where there is none.
pub(crate) fn unlock(_push: &Push, call: &Call<'_>, chosen: Chosen) -> Result<Changed, Fault> {
    set(call, &chosen, None)
}

fn set(call: &Call<'_>, chosen: &Chosen, to: Option<i64>) -> Result<Changed, Fault> {
    bounds::list("ids", &chosen.ids, 200)?;
    let now_ms = call.host().clock().now_ms();
    let connection = &mut call.database_for_writing()?;
    let changed = connection.transaction(|connection| {
        let mut rows = Vec::with_capacity(chosen.ids.len());
        for id in &chosen.ids {
            let found = named::notification(connection, id)?;
            if to.is_none() {
                let alive_since_ms = node::alive_since_ms(connection)?;
                settle::unlock(connection, found.id, alive_since_ms, now_ms)?;
            }
            let to = to.unwrap_or(found.status);
            let saved = notification::set_status(connection, found.id, to, now_ms)?;
            rows.push(saved.ok_or_else(|| Fault::new("PSH_NUN"))?);
        }
        let codes = store::codes(connection, rows.iter().filter_map(|row| row.application_id))?;
        let shown = rows
            .into_iter()
            .map(|row| ShownNotification::new(row, &codes));
        Ok::<_, Fault>(Changed {
            notifications: shown.collect(),
        })
    })?;
    engine::wake(call)?;
    Ok(changed)
}
