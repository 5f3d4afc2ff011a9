//! Senders for Node, to the same fakes on the same machine in the same run.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::Bench;
use super::super::load::median;
use super::super::table::{Line, Row};
use crate::fakes::Fakes;
use crate::fault::{Fault, Result};
use crate::step::{output, run};
use crate::tree;

const SCRIPTS: [(&str, &str); 2] = [
    ("apn.js", include_str!("apn.js")),
    ("web_push.js", include_str!("web_push.js")),
];
/// What is installed, and how the figures name it.
const PACKAGES: [&str; 2] = ["@parse/node-apn@8.1.0", "web-push@3.6.7"];
/// How many pushes one measurement of theirs takes.
const PUSHES: u32 = 20_000;

impl Bench {
    /// What Loggia sends to each vendor beside what they do.
    pub(super) fn beside_node(
        &mut self,
        fakes: &Fakes,
        apple: &[(&'static str, f64)],
        browsers: f64,
    ) -> Result<()> {
        let folder = install()?;
        let facts = folder.join("facts.json");
        tree::write(&facts, fakes.facts.to_string().as_bytes())?;
        let [apn, web_push] = SCRIPTS.map(|(name, text)| {
            tree::write(&folder.join(name), text.as_bytes())?;
            self.rate_of(name, &folder)
        });
        let (apn, web_push) = (apn?, web_push?);
        let mut add = |subject, what: String, figure, unit| {
            self.table.add(Row {
                subject,
                what,
                figure,
                unit,
                line: Line::AtLeast(5.0),
            });
        };
        for (subject, rate) in apple {
            let what = format!("to Apple, beside {} with {apn:.0} a second", PACKAGES[0]);
            add(subject, what, rate / apn, "of node-apn");
        }
        let what = format!(
            "to browsers, beside {} with {web_push:.0} a second",
            PACKAGES[1]
        );
        add("push, SQLite", what, browsers / web_push, "of web-push");
        Ok(())
    }

    fn rate_of(&self, script: &str, folder: &Path) -> Result<f64> {
        let mut rates = Vec::new();
        for _ in 0..self.rounds {
            let mut node = Command::new("node");
            node.current_dir(folder).args([script, "facts.json"]);
            let printed = output(node.arg(PUSHES.to_string()))?;
            let rate = printed.trim().parse();
            rates.push(rate.map_err(|_| Fault::new(format!("no figure: {printed}")))?);
        }
        Ok(median(rates))
    }
}

/// Installs them from the registry into a folder below `target/`, once.
fn install() -> Result<PathBuf> {
    let folder = tree::target().join("bench-node");
    if !folder.join("node_modules/web-push").exists() {
        tree::make_folder(&folder)?;
        let mut npm = Command::new("npm");
        npm.current_dir(&folder).args([
            "install",
            "--silent",
            "--no-save",
            "--no-audit",
            "--no-fund",
        ]);
        run(npm.args(PACKAGES))?;
    }
    Ok(folder)
}
