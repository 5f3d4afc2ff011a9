//! A large site's catalog and its people: one item, pages of the list at any offset and by cursor, the tree of
//! categories, pages of the list of people behind a key.

use std::path::Path;
use std::process::Command;

use super::Bench;
use super::contents::PAGE;
use super::table::Line;
use crate::fault::Result;
use crate::http::Request;
use crate::site::Site;
use crate::step::output;

const GENERATOR: &str = include_str!("catalog.py");
const SEED: u32 = 20_263;
const ITEMS: u32 = 100_000;
const PEOPLE: u32 = 50_000;
/// The generator's first item, and its application.
const FIRST_ID: u32 = 1_000_000;
/// As for articles.
const PAGE_MS: f64 = 10.0;
const TREE_MS: f64 = 5.0;

impl Bench {
    /// Everything about items and people, on a site of their own.
    pub(super) fn catalog(&mut self, release: &Path) -> Result<()> {
        let site = Site::start(release, &self.scratch.join("catalog"), None)?;
        self.fill_catalog(&site)?;
        self.items(&site)?;
        self.people(&site)
    }

    fn fill_catalog(&mut self, site: &Site) -> Result<()> {
        let mut generator = Command::new("python3");
        generator.args(["-c", GENERATOR]).arg(&self.scratch);
        output(generator.args([SEED, ITEMS, PEOPLE].map(|number| number.to_string())))?;
        for (subject, name, count, what) in [
            (
                "catalog",
                "catalog",
                ITEMS,
                format!("{ITEMS} items and 1,000 categories"),
            ),
            (
                "people",
                "people",
                2 * PEOPLE,
                format!("{PEOPLE} accounts and as many profiles"),
            ),
        ] {
            let file = self.scratch.join(name).with_extension("ndjson");
            self.take_records(subject, site, &file, count, &what)?;
        }
        Ok(())
    }

    fn items(&mut self, site: &Site) -> Result<()> {
        let catalog = site.endpoint("free")? + "/get/catalog";
        let one = format!("{catalog}/items/{}?app={FIRST_ID}", FIRST_ID + ITEMS / 2);
        self.beside_bare(
            "catalog",
            "an item by its id",
            &Request::get(one),
            [Line::AtLeast(0.5); 2],
        )?;
        let list = |query: &str| {
            Request::get(format!("{catalog}/items?app={FIRST_ID}&category=0&{query}"))
        };
        let last = ITEMS / PAGE;
        for (place, number) in [("first", 1), ("middle", last / 2), ("last", last)] {
            let page = list(&format!("limit={PAGE}&page={number}"));
            let what =
                format!("{PAGE} of {ITEMS} items with their total, {place} page, 99th percentile");
            self.latency_of("catalog", &page, what, PAGE_MS)?;
        }
        let tree = Request::get(format!("{catalog}/categories?app={FIRST_ID}"));
        let what = "the tree of 1,000 categories, 99th percentile".to_owned();
        self.latency_of("catalog", &tree, what, TREE_MS)?;
        self.cursors("catalog", ITEMS, &list)
    }

    /// Profiles are answered behind a key, so that each request is charged and logged too.
    fn people(&mut self, site: &Site) -> Result<()> {
        let key = format!("api_key {}", site.fact("/keys/unlimited")?);
        let users = site.endpoint("key")? + "/get/profiles/users";
        let last = PEOPLE - PAGE;
        for (place, offset) in [("first", 0), ("middle", PEOPLE / 2), ("last", last)] {
            let page = Request::get(format!("{users}?limit={PAGE}&offset={offset}"));
            let page = page.header("Authorization", key.clone());
            let what = format!(
                "{PAGE} of {PEOPLE} profiles with their total, {place} offset, 99th percentile"
            );
            self.latency_of("people", &page, what, PAGE_MS)?;
        }
        Ok(())
    }
}
