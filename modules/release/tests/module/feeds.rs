//! The documents that Joomla's updater reads, and why it decides as it does.

use loggia_module_release::updater::{self, Site};
use loggia_module_release::version::Stability;
use serde_json::{Value, json};

use crate::shop::Shop;

fn offered(document: &str, joomla: &str, stability: Stability) -> Option<String> {
    let site = Site {
        joomla,
        php: Some("8.3.0"),
        database: None,
        stability,
        installed: None,
    };
    let updates = updater::read(document).expect("the feed is read back");
    let rulings = updater::decide(&updates, &site);
    let offered = rulings.into_iter().find(|ruling| ruling.rule == "offered");
    offered.map(|ruling| ruling.version)
}

#[test]
fn each_site_is_offered_the_newest_version_that_fits_it() {
    for shop in Shop::each() {
        shop.publish("1.9.0", "3.10-4.*");
        shop.publish("2.0.0", "4.4-6.*");
        shop.publish("2.1.0-beta1", "4.4-6.*");
        let (status, document) = shop.host.route("GET", "/extension/com_redj.xml").text();
        assert_eq!(status, 200);
        for (joomla, stability, version) in [
            ("3.10.12", Stability::Stable, Some("1.9.0")),
            ("4.3.4", Stability::Stable, Some("1.9.0")),
            ("4.4.0", Stability::Stable, Some("2.0.0")),
            ("6.0.1", Stability::Stable, Some("2.0.0")),
            ("6.0.1", Stability::Beta, Some("2.1.0-beta1")),
            ("7.0.0", Stability::Dev, None),
        ] {
            assert_eq!(
                offered(&document, joomla, stability).as_deref(),
                version,
                "{joomla}"
            );
        }
    }
}

#[test]
fn a_version_that_no_site_could_be_offered_is_left_out() {
    for shop in Shop::each() {
        for version in ["1.0.0", "1.1.0", "1.2.0"] {
            shop.publish(version, "5.*");
        }
        let (_, document) = shop.host.route("GET", "/extension/com_redj.xml").text();
        assert_eq!(document.matches("<update>").count(), 1);
        assert!(
            document.contains("http://localhost/test/download/com_redj_1_2_0/com_redj-1.2.0.zip")
        );
    }
}

#[test]
fn nothing_to_offer_is_an_empty_feed_and_an_unknown_product_is_none() {
    for shop in Shop::each() {
        shop.publish("1.0.0", "5.*");
        let yank = shop.operator("post", "yank").with("id", "com_redj_1_0_0");
        assert_eq!(yank.with("reason", "x").json()["status"], "ok");
        let (status, document) = shop.host.route("GET", "/extension/com_redj.xml").text();
        assert_eq!(status, 200);
        assert!(
            document.starts_with("<?xml") && document.contains("<updates></updates>"),
            "{document}"
        );
        assert_eq!(shop.host.route("GET", "/extension/none.xml").text().0, 404);
        assert_eq!(shop.host.route("GET", "/changelog/none.xml").text().0, 404);
    }
}

#[test]
fn the_collection_leads_to_every_product_with_a_stable_version() {
    for shop in Shop::each() {
        let empty = shop.host.route("GET", "/collection.xml").text().1;
        assert!(empty.contains("<extensionset"), "{empty}");
        shop.publish("1.0.0", "5.*");
        shop.publish("1.1.0-beta1", "5.*");
        let document = shop.host.route("GET", "/collection.xml").text().1;
        assert_eq!(document.matches("<extension ").count(), 1, "{document}");
        for part in [
            "element=\"com_redj\"",
            "client=\"administrator\"",
            "version=\"1.0.0\"",
            "detailsurl=\"http://localhost/test/extension/com_redj.xml\"",
        ] {
            assert!(document.contains(part), "{part} in {document}");
        }
    }
}

#[test]
fn a_feed_that_is_known_is_not_sent_again() {
    use loggia_testkit::Answer;
    for shop in Shop::each() {
        shop.publish("1.0.0", "5.*");
        let get = || shop.host.route("GET", "/extension/com_redj.xml");
        let Ok(Answer::Bytes { headers, .. }) = get().send() else {
            panic!("the feed is bytes")
        };
        let etag = headers
            .into_iter()
            .find(|(name, _)| name == "etag")
            .unwrap()
            .1;
        assert_eq!(
            get().header("if-none-match", &etag).text(),
            (304, String::new())
        );
        shop.publish("1.1.0", "5.*");
        assert_eq!(get().header("if-none-match", &etag).text().0, 200);
    }
}

#[test]
fn why_names_the_rule_for_each_version() {
    for shop in Shop::each() {
        shop.publish("1.0.0", "4.*");
        shop.publish("1.1.0", "5.*");
        shop.publish("1.2.0", "5.*");
        shop.publish("1.3.0-rc1", "5.*");
        let yank = shop.operator("post", "yank").with("id", "com_redj_1_2_0");
        assert_eq!(yank.with("reason", "It breaks.").json()["status"], "ok");
        let why = |joomla: &str| {
            shop.operator("get", "why")
                .with("id", "com_redj")
                .with("joomla", joomla)
        };
        let rules = |answer: &Value| -> Vec<String> {
            let rulings = answer["rulings"]
                .as_array()
                .unwrap_or_else(|| panic!("{answer}"));
            rulings
                .iter()
                .map(|ruling| ruling["rule"].as_str().unwrap().to_owned())
                .collect()
        };
        let answer = why("5.2.1").json();
        assert_eq!(answer["offered"], "1.1.0");
        assert_eq!(
            rules(&answer),
            ["stability", "yanked", "offered", "platform"]
        );
        assert_eq!(
            answer["download"],
            json!({ "allowed": false, "rule": "REL_KYR" })
        );
        let answer = why("5.2.1")
            .with("stability", "rc")
            .with("key", shop.key())
            .json();
        assert_eq!(answer["offered"], "1.3.0-rc1");
        assert_eq!(
            answer["download"],
            json!({ "allowed": true, "rule": "licence" })
        );
        assert_eq!(
            rules(&why("5.2.1").with("installed", "1.1.0").json())[2],
            "installed"
        );
        assert_eq!(
            why("5.2.1").with("key", "x").json()["download"]["rule"],
            "REL_KYI"
        );
        assert_eq!(why("five").fault(), "REQ_PNV");
        assert_eq!(why("5.2.1").with("id", "none").fault(), "REL_PNF");
    }
}
