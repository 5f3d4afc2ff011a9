//! The registered users of an application.

use std::collections::HashSet;

use loggia_sdk::prelude::*;

use super::{Page, owned};
use crate::PushBack;
use crate::store::client;

/// Users.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Clients {
    /// In the order of their registration.
    clients: Vec<Client>,
    /// What `after` has to be for the next page; `null` at the end.
    next: Option<i64>,
}

/// A user.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Client {
    /// His id, as the site says it.
    #[serde(rename = "client_id")]
    id: String,
    /// Whether a page of his is connected, to whichever node.
    currently_connected: bool,
    /// Since when he is registered, in milliseconds since 1970.
    created_ms: i64,
}

/// Lists them.
pub(crate) fn list(_module: &PushBack, call: &Call<'_>, page: Page) -> Result<Clients, Fault> {
    let mut connection = call.database()?;
    let known = owned(call, &mut connection, page.id)?;
    let limit = page.limit();
    let found = client::list(&mut connection, page.id, page.after.unwrap_or(0), limit)?;
    drop(connection);
    let channels: Vec<String> = found.iter().map(|one| known.channel(one.id)).collect();
    let present = call.host().channels()?.present(call, &channels)?;
    let present: HashSet<String> = present.into_iter().map(|one| one.channel).collect();
    let is_full = i64::try_from(found.len()).is_ok_and(|count| count == limit);
    let next = found.last().filter(|_| is_full).map(|one| one.id);
    let shown = found
        .into_iter()
        .zip(channels)
        .map(|(one, channel)| Client {
            id: one.token,
            currently_connected: present.contains(&channel),
            created_ms: one.created_ms,
        });
    Ok(Clients {
        clients: shown.collect(),
        next,
    })
}
