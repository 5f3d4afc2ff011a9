//! Taking a package back.

use loggia_sdk::prelude::*;

use crate::Release;
use crate::store::catalogue as rows;

/// Parameters of `post/yank`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Yank {
    /// The package.
    #[schemars(extend("x-missing" = "REL_PNS"))]
    id: String,
    /// Why, in a sentence that whoever asks for the package is shown.
    #[schemars(length(max = 500))]
    reason: Option<String>,
    /// Gives the package again instead.
    undo: Option<bool>,
}

/// The package and whether it is taken back.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Yanked {
    /// The package.
    package: String,
    /// Whether it is taken back now.
    yanked: bool,
}

/// Takes a package out of the feed and refuses its download, or gives it again.
pub(crate) fn yank(release: &Release, call: &Call<'_>, parameters: Yank) -> Result<Yanked, Fault> {
    let catalogue = release.shelf.catalogue(call)?;
    let package = catalogue
        .packages
        .get(&parameters.id)
        .ok_or(Fault::new("REL_PNF"))?;
    let yanked = !parameters.undo.unwrap_or(false);
    let reason = parameters
        .reason
        .as_deref()
        .map(str::trim)
        .unwrap_or_default();
    if yanked && reason.is_empty() {
        return Err(Fault::parameter(
            "reason",
            "says why the package is taken back",
        ));
    }
    let now_ms = call.host().clock().now_ms();
    let since_ms = yanked.then(|| package.row.yanked_ms.unwrap_or(now_ms));
    call.database_for_writing()?.transaction(|connection| {
        rows::yank(
            connection,
            &package.row.id,
            since_ms,
            yanked.then_some(reason),
        )?;
        rows::advance(connection)
    })?;
    release.shelf.expire();
    Ok(Yanked {
        package: parameters.id,
        yanked,
    })
}
