//! Who may have what: the licence behind a key, the account behind the licence, the sites it is used on.

use std::sync::Arc;

use loggia_sdk::{Account, Call, Fault};
use loggia_sql::Connection;

use crate::Release;
use crate::catalogue::Group;
use crate::holder::Holder;
use crate::store::licences::{self, LicenceRow};
use crate::{key, site, token};

/// How long the last use of a known site is not written anew.
const SEEN_AGAIN_MS: i64 = 86_400_000;
/// The most sites noted for a licence without a limit.
const MOST_SITES: usize = 1_000;

/// What somebody brings to show his right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim<'a> {
    /// The address of his account; a single token does without.
    pub(crate) email: Option<&'a str>,
    /// The licence key.
    pub(crate) key: &'a str,
    /// The site he is on.
    pub(crate) site: Option<&'a str>,
}

/// Checks a claim on a group, counts the site, and gives the licence with its account.
pub(crate) fn check(
    release: &Release,
    call: &Call<'_>,
    group: &Group,
    claim: Claim<'_>,
) -> Result<Arc<Holder>, Fault> {
    let holder = licence(release, call, group, claim)?;
    if let Some(site) = claim.site.filter(|site| !site.trim().is_empty()) {
        count_site(call, &holder.licence, site)?;
    }
    Ok(holder)
}

/// Checks a claim on a group without counting the site.
pub(crate) fn licence(
    release: &Release,
    call: &Call<'_>,
    group: &Group,
    claim: Claim<'_>,
) -> Result<Arc<Holder>, Fault> {
    const INVALID: Fault = Fault::new("REL_KYI");
    let lookup = key::lookup(&release.settings.key_prefix, claim.key).ok_or(INVALID)?;
    let found = release.holders.find(call, lookup)?;
    let holder = found
        .filter(|found| found.licence.group_id == group.row.id)
        .ok_or(INVALID)?;
    if let Some(email) = claim.email
        && token::address(email).to_lowercase() != holder.address
    {
        return Err(INVALID);
    }
    standing(call, group, &holder.licence, &holder.account)?;
    Ok(holder)
}

/// Whether a licence holds, and its account still has the right to the group.
pub(crate) fn standing(
    call: &Call<'_>,
    group: &Group,
    licence: &LicenceRow,
    account: &Account,
) -> Result<(), Fault> {
    match state(licence, call.host().clock().now_ms()) {
        State::Revoked => Err(Fault::new("REL_KYV")),
        State::Expired => Err(Fault::new("REL_KYE")),
        State::Valid if !is_member(group, account) => Err(Fault::new("REL_ANA")),
        State::Valid => Ok(()),
    }
}

/// Whether a licence holds by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It holds.
    Valid,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

impl State {
    /// The word in lists.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            State::Valid => "valid",
            State::Expired => "expired",
            State::Revoked => "revoked",
        }
    }
}

/// The state of a licence at a time.
pub(crate) fn state(licence: &LicenceRow, now_ms: i64) -> State {
    if licence.revoked_ms.is_some() {
        State::Revoked
    } else if licence
        .expires_ms
        .is_some_and(|expires_ms| expires_ms <= now_ms)
    {
        State::Expired
    } else {
        State::Valid
    }
}

/// Whether an account has the right to a group: it may log in, and is in one of the group's user groups,
/// where the group names any.
pub(crate) fn is_member(group: &Group, account: &Account) -> bool {
    let in_group = |id: &i64| account.groups.contains(id);
    !account.blocked && (group.user_groups.is_empty() || group.user_groups.iter().any(in_group))
}

/// Gives a site its place among those of a licence.
pub(crate) fn count_site(call: &Call<'_>, licence: &LicenceRow, text: &str) -> Result<(), Fault> {
    let Some(host) = site::normalised(text) else {
        return Err(Fault::parameter("site", "is not the name or URL of a site"));
    };
    if site::is_staging(&host) {
        return Ok(());
    }
    let now_ms = call.host().clock().now_ms();
    let known = licences::site(&mut call.database()?, licence.id, &host)?;
    if known.is_some_and(|(_, last_seen_ms)| now_ms - last_seen_ms < SEEN_AGAIN_MS) {
        return Ok(());
    }
    call.database_for_writing()?
        .transaction(|connection| enter_site(connection, licence, &host, now_ms))
}

fn enter_site(
    connection: &mut Connection,
    licence: &LicenceRow,
    host: &str,
    now_ms: i64,
) -> Result<(), Fault> {
    licences::hold(connection, licence.id)?;
    let sites = licences::sites(connection, licence.id)?;
    if !sites.iter().any(|(site, _, _)| site == host) {
        let limit = usize::try_from(licence.site_limit).unwrap_or(0);
        if limit > 0 && sites.len() >= limit {
            return Err(Fault::new("REL_ALR"));
        }
        if sites.len() >= MOST_SITES.max(limit) {
            return Ok(());
        }
    }
    Ok(licences::save_site(connection, licence.id, host, now_ms)?)
}
