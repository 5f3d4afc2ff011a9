//! Makes licences, and the keys of those that were made.

use loggia_sdk::{Call, Fault};
use loggia_sql::Connection;

use crate::Release;
use crate::catalogue::Group;
use crate::key::{self, Owner};
use crate::store::licences::{self, LicenceRow, NewLicence};

/// The most licences of one account in one group.
const MOST_LICENCES: i64 = 10_000;
/// How often a licence is tried again that met another one of the same account.
const TRIES: usize = 5;

/// A licence to be made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    /// The account.
    pub(crate) user: i64,
    /// When it ends, if ever.
    pub(crate) expires_ms: Option<i64>,
    /// On how many sites it may be used; 0 is any number.
    pub(crate) site_limit: i64,
    /// A note of the vendor's.
    pub(crate) note: String,
    /// The shop's own number of the sale, under which nothing is issued twice.
    pub(crate) reference: Option<String>,
    /// Whether an account that has a licence gets that one.
    pub(crate) only_first: bool,
}

/// Derives the key of a licence.
pub(crate) fn key_of(release: &Release, group: &Group, licence: &LicenceRow) -> String {
    let owner = Owner {
        user: licence.user_id,
        group: &group.row.id,
        serial: licence.serial,
    };
    key::derive(&release.settings.key_prefix, &group.seed, owner)
}

/// Makes a licence, or finds the one that this order made before; says whether it is new.
pub(crate) fn issue(
    release: &Release,
    call: &Call<'_>,
    group: &Group,
    order: &Order,
) -> Result<(LicenceRow, bool), Fault> {
    let now_ms = call.host().clock().now_ms();
    let mut connection = call.database_for_writing()?;
    for _ in 1..TRIES {
        let result =
            connection.transaction(|connection| enter(release, connection, group, order, now_ms));
        match result {
            Err(Failure::Database(error)) if loggia_sql::is_unique(&error) => {}
            Err(Failure::Database(error)) => return Err(error.into()),
            Err(Failure::Refused(fault)) => return Err(fault),
            Ok(licence) => return Ok(licence),
        }
    }
    Err(Fault::new("REQ_OVL"))
}

/// Tells what another transaction caused, which is tried again, from what the caller did.
enum Failure {
    Database(diesel::result::Error),
    Refused(Fault),
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Failure::Database(error)
    }
}

fn enter(
    release: &Release,
    connection: &mut Connection,
    group: &Group,
    order: &Order,
    now_ms: i64,
) -> Result<(LicenceRow, bool), Failure> {
    // Sales of one group come one after another; otherwise most of many at once would meet and try again.
    licences::hold_group(connection, &group.row.id)?;
    if let Some(before) = before(connection, group, order)? {
        return Ok((before, false));
    }
    let serial = licences::next_serial(connection, &group.row.id, order.user)?;
    if serial > MOST_LICENCES {
        return Err(Failure::Refused(Fault::new("REL_FUL")));
    }
    let owner = Owner {
        user: order.user,
        group: &group.row.id,
        serial,
    };
    let prefix = &release.settings.key_prefix;
    let key = key::derive(prefix, &group.seed, owner);
    let Some(lookup) = key::lookup(prefix, &key) else {
        let fault = Fault::internal("a derived key is not one");
        return Err(Failure::Refused(fault));
    };
    let licence = NewLicence {
        group_id: &group.row.id,
        user_id: order.user,
        serial,
        key_lookup: &lookup.to_text(),
        key_hint: &key::hint(&key),
        reference: order.reference.as_deref(),
        note: &order.note,
        expires_ms: order.expires_ms,
        site_limit: order.site_limit,
        created_ms: now_ms,
    };
    Ok((licences::add(connection, &licence)?, true))
}

/// The licence an order made before: under its reference, or as the account's first.
fn before(
    connection: &mut Connection,
    group: &Group,
    order: &Order,
) -> Result<Option<LicenceRow>, Failure> {
    if order.only_first {
        let held = licences::of_user(connection, &group.row.id, order.user)?;
        return Ok(held.into_iter().next());
    }
    let Some(reference) = &order.reference else {
        return Ok(None);
    };
    match licences::by_reference(connection, reference)? {
        Some(found) if found.user_id != order.user || found.group_id != group.row.id => {
            Err(Failure::Refused(Fault::new("REL_RAU")))
        }
        found => Ok(found),
    }
}
