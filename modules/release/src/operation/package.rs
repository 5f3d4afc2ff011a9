//! Packages: what may change of one after it was published.

use std::collections::HashMap;

use loggia_sdk::prelude::*;
use loggia_sql::JsonText;

use super::draft::{self, refused};
use crate::Release;
use crate::catalogue::Package;
use crate::changelog::Changelog;
use crate::clock;
use crate::feeds::Feeds;
use crate::gate;
use crate::platform::{Platforms, is_php_version};
use crate::store::catalogue as rows;
use crate::store::downloads;
use crate::version::Stability;

/// Parameters of `put/package`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutPackage {
    /// The package.
    #[schemars(extend("x-missing" = "REL_PNS"))]
    id: String,
    /// The Joomla versions it runs on, such as `4.4, 5.0-6.*`.
    #[schemars(length(max = 500))]
    platform: Option<String>,
    /// The least PHP version; `null` is any.
    #[serde(default)]
    #[schemars(length(max = 20))]
    php: Change<String>,
    /// dev, alpha, beta, rc or stable.
    stability: Option<Stability>,
    /// A page on this version; `null` is none.
    #[serde(default)]
    #[schemars(length(max = 500))]
    info_url: Change<String>,
    /// What changed: lists of `security`, `fix`, `language`, `addition`, `change`, `remove`, `note`.
    changelog: Option<Changelog>,
}

/// A package as it stands.
#[derive(Serialize, JsonSchema)]
pub(crate) struct PackageFacts {
    /// The id.
    package: String,
    /// Its product.
    product: String,
    /// Its version.
    version: String,
    /// dev, alpha, beta, rc or stable.
    stability: String,
    /// The Joomla versions it runs on.
    platform: String,
    /// The least PHP version.
    php: Option<String>,
    /// The name of its file.
    file_name: String,
    /// The size of its file in bytes.
    size: i64,
    /// SHA-256 of its file.
    sha256: String,
    /// When it was published.
    published: String,
    /// Why it was taken back, where it was.
    yanked: Option<String>,
    /// How many times it was downloaded.
    downloads: i64,
}

/// Changes the members of a package that are given, if every site it claims would still take it.
pub(crate) fn put(
    release: &Release,
    call: &Call<'_>,
    parameters: PutPackage,
) -> Result<PackageFacts, Fault> {
    let catalogue = release.shelf.catalogue(call)?;
    let found = catalogue
        .packages
        .get(&parameters.id)
        .ok_or(Fault::new("REL_PNF"))?;
    let package = changed(found, parameters)?;
    if package.is_offered() {
        let product = catalogue.product(&package.row.product_id)?;
        let feeds = Feeds {
            catalogue: &catalogue,
            settings: &release.settings,
            base_url: release.feed_url(call),
        };
        let document = feeds.extension(product, &[&package])?;
        gate::check(&document, &feeds.facts(product), &feeds.update(&package)).map_err(refused)?;
    }
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        rows::save_package(connection, &package.row)?;
        rows::advance(connection)
    })?;
    let sums: HashMap<String, i64> = downloads::sums(&mut connection)?.into_iter().collect();
    drop(connection);
    release.shelf.expire();
    let count = sums.get(&package.row.id).copied().unwrap_or(0);
    Ok(facts(&package, count))
}

fn changed(package: &Package, parameters: PutPackage) -> Result<Package, Fault> {
    let mut row = package.row.clone();
    if let Some(text) = &parameters.platform {
        let platforms =
            Platforms::parse(text).map_err(|reason| Fault::parameter("platform", &reason))?;
        row.platforms = platforms.to_string();
    }
    match parameters.php {
        Change::Keep => {}
        Change::Clear => row.php_minimum = None,
        Change::Set(php) if is_php_version(&php) => row.php_minimum = Some(php),
        Change::Set(_) => return Err(Fault::parameter("php", "is a version such as 8.1")),
    }
    if let Some(stability) = parameters.stability {
        stability.as_str().clone_into(&mut row.stability);
    }
    match parameters.info_url {
        Change::Keep => {}
        Change::Clear => row.info_url.clear(),
        Change::Set(url) => row.info_url = draft::info_url(Some(&url))?,
    }
    if let Some(changelog) = &parameters.changelog {
        row.changelog = JsonText(serde_json::to_string(changelog).map_err(Fault::internal)?);
    }
    Package::read(row)
}

/// What is shown of a package.
pub(crate) fn facts(package: &Package, downloads: i64) -> PackageFacts {
    let row = &package.row;
    PackageFacts {
        package: row.id.clone(),
        product: row.product_id.clone(),
        version: row.version.clone(),
        stability: row.stability.clone(),
        platform: package.platforms.to_string(),
        php: row.php_minimum.clone(),
        file_name: row.file_name.clone(),
        size: row.size_bytes,
        sha256: row.sha256.clone(),
        published: clock::written(row.published_ms),
        yanked: row
            .yanked_ms
            .map(|_| row.yank_reason.clone().unwrap_or_default()),
        downloads,
    }
}
