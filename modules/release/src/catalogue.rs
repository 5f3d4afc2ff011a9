//! The whole catalogue in memory: small, read by every call, changed a few times a day.
//!
//! A change begins a new generation in the tables. Every node looks for one every 25 ms, one call for all, so that
//! neither a feed nor a download pays for a statement of its own.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use loggia_sdk::{Call, Fault};
use loggia_sql::Connection;

use crate::changelog::Changelog;
use crate::document::Document;
use crate::platform::Platforms;
use crate::store::catalogue::{self as rows, GroupRow, PackageRow, ProductRow};
use crate::version::{self, Stability};

/// How long a generation is believed without asking, in microseconds.
const FRESH_US: u64 = 25_000;

/// A licence group.
pub(crate) struct Group {
    pub(crate) row: GroupRow,
    /// What keys are derived from.
    pub(crate) seed: Vec<u8>,
    /// The user groups with a right to it; none is "whoever holds a licence".
    pub(crate) user_groups: Vec<i64>,
}

/// A product with the ids of its packages, the newest version first.
pub(crate) struct Product {
    pub(crate) row: ProductRow,
    pub(crate) packages: Vec<String>,
}

/// A package with its facts read.
#[derive(Clone)]
pub(crate) struct Package {
    pub(crate) row: PackageRow,
    pub(crate) stability: Stability,
    pub(crate) platforms: Platforms,
    pub(crate) databases: BTreeMap<String, String>,
    pub(crate) changelog: Changelog,
}

/// One generation of the catalogue.
pub(crate) struct Catalogue {
    generation: i64,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) products: BTreeMap<String, Product>,
    pub(crate) packages: BTreeMap<String, Package>,
    /// The feeds already written, by the URL they speak of and their name.
    pub(crate) documents: Mutex<HashMap<(String, String), Arc<Document>>>,
}

impl Catalogue {
    fn load(connection: &mut Connection, generation: i64) -> Result<Catalogue, Fault> {
        let mut groups: BTreeMap<String, Group> = rows::groups(connection)?
            .into_iter()
            .map(|row| {
                let seed = hex::decode(&row.seed).map_err(Fault::internal)?;
                let user_groups = Vec::new();
                Ok((
                    row.id.clone(),
                    Group {
                        row,
                        seed,
                        user_groups,
                    },
                ))
            })
            .collect::<Result<_, Fault>>()?;
        for (group, user_group) in rows::user_groups(connection)? {
            if let Some(group) = groups.get_mut(&group) {
                group.user_groups.push(user_group);
            }
        }
        let packages: BTreeMap<String, Package> = rows::packages(connection)?
            .into_iter()
            .map(|row| Package::read(row).map(|package| (package.row.id.clone(), package)))
            .collect::<Result<_, Fault>>()?;
        let mut products: BTreeMap<String, Product> = rows::products(connection)?
            .into_iter()
            .map(|row| {
                (
                    row.id.clone(),
                    Product {
                        row,
                        packages: Vec::new(),
                    },
                )
            })
            .collect();
        for package in packages.values() {
            if let Some(product) = products.get_mut(&package.row.product_id) {
                product.packages.push(package.row.id.clone());
            }
        }
        for product in products.values_mut() {
            let version = |id: &String| packages.get(id).map_or("", |package| &package.row.version);
            product
                .packages
                .sort_by(|left, right| version::compare(version(right), version(left)));
        }
        Ok(Catalogue {
            generation,
            groups,
            products,
            packages,
            documents: Mutex::new(HashMap::new()),
        })
    }

    /// A group, or `REL_GNF`.
    pub(crate) fn group(&self, id: &str) -> Result<&Group, Fault> {
        self.groups.get(id).ok_or(Fault::new("REL_GNF"))
    }

    /// A product, or `REL_PNF`.
    pub(crate) fn product(&self, id: &str) -> Result<&Product, Fault> {
        self.products.get(id).ok_or(Fault::new("REL_PNF"))
    }

