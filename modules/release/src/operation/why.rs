//! `why`: which rule offers a site an update, or refuses it.

use loggia_sdk::prelude::*;

use crate::Release;
use crate::catalogue::Package;
use crate::feeds::Feeds;
use crate::right::{self, Claim};
use crate::updater::{self, Site};
use crate::version::{self, Stability};

/// Parameters of `get/why`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Why {
    /// The product.
    #[schemars(extend("x-missing" = "REL_PNS"))]
    id: String,
    /// The site's full Joomla version, such as 5.2.1.
    #[schemars(length(max = 40))]
    joomla: String,
    /// The site's PHP version; without it every PHP is taken for new enough.
    #[schemars(length(max = 40))]
    php: Option<String>,
    /// The least stability the site takes; stable at first.
    stability: Option<Stability>,
    /// The version the site has installed.
    #[schemars(length(max = 50))]
    installed: Option<String>,
    /// mysql, mariadb or postgresql, with its version behind a blank: `mysql 8.0.30`.
    #[schemars(length(max = 60))]
    database: Option<String>,
    /// The licence key the site has.
    #[schemars(length(max = 128))]
    key: Option<String>,
    /// The address that goes with the key, where the site sends one.
    #[schemars(length(max = 320))]
    email: Option<String>,
}

/// What the site is offered, and why.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Because {
    /// The version that is offered.
    offered: Option<String>,
    /// Each version with the rule that decided on it, the newest first.
    rulings: Vec<Ruling>,
    /// Whether the site may download what it is offered.
    download: Download,
}

/// The decision on one version.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Ruling {
    /// The version.
    version: String,
    /// Its package.
    package: String,
    /// offered, platform, php, database, stability, superseded, installed or yanked.
    rule: String,
    /// The rule in a sentence.
    reason: String,
}

/// The decision on the download.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Download {
    /// Whether it would be sent.
    allowed: bool,
    /// `free`, `licence`, or the code of the refusal.
    rule: String,
}

/// Reads the product's feed as the site would.
pub(crate) fn why(release: &Release, call: &Call<'_>, parameters: Why) -> Result<Because, Fault> {
    check_version("joomla", Some(&parameters.joomla))?;
    check_version("php", parameters.php.as_deref())?;
    let catalogue = release.shelf.catalogue(call)?;
    let product = catalogue.product(&parameters.id)?;
    let feeds = Feeds {
        catalogue: &catalogue,
        settings: &release.settings,
        base_url: release.feed_url(call),
    };
    let document = feeds.whole_extension(product)?;
    let updates = updater::read(&document).map_err(Fault::internal)?;
    let site = Site {
        joomla: &parameters.joomla,
        php: parameters.php.as_deref(),
        database: parameters
            .database
            .as_deref()
            .and_then(|text| text.trim().split_once(' ')),
        stability: parameters.stability.unwrap_or(Stability::Stable),
        installed: parameters.installed.as_deref(),
    };
    let decided = updater::decide(&updates, &site);
    let mut rulings: Vec<Ruling> = catalogue
        .packages_of(product)
        .map(|package| ruling(package, &decided))
        .collect();
    rulings.sort_by(|left, right| version::compare(&right.version, &left.version));
    let offered = rulings
        .iter()
        .find(|ruling| ruling.rule == "offered")
        .map(|ruling| ruling.version.clone());
    let download = match &product.row.group_id {
        None => Download {
            allowed: true,
            rule: "free".to_owned(),
        },
        Some(group) => download(release, call, catalogue.group(group)?, &parameters)?,
    };
    Ok(Because {
        offered,
        rulings,
        download,
    })
}

fn check_version(parameter: &str, version: Option<&str>) -> Result<(), Fault> {
    let is_version = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
    if version.is_none_or(is_version) {
        Ok(())
    } else {
        Err(Fault::parameter(parameter, "is a version such as 5.2.1"))
    }
}

fn ruling(package: &Package, decided: &[updater::Ruling]) -> Ruling {
    let found = decided
        .iter()
        .find(|ruling| ruling.version == package.row.version);
    let (rule, reason) = match found {
        Some(ruling) => (ruling.rule, ruling.reason.clone()),
        None => (
            "yanked",
            package.row.yank_reason.clone().unwrap_or_default(),
        ),
    };
    Ruling {
        version: package.row.version.clone(),
        package: package.row.id.clone(),
        rule: rule.to_owned(),
        reason,
    }
}

/// Whether the key would open the download; no site is counted by asking.
fn download(
    release: &Release,
    call: &Call<'_>,
    group: &crate::catalogue::Group,
    parameters: &Why,
) -> Result<Download, Fault> {
    let refused = |fault: &Fault| Download {
        allowed: false,
        rule: fault.code().to_owned(),
    };
    let Some(key) = parameters
        .key
        .as_deref()
        .filter(|key| !key.trim().is_empty())
    else {
        return Ok(refused(&Fault::new("REL_KYR")));
    };
    let claim = Claim {
        email: parameters.email.as_deref(),
        key,
        site: None,
    };
    match right::licence(release, call, group, claim) {
        Ok(_) => Ok(Download {
            allowed: true,
            rule: "licence".to_owned(),
        }),
        Err(fault) if fault.code().starts_with("REL_") => Ok(refused(&fault)),
        Err(fault) => Err(fault),
    }
}
