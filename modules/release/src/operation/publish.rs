//! Publishing: a package file becomes a version that sites are offered, or is refused with the rule.

use std::collections::BTreeMap;
use std::io::Seek;

use diesel::Connection as _;
use loggia_sdk::prelude::*;
use loggia_sdk::{Files, FilesError};
use loggia_sql::JsonText;

use super::names;
use crate::Release;
use crate::archive::{self, Digests};
use crate::catalogue::{Catalogue, Package, Product};
use crate::changelog::Changelog;
use crate::document::Feeds;
use crate::gate;
use crate::manifest::Manifest;
use crate::platform::{Platforms, is_php_version};
use crate::refusal::Refusal;
use crate::store::catalogue::{self as rows, PackageRow, ProductRow};
use crate::version::Stability;

/// Parameters of `post/publish`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Publish {
    /// The package file, a ZIP with its Joomla manifest in it.
    file: Upload,
    /// The package group a new product belongs to.
    #[schemars(length(min = 1, max = 60))]
    group: Option<String>,
    /// Makes a new product free for everybody; one of `group` and `free` is needed for it.
    free: Option<bool>,
    /// The product's id; the element at first. Two editions of one element are two products.
    #[schemars(length(min = 1, max = 100))]
    product: Option<String>,
    /// The package's own id; product and version at first.
    #[schemars(length(min = 1, max = 100))]
    package: Option<String>,
    /// The Joomla versions it runs on, such as `4.4, 5.0-6.*`; the manifest's `<targetplatform>` at first,
    /// then those of the product's newest package.
    #[schemars(length(max = 500))]
    platform: Option<String>,
    /// The least PHP version; the manifest's `<php_minimum>` at first.
    #[schemars(length(max = 20))]
    php: Option<String>,
    /// dev, alpha, beta, rc or stable; what the version's suffix says at first.
    stability: Option<Stability>,
    /// A page on this version.
    #[schemars(length(max = 500))]
    info_url: Option<String>,
    /// What changed: lists of `security`, `fix`, `language`, `addition`, `change`, `remove`, `note`.
    changelog: Option<Changelog>,
    /// Least versions by database, such as `{"mysql":"8.0"}`; all others are refused by the site.
    databases: Option<BTreeMap<String, String>>,
    /// The name of the file for those who download it, ending in .zip.
    #[schemars(length(max = 150))]
    file_name: Option<String>,
    /// Only checks.
    dry_run: Option<bool>,
}

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

    let product = product(call, &catalogue, &parameters, &manifest)?;
    let package = package(call, &catalogue, &parameters, &manifest, &product, digests)?;
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

/// The refusal of a package, with the rule in front.
fn refused(refusal: Refusal) -> Fault {
    Fault::new("REL_PRF").detail(refusal.to_string())
}

/// The product the package belongs to, or the one it begins.
fn product(
    call: &Call<'_>,
    catalogue: &Catalogue,
    parameters: &Publish,
    manifest: &Manifest,
) -> Result<Product, Fault> {
    let id = match &parameters.product {
        Some(id) => id.clone(),
        None => names::plain(&match manifest.kind.as_str() {
            "plugin" => format!("plg_{}_{}", manifest.folder, manifest.element),
            "library" => format!("lib_{}", manifest.element),
            "template" => format!("tpl_{}", manifest.element),
            _ => manifest.element.clone(),
        }),
    };
    names::check("product", &id)?;
    let group = match &parameters.group {
        Some(group) => Some(catalogue.group(group)?.row.id.clone()),
        None => None,
    };
    if let Some(found) = catalogue.products.get(&id) {
        check_product(found, group.as_ref(), parameters, manifest)?;
        return Ok(Product {
            row: found.row.clone(),
            packages: found.packages.clone(),
        });
    }
    if catalogue.packages.contains_key(&id) {
        return Err(Fault::new("REL_PAX").detail(format!("\"{id}\" is the id of a package")));
    }
    if group.is_none() && !parameters.free.unwrap_or(false) {
        return Err(Fault::parameter(
            "group",
            "a new product belongs to a package group, or is declared free",
        ));
    }
    Ok(Product {
        row: ProductRow {
            id,
            group_id: group,
            name: manifest.name.clone(),
            description: manifest.description.clone().unwrap_or_default(),
            kind: manifest.kind.clone(),
            element: manifest.element.clone(),
            client: manifest.client.clone(),
            folder: manifest.folder.clone(),
            created_ms: call.host().clock().now_ms(),
        },
        packages: Vec::new(),
    })
}

/// A package that installs as something else than the versions before it would never reach their sites.
fn check_product(
    product: &Product,
    group: Option<&String>,
    parameters: &Publish,
    manifest: &Manifest,
) -> Result<(), Fault> {
    let row = &product.row;
    let pairs = [
        ("type", &row.kind, &manifest.kind),
        ("element", &row.element, &manifest.element),
        ("client", &row.client, &manifest.client),
        ("folder", &row.folder, &manifest.folder),
    ];
    for (member, held, given) in pairs {
        if held != given {
            return Err(refused(Refusal::new(
                "product",
                format!(
                    "the {member} is \"{given}\", but product {} has \"{held}\"; sites match updates by it",
                    row.id
                ),
            )));
        }
    }
    let is_other = group.is_some() && group != row.group_id.as_ref();
    if is_other || (parameters.free.unwrap_or(false) && row.group_id.is_some()) {
        return Err(Fault::parameter(
            "group",
            "the product belongs elsewhere already; change that by put/product",
        ));
    }
    Ok(())
}

