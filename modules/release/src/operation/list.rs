//! Everything that is published, for people and scripts.

use std::collections::HashMap;

use loggia_sdk::prelude::*;

use super::group::GroupFacts;
use super::package::{self, PackageFacts};
use super::product::{self, ProductFacts};
use crate::Release;
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
        .map(|package| package::facts(package, sums.get(&package.row.id).copied().unwrap_or(0)))
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
