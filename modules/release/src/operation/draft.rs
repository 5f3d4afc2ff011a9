//! A package before it is published: what the manifest says, what the caller adds, what the catalogue holds.

use std::collections::BTreeMap;

use loggia_sdk::prelude::*;
use loggia_sql::JsonText;

use super::names;
use crate::archive::Digests;
use crate::catalogue::{Catalogue, Package, Product};
use crate::changelog::Changelog;
use crate::manifest::Manifest;
use crate::platform::{Platforms, is_php_version};
use crate::refusal::Refusal;
use crate::store::catalogue::{PackageRow, ProductRow};
use crate::version::Stability;

/// Parameters of `post/publish`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Publish {
    /// The package file, a ZIP with its Joomla manifest in it.
    pub(super) file: Upload,
    /// The package group a new product belongs to.
    #[schemars(length(min = 1, max = 60))]
    pub(super) group: Option<String>,
    /// Makes a new product free for everybody; one of `group` and `free` is needed for it.
    pub(super) free: Option<bool>,
    /// The product's id; the element at first. Two editions of one element are two products.
    #[schemars(length(min = 1, max = 100))]
    pub(super) product: Option<String>,
    /// The package's own id; product and version at first.
    #[schemars(length(min = 1, max = 100))]
    pub(super) package: Option<String>,
    /// The Joomla versions it runs on, such as `4.4, 5.0-6.*`; the manifest's `<targetplatform>` at first,
    /// then those of the product's newest package.
    #[schemars(length(max = 500))]
    pub(super) platform: Option<String>,
    /// The least PHP version; the manifest's `<php_minimum>` at first.
    #[schemars(length(max = 20))]
    pub(super) php: Option<String>,
    /// dev, alpha, beta, rc or stable; what the version's suffix says at first.
    pub(super) stability: Option<Stability>,
    /// A page on this version.
    #[schemars(length(max = 500))]
    pub(super) info_url: Option<String>,
    /// What changed: lists of `security`, `fix`, `language`, `addition`, `change`, `remove`, `note`.
    pub(super) changelog: Option<Changelog>,
    /// Least versions by database, such as `{"mysql":"8.0"}`; all others are refused by the site.
    pub(super) databases: Option<BTreeMap<String, String>>,
    /// The name of the file for those who download it, ending in .zip.
    #[schemars(length(max = 150))]
    pub(super) file_name: Option<String>,
    /// Only checks.
    pub(super) dry_run: Option<bool>,
}

/// Everything a package is made of.
#[derive(Clone, Copy)]
pub(super) struct Draft<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) parameters: &'a Publish,
    pub(super) manifest: &'a Manifest,
    pub(super) now_ms: i64,
}

impl Draft<'_> {
    /// The product the package belongs to, or the one it begins.
    pub(super) fn product(&self) -> Result<Product, Fault> {
        let Draft {
            catalogue,
            parameters,
            manifest,
            ..
        } = *self;
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
            self.check_product(found, group.as_ref())?;
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
                created_ms: self.now_ms,
            },
            packages: Vec::new(),
        })
    }

    /// A package that installs as something else than the versions before it would never reach their sites.
    fn check_product(&self, product: &Product, group: Option<&String>) -> Result<(), Fault> {
        let Draft {
            parameters,
            manifest,
            ..
        } = *self;
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

    /// The package with everything that is known of it, checked member by member.
    pub(super) fn package(&self, product: &Product, digests: Digests) -> Result<Package, Fault> {
        let Draft {
            catalogue,
            parameters,
            manifest,
            ..
        } = *self;
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
        let platforms = self.platforms(product)?;
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
            php_minimum: self.php_minimum()?,
            databases: JsonText(serde_json::to_string(&databases).map_err(Fault::internal)?),
            info_url: info_url(parameters.info_url.as_deref())?,
            changelog: JsonText(serde_json::to_string(&changelog).map_err(Fault::internal)?),
            published_ms: self.now_ms,
            yanked_ms: None,
            yank_reason: None,
            downloads: 0,
        })
    }

    fn platforms(&self, product: &Product) -> Result<Platforms, Fault> {
        let Draft {
            catalogue,
            parameters,
            manifest,
            ..
        } = *self;
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

    fn php_minimum(&self) -> Result<Option<String>, Fault> {
        match &self.parameters.php {
            Some(php) if is_php_version(php) => Ok(Some(php.clone())),
            Some(_) => Err(Fault::parameter("php", "is a version such as 8.1")),
            None => Ok(self.manifest.php_minimum.clone()),
        }
    }
}

/// The refusal of a package, with the rule in front.
pub(super) fn refused(refusal: Refusal) -> Fault {
    Fault::new("REL_PRF").detail(refusal.to_string())
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

/// A page, if one is named.
pub(super) fn info_url(text: Option<&str>) -> Result<String, Fault> {
    let url = text.map(str::trim).unwrap_or_default();
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
