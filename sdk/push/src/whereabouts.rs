//! Tokens that are unique over all applications, as jBackend has them: where they are registered, and how they move.

use diesel::prelude::*;
use loggia_sql::Connection;

use crate::device::Device;
use crate::platform::Platform;
use crate::registration::{Registration, register};
use crate::schema::{push_application, push_device, push_subscription};

/// A token that is to be registered.
#[derive(Clone, Copy, Debug)]
pub struct Token<'a> {
    /// The code of its application, in lower case.
    pub code: &'a str,
    /// What it is the token of.
    pub platform: Platform,
    /// As it came.
    pub token: &'a str,
}

/// Where a token that is to be registered belongs, and where it is registered now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// The application whose code was asked for.
    pub application_id: i64,
    /// Whether its token is registered elsewhere, under another application or platform.
    pub is_elsewhere: bool,
}

/// What a device is found by, its application and its platform.
type Known = (String, i64, String);

/// Finds out with one statement where tokens belong, in their order; `None` where there is no application with the code.
pub fn whereabouts(
    connection: &mut Connection,
    tokens: &[Token<'_>],
) -> QueryResult<Vec<Option<Whereabouts>>> {
    let digest_of = |one: &Token<'_>| one.platform.digest(&one.platform.clean_token(one.token));
    let digests: Vec<String> = tokens.iter().map(digest_of).collect();
    let mut codes: Vec<&str> = tokens.iter().map(|one| one.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let found: Vec<(String, i64, Option<Known>)> = push_application::table
        .left_join(push_device::table.on(push_device::token_digest.eq_any(&digests)))
        .filter(push_application::code.eq_any(codes))
        .order(push_device::id)
        .select((
            push_application::code,
            push_application::id,
            (
                push_device::token_digest,
                push_device::application_id,
                push_device::platform,
            )
                .nullable(),
        ))
        .load(connection)?;
    let places = tokens.iter().zip(&digests).map(|(one, digest)| {
        let (_, application_id, _) = found.iter().find(|(code, ..)| code == one.code)?;
        let registered = (found.iter().filter_map(|(.., device)| device.as_ref()))
            .find(|(known, ..)| known == digest);
        Some(Whereabouts {
            application_id: *application_id,
            is_elsewhere: registered.is_some_and(|(_, owner, platform)| {
                (*owner, platform.as_str()) != (*application_id, one.platform.word())
            }),
        })
    });
    Ok(places.collect())
}

/// Enters a device whose token is unique over all applications, as jBackend has it: one that is known under
/// another application or platform moves over.
pub fn register_moving(
    connection: &mut Connection,
    new: &Registration<'_>,
    now_ms: i64,
) -> QueryResult<Device> {
    let token = new.platform.clean_token(new.token);
    let digest = new.platform.digest(&token);
    let known: Option<(i64, i64, String)> = push_device::table
        .filter(push_device::token_digest.eq(&digest))
        .order(push_device::id)
        .select((
            push_device::id,
            push_device::application_id,
            push_device::platform,
        ))
        .first(connection)
        .optional()?;
    if let Some((id, application_id, platform)) = known
        && (application_id, platform.as_str()) != (new.application_id, new.platform.word())
    {
        let there = push_device::table
            .filter(push_device::token_digest.eq(&digest))
            .filter(push_device::application_id.eq(new.application_id))
            .filter(push_device::platform.eq(new.platform.word()));
        if !diesel::select(diesel::dsl::exists(there)).get_result::<bool>(connection)? {
            move_over(connection, id, new)?;
        }
    }
    register(connection, new, now_ms)
}

fn move_over(connection: &mut Connection, id: i64, new: &Registration<'_>) -> QueryResult<()> {
    diesel::update(push_device::table.find(id))
        .set((
            push_device::application_id.eq(new.application_id),
            push_device::platform.eq(new.platform.word()),
        ))
        .execute(connection)?;
    let topics = push_subscription::table.filter(push_subscription::device_id.eq(id));
    diesel::update(topics)
        .set(push_subscription::application_id.eq(new.application_id))
        .execute(connection)?;
    Ok(())
}
