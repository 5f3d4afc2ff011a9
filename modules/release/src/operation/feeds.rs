//! The routes that Joomla's updater reads: extension, collection and changelog documents.

use loggia_sdk::Sent;
use loggia_sdk::prelude::*;

use super::answer;
use crate::Release;
use crate::faults;
use crate::feeds::{Feeds, Kind};

/// `/extension/{product}.xml`
pub(crate) fn extension(release: &Release, call: &Call<'_>) -> Result<Sent, Fault> {
    let product = call.path_parameter("product").unwrap_or_default();
    send(release, call, Kind::Extension(product))
}

/// `/changelog/{product}.xml`
pub(crate) fn changelog(release: &Release, call: &Call<'_>) -> Result<Sent, Fault> {
    let product = call.path_parameter("product").unwrap_or_default();
    send(release, call, Kind::Changelog(product))
}

/// `/collection.xml`
pub(crate) fn collection(release: &Release, call: &Call<'_>) -> Result<Sent, Fault> {
    send(release, call, Kind::Collection)
}

fn send(release: &Release, call: &Call<'_>, kind: Kind<'_>) -> Result<Sent, Fault> {
    if release.feed_url(call).is_empty() {
        // Addresses without a host would break on every site that read them.
        return Ok(answer::text(421, "This host is not served here"));
    }
    match body(release, call, kind) {
        Ok(body) => Ok(Sent::Body(body)),
        Err(fault) => {
            let (status, text) = faults::for_route(fault)?;
            Ok(answer::text(status, text))
        }
    }
}

fn body(release: &Release, call: &Call<'_>, kind: Kind<'_>) -> Result<Body, Fault> {
    let catalogue = release.shelf.catalogue(call)?;
    let feeds = Feeds {
        catalogue: &catalogue,
        settings: &release.settings,
        base_url: release.feed_url(call),
    };
    let document = feeds.document(kind)?;
    let etag = ("etag".to_owned(), document.etag.clone());
    let cache = ("cache-control".to_owned(), "no-cache".to_owned());
    let known = call
        .header("if-none-match")
        .is_some_and(|value| value.contains(&document.etag) || value.trim() == "*");
    Ok(Body {
        status: if known { 304 } else { 200 },
        media_type: "application/xml; charset=utf-8".to_owned(),
        headers: vec![etag, cache],
        bytes: if known {
            Vec::new()
        } else {
            document.bytes.clone()
        },
    })
}
