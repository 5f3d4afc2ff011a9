//! The access log: a row a request on endpoints with `trace`. A key's text never comes near it: rows hold the
//! key's number and the prefix that may be shown.

mod columns;
mod insert;
mod reading;
mod statistics;

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use compact_str::CompactString;
use diesel::prelude::*;
use loggia_sql::Connection;

use super::keys::day_of;
use crate::address_text::written;

pub(crate) use columns::{Array, Columns, FROM_ARRAYS};
pub(crate) use insert::insert;
pub use reading::{Filter, Stored, Tail, export};
pub use statistics::{Statistics, statistics};

diesel::table! {
    access_log (id) {
        id -> BigInt,
        endpoint -> Text,
        access_type -> SmallInt,
        request_ms -> BigInt,
        request_day -> BigInt,
        error -> SmallInt,
        error_code -> Text,
        user_id -> BigInt,
        key_id -> BigInt,
        key_prefix -> Text,
        action -> Text,
        module -> Text,
        resource -> Text,
        duration_us -> BigInt,
        request_id -> Text,
        node -> Text,
        client_address -> Text,
        http_status -> SmallInt,
    }
}

/// How the endpoint of a request is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessKind {
    /// By anybody.
    Free,
    /// With a session.
    User,
    /// With a key.
    Key,
}

/// The key of a request as logs may name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyMark {
    /// The key's number.
    pub id: i64,
    /// The part of its text that may be shown.
    pub prefix: Arc<str>,
}

/// One request, as the path of requests knows it when it has ended.
#[derive(Clone, Debug)]
pub struct AccessEntry {
    /// The endpoint's name.
    pub endpoint: Arc<str>,
    /// How the endpoint is entered.
    pub access: AccessKind,
    /// When the request came.
    pub request_ms: i64,
    /// The error's code; none where the answer is good.
    pub error_code: Option<Cow<'static, str>>,
    /// Who called, as known after the call; 0 is nobody.
    pub user_id: i64,
    /// The key that was sent and is known, whether or not it was good.
    pub key: Option<KeyMark>,
    /// The action.
    pub action: CompactString,
    /// The module.
    pub module: CompactString,
    /// The resource.
    pub resource: CompactString,
    /// How long the call took.
    pub duration_us: i64,
    /// The request's id.
    pub request_id: CompactString,
    /// Who sent it.
    pub client_address: Option<IpAddr>,
    /// The answer's status.
    pub http_status: u16,
}

/// A row on its way into the log. It holds the client's address only as far as that may be stored.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) endpoint: Arc<str>,
    pub(crate) access_type: i16,
    pub(crate) request_ms: i64,
    pub(crate) error_code: Cow<'static, str>,
    pub(crate) user_id: i64,
    pub(crate) key: Option<KeyMark>,
    pub(crate) action: CompactString,
    pub(crate) module: CompactString,
    pub(crate) resource: CompactString,
    pub(crate) duration_us: i64,
    pub(crate) request_id: CompactString,
    pub(crate) client_address: CompactString,
    pub(crate) http_status: i16,
}

impl Row {
    /// Takes an entry, with texts cut to the widths that jBackend's columns have.
    pub(crate) fn new(entry: AccessEntry, anonymise: bool) -> Self {
        let access_type = match entry.access {
            AccessKind::Free => 0,
            AccessKind::User => 1,
            AccessKind::Key => 2,
        };
        let address = entry
            .client_address
            .map(|address| shown(address, anonymise));
        Row {
            endpoint: entry.endpoint,
            access_type,
            request_ms: entry.request_ms,
            error_code: entry.error_code.unwrap_or(Cow::Borrowed("")),
            user_id: entry.user_id,
            key: entry.key,
            action: cut(entry.action, 10),
            module: cut(entry.module, 30),
            resource: cut(entry.resource, 50),
            duration_us: entry.duration_us,
            request_id: cut(entry.request_id, 128),
            client_address: address.unwrap_or_default(),
            http_status: i16::try_from(entry.http_status).unwrap_or(0),
        }
    }

    fn request_day(&self) -> i64 {
        day_of(self.request_ms)
    }
}

/// At most so many characters, and none that PostgreSQL does not store.
fn cut(mut text: CompactString, longest: usize) -> CompactString {
    if text.len() > longest
        && let Some((end, _)) = text.char_indices().nth(longest)
    {
        text.truncate(end);
    }
    if text.contains('\0') {
        text = text.replace('\0', "\u{fffd}").into();
    }
    text
}

/// An address, or the network it is from: 256 addresses of IPv4, a customer's /48 of IPv6.
fn shown(address: IpAddr, anonymise: bool) -> CompactString {
    let address = address.to_canonical();
    if !anonymise {
        return written(address);
    }
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            written(Ipv4Addr::new(a, b, c, 0).into())
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            written(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).into())
        }
    }
}

/// Deletes at most `limit` rows that are older; how many it were. Called until it is less than the limit, so
/// that no single transaction is long.
pub fn prune(connection: &mut Connection, before_ms: i64, limit: i64) -> QueryResult<usize> {
    let last: Option<i64> = access_log::table
        .filter(access_log::request_ms.lt(before_ms))
        .order(access_log::request_ms)
        .offset(limit - 1)
        .limit(1)
        .select(access_log::request_ms)
        .first(connection)
        .optional()?;
    let until = last.map_or(before_ms, |last| last + 1);
    diesel::delete(access_log::table.filter(access_log::request_ms.lt(until))).execute(connection)
}

/// Blanks what names a person in the rows of an account, when it is erased.
pub fn forget_account(connection: &mut Connection, user_id: i64) -> QueryResult<usize> {
    diesel::update(access_log::table.filter(access_log::user_id.eq(user_id)))
        .set((access_log::user_id.eq(0), access_log::client_address.eq("")))
        .execute(connection)
}
