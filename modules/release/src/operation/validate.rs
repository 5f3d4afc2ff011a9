//! `validate` and `verify`: is a key good for a package group, for a package?

use loggia_sdk::prelude::*;

use super::keys::Done;
use crate::Release;
use crate::right::{self, Claim};

/// Parameters of `validate`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Validate {
    /// Package group.
    #[schemars(extend("x-missing" = "REL_GNS"))]
    id: String,
    /// E-mail address of the user's account.
    #[schemars(extend("x-missing" = "REL_EMR"))]
    email: String,
    /// Licence key.
    #[schemars(extend("x-missing" = "REL_KYR"))]
    key: String,
    /// The site that asks, as a host name or URL; it is counted where the licence is limited to some number.
    site: Option<String>,
}

/// Parameters of `verify`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Verify {
    /// Package, or product for its newest stable package.
    #[schemars(extend("x-missing" = "REL_PNS"))]
    id: String,
    /// E-mail address of the user's account.
    #[schemars(extend("x-missing" = "REL_EMR"))]
    email: String,
    /// Licence key.
    #[schemars(extend("x-missing" = "REL_KYR"))]
    key: String,
    /// The site that asks, as a host name or URL; it is counted where the licence is limited to some number.
    site: Option<String>,
}

/// Checks a key for a package group.
pub(crate) fn validate(
    release: &Release,
    call: &Call<'_>,
    parameters: Validate,
) -> Result<Done, Fault> {
    let claim = claim(
        &parameters.email,
        &parameters.key,
        parameters.site.as_deref(),
    )?;
    let catalogue = release.shelf.catalogue(call)?;
    let group = catalogue.group(&parameters.id)?;
    right::check(release, call, group, claim)?;
    Ok(Done {})
}

/// Checks a key for a package.
pub(crate) fn verify(
    release: &Release,
    call: &Call<'_>,
    parameters: Verify,
) -> Result<Done, Fault> {
    let claim = claim(
        &parameters.email,
        &parameters.key,
        parameters.site.as_deref(),
    )?;
    let catalogue = release.shelf.catalogue(call)?;
    let package = catalogue.package(&parameters.id)?;
    if let Some(group) = catalogue.group_of(package)? {
        right::check(release, call, group, claim)?;
    }
    if !package.is_offered() {
        return Err(super::download::withdrawn(package));
    }
    Ok(Done {})
}

fn claim<'a>(email: &'a str, key: &'a str, site: Option<&'a str>) -> Result<Claim<'a>, Fault> {
    if email.trim().is_empty() {
        return Err(Fault::new("REL_EMR"));
    }
    if key.trim().is_empty() {
        return Err(Fault::new("REL_KYR"));
    }
    Ok(Claim {
        email: Some(email),
        key,
        site,
    })
}
