//! The publish gate: a feed is read back by the updater's own rules before it changes.

use crate::feed;
use crate::refusal::Refusal;
use crate::updater::{self, Ruling, Site, Update};
use crate::version::Stability;

/// Checks that the feed offers one version exactly where its package says it runs.
pub(crate) fn check(
    document: &str,
    extension: &feed::Extension,
    expected: &feed::Update,
) -> Result<(), Refusal> {
    let updates = updater::read(document)
        .map_err(|error| Refusal::new("feed", format!("the feed cannot be read back: {error}")))?;
    let update = updates
        .iter()
        .find(|update| update.version == expected.version)
        .ok_or_else(|| {
            Refusal::new(
                "superseded",
                format!(
                    "a newer version serves every site that {} would, so no site would be offered it",
                    expected.version
                ),
            )
        })?;
    check_identity(update, extension)?;
    check_file(update, expected)?;
    for joomla in expected.platforms.probes() {
        expect(
            &updates,
            expected,
            &site(expected, &joomla),
            &["offered", "superseded"],
        )?;
    }
    for joomla in expected.platforms.outsiders() {
        expect(&updates, expected, &site(expected, &joomla), &["platform"])?;
    }
    check_refusals(&updates, expected)
}

fn site<'a>(expected: &'a feed::Update, joomla: &'a str) -> Site<'a> {
    Site {
        joomla,
        php: Some(expected.php_minimum.as_deref().unwrap_or("99.0.0")),
        database: None,
        stability: expected.stability,
        installed: None,
    }
}

fn expect(
    updates: &[Update],
    expected: &feed::Update,
    site: &Site<'_>,
    rules: &[&str],
) -> Result<(), Refusal> {
    let ruling = updater::decide(updates, site)
        .into_iter()
        .find(|ruling| ruling.version == expected.version);
    match ruling {
        Some(ruling) if rules.contains(&ruling.rule) => Ok(()),
        Some(Ruling { rule, reason, .. }) => Err(Refusal::new(
            "gate",
            format!(
                "a site with Joomla {} would decide by the rule \"{rule}\" ({reason}), not by \"{}\"",
                site.joomla, rules[0]
            ),
        )),
        None => Err(Refusal::new("gate", "the version is not in the feed")),
    }
}

/// A site finds the update of an installed extension by these four, compared untrimmed.
fn check_identity(update: &Update, extension: &feed::Extension) -> Result<(), Refusal> {
    let pairs = [
        ("name", &update.name, &extension.name),
        ("element", &update.element, &extension.element),
        ("type", &update.kind, &extension.kind),
        ("client", &update.client, &extension.client),
        ("folder", &update.folder, &extension.folder),
    ];
    for (member, read, written) in pairs {
        if read != written {
            return Err(Refusal::new(
                "gate",
                format!("<{member}> is read back as \"{}\"", read.escape_debug()),
            ));
        }
    }
    Ok(())
}

fn check_file(update: &Update, expected: &feed::Update) -> Result<(), Refusal> {
    let url = &update.download_url;
    let ends_in_zip = url
        .rsplit_once('.')
        .is_some_and(|(_, extension)| extension == "zip");
    if *url != expected.download_url || !ends_in_zip || url.contains(['?', '&', ' ']) {
        return Err(Refusal::new(
            "gate",
            format!(
                "the download URL \"{}\" is not a plain path that ends in .zip",
                url.escape_debug()
            ),
        ));
    }
    let checksums = [
        ("sha256", &expected.sha256),
        ("sha384", &expected.sha384),
        ("sha512", &expected.sha512),
    ];
    for (algorithm, digest) in checksums {
        let read = update.checksums.iter().find(|(name, _)| name == algorithm);
        if read.is_none_or(|(_, text)| text != digest) {
            return Err(Refusal::new(
                "gate",
                format!("<{algorithm}> is not read back as it was computed"),
            ));
        }
    }
    Ok(())
}

/// A site that takes stable versions only is not offered another, nor one with an old PHP the update.
fn check_refusals(updates: &[Update], expected: &feed::Update) -> Result<(), Refusal> {
    let probes = expected.platforms.probes();
    let Some(joomla) = probes.first() else {
        return Ok(());
    };
    if expected.stability < Stability::Stable {
        let stable = Site {
            stability: Stability::Stable,
            ..site(expected, joomla)
        };
        expect(updates, expected, &stable, &["stability"])?;
    }
    if expected.php_minimum.is_some() {
        let old = Site {
            php: Some("1.0"),
            ..site(expected, joomla)
        };
        expect(updates, expected, &old, &["php"])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Platforms;

    fn extension() -> feed::Extension {
        feed::Extension {
            name: "Example".to_owned(),
            description: String::new(),
            element: "com_example".to_owned(),
            kind: "component".to_owned(),
            client: "administrator".to_owned(),
            folder: String::new(),
            changelog_url: String::new(),
            maintainer: String::new(),
            maintainer_url: String::new(),
        }
    }

    fn update(version: &str) -> feed::Update {
        feed::Update {
            version: version.to_owned(),
            stability: Stability::of_version(version),
            info_url: String::new(),
            download_url: "https://example.com/download/example_1/example.zip".to_owned(),
            platforms: Platforms::parse("4.0-6.*").unwrap(),
            php_minimum: Some("8.1".to_owned()),
            databases: Vec::new(),
            sha256: "a".repeat(64),
            sha384: "b".repeat(96),
            sha512: "c".repeat(128),
        }
    }

    #[test]
    fn our_own_feeds_pass() {
        for version in ["1.0.0", "1.1.0-beta1", "2.0.0-dev"] {
            let update = update(version);
            let document = feed::extension(&extension(), std::slice::from_ref(&update)).unwrap();
            assert_eq!(check(&document, &extension(), &update), Ok(()), "{version}");
        }
    }

    #[test]
    fn a_feed_that_joomla_would_misread_does_not_pass() {
        let update = update("1.1.0-beta1");
        let document = feed::extension(&extension(), std::slice::from_ref(&update)).unwrap();
        for (right, wrong) in [
            ("<sha256>", "<sha256>\n"),
            ("<tag>beta</tag>", "<tag> beta</tag>"),
            ("<element>", "<element> "),
            ("/example.zip", "/example.zip?a=1&amp;b=2"),
            ("name=\"joomla\"", "name=\"Joomla\""),
            ("[4-6]", "[4-5]"),
            ("[4-6]", "[4-7]"),
            ("<client>administrator</client>", ""),
            ("<php_minimum>8.1</php_minimum>", ""),
            ("<version>1.1.0-beta1", "<version>1.1.0-beta2"),
        ] {
            let spoilt = document.replace(right, wrong);
            assert_ne!(spoilt, document, "{right}");
            assert!(check(&spoilt, &extension(), &update).is_err(), "{wrong}");
        }
    }
}
