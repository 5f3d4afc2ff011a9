//! A large site's contents: one article, pages of a list at any offset and by cursor, the tree of categories.

use std::process::Command;
use std::time::Instant;

use super::Bench;
use super::load::{latency_p99_ms, most};
use super::table::{Line, Row};
use crate::fault::{Fault, Result};
use crate::http::Request;
use crate::site::Site;
use crate::step::output;

const GENERATOR: &str = include_str!("contents.py");
const SEED: u32 = 20_261;
const ARTICLES: u32 = 100_000;
const PAGE: u32 = 20;
/// The generator's first article.
const FIRST_ID: u32 = 1_000_000;

impl Bench {
    /// Everything about articles and categories, on a site that is filled here.
    pub(super) fn contents(&mut self, site: &Site) -> Result<()> {
        self.fill(site)?;
        let articles = site.endpoint("free")? + "/get/content/articles";
        let get = |rest: &str| Request::get(format!("{articles}{rest}"));
        let one = get(&format!("/{}", FIRST_ID + ARTICLES / 2));
        self.beside_bare(
            "content",
            "an article by its id",
            &one,
            [Line::AtLeast(0.5); 2],
        )?;
        let last = ARTICLES - PAGE;
        for (place, offset) in [("first", 0), ("middle", ARTICLES / 2), ("last", last)] {
            let page = get(&format!("?limit={PAGE}&offset={offset}"));
            let what = format!(
                "{PAGE} of {ARTICLES} articles with their total, {place} offset, 99th percentile"
            );
            self.latency_of(&page, what, 10.0)?;
        }
        let tree = Request::get(
            site.endpoint("free")? + "/get/content/categories?recursive=1&countitems=1",
        );
        let what = "the tree of 1,000 categories with counts, 99th percentile".to_owned();
        self.latency_of(&tree, what, 5.0)?;
        self.cursors(&get)?;
        self.searches(site)
    }

    /// What nearly every article holds is the hardest to search for: each of them is counted and put in order.
    fn searches(&mut self, site: &Site) -> Result<()> {
        let url = site.endpoint("free")? + "/get/search/site?searchword=";
        for (what, words) in [
            ("a word of most articles", "balan"),
            (
                "two words of most articles, by title",
                "balan+dement&ordering=alpha",
            ),
            ("a phrase of two words", "balan+dement&searchphrase=exact"),
        ] {
            let request = Request::get(format!("{url}{words}"));
            let what = format!("{what}, searched among {ARTICLES}, 99th percentile");
            self.latency_of(&request, what, 20.0)?;
        }
        Ok(())
    }

    fn fill(&mut self, site: &Site) -> Result<()> {
        let file = self.scratch.join("contents.ndjson");
        let (seed, articles) = (SEED.to_string(), ARTICLES.to_string());
        let mut generator = Command::new("python3");
        generator.args(["-c", GENERATOR]).arg(&file);
        output(generator.args([&seed, &articles]))?;
        let begun = Instant::now();
        site.operator(&["import", "ndjson", &file.display().to_string()])?;
        self.table.add(Row {
            subject: "content",
            what: format!("{ARTICLES} articles and 1,000 categories taken in as records"),
            figure: f64::from(ARTICLES) / begun.elapsed().as_secs_f64(),
            unit: "records a second",
            // A million in five minutes.
            line: Line::AtLeast(3333.0),
        });
        Ok(())
    }

    /// The 99th percentile at half the peak rate.
    fn latency_of(&mut self, request: &Request, what: String, most_ms: f64) -> Result<()> {
        request.expect_ok()?;
        let peak = most(request, 32, self.seconds)?;
        let figure = latency_p99_ms(request, peak / 2.0, 2 * self.seconds, &self.scratch)?;
        self.table.add(Row {
            subject: "content",
            what,
            figure,
            unit: "ms",
            line: Line::AtMost(most_ms),
        });
        Ok(())
    }

    /// Pages deep in the list beside the first one.
    fn cursors(&mut self, get: &impl Fn(&str) -> Request) -> Result<()> {
        let first = get(&format!("?limit={PAGE}&cursor="));
        for (place, offset) in [
            ("in the middle", ARTICLES / 2),
            ("at the end", ARTICLES - 2 * PAGE),
        ] {
            // The page before it, as a page by cursor that is as long.
            let before = get(&format!("?limit={offset}&cursor=&fields=id"));
            let answer: serde_json::Value = serde_json::from_str(&before.once()?)
                .map_err(|error| Fault::new(format!("{}: {error}", before.url)))?;
            let next = answer["next"]
                .as_str()
                .ok_or_else(|| Fault::new(format!("{}: no cursor", before.url)))?;
            let deep = get(&format!("?limit={PAGE}&cursor={next}"));
            let figure = 1.0 / self.ratio(&first, &deep, 32)?;
            self.table.add(Row {
                subject: "content",
                what: format!("time of a page by cursor {place}"),
                figure,
                unit: "of the first page's",
                line: Line::AtMost(1.5),
            });
        }
        Ok(())
    }
}
