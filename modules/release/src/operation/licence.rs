//! Licences: issued by a shop or by command, renewed, revoked, listed.

use loggia_sdk::prelude::*;

use crate::Release;
use crate::catalogue::Catalogue;
use crate::store::licences::{self, Filter, LicenceRow};
use crate::{clock, issue, key, right};

const MOST_SITES: i64 = 1_000_000;

/// Parameters of `post/licences`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Issue {
    /// The package group.
    #[schemars(length(min = 1, max = 60), extend("x-missing" = "REL_GNS"))]
    group: String,
    /// The account: its id, user name or e-mail address.
    #[schemars(length(min = 1, max = 320), extend("x-missing" = "REL_UNR"))]
    user: String,
    /// The caller's own number of the sale. The same reference never issues twice, and gives what it issued.
    #[schemars(length(min = 1, max = 200))]
    reference: Option<String>,
    /// When it ends: a date (to its end, UTC) or a time; never at first.
    #[schemars(length(max = 40))]
    expires: Option<String>,
    /// On how many sites it may be used; 0, as at first, is any number.
    #[schemars(range(min = 0, max = 1_000_000))]
    sites: Option<i64>,
    /// A note of the vendor's.
    #[schemars(length(max = 500))]
    note: Option<String>,
}

/// Parameters of `put/licences`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Renew {
    /// The licence: its number, its key or the reference it was issued under.
    #[schemars(length(min = 1, max = 200))]
    id: String,
    /// When it ends from now on; `null` is never.
    #[serde(default)]
    #[schemars(length(max = 40))]
    expires: Change<String>,
    /// On how many sites it may be used from now on; 0 is any number.
    #[schemars(range(min = 0, max = 1_000_000))]
    sites: Option<i64>,
    /// Another note.
    #[schemars(length(max = 500))]
    note: Option<String>,
}

/// Parameters of `delete/licences`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Revoke {
    /// The licence: its number, its key or the reference it was issued under.
    #[schemars(length(min = 1, max = 200))]
    id: String,
    /// Why.
    #[schemars(length(max = 500))]
    reason: Option<String>,
}

/// Parameters of `get/licences`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct List {
    /// Only this package group.
    group: Option<String>,
    /// Only this account: its id, user name or e-mail address.
    #[schemars(length(max = 320))]
    user: Option<String>,
    /// How many are shown; 100 at first.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<i64>,
    /// How many are passed over.
    #[schemars(range(min = 0))]
    offset: Option<i64>,
}

/// A licence as it stands.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LicenceFacts {
    /// Its number.
    licence: i64,
    /// The package group.
    group: String,
    /// The account's id.
    user: i64,
    /// Which of the account's licences in that group.
    serial: i64,
    /// valid, expired or revoked.
    state: String,
    /// When it ends.
    expires: Option<String>,
    /// On how many sites it may be used; 0 is any number.
    sites: i64,
    /// How the key begins.
    key_hint: String,
    /// The caller's own number of the sale.
    reference: Option<String>,
    /// The vendor's note.
    note: String,
    /// When it was issued.
    created: String,
    /// Why it was taken back.
    revoke_reason: Option<String>,
}

/// A licence with its key.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Issued {
    /// The key.
    key: String,
    /// Whether this call made it; otherwise its reference had done so before.
    new: bool,
    /// The licence.
    #[serde(flatten)]
    licence: LicenceFacts,
}

/// A page of licences.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Listed {
    /// How many there are in all.
    total: i64,
    /// Those of this page.
    licences: Vec<LicenceFacts>,
}

/// Issues a licence, or gives the one that the same reference issued.
pub(crate) fn issue(
    release: &Release,
    call: &Call<'_>,
    parameters: Issue,
) -> Result<Issued, Fault> {
    let catalogue = release.shelf.catalogue(call)?;
    let group = catalogue.group(&parameters.group)?;
    let order = issue::Order {
        user: account(call, &parameters.user)?,
        expires_ms: match &parameters.expires {
            Some(text) => Some(clock::parse("expires", text)?),
            None => None,
        },
        site_limit: parameters.sites.unwrap_or(0).clamp(0, MOST_SITES),
        note: parameters.note.unwrap_or_default(),
        reference: parameters.reference,
        only_first: false,
    };
    let (licence, new) = issue::issue(release, call, group, &order)?;
    Ok(Issued {
        key: issue::key_of(release, group, &licence),
        new,
        licence: facts(call, licence),
    })
}

