//! Runs the script for one site.

use std::process::Command;

use loggia_tests::product::Ran;
use loggia_tests::source_tree;
use serde_json::Value;

/// A Joomla site that looks for updates.
pub(crate) struct Joomla {
    feed: String,
    options: Vec<String>,
}

impl Joomla {
    /// A site with Joomla 5.2.1 and PHP 8.2 that takes stable versions only.
    pub(crate) fn new(feed: &str) -> Self {
        Joomla {
            feed: feed.to_owned(),
            options: Vec::new(),
        }
    }

    /// With an option of the script.
    pub(crate) fn with(mut self, option: &str, value: &str) -> Self {
        self.options.push(format!("--{option}={value}"));
        self
    }

    /// With a switch of the script.
    pub(crate) fn switch(mut self, option: &str) -> Self {
        self.options.push(format!("--{option}"));
        self
    }

    /// Looks for an update and installs it, and reports.
    pub(crate) fn update(&self) -> Value {
        let script = source_tree().join("tests/updater/joomla_updater.py");
        let ran = Ran::command(
            Command::new("python3")
                .arg(script)
                .arg(&self.feed)
                .args(&self.options),
        );
        serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|_| panic!("the script failed: {}{}", ran.stdout, ran.stderr))
    }

    /// The version the site is offered.
    pub(crate) fn offered(self) -> Option<String> {
        let report = self.switch("find-only").update();
        assert_eq!(report["failure"], Value::Null, "{report}");
        report["offered"]["version"].as_str().map(str::to_owned)
    }
}
