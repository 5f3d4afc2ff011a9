//! Licence files, and the public key they are checked with.

use loggia_sdk::Sent;
use loggia_sdk::prelude::*;

use super::{answer, licence};
use crate::Release;
use crate::catalogue::Group;
use crate::right::{self, Claim};
use crate::signature::Statement;
use crate::store::licences::LicenceRow;
use crate::{clock, faults, site};

/// What a file says it is, so that a later form is not mistaken for this one.
const FORMAT: &str = "loggia-licence-1";
const MEDIA_TYPE: &str = "application/vnd.loggia.licence+json";
const DAY_MS: i64 = 86_400_000;

/// Parameters of `post/licencefile`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Own {
    /// Package group.
    #[schemars(extend("x-missing" = "REL_GNS"))]
    id: String,
    /// E-mail address of the user's account; a key alone will do.
    email: Option<String>,
    /// Licence key.
    #[schemars(extend("x-missing" = "REL_KYR"))]
    key: String,
    /// The site that the file is for, as a host name or URL; it is counted where the licence is limited to
    /// some number. Without it the file names no site.
    site: Option<String>,
}

/// Parameters of `get/licencefile`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Named {
    /// The licence: its number, its key or the reference it was issued under.
    #[schemars(length(min = 1, max = 200))]
    id: String,
    /// The site that the file is for, as a host name or URL; it is counted where the licence is limited to
    /// some number. Without it the file names no site.
    #[schemars(length(max = 300))]
    site: Option<String>,
}

/// `get/licencekey` asks for nothing.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Nothing {}

/// The key that licence files are checked with.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Verifier {
    /// Its short name, as licence files have it.
    key_id: String,
    /// How it signs.
    algorithm: String,
    /// Its 32 bytes in Base64.
    public_key: String,
    /// The same as most programs read it.
    pem: String,
}

/// Gives the file of a licence to whoever has its key.
pub(crate) fn own(release: &Release, call: &Call<'_>, parameters: Own) -> Result<Body, Fault> {
    if parameters.key.trim().is_empty() {
        return Err(Fault::new("REL_KYR"));
    }
    let catalogue = release.shelf.catalogue(call)?;
    let group = catalogue.group(&parameters.id)?;
    let claim = Claim {
        email: filled(parameters.email.as_deref()),
        key: &parameters.key,
        site: filled(parameters.site.as_deref()),
    };
    let holder = right::check(release, call, group, claim)?;
    let paper = Paper {
        group,
        licence: &holder.licence,
        account: &holder.account,
        site: claim.site,
    };
    paper.written(release, call)
}

/// Gives the file of a licence to the operator or a shop.
pub(crate) fn named(release: &Release, call: &Call<'_>, parameters: Named) -> Result<Body, Fault> {
    let row = licence::find(release, call, &parameters.id)?;
    let catalogue = release.shelf.catalogue(call)?;
    let group = catalogue.group(&row.group_id)?;
    let account = call.host().identity()?.by_id(call, row.user_id)?;
    let account = account.ok_or(Fault::new("REL_UNF"))?;
    right::standing(call, group, &row, &account)?;
    let site = filled(parameters.site.as_deref());
    if let Some(site) = site {
        right::count_site(call, &row, site)?;
    }
    let paper = Paper {
        group,
        licence: &row,
        account: &account,
        site,
    };
    paper.written(release, call)
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

/// Gives the public key.
pub(crate) fn public_key(
    release: &Release,
    call: &Call<'_>,
    _: Nothing,
) -> Result<Verifier, Fault> {
    let signer = release.keeper.signer(call)?;
    Ok(Verifier {
        key_id: signer.id(),
        algorithm: "Ed25519".to_owned(),
        public_key: signer.public_key(),
        pem: signer.pem(),
    })
}

/// `/licence-key.pem`
pub(crate) fn pem(release: &Release, call: &Call<'_>) -> Result<Sent, Fault> {
    let signer = match release.keeper.signer(call) {
        Ok(signer) => signer,
        Err(fault) => {
            let (status, text) = faults::for_route(fault)?;
            return Ok(answer::text(status, text));
        }
    };
    let header = |name: &str, value: String| (name.to_owned(), value);
    Ok(Sent::Body(Body {
        status: 200,
        media_type: "application/x-pem-file".to_owned(),
        headers: vec![
            header("etag", format!("\"{}\"", signer.id())),
            header("cache-control", "public, max-age=86400".to_owned()),
        ],
        bytes: signer.pem().into_bytes(),
    }))
}

/// What a file is about.
struct Paper<'a> {
    group: &'a Group,
    licence: &'a LicenceRow,
    account: &'a Account,
    site: Option<&'a str>,
}

impl Paper<'_> {
    fn written(&self, release: &Release, call: &Call<'_>) -> Result<Body, Fault> {
        let file = release
            .keeper
            .signer(call)?
            .file(self.statement(release, call));
        let name = format!("attachment; filename=\"licence-{}.json\"", self.licence.id);
        Ok(Body {
            status: 200,
            media_type: MEDIA_TYPE.to_owned(),
            headers: vec![
                ("content-disposition".to_owned(), name),
                ("cache-control".to_owned(), "no-store".to_owned()),
            ],
            bytes: file.into_bytes(),
        })
    }

    fn statement(&self, release: &Release, call: &Call<'_>) -> Statement {
        let now_ms = call.host().clock().now_ms();
        let (licence, account) = (self.licence, self.account);
        let expires = self.expires_ms(release, now_ms).map(clock::written);
        let mut statement = Statement::default();
        statement.text("format", FORMAT);
        statement.text("issuer", &release.settings.vendor);
        statement.text("group", &self.group.row.id);
        statement.text("group_name", &self.group.row.name);
        statement.number("licence", licence.id);
        statement.text("key_hint", &licence.key_hint);
        statement.text("holder", &account.name);
        statement.text("email", &account.email);
        statement.number("sites", licence.site_limit);
        statement.optional("site", self.site.and_then(site::normalised).as_deref());
        statement.text("issued", &clock::written(now_ms));
        statement.optional("expires", expires.as_deref());
        statement
    }

    /// A file cannot be taken back, so it ends by itself, with the licence or before.
    fn expires_ms(&self, release: &Release, now_ms: i64) -> Option<i64> {
        let days = i64::from(release.settings.licence_file_days);
        let own_end = (days > 0).then(|| now_ms + days * DAY_MS);
        let ends = [self.licence.expires_ms, own_end];
        ends.into_iter().flatten().min()
    }
}
