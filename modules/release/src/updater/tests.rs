use super::*;
use crate::feed;
use crate::platform::Platforms;

fn site(joomla: &str, stability: Stability) -> Site<'_> {
    Site {
        joomla,
        php: Some("8.2.1"),
        database: Some(("mysql", "8.0.30")),
        stability,
        installed: Some("1.0.0"),
    }
}

fn offered(document: &str, site: &Site<'_>) -> Option<String> {
    decide(&read(document).unwrap(), site)
        .into_iter()
        .find(|ruling| ruling.rule == "offered")
        .map(|ruling| ruling.version)
}

fn extension() -> feed::Extension {
    feed::Extension {
        name: "Example & Co".to_owned(),
        description: "Says <hello>".to_owned(),
        element: "example".to_owned(),
        kind: "plugin".to_owned(),
        client: "site".to_owned(),
        folder: "system".to_owned(),
        changelog_url: "https://example.com/changelog/example.xml".to_owned(),
        maintainer: String::new(),
        maintainer_url: String::new(),
    }
}

fn update(version: &str, platforms: &str) -> feed::Update {
    feed::Update {
        version: version.to_owned(),
        stability: Stability::of_version(version),
        info_url: "https://example.com/?a=1&b=2".to_owned(),
        download_url: format!("https://example.com/download/example_{version}/example.zip"),
        platforms: Platforms::parse(platforms).unwrap(),
        php_minimum: Some("8.1".to_owned()),
        databases: vec![("mysql".to_owned(), "8.0".to_owned())],
        sha256: "a1".repeat(32),
        sha384: "b2".repeat(48),
        sha512: "c3".repeat(64),
    }
}

fn document() -> String {
    let updates = [
        update("3.0.0-beta1", "4.0-6.*"),
        update("2.10.0", "5.0-6.*"),
        update("2.9.0", "4.0-6.*"),
    ];
    feed::extension(&extension(), &updates).unwrap()
}

#[test]
fn our_feed_is_read_back_without_loss() {
    let document = document();
    assert!(document.starts_with("<?xml"));
    let updates = read(&document).unwrap();
    let first = &updates[1];
    assert_eq!(first.name, "Example & Co");
    assert_eq!(
        (first.element.as_str(), first.kind.as_str()),
        ("example", "plugin")
    );
    assert_eq!(
        (first.folder.as_str(), first.client.as_str()),
        ("system", "site")
    );
    assert_eq!(first.info_url, "https://example.com/?a=1&b=2");
    assert_eq!(
        first.download_url,
        "https://example.com/download/example_2.10.0/example.zip"
    );
    assert_eq!(first.stability, Some(Stability::Stable));
    assert_eq!(first.checksums[0], ("sha256".to_owned(), "a1".repeat(32)));
    assert_eq!(first.checksums.len(), 3);
}

#[test]
fn the_newest_that_fits_is_offered() {
    let document = document();
    assert_eq!(
        offered(&document, &site("5.1.0", Stability::Stable)).as_deref(),
        Some("2.10.0")
    );
    assert_eq!(
        offered(&document, &site("4.4.9", Stability::Stable)).as_deref(),
        Some("2.9.0")
    );
    assert_eq!(
        offered(&document, &site("6.0.0", Stability::Beta)).as_deref(),
        Some("3.0.0-beta1")
    );
    assert_eq!(offered(&document, &site("3.10.12", Stability::Dev)), None);
    assert_eq!(offered(&document, &site("7.0.0", Stability::Dev)), None);
}

#[test]
fn the_rule_that_refuses_is_named() {
    let updates = read(&document()).unwrap();
    let rules = |site: &Site<'_>| -> Vec<&'static str> {
        decide(&updates, site)
            .iter()
            .map(|ruling| ruling.rule)
            .collect()
    };
    let plain = site("4.4.0", Stability::Stable);
    assert_eq!(rules(&plain), ["stability", "platform", "offered"]);
    let old_php = Site {
        php: Some("7.4.33"),
        ..plain.clone()
    };
    assert_eq!(rules(&old_php), ["php", "platform", "php"]);
    let other_database = Site {
        database: Some(("postgresql", "15.1")),
        ..plain.clone()
    };
    assert_eq!(rules(&other_database)[2], "database");
    let up_to_date = Site {
        installed: Some("2.9.0"),
        ..plain.clone()
    };
    assert_eq!(rules(&up_to_date)[2], "installed");
    assert_eq!(rules(&site("5.0.0", Stability::Stable))[2], "superseded");
}

#[test]
fn what_joomla_takes_literally_is_taken_literally() {
    let updates = read(
        "<UPDATES><update><Version>1.1</Version><downloads>\
         <downloadurl> https://a/?x=1&amp;y=2\n</downloadurl>\
         <downloadsource>https://b/?x=1&amp;y=2</downloadsource></downloads>\
         <tags><tag>beta</tag><tag>nonsense</tag></tags>\
         <targetplatform NAME=\"joomla\" version=\"5.1\"/>\
         <sha256>\nAB\n</sha256></update></UPDATES>",
    )
    .unwrap();
    assert_eq!(updates[0].download_url, "https://a/?x=1&y=2");
    assert_eq!(updates[0].download_sources, ["y=2"]);
    assert_eq!(updates[0].stability, Some(Stability::Stable));
    assert_eq!(updates[0].checksums[0].1, "\nAB\n");
    let rulings = decide(&updates, &site("5.10.0", Stability::Stable));
    assert_eq!(
        rulings[0].rule, "offered",
        "the pattern is anchored at the start only"
    );
}

#[test]
fn what_is_no_xml_fails_and_what_ends_early_has_no_updates() {
    assert!(read("{\"status\":\"ko\"}").is_err());
    assert!(read("\n<?xml version=\"1.0\"?><updates></updates>").is_err());
    assert!(read("<updates><update></updates>").is_err());
    assert_eq!(read("").unwrap(), []);
    assert_eq!(read("<updates><update><version>1").unwrap(), []);
    assert_eq!(
        read("\u{feff}<?xml version=\"1.0\"?><updates></updates>").unwrap(),
        []
    );
}

#[test]
fn nothing_to_offer_is_an_empty_document() {
    let document = feed::extension(&extension(), &[]).unwrap();
    assert!(document.contains("<updates></updates>"), "{document}");
    assert_eq!(read(&document).unwrap(), []);
}
