//! The feeds of the present catalogue, each written once a generation and base URL.

use std::sync::{Arc, PoisonError};

use loggia_sdk::Fault;

use crate::catalogue::{Catalogue, Package, Product};
use crate::document::Document;
use crate::feed;
use crate::settings::Settings;
use crate::version::Stability;

/// The most documents held; beyond it they are written anew.
const MOST_DOCUMENTS: usize = 2_000;

/// Which feed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind<'a> {
    /// The updates of one product.
    Extension(&'a str),
    /// What changed in each version of one product.
    Changelog(&'a str),
    /// All products.
    Collection,
}

impl Kind<'_> {
    fn name(self) -> String {
        match self {
            Kind::Extension(product) => format!("extension/{product}"),
            Kind::Changelog(product) => format!("changelog/{product}"),
            Kind::Collection => "collection".to_owned(),
        }
    }
}

/// Writes feeds that lead to one base URL.
pub(crate) struct Feeds<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) settings: &'a Settings,
    pub(crate) base_url: &'a str,
}

impl Feeds<'_> {
    /// A feed, from memory where it was written before.
    pub(crate) fn document(&self, kind: Kind<'_>) -> Result<Arc<Document>, Fault> {
        let place = (self.base_url.to_owned(), kind.name());
        let held = || {
            self.catalogue
                .documents
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(document) = held().get(&place) {
            return Ok(Arc::clone(document));
        }
        let text = match kind {
            Kind::Extension(id) => self.extension(self.catalogue.product(id)?, &[])?,
            Kind::Changelog(id) => self.changelog(self.catalogue.product(id)?)?,
            Kind::Collection => self.collection()?,
        };
        let document = Arc::new(Document::of(text));
        let mut documents = held();
        if documents.len() >= MOST_DOCUMENTS {
            documents.clear();
        }
        documents.insert(place, Arc::clone(&document));
        Ok(document)
    }

    /// The extension feed of a product as it would be with some packages more, or in the place of their
    /// namesakes.
    pub(crate) fn extension(&self, product: &Product, added: &[&Package]) -> Result<String, Fault> {
        let is_replaced = |package: &&Package| added.iter().any(|new| new.row.id == package.row.id);
        let mut packages: Vec<&Package> = self
            .catalogue
            .packages_of(product)
            .filter(|package| !is_replaced(package))
            .chain(added.iter().copied())
            .filter(|package| package.is_offered())
            .collect();
        packages
            .sort_by(|left, right| crate::version::compare(&right.row.version, &left.row.version));
        let updates: Vec<feed::Update> = frontier(&packages)
            .into_iter()
            .map(|package| self.update(package))
            .collect();
        feed::extension(&self.facts(product), &updates).map_err(Fault::internal)
    }

    /// The feed of every package that is not withdrawn, also of those that are never offered.
    pub(crate) fn whole_extension(&self, product: &Product) -> Result<String, Fault> {
        let updates: Vec<feed::Update> = self
            .catalogue
            .packages_of(product)
            .filter(|package| package.is_offered())
            .map(|package| self.update(package))
            .collect();
        feed::extension(&self.facts(product), &updates).map_err(Fault::internal)
    }

    fn changelog(&self, product: &Product) -> Result<String, Fault> {
        let versions: Vec<_> = self
            .catalogue
            .packages_of(product)
            .filter(|package| package.is_offered() && !package.changelog.is_empty())
            .map(|package| (package.row.version.clone(), package.changelog.clone()))
            .collect();
        feed::changelog(&self.facts(product), &versions).map_err(Fault::internal)
    }

    fn collection(&self) -> Result<String, Fault> {
        let mut entries = Vec::new();
        for product in self.catalogue.products.values() {
            let stable: Vec<&Package> = self
                .catalogue
                .packages_of(product)
                .filter(|package| package.is_offered() && package.stability == Stability::Stable)
                .collect();
            entries.extend(frontier(&stable).into_iter().map(|package| feed::Entry {
                extension: self.facts(product),
                version: package.row.version.clone(),
                platforms: package.platforms.clone(),
                details_url: format!("{}/extension/{}.xml", self.base_url, product.row.id),
            }));
        }
        feed::collection(&self.settings.vendor, &entries).map_err(Fault::internal)
    }

    /// What all versions of a product have in common.
    pub(crate) fn facts(&self, product: &Product) -> feed::Extension {
        let row = &product.row;
        feed::Extension {
            name: row.name.clone(),
            description: row.description.clone(),
            element: row.element.clone(),
            kind: row.kind.clone(),
            client: row.client.clone(),
            folder: row.folder.clone(),
            changelog_url: format!("{}/changelog/{}.xml", self.base_url, row.id),
            maintainer: self.settings.vendor.clone(),
            maintainer_url: self.settings.vendor_url.clone(),
        }
    }

    /// One version as it stands in the feed.
    pub(crate) fn update(&self, package: &Package) -> feed::Update {
        let row = &package.row;
        feed::Update {
            version: row.version.clone(),
            stability: package.stability,
            info_url: row.info_url.clone(),
            download_url: format!("{}/download/{}/{}", self.base_url, row.id, row.file_name),
            platforms: package.platforms.clone(),
            php_minimum: row.php_minimum.clone(),
            databases: package.databases.clone().into_iter().collect(),
            sha256: row.sha256.clone(),
            sha384: row.sha384.clone(),
            sha512: row.sha512.clone(),
        }
    }
}

/// Of packages with the newest first, those that some site could be offered.
fn frontier<'a>(packages: &[&'a Package]) -> Vec<&'a Package> {
    let mut kept: Vec<&Package> = Vec::new();
    for package in packages {
        if !kept.iter().any(|newer| newer.supersedes(package)) {
            kept.push(package);
        }
    }
    kept
}
