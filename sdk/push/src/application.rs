//! Applications: whose devices are told, and with which credentials.

use std::collections::BTreeMap;

use diesel::prelude::*;
use loggia_sql::Connection;

use crate::hook;
use crate::identity;
use crate::notification;
use crate::platform::Platform;
use crate::schema::{push_application, push_notification};

/// The words of the column `status`.
pub mod status {
    /// Sends, to the vendors' servers for development.
    pub const SANDBOX: &str = "sandbox";
    /// Sends.
    pub const PRODUCTION: &str = "production";
    /// Sends nothing.
    pub const DISABLED: &str = "disabled";
    /// All of them.
    pub const ALL: [&str; 3] = [SANDBOX, PRODUCTION, DISABLED];
}

/// Why an application's sending was stopped on one platform.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Alarm {
    /// What the vendor said.
    pub reason: String,
    /// Since when.
    pub since_ms: i64,
}

/// An application.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, serde::Serialize)]
#[diesel(table_name = push_application, check_for_backend(loggia_sql::Backend))]
pub struct Application {
    /// Its number.
    pub id: i64,
    /// Its name in requests, unique, in lower case.
    pub code: String,
    /// Its id for the outside, unique and not to be guessed.
    pub public_id: String,
    /// The SHA-256 of the token that speaks for it, where it has one.
    #[serde(skip)]
    pub token_digest: Option<String>,
    /// Its name for people.
    pub name: String,
    /// What it is.
    pub description: String,
    /// A word of [`status`].
    pub status: String,
    /// Where its sending is stopped and why: JSON, an [`Alarm`] a platform. Read it by [`Application::alarms`].
    pub alarms: String,
    /// Sealed with the installation's key; `None` where there are none. Only the engine opens it.
    #[serde(skip)]
    pub credentials: Option<String>,
    /// For which platforms there are credentials: a JSON list.
    pub platforms: String,
    /// What an interface keeps besides: a JSON object.
    pub details: String,
    /// One more at each change.
    pub version: i64,
    /// When it was made.
    pub created_ms: i64,
    /// When it was changed last.
    pub modified_ms: i64,
}

impl Application {
    /// Where its sending is stopped, and why.
    pub fn alarms(&self) -> BTreeMap<Platform, Alarm> {
        serde_json::from_str(&self.alarms).unwrap_or_default()
    }

    /// For which platforms it has credentials.
    pub fn platforms(&self) -> Vec<Platform> {
        serde_json::from_str(&self.platforms).unwrap_or_default()
    }

    /// Whether it may send at all.
    pub fn is_enabled(&self) -> bool {
        self.status != status::DISABLED
    }
}

/// An application that is to be made.
#[derive(Clone, Debug, Default)]
pub struct NewApplication<'a> {
    /// As in [`Application`]; put into lower case.
    pub code: &'a str,
    /// As in [`Application`]; made where it is not given.
    pub public_id: Option<&'a str>,
    /// The token that speaks for it; only its digest is kept.
    pub token: Option<&'a str>,
    /// As in [`Application`].
    pub name: &'a str,
    /// As in [`Application`].
    pub description: &'a str,
    /// A word of [`status`]; without one [`status::SANDBOX`].
    pub status: Option<&'a str>,
    /// A JSON object; without one an empty one.
    pub details: Option<&'a str>,
}

/// What is to be changed of an application; `None` stays as it is.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = push_application)]
pub struct Change {
    /// As in [`Application`].
    pub code: Option<String>,
    /// As in [`Application`]: a digest, by [`identity::digest`].
    pub token_digest: Option<Option<String>>,
    /// As in [`Application`].
    pub name: Option<String>,
    /// As in [`Application`].
    pub description: Option<String>,
    /// A word of [`status`].
    pub status: Option<String>,
    /// A JSON object.
    pub details: Option<String>,
}

/// Makes an application. One with the same code or id is a violation of uniqueness
/// ([`is_unique`](loggia_sql::is_unique)).
pub fn create(
    connection: &mut Connection,
    new: &NewApplication<'_>,
    now_ms: i64,
) -> QueryResult<Application> {
    let public_id = new
        .public_id
        .map_or_else(identity::public_id, str::to_owned);
    diesel::insert_into(push_application::table)
        .values((
            push_application::code.eq(new.code.to_lowercase()),
            push_application::public_id.eq(public_id),
            push_application::token_digest.eq(new.token.map(identity::digest)),
            push_application::name.eq(new.name),
            push_application::description.eq(new.description),
            push_application::status.eq(new.status.unwrap_or(status::SANDBOX)),
            push_application::alarms.eq("{}"),
            push_application::platforms.eq("[]"),
            push_application::details.eq(new.details.unwrap_or("{}")),
            push_application::version.eq(1),
            push_application::created_ms.eq(now_ms),
            push_application::modified_ms.eq(now_ms),
        ))
        .returning(Application::as_returning())
        .get_result(connection)
}

/// Changes an application; `None` where it is not there.
pub fn change(
    connection: &mut Connection,
    id: i64,
    change: &Change,
    now_ms: i64,
) -> QueryResult<Option<Application>> {
    let mut change = change.clone();
    change.code = change.code.map(|code| code.to_lowercase());
    diesel::update(push_application::table.find(id))
        .set((
            change,
            push_application::version.eq(push_application::version + 1),
            push_application::modified_ms.eq(now_ms),
        ))
        .returning(Application::as_returning())
        .get_result(connection)
        .optional()
}

/// The application with a number.
pub fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<Application>> {
    push_application::table
        .find(id)
        .select(Application::as_select())
        .first(connection)
        .optional()
}

/// The application with a code, in whatever case it is asked for.
pub fn by_code(connection: &mut Connection, code: &str) -> QueryResult<Option<Application>> {
    push_application::table
        .filter(push_application::code.eq(code.to_lowercase()))
        .select(Application::as_select())
        .first(connection)
        .optional()
}

/// The application with an id for the outside.
pub fn by_public_id(
    connection: &mut Connection,
    public_id: &str,
) -> QueryResult<Option<Application>> {
    push_application::table
        .filter(push_application::public_id.eq(public_id))
        .select(Application::as_select())
        .first(connection)
        .optional()
}

/// The application for which a token speaks.
pub fn by_token(connection: &mut Connection, token: &str) -> QueryResult<Option<Application>> {
    push_application::table
        .filter(push_application::token_digest.eq(identity::digest(token)))
        .select(Application::as_select())
        .first(connection)
        .optional()
}

/// Applications behind a number, in the order of their numbers.
pub fn list(connection: &mut Connection, after: i64, limit: i64) -> QueryResult<Vec<Application>> {
    push_application::table
        .filter(push_application::id.gt(after))
        .order(push_application::id)
        .limit(limit)
        .select(Application::as_select())
        .load(connection)
}

/// Deletes an application that has no devices, with its notifications and their ledger.
pub fn delete(connection: &mut Connection, id: i64) -> QueryResult<usize> {
    let ids: Vec<i64> = push_notification::table
        .filter(push_notification::application_id.eq(id))
        .select(push_notification::id)
        .load(connection)?;
    notification::delete(connection, &ids)?;
    hook::forget(connection, id)?;
    diesel::delete(push_application::table.find(id)).execute(connection)
}
