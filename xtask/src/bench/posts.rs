//! A large forum's posts: taking them in, making them findable, and finding them, beside PostgreSQL's own means.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::Bench;
use super::load::{most, transactions};
use super::table::{Line, Row};
use crate::fault::{Fault, Result};
use crate::http::Request;
use crate::mariadb;
use crate::postgres::Cluster;
use crate::process::peak_mb_of;
use crate::site::Site;
use crate::step::{output, run, step};
use crate::tree;

const GENERATOR: &str = include_str!("posts.py");
const TABLE: &str = include_str!("posts.sql");
const SEED: u32 = 20_262;
const POSTS: u32 = 1_000_000;
const CONNECTIONS: u32 = 32;

impl Bench {
    /// Everything about posts, on a site of their own.
    pub(super) fn posts(&mut self, release: &Path) -> Result<()> {
        let words = step("a million posts", || self.generate())?;
        let site = Site::start(release, &self.scratch.join("posts"), None)?;
        step("posts taken in", || self.take_in(&site))?;
        step("posts moved in", || self.move_in(release))?;
        step("posts indexed", || self.index(&site))?;
        step("posts searched", || self.search(&site, &words))?;
        step("posts beside PostgreSQL", || {
            self.beside_postgresql(&site, &words)
        })
    }

    /// Writes the posts and gives a frequent, a common and a rare word.
    fn generate(&self) -> Result<Vec<String>> {
        let mut generator = Command::new("python3");
        generator.args(["-c", GENERATOR]).arg(&self.scratch);
        let printed = output(generator.args([SEED, POSTS].map(|number| number.to_string())))?;
        let words: Vec<String> = printed.lines().map(str::to_owned).collect();
        if words.len() == 3 {
            Ok(words)
        } else {
            Err(Fault::new(format!("not three words: {printed}")))
        }
    }

    fn take_in(&mut self, site: &Site) -> Result<()> {
        let file = self.scratch.join("posts.ndjson");
        let mut command = site.command(&["import", "ndjson", &file.display().to_string()]);
        self.taken_in("taken in as records", &mut command)
    }

    /// The same forum out of a MariaDB, into a site of its own.
    fn move_in(&mut self, release: &Path) -> Result<()> {
        let old = mariadb::Server::start()?;
        old.run_file(&self.scratch.join("joomla.sql"))?;
        let url = old.url() + "/joomla";
        let site = Site::start(release, &self.scratch.join("moved"), None)?;
        let mut command =
            site.command(&["import", "joomla", "--prefix", "jos_", "--database", &url]);
        self.taken_in("moved in from Kunena in MariaDB", &mut command)
    }

    fn taken_in(&mut self, how: &str, command: &mut Command) -> Result<()> {
        let begun = Instant::now();
        let peak_mb = peak_mb_of(command)?;
        let seconds = begun.elapsed().as_secs_f64();
        for (what, figure, unit) in [
            ("", seconds, "s"),
            (", memory of the command", peak_mb, "MB"),
        ] {
            self.table.add(Row {
                subject: "posts",
                what: format!("{POSTS} posts {how}{what}"),
                figure,
                unit,
                line: Line::AtMost(300.0),
            });
        }
        Ok(())
    }

    fn index(&mut self, site: &Site) -> Result<()> {
        let begun = Instant::now();
        output(&mut site.command(&["search", "rebuild"]))?;
        self.table.add(Row {
            subject: "posts",
            what: format!("{POSTS} posts read from the forum and indexed anew"),
            figure: f64::from(POSTS) / begun.elapsed().as_secs_f64(),
            unit: "posts a second",
            line: Line::AtLeast(10_000.0),
        });
        Ok(())
    }

    fn search(&mut self, site: &Site, words: &[String]) -> Result<()> {
        for (what, question) in [
            ("a frequent word", words[0].clone()),
            ("a common word", words[1].clone()),
            ("a rare word", words[2].clone()),
            ("any of three words", words.join("+") + "&searchphrase=any"),
            (
                "a phrase of two words",
                format!("{}+{}&searchphrase=exact", words[0], words[1]),
            ),
        ] {
            let what = format!("{what} searched among {POSTS} posts, 99th percentile");
            self.latency_of("posts", &found(site, &question)?, what, 20.0)?;
        }
        Ok(())
    }

    fn beside_postgresql(&mut self, site: &Site, words: &[String]) -> Result<()> {
        let cluster = Cluster::start_durable()?;
        let posts = self.scratch.join("posts.tsv");
        let script = self.scratch.join("posts.sql");
        let text = TABLE.replace("{posts}", &posts.display().to_string());
        tree::write(&script, text.as_bytes())?;
        let mut psql = Command::new("psql");
        psql.args(["--quiet", "--set=ON_ERROR_STOP=1", &cluster.url()]);
        run(psql.arg("--file").arg(&script))?;
        for (name, word) in ["frequent", "common", "rare"].into_iter().zip(words) {
            let ours = most(&found(site, word)?, CONNECTIONS, self.seconds)?;
            for (means, condition, bound) in [
                ("LIKE", format!("text LIKE '%{word}%'"), 10.0),
                (
                    "GIN index",
                    format!("words @@ to_tsquery('simple', '{word}')"),
                    1.0,
                ),
            ] {
                let question = page(&condition);
                let theirs = transactions(&cluster.url(), &question, self.seconds, &self.scratch)?;
                self.table.add(Row {
                    subject: "posts",
                    what: format!("a {name} word found, {CONNECTIONS} connections"),
                    figure: ours / theirs,
                    unit: if means == "LIKE" {
                        "of PostgreSQL's LIKE"
                    } else {
                        "of its GIN index"
                    },
                    line: Line::AtLeast(bound),
                });
            }
        }
        Ok(())
    }
}

fn found(site: &Site, question: &str) -> Result<Request> {
    let url = site.endpoint("free")? + "/get/search/site?areas[]=forum&searchword=" + question;
    Ok(Request::get(url))
}

/// What a search answers, in PostgreSQL's words: how many there are, and the newest twenty.
fn page(condition: &str) -> String {
    format!(
        "WITH found AS MATERIALIZED (SELECT id, time_ms FROM post WHERE {condition})
SELECT (SELECT count(*) FROM found) AS total, post.* FROM post
WHERE id IN (SELECT id FROM found ORDER BY time_ms DESC LIMIT 20) ORDER BY time_ms DESC;"
    )
}
