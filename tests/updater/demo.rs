//! The demo package, as sites of all kinds find it.

use loggia_tests::site::{Node, Site};
use serde_json::Value;

use crate::joomla::Joomla;

/// The member's licence key, by his password.
fn key(node: &Node) -> String {
    let path = format!("/post/release/keybyauth/{}", node.fact("/release/group"));
    let (username, password) = (
        node.fact("/users/member/username"),
        node.fact("/users/member/password"),
    );
    let answer = node
        .endpoint("free")
        .post_form(&path, &[("username", &username), ("password", &password)]);
    let key = answer.json()["key"].clone();
    key.as_str()
        .unwrap_or_else(|| panic!("{}", answer.text()))
        .to_owned()
}

#[test]
fn a_site_with_its_key_finds_downloads_and_verifies_the_package() {
    for site in Site::each() {
        let node = site.node();
        let feed = node.fact("/release/update_xml");
        let key = key(&node);
        for (option, query) in [
            ("dlid", format!("dlid={key}")),
            ("key", format!("key={}", key.to_lowercase())),
            (
                "pair",
                format!("email={}&amp;key={key}", node.fact("/users/member/email")),
            ),
        ] {
            let report = Joomla::new(&feed)
                .with("extra-query", &query)
                .with("extension", "com_loggiademo,component,administrator")
                .switch("raw-ampersand")
                .update();
            assert_eq!(report["failure"], Value::Null, "{option}: {report}");
            assert_eq!(report["offered"]["version"], "1.2.0");
            assert_eq!(report["installs"]["verified"], true);
            assert_eq!(report["installs"]["type"], "component");
            assert_eq!(report["installs"]["file_name"], "com_loggiademo-1.2.0.zip");
        }
    }
}

#[test]
fn a_site_with_a_wrong_key_or_none_reads_of_a_failed_download() {
    for site in Site::each() {
        let node = site.node();
        let feed = node.fact("/release/update_xml");
        for (query, status) in [("dlid=LG-00000-00000-00000-00000-00", 403), ("", 400)] {
            let report = Joomla::new(&feed).with("extra-query", query).update();
            assert_eq!(report["failure"], "package download failed", "{report}");
            assert_eq!(report["installs"]["attempts"][0]["status"], status);
            assert_eq!(
                report["offered"]["version"], "1.2.0",
                "the feed itself is public"
            );
        }
    }
}

#[test]
fn sites_are_offered_what_their_platform_and_owner_allow() {
    for site in Site::each() {
        let node = site.node();
        let feed = node.fact("/release/update_xml");
        for (joomla, stability, installed, offered) in [
            ("4.0.0", "stable", "1.0.0", Some("1.2.0")),
            ("6.1.2", "stable", "1.0.0", Some("1.2.0")),
            ("6.1.2", "beta", "1.2.0", Some("1.3.0-beta1")),
            ("5.2.1", "stable", "1.2.0", None),
            ("5.2.1", "rc", "1.2.0", None),
            ("3.10.12", "dev", "1.0.0", None),
            ("7.0.0", "dev", "1.0.0", None),
        ] {
            let found = Joomla::new(&feed)
                .with("joomla", joomla)
                .with("stability", stability)
                .with("installed", installed)
                .offered();
            assert_eq!(
                found.as_deref(),
                offered,
                "{joomla} {stability} {installed}"
            );
        }
        let old_php = Joomla::new(&feed).with("php", "5.6.40").offered();
        assert_eq!(old_php, None);
    }
}

#[test]
fn the_collection_leads_to_the_same_package() {
    for site in Site::each() {
        let node = site.node();
        let feed = node.fact("/release/update_xml");
        let collection = feed.replace("extension/com_loggiademo.xml", "collection.xml");
        let report = Joomla::new(&collection)
            .with("extension", "com_loggiademo,component,administrator")
            .with("extra-query", &format!("dlid={}", key(&node)))
            .update();
        assert_eq!(report["failure"], Value::Null, "{report}");
        assert_eq!(report["offered"]["detailsurl"], feed.as_str());
        assert_eq!(report["installs"]["verified"], true);
    }
}