    /// The packages of a product, the newest version first.
    pub(crate) fn packages_of<'a>(
        &'a self,
        product: &'a Product,
    ) -> impl Iterator<Item = &'a Package> {
        product
            .packages
            .iter()
            .filter_map(|id| self.packages.get(id))
    }

    /// A package by its own id, or the newest stable one of a product; `REL_PNF` where there is neither.
    pub(crate) fn package(&self, id: &str) -> Result<&Package, Fault> {
        if let Some(package) = self.packages.get(id) {
            return Ok(package);
        }
        let product = self.product(id)?;
        self.packages_of(product)
            .find(|package| package.is_offered() && package.stability == Stability::Stable)
            .ok_or(Fault::new("REL_PNF"))
    }

    /// The group whose right a package asks for; none is a free package.
    pub(crate) fn group_of(&self, package: &Package) -> Result<Option<&Group>, Fault> {
        let product = self.product(&package.row.product_id)?;
        match &product.row.group_id {
            Some(group) => self.group(group).map(Some),
            None => Ok(None),
        }
    }
}

impl Package {
    /// Reads a row's facts; they were checked before they were written.
    pub(crate) fn read(row: PackageRow) -> Result<Package, Fault> {
        let broken = |error: &dyn std::fmt::Display| {
            Fault::internal(format_args!("package {}: {error}", row.id))
        };
        Ok(Package {
            stability: Stability::parse(&row.stability).unwrap_or(Stability::Dev),
            platforms: Platforms::parse(&row.platforms).map_err(|error| broken(&error))?,
            databases: serde_json::from_str(&row.databases.0).map_err(|error| broken(&error))?,
            changelog: serde_json::from_str(&row.changelog.0).map_err(|error| broken(&error))?,
            row,
        })
    }

    /// Whether it stands in feeds.
    pub(crate) fn is_offered(&self) -> bool {
        self.row.yanked_ms.is_none()
    }

    /// Whether no site that fits an older package could fail to fit this one, so that the older is never
    /// offered.
    pub(crate) fn supersedes(&self, older: &Package) -> bool {
        let php = |package: &Package| package.row.php_minimum.clone().unwrap_or_default();
        self.stability >= older.stability
            && self.platforms.covers(&older.platforms)
            && version::compare(&php(self), &php(older)).is_le()
            && (self.databases.is_empty() || self.databases == older.databases)
    }
}

/// The catalogue of this node.
#[derive(Default)]
pub(crate) struct Shelf {
    held: RwLock<Option<Arc<Catalogue>>>,
    checked_us: AtomicU64,
    /// When somebody last began to look for a new generation.
    asked_us: AtomicU64,
}

impl Shelf {
    /// The present catalogue.
    pub(crate) fn catalogue(&self, call: &Call<'_>) -> Result<Arc<Catalogue>, Fault> {
        let now_us = call.host().clock().monotonic_us();
        let held = self
            .held
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let checked_us = self.checked_us.load(Ordering::Relaxed);
        if let Some(held) = &held
            && checked_us != 0
        {
            let is_asked = now_us.saturating_sub(self.asked_us.load(Ordering::Relaxed)) < FRESH_US;
            let age_us = now_us.saturating_sub(checked_us);
            if age_us < FRESH_US || (is_asked && age_us < 2 * FRESH_US) {
                return Ok(Arc::clone(held));
            }
        }
        let mut connection = call.database()?;
        self.asked_us.store(now_us, Ordering::Relaxed);
        let generation = rows::generation(&mut connection)?;
        let present = match held {
            Some(held) if held.generation == generation => held,
            _ => {
                let loaded = Arc::new(Catalogue::load(&mut connection, generation)?);
                let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
                *held = Some(Arc::clone(&loaded));
                loaded
            }
        };
        self.checked_us.store(now_us, Ordering::Relaxed);
        Ok(present)
    }

    /// Has the next call look for a new generation.
    pub(crate) fn expire(&self) {
        self.checked_us.store(0, Ordering::Relaxed);
    }
}
