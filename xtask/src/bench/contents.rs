//! A large site's contents: one article, pages of a list at any offset and by cursor, the tree of categories.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::Bench;
use super::load::{latency_p99_ms, median, most, most_created};
use super::pocketbase::{self, Articles};
use super::table::{Line, Row};
use crate::fault::{Fault, Result};
use crate::http::Request;
use crate::site::Site;
use crate::step::output;

const GENERATOR: &str = include_str!("contents.py");
const SEED: u32 = 20_261;
const ARTICLES: u32 = 100_000;
/// How many entries the pages have.
pub(super) const PAGE: u32 = 20;
const OUR_ARTICLE: &str =
    r#"{"category":1000000,"title":"Article {n}","introtext":"<p>Some words of it</p>"}"#;
const THEIR_ARTICLE: &str = r#"{"category":1000000,"title":"Article {n}","alias":"article-new-{n}","introduction":"<p>Some words of it</p>","full_text":"","published":"2026-01-01 00:00:00.000Z"}"#;
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
            self.latency_of("content", &page, what, 10.0)?;
        }
        let tree = Request::get(
            site.endpoint("free")? + "/get/content/categories?recursive=1&countitems=1",
        );
        let what = "the tree of 1,000 categories with counts, 99th percentile".to_owned();
        self.latency_of("content", &tree, what, 5.0)?;
        self.cursors("content", ARTICLES, &|query| get(&format!("?{query}")))
    }

    /// The same articles in PocketBase, whose commits survive a crash of the program but not of the machine; the site's
    /// have been made to do as little.
    pub(super) fn contents_beside_pocketbase(&mut self, site: &Site) -> Result<()> {
        let folder = self.scratch.join("pocketbase-articles");
        let contents = self.scratch.join("contents.ndjson");
        let theirs = Articles::start(&pocketbase::install()?, &folder, &contents)?;
        let articles = site.endpoint("free")? + "/get/content/articles";
        let one = Request::get(format!("{articles}/{}", FIRST_ID + ARTICLES / 2));
        self.beside("getting an article", &theirs.one(), &one)?;
        for (place, number) in [("first", 1), ("middle", ARTICLES / PAGE / 2)] {
            let offset = (number - 1) * PAGE;
            let ours =
                format!("{articles}?orderby=created&orderdir=desc&limit={PAGE}&offset={offset}");
            let what = format!("{PAGE} of {ARTICLES} articles by time, {place} page");
            self.beside(&what, &theirs.page(PAGE, number), &Request::get(ours))?;
        }
        let key = site.fact("/keys/unlimited")?;
        let url = site.endpoint("key")? + "/post/content/articles";
        let ours = Request::get(url).header("Authorization", format!("api_key {key}"));
        let (mut made, mut others) = (Vec::new(), Vec::new());
        let run = (32, self.seconds);
        for _ in 0..self.rounds {
            others.push(most_created(
                &theirs.records(),
                THEIR_ARTICLE,
                run,
                &self.scratch,
            )?);
            made.push(most_created(&ours, OUR_ARTICLE, run, &self.scratch)?);
        }
        let figure = median(made) / median(others);
        self.beside_row("creating an article", figure);
        Ok(())
    }

    fn beside(&mut self, what: &str, theirs: &Request, ours: &Request) -> Result<()> {
        ours.expect_ok()?;
        let figure = self.ratio(theirs, ours, 32)?;
        self.beside_row(what, figure);
        Ok(())
    }

    fn beside_row(&mut self, what: &str, figure: f64) {
        self.table.add(Row {
            subject: "content",
            what: format!("{what}, 32 connections"),
            figure,
            unit: "of PocketBase",
            line: Line::AtLeast(1.0),
        });
    }

    fn fill(&mut self, site: &Site) -> Result<()> {
        let file = self.scratch.join("contents.ndjson");
        let (seed, articles) = (SEED.to_string(), ARTICLES.to_string());
        let mut generator = Command::new("python3");
        generator.args(["-c", GENERATOR]).arg(&file);
        output(generator.args([&seed, &articles]))?;
        let what = format!("{ARTICLES} articles and 1,000 categories");
        self.take_records("content", site, &file, ARTICLES, &what)
    }

    /// Takes a file of records in; how many a second.
    pub(super) fn take_records(
        &mut self,
        subject: &'static str,
        site: &Site,
        file: &Path,
        count: u32,
        what: &str,
    ) -> Result<()> {
        let begun = Instant::now();
        site.operator(&["import", "ndjson", &file.display().to_string()])?;
        self.table.add(Row {
            subject,
            what: format!("{what} taken in as records"),
            figure: f64::from(count) / begun.elapsed().as_secs_f64(),
            unit: "records a second",
            // A million in five minutes.
            line: Line::AtLeast(3333.0),
        });
        Ok(())
    }

    /// The 99th percentile at half the peak rate.
    pub(super) fn latency_of(
        &mut self,
        subject: &'static str,
        request: &Request,
        what: String,
        most_ms: f64,
    ) -> Result<()> {
        request.expect_ok()?;
        let peak = most(request, 32, self.seconds)?;
        let figure = latency_p99_ms(request, peak / 2.0, 2 * self.seconds, &self.scratch)?;
        self.table.add(Row {
            subject,
            what,
            figure,
            unit: "ms",
            line: Line::AtMost(most_ms),
        });
        Ok(())
    }

    /// Pages deep in a list of `count` beside the first one.
    pub(super) fn cursors(
        &mut self,
        subject: &'static str,
        count: u32,
        list: &impl Fn(&str) -> Request,
    ) -> Result<()> {
        let first = list(&format!("limit={PAGE}&cursor="));
        for (place, offset) in [
            ("in the middle", count / 2),
            ("at the end", count - 2 * PAGE),
        ] {
            // The page before it, as a page by cursor that is as long.
            let before = list(&format!("limit={offset}&cursor=&fields=id"));
            let answer: serde_json::Value = serde_json::from_str(&before.once()?)
                .map_err(|error| Fault::new(format!("{}: {error}", before.url)))?;
            let next = answer["next"]
                .as_str()
                .ok_or_else(|| Fault::new(format!("{}: no cursor", before.url)))?;
            let deep = list(&format!("limit={PAGE}&cursor={next}"));
            let figure = 1.0 / self.ratio(&first, &deep, 32)?;
            self.table.add(Row {
                subject,
                what: format!("time of a page by cursor {place}"),
                figure,
                unit: "of the first page's",
                line: Line::AtMost(1.5),
            });
        }
        Ok(())
    }
}
