//! Everything that is published, for people and scripts.

use std::collections::HashMap;

use loggia_sdk::prelude::*;

use super::group::GroupFacts;
use super::product::{self, ProductFacts};
use crate::Release;
use crate::catalogue::Package;
use crate::clock;
use crate::store::downloads;

/// Parameters of `get/packages`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct List {
    /// Only what belongs to this package group.
    group: Option<String>,
    /// Only this product.
    product: Option<String>,
}

/// Groups, products and packages.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Listed {
    /// The groups.
    groups: Vec<GroupFacts>,
    /// The products.
    products: Vec<ProductFacts>,
    /// The packages, the newest of each product first.
    packages: Vec<PackageFacts>,
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

/// Lists what is published.
pub(crate) fn list(release: &Release, call: &Call<'_>, parameters: List) -> Result<Listed, Fault> {
    let catalogue = release.shelf.catalogue(call)?;
    let sums: HashMap<String, i64> = downloads::sums(&mut call.database()?)?
        .into_iter()
        .collect();
    let group = parameters.group.as_deref();
    if let Some(group) = group {
        catalogue.group(group)?;
    }
    if let Some(product) = &parameters.product {
        catalogue.product(product)?;
    }
    let products: Vec<_> = catalogue
        .products
        .values()
        .filter(|product| group.is_none_or(|group| product.row.group_id.as_deref() == Some(group)))
        .filter(|product| {
            parameters
                .product
                .as_ref()
                .is_none_or(|id| *id == product.row.id)
        })
        .collect();
    let packages = products
        .iter()
        .flat_map(|product| catalogue.packages_of(product))
        .map(|package| facts(package, sums.get(&package.row.id).copied().unwrap_or(0)))
        .collect();
    Ok(Listed {
        groups: catalogue
            .groups
            .values()
            .filter(|found| group.is_none_or(|group| found.row.id == group))
            .map(|group| GroupFacts {
                group: group.row.id.clone(),
                name: group.row.name.clone(),
                user_groups: group.user_groups.clone(),
            })
            .collect(),
        products: products
            .iter()
            .map(|found| product::facts(release, call, found))
            .collect(),
        packages,
    })
}

fn facts(package: &Package, downloads: i64) -> PackageFacts {
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