fn package(
    call: &Call<'_>,
    catalogue: &Catalogue,
    parameters: &Publish,
    manifest: &Manifest,
    product: &Product,
    digests: Digests,
) -> Result<Package, Fault> {
    let version = manifest.version.clone();
    if catalogue
        .packages_of(product)
        .any(|package| package.row.version == version)
    {
        let detail = format!("product {} has version {version}", product.row.id);
        return Err(Fault::new("REL_PAX").detail(detail));
    }
    let id = match &parameters.package {
        Some(id) => id.clone(),
        None => names::plain(&format!("{}_{}", product.row.id, version.replace('.', "_"))),
    };
    names::check("package", &id)?;
    if catalogue.packages.contains_key(&id)
        || catalogue.products.contains_key(&id)
        || id == product.row.id
    {
        return Err(Fault::new("REL_PAX").detail(format!("the id \"{id}\" is taken")));
    }
    let stability = parameters
        .stability
        .unwrap_or_else(|| Stability::of_version(&version));
    let platforms = platforms(catalogue, parameters, manifest, product)?;
    let file_name = file_name(parameters, product, &version)?;
    let databases = databases(parameters)?;
    let changelog = parameters.changelog.clone().unwrap_or_default();
    Package::read(PackageRow {
        file_key: format!("package/{}/{}.zip", product.row.id, digests.sha256),
        id,
        product_id: product.row.id.clone(),
        version,
        stability: stability.as_str().to_owned(),
        file_name,
        size_bytes: digests.bytes,
        sha256: digests.sha256,
        sha384: digests.sha384,
        sha512: digests.sha512,
        platforms: platforms.to_string(),
        php_minimum: php_minimum(parameters, manifest)?,
        databases: JsonText(serde_json::to_string(&databases).map_err(Fault::internal)?),
        info_url: info_url(parameters)?,
        changelog: JsonText(serde_json::to_string(&changelog).map_err(Fault::internal)?),
        published_ms: call.host().clock().now_ms(),
        yanked_ms: None,
        yank_reason: None,
        downloads: 0,
    })
}

fn platforms(
    catalogue: &Catalogue,
    parameters: &Publish,
    manifest: &Manifest,
    product: &Product,
) -> Result<Platforms, Fault> {
    if let Some(text) = &parameters.platform {
        return Platforms::parse(text).map_err(|reason| Fault::parameter("platform", &reason));
    }
    let newest = catalogue.packages_of(product).next();
    manifest
        .platforms
        .clone()
        .or_else(|| newest.map(|package| package.platforms.clone()))
        .ok_or_else(|| {
            refused(Refusal::new(
                "platform",
                "neither the manifest's <targetplatform> nor the parameter \"platform\" names the Joomla \
                 versions, and a feed without them reaches no site",
            ))
        })
}

fn php_minimum(parameters: &Publish, manifest: &Manifest) -> Result<Option<String>, Fault> {
    match &parameters.php {
        Some(php) if is_php_version(php) => Ok(Some(php.clone())),
        Some(_) => Err(Fault::parameter("php", "is a version such as 8.1")),
        None => Ok(manifest.php_minimum.clone()),
    }
}

fn databases(parameters: &Publish) -> Result<BTreeMap<String, String>, Fault> {
    let databases = parameters.databases.clone().unwrap_or_default();
    for (name, version) in &databases {
        let known = ["mysql", "mariadb", "postgresql", "mssql"].contains(&name.as_str());
        if !known || !is_php_version(version) {
            return Err(Fault::parameter(
                "databases",
                "names mysql, mariadb, postgresql or mssql, each with a version such as 8.0",
            ));
        }
    }
    Ok(databases)
}

fn info_url(parameters: &Publish) -> Result<String, Fault> {
    let url = parameters
        .info_url
        .as_deref()
        .map(str::trim)
        .unwrap_or_default();
    let is_url = url.starts_with("https://") || url.starts_with("http://");
    if !url.is_empty() && (!is_url || url.contains(char::is_whitespace)) {
        return Err(Fault::parameter(
            "info_url",
            "is an http or https URL on one line",
        ));
    }
    Ok(url.to_owned())
}

/// Joomla chooses how to unpack a file by the end of its name.
fn file_name(parameters: &Publish, product: &Product, version: &str) -> Result<String, Fault> {
    let name = match &parameters.file_name {
        Some(name) => name.clone(),
        None => names::plain(&format!("{}-{version}.zip", product.row.id)),
    };
    names::check("file_name", &name)?;
    if name
        .rsplit_once('.')
        .is_none_or(|(_, extension)| extension != "zip")
    {
        return Err(Fault::parameter(
            "file_name",
            "ends in .zip, or Joomla could not unpack it",
        ));
    }
    Ok(name)
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