/// Changes the end, the number of sites or the note of a licence.
pub(crate) fn renew(
    release: &Release,
    call: &Call<'_>,
    parameters: Renew,
) -> Result<LicenceFacts, Fault> {
    let expires_ms = match &parameters.expires {
        Change::Keep => None,
        Change::Clear => Some(None),
        Change::Set(text) => Some(Some(clock::parse("expires", text)?)),
    };
    let mut licence = find(release, call, &parameters.id)?;
    if licence.revoked_ms.is_some() {
        return Err(Fault::new("REL_KYV"));
    }
    licence.expires_ms = expires_ms.unwrap_or(licence.expires_ms);
    licence.site_limit = parameters
        .sites
        .map_or(licence.site_limit, |sites| sites.clamp(0, MOST_SITES));
    licence.note = parameters.note.unwrap_or(licence.note);
    call.database_for_writing()?
        .transaction(|connection| licences::save(connection, &licence))?;
    release.holders.forget();
    Ok(facts(call, licence))
}

/// Takes a licence back, for good.
pub(crate) fn revoke(
    release: &Release,
    call: &Call<'_>,
    parameters: Revoke,
) -> Result<LicenceFacts, Fault> {
    let licence = find(release, call, &parameters.id)?;
    let now_ms = call.host().clock().now_ms();
    let reason = parameters.reason.as_deref();
    let revoked = call.database_for_writing()?.transaction(|connection| {
        licences::revoke(connection, licence.id, now_ms, reason)?;
        licences::by_id(connection, licence.id)
    })?;
    release.holders.forget();
    Ok(facts(call, revoked.ok_or(Fault::new("REL_LNF"))?))
}

/// Lists licences.
pub(crate) fn list(release: &Release, call: &Call<'_>, parameters: List) -> Result<Listed, Fault> {
    let catalogue: std::sync::Arc<Catalogue> = release.shelf.catalogue(call)?;
    if let Some(group) = &parameters.group {
        catalogue.group(group)?;
    }
    let user = match parameters.user.as_deref() {
        Some(user) => Some(account(call, user)?),
        None => None,
    };
    let filter = Filter {
        group: parameters.group.as_deref(),
        user,
        limit: parameters.limit.unwrap_or(100).clamp(1, 1000),
        offset: parameters.offset.unwrap_or(0).max(0),
    };
    let mut connection = call.database()?;
    let total = licences::count(&mut connection, &filter)?;
    let rows = licences::list(&mut connection, &filter)?;
    drop(connection);
    Ok(Listed {
        total,
        licences: rows.into_iter().map(|row| facts(call, row)).collect(),
    })
}

/// A licence by its number, its key or its reference.
pub(crate) fn find(release: &Release, call: &Call<'_>, text: &str) -> Result<LicenceRow, Fault> {
    let mut connection = call.database()?;
    if let Ok(id) = text.parse::<i64>()
        && let Some(found) = licences::by_id(&mut connection, id)?
    {
        return Ok(found);
    }
    if let Some(lookup) = key::lookup(&release.settings.key_prefix, text)
        && let Some(found) = licences::by_lookup(&mut connection, &lookup.to_text())?
    {
        return Ok(found);
    }
    licences::by_reference(&mut connection, text)?.ok_or(Fault::new("REL_LNF"))
}

/// An account by its id, user name or e-mail address.
fn account(call: &Call<'_>, text: &str) -> Result<i64, Fault> {
    let identity = call.host().identity()?;
    let text = text.trim();
    let found = if let Ok(id) = text.parse::<i64>() {
        identity.by_id(call, id)?
    } else if text.contains('@') {
        match identity.by_email(call, text)? {
            Some(account) => Some(account),
            None => identity.by_username(call, text)?,
        }
    } else {
        identity.by_username(call, text)?
    };
    found.map(|account| account.id).ok_or(Fault::new("REL_UNF"))
}

/// A licence as it stands now.
pub(crate) fn facts(call: &Call<'_>, licence: LicenceRow) -> LicenceFacts {
    let state = right::state(&licence, call.host().clock().now_ms());
    LicenceFacts {
        licence: licence.id,
        group: licence.group_id,
        user: licence.user_id,
        serial: licence.serial,
        state: state.as_str().to_owned(),
        expires: licence.expires_ms.map(clock::written),
        sites: licence.site_limit,
        key_hint: licence.key_hint,
        reference: licence.reference,
        note: licence.note,
        created: clock::written(licence.created_ms),
        revoke_reason: licence.revoke_reason,
    }
}
