//! Joomla's own updater on the demo's feed: a script that follows the updater's rules and knows nothing of Loggia.

use std::process::Command;

use loggia_tests::client::Client;
use loggia_tests::product::Ran;
use loggia_tests::site::{Node, Site};
use loggia_tests::source_tree;
use loggia_tests::wait::soon;
use serde_json::Value;

use crate::fixture::licence_key;

const EXTENSION: &str = "com_loggiademo,component,administrator,";

/// What the updater of a site decides, and whether it failed.
fn update(node: &Node, options: &[&str]) -> (bool, Value) {
    let script = source_tree().join("tests/updater/joomla_updater.py");
    let ran = Ran::command(
        Command::new("python3")
            .arg(script)
            .arg(node.fact("/release/update_xml"))
            .args(["--extension", EXTENSION])
            .args(options),
    );
    (ran.status == 0, ran.json())
}

fn with_key(key: &str) -> String {
    format!("key={key}")
}

#[test]
fn a_site_finds_the_update_proves_its_licence_and_installs_the_package() {
    for site in Site::each() {
        let node = site.node();
        let query = with_key(&licence_key(&node));
        for joomla in ["4.0.0", "4.4.9", "5.2.1", "5.10.0", "6.0.3"] {
            let options = [
                "--installed",
                "1.1.0",
                "--joomla",
                joomla,
                "--extra-query",
                &query,
            ];
            let (done, report) = update(&node, &options);
            assert!(done, "Joomla {joomla}: {report:#}");
            assert_eq!(
                report["offered"]["version"], "1.2.0",
                "Joomla {joomla}: {report:#}"
            );
            let installs = &report["installs"];
            assert_eq!(installs["verified"], true, "{report:#}");
            assert_eq!(installs["type"], "component", "{report:#}");
            let name = installs["file_name"].as_str().unwrap_or_default();
            assert!(name.to_ascii_lowercase().ends_with(".zip"), "{report:#}");
        }
    }
}

#[test]
fn a_key_with_an_ampersand_spelled_out_or_a_pair_with_the_address_is_taken_too() {
    for site in Site::each() {
        let node = site.node();
        let key = licence_key(&node);
        let pair = format!("email={}&amp;key={key}", node.fact("/users/member/email"));
        let dlid = format!("dlid={key}");
        for options in [
            vec!["--extra-query", pair.as_str()],
            vec!["--extra-query", pair.as_str(), "--raw-ampersand"],
            vec!["--extra-query", dlid.as_str()],
        ] {
            let (done, report) = update(&node, &options);
            assert!(
                done && report["installs"]["verified"] == true,
                "{options:?}: {report:#}"
            );
        }
    }
}

#[test]
fn a_wrong_key_or_none_is_refused_with_a_status_that_joomla_shows() {
    for site in Site::each() {
        let node = site.node();
        let wrong = with_key("LG-AAAAA-BBBBB-CCCCC-DDDDD-EEEEE");
        for (query, wanted) in [(wrong.as_str(), 403), ("", 400)] {
            let (done, report) = update(&node, &["--installed", "1.1.0", "--extra-query", query]);
            assert!(!done, "{report:#}");
            assert_eq!(
                report["offered"]["version"], "1.2.0",
                "the feed itself is public"
            );
            let attempts = report["installs"]["attempts"].as_array().expect("attempts");
            assert!(!attempts.is_empty(), "{report:#}");
            for attempt in attempts {
                assert_eq!(attempt["status"], wanted, "{report:#}");
                assert!(
                    !attempt["text"].as_str().unwrap_or_default().is_empty(),
                    "{report:#}"
                );
            }
        }
    }
}

#[test]
fn a_site_sees_nothing_newer_than_its_stability_and_platform_allow() {
    for site in Site::each() {
        let node = site.node();
        let find = |options: &[&str]| {
            let (done, report) = update(&node, &[&["--find-only"], options].concat());
            assert!(done, "{report:#}");
            report["offered"]["version"]
                .as_str()
                .unwrap_or("nothing")
                .to_owned()
        };
        assert_eq!(
            find(&["--installed", "1.2.0"]),
            "nothing",
            "a stable site is up to date"
        );
        assert_eq!(
            find(&["--installed", "1.2.0", "--stability", "beta"]),
            "1.3.0-beta1"
        );
        assert_eq!(
            find(&["--installed", "1.2.0", "--stability", "rc"]),
            "nothing"
        );
        assert_eq!(
            find(&["--installed", "1.1.0", "--joomla", "3.10.12"]),
            "nothing"
        );
        assert_eq!(
            find(&["--installed", "1.1.0", "--joomla", "7.0.0"]),
            "nothing"
        );
        assert_eq!(find(&["--installed", "1.1.0", "--php", "7.3.9"]), "nothing");
        assert_eq!(find(&["--installed", "1.1.0"]), "1.2.0");
    }
}

#[test]
fn the_feed_is_xml_that_says_so_and_stays_the_same_until_something_is_published() {
    for site in Site::each() {
        let node = site.node();
        let url = node.fact("/release/update_xml");
        assert!(
            url.strip_suffix(".xml")
                .is_some_and(|path| !path.contains('?')),
            "{url}"
        );
        let feed = Client::new(&url);
        let first = feed.get("");
        assert_eq!(first.status, 200);
        assert!(
            first
                .header("content-type")
                .unwrap_or_default()
                .contains("xml")
        );
        assert!(first.text().starts_with("<?xml"), "{}", first.text());
        let etag = first.header("etag").expect("a validator").to_owned();
        assert_eq!(feed.with("If-None-Match", &etag).get("").status, 304);
        let package = node.fact("/release/package");
        site.operator(&[
            "release",
            "yank",
            &package,
            "--reason",
            "It breaks the search.",
        ])
        .done();
        soon(|| feed.with("If-None-Match", &etag).get("").status == 200);
        let (done, report) = update(&node, &["--installed", "1.1.0", "--find-only"]);
        assert!(done && report["offered"].is_null(), "{report:#}");
    }
}
