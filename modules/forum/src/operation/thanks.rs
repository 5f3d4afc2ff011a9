//! Thanking for messages.

use loggia_sdk::prelude::*;

use super::moderation::Which;
use crate::Forum;
use crate::found::{FoundPost, not_authorized};
use crate::sight::Sight;
use crate::store::thanks;

/// How the thanks for a message stand.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ThanksGiven {
    /// The message.
    post: String,
    /// Whether the caller thanks for it.
    thanked: bool,
    /// How many do.
    thanks: i64,
}

/// Thanks for a message.
pub(crate) fn give(forum: &Forum, call: &Call<'_>, which: Which) -> Result<ThanksGiven, Fault> {
    let user = account(call)?;
    let account = call.host().identity()?.by_id(call, user)?;
    let name = account.map(|account| forum.settings.shown_name(&account));
    let name = name.ok_or_else(|| not_authorized("an account thanks"))?;
    let now_ms = call.host().clock().now_ms();
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let sight = Sight::member(forum, call, connection)?;
        let found = FoundPost::visible(connection, &sight, which.id)?;
        if sight.is(found.post.facts.user_id) {
            return Err(not_authorized("nobody thanks himself"));
        }
        thanks::add(connection, which.id, user, &name, now_ms)?;
        Ok(ThanksGiven {
            post: which.id.to_string(),
            thanked: true,
            thanks: thanks::count(connection, which.id)?,
        })
    })
}

/// Takes thanks back.
pub(crate) fn take_back(
    forum: &Forum,
    call: &Call<'_>,
    which: Which,
) -> Result<ThanksGiven, Fault> {
    let user = account(call)?;
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let sight = Sight::member(forum, call, connection)?;
        FoundPost::visible(connection, &sight, which.id)?;
        thanks::remove(connection, which.id, user)?;
        Ok(ThanksGiven {
            post: which.id.to_string(),
            thanked: false,
            thanks: thanks::count(connection, which.id)?,
        })
    })
}

/// Thanks are a person's: behind a key without an account there is none.
pub(crate) fn account(call: &Call<'_>) -> Result<i64, Fault> {
    call.user()
        .ok_or_else(|| not_authorized("this is for accounts"))
}
