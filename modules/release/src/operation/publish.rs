//! Publishing: a package file becomes a version that sites are offered, or is refused with the rule.

use std::io::Seek;

use loggia_sdk::prelude::*;
use loggia_sdk::{Files, FilesError};

use super::draft::{Draft, Publish, refused};
use crate::Release;
use crate::archive;
use crate::catalogue::{Package, Product};
use crate::feeds::Feeds;
use crate::gate;
use crate::manifest::Manifest;
use crate::store::catalogue::{self as rows, PackageRow, ProductRow};
use crate::version::Stability;

/// What was published, or would be.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Published {
    /// The package.
    package: String,
    /// Its product.
    product: String,
    /// The package group, where the product is not free.
    group: Option<String>,
    /// Its version.
    version: String,
    /// dev, alpha, beta, rc or stable.
    stability: Stability,
    /// component, module, plugin, package, library, template, file or language.
    #[serde(rename = "type")]
    kind: String,
    /// The name under which Joomla has it installed.
    element: String,
    /// The application Joomla has it installed for.
    client: String,
    /// A plugin's group.
    folder: String,
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
    /// Where the product's feed is served.
    update_xml: String,
    /// Whether it was only checked.
    dry_run: bool,
    /// What is not wrong, but is not as it should be.
    warnings: Vec<String>,
}

/// Reads, checks, stores and publishes a package.
pub(crate) fn publish(
    release: &Release,
    call: &Call<'_>,
    parameters: Publish,
) -> Result<Published, Fault> {
    let catalogue = release.shelf.catalogue(call)?;
    let files = call.host().files()?;
    let mut file = files.open(&parameters.file.0)?;
    let manifest = Manifest::of_file(&mut file, &release.limits()).map_err(refused)?;
    file.rewind().map_err(Fault::internal)?;
    let digests = archive::digests(&mut file).map_err(Fault::internal)?;
    drop(file);

    let draft = Draft {
        catalogue: &catalogue,
        parameters: &parameters,
        manifest: &manifest,
        now_ms: call.host().clock().now_ms(),
    };
    let product = draft.product()?;
    let package = draft.package(&product, digests)?;
    let feeds = Feeds {
        catalogue: &catalogue,
        settings: &release.settings,
        base_url: release.feed_url(call),
    };
    let document = feeds.extension(&product, &[&package])?;
    gate::check(&document, &feeds.facts(&product), &feeds.update(&package)).map_err(refused)?;

    let is_new = !catalogue.products.contains_key(&product.row.id);
    let dry_run = parameters.dry_run.unwrap_or(false);
    if !dry_run {
        store(
            call,
            files,
            &parameters.file,
            is_new.then_some(&product.row),
            &package.row,
        )?;
        release.shelf.expire();
    }
    let warnings = warnings(release, call, &manifest, &product);
    Ok(answer(release, call, product, package, dry_run, warnings))
}

/// Stores the file, and only then the rows; a file without rows is nobody's and is removed again.
fn store(
    call: &Call<'_>,
    files: Files,
    upload: &Upload,
    product: Option<&ProductRow>,
    package: &PackageRow,
) -> Result<(), Fault> {
    let adopted = match files.adopt(&upload.0, &package.file_key) {
        Ok(()) => true,
        // The key names the content, so what is stored there is this file.
        Err(FilesError::Taken) => false,
        Err(error) => return Err(error.into()),
    };
    let written = call.database_for_writing()?.transaction(|connection| {
        if let Some(product) = product {
            rows::add_product(connection, product)?;
        }
        rows::add_package(connection, package)?;
        rows::advance(connection)
    });
    written.map_err(|error| {
        if adopted && let Err(left) = files.remove(&package.file_key) {
            tracing::warn!("a file without a package was left in the store: {left}");
        }
        if loggia_sql::is_unique(&error) {
            Fault::new("REL_PAX").detail("somebody else published at the same time")
        } else {
            error.into()
        }
    })
}

/// What the sites that have this version will miss.
fn warnings(
    release: &Release,
    call: &Call<'_>,
    manifest: &Manifest,
    product: &Product,
) -> Vec<String> {
    let base_url = release.feed_url(call);
    let feed = format!("{base_url}/extension/{}.xml", product.row.id);
    let collection = format!("{base_url}/collection.xml");
    let mut warnings = Vec::new();
    if !base_url.is_empty()
        && !manifest
            .update_servers
            .iter()
            .any(|url| *url == feed || *url == collection)
    {
        warnings.push(format!(
            "the manifest names no update server at {feed}, so sites with this version will not look here"
        ));
    }
    if product.row.group_id.is_some() && !manifest.asks_for_key {
        warnings.push(
            "the manifest has no <dlid prefix=\"dlid=\"/>, so sites have no field for the licence key"
                .to_owned(),
        );
    }
    warnings
}

fn answer(
    release: &Release,
    call: &Call<'_>,
    product: Product,
    package: Package,
    dry_run: bool,
    warnings: Vec<String>,
) -> Published {
    let base_url = release.feed_url(call);
    Published {
        update_xml: format!("{base_url}/extension/{}.xml", product.row.id),
        package: package.row.id,
        group: product.row.group_id,
        product: product.row.id,
        version: package.row.version,
        stability: package.stability,
        kind: product.row.kind,
        element: product.row.element,
        client: product.row.client,
        folder: product.row.folder,
        platform: package.row.platforms,
        php: package.row.php_minimum,
        file_name: package.row.file_name,
        size: package.row.size_bytes,
        sha256: package.row.sha256,
        dry_run,
        warnings,
    }
}
