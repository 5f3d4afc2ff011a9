//! The sites a licence is used on.

use loggia_sdk::prelude::*;

use super::licence;
use crate::Release;
use crate::store::licences;
use crate::{clock, site};

/// Parameters of `get/sites`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Sites {
    /// The licence: its number, its key or the reference it was issued under.
    #[schemars(length(min = 1, max = 200))]
    id: String,
}

/// The sites of a licence.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Listed {
    /// The number of the licence.
    licence: i64,
    /// On how many sites it may be used; 0 is any number.
    limit: i64,
    /// The sites.
    sites: Vec<SiteFacts>,
}

/// One site.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SiteFacts {
    /// Its host name.
    site: String,
    /// When it was first seen.
    first_seen: String,
    /// When it was last seen, to the day.
    last_seen: String,
}

/// Lists the sites a licence is used on.
pub(crate) fn list(release: &Release, call: &Call<'_>, parameters: Sites) -> Result<Listed, Fault> {
    let licence = licence::find(release, call, &parameters.id)?;
    let sites = licences::sites(&mut call.database()?, licence.id)?;
    Ok(Listed {
        licence: licence.id,
        limit: licence.site_limit,
        sites: sites.into_iter().map(facts).collect(),
    })
}

/// A site as it is shown, from its name and when it was first and last seen.
pub(crate) fn facts((site, first_seen_ms, last_seen_ms): (String, i64, i64)) -> SiteFacts {
    SiteFacts {
        site,
        first_seen: clock::written(first_seen_ms),
        last_seen: clock::written(last_seen_ms),
    }
}

/// Parameters of `delete/sites`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Free {
    /// The licence: its number, its key or the reference it was issued under.
    #[schemars(length(min = 1, max = 200))]
    id: String,
    /// The site whose place is freed.
    #[schemars(length(min = 1, max = 300))]
    site: String,
}

/// Frees a site's place, as when a customer moves.
pub(crate) fn free(release: &Release, call: &Call<'_>, parameters: Free) -> Result<Listed, Fault> {
    let licence = licence::find(release, call, &parameters.id)?;
    let Some(host) = site::normalised(&parameters.site) else {
        return Err(Fault::parameter("site", "is not the name or URL of a site"));
    };
    if !licences::remove_site(&mut call.database_for_writing()?, licence.id, &host)? {
        return Err(Fault::new("REL_LNF").detail("the licence is not used on this site"));
    }
    let parameters = Sites { id: parameters.id };
    list(release, call, parameters)
}
