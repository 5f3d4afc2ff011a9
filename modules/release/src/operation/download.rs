//! `download`: the package file, as an operation and below the path that feeds lead to.

use loggia_sdk::prelude::*;
use loggia_sdk::{FilesError, Sent};

use super::answer;
use crate::Release;
use crate::catalogue::Package;
use crate::faults;
use crate::right::{self, Claim};
use crate::token::Credentials;

/// Parameters of `download`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Download {
    /// Package, or product for its newest stable package.
    #[schemars(extend("x-missing" = "REL_PNS"))]
    id: String,
    /// E-mail address of the user's account; not needed for a free package, nor beside a key that stands
    /// for itself.
    email: Option<String>,
    /// Licence key; not needed for a free package.
    key: Option<String>,
    /// Licence key, as Joomla's update sites send it.
    dlid: Option<String>,
    /// The site that asks, as a host name or URL; it is counted where the licence is limited to some number.
    site: Option<String>,
}

/// Sends a package to whoever has a right to it.
pub(crate) fn download(
    release: &Release,
    call: &Call<'_>,
    parameters: Download,
) -> Result<File, Fault> {
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let given = Credentials {
        email: filled(parameters.email),
        key: filled(parameters.key).or(filled(parameters.dlid)),
        site: filled(parameters.site),
    };
    // Only the query can carry the names that Joomla garbles.
    let credentials = given.or(Credentials::of_query(call.query()));
    send(release, call, &parameters.id, &credentials)
}

/// Sends a package below a path that ends in its file name; a refusal is a real status and a short text.
pub(crate) fn route(release: &Release, call: &Call<'_>) -> Result<Sent, Fault> {
    let package = call.path_parameter("package").unwrap_or_default();
    let credentials = Credentials::of_query(call.query());
    match send(release, call, package, &credentials) {
        Ok(file) => Ok(Sent::File(file)),
        Err(fault) => {
            let (status, text) = faults::for_route(fault)?;
            Ok(answer::text(status, text))
        }
    }
}

fn send(
    release: &Release,
    call: &Call<'_>,
    id: &str,
    credentials: &Credentials,
) -> Result<File, Fault> {
    let catalogue = release.shelf.catalogue(call)?;
    let package = catalogue.package(id)?;
    if let Some(group) = catalogue.group_of(package)? {
        let claim = Claim {
            email: credentials.email.as_deref(),
            key: credentials.key.as_deref().ok_or(Fault::new("REL_KYR"))?,
            site: credentials.site.as_deref(),
        };
        right::check(release, call, group, claim)?;
    }
    if !package.is_offered() {
        return Err(withdrawn(package));
    }
    let row = &package.row;
    let size = call
        .host()
        .files()?
        .size(&row.file_key)
        .map_err(|error| unsent(&row.id, error))?;
    if counts(call, size, &row.sha256) {
        release.counter.count(call, &row.id)?;
    }
    Ok(File {
        key: row.file_key.clone(),
        name: row.file_name.clone(),
        media_type: "application/octet-stream".to_owned(),
        etag: Some(row.sha256.clone()),
    })
}

/// A store that does not answer has lost nothing, and Joomla may ask again.
fn unsent(package: &str, error: FilesError) -> Fault {
    if error == FilesError::Busy {
        return error.into();
    }
    tracing::error!("the file of package {package} cannot be sent: {error}");
    Fault::new("REL_FNA")
}

/// The fault of a package that was taken back, with the reason.
pub(crate) fn withdrawn(package: &Package) -> Fault {
    let reason = package.row.yank_reason.as_deref().unwrap_or_default();
    Fault::new("REL_YNK").detail(reason)
}

/// Whether the answer begins at the file's first byte, and has a body at all.
fn counts(call: &Call<'_>, size: u64, etag: &str) -> bool {
    let names_us = |value: &str| value.contains(etag) || value.trim() == "*";
    if call.is_head() || call.header("if-none-match").is_some_and(names_us) {
        return false;
    }
    match call.header("range") {
        // A range of another file than this one is answered with the whole file.
        Some(_)
            if call
                .header("if-range")
                .is_some_and(|value| !names_us(value)) =>
        {
            true
        }
        Some(range) => begins_at_zero(range, size),
        None => true,
    }
}

fn begins_at_zero(range: &str, size: u64) -> bool {
    let Some(ranges) = range.trim().strip_prefix("bytes=") else {
        return true;
    };
    let first = ranges.split(',').next().unwrap_or_default().trim();
    match first.split_once('-') {
        Some(("", length)) => length
            .trim()
            .parse::<u64>()
            .is_ok_and(|length| length >= size),
        Some((start, _)) => start.trim().parse::<u64>() == Ok(0),
        // What is no range is not looked at.
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::begins_at_zero;

    #[test]
    fn only_a_range_that_begins_at_the_first_byte_is_a_download() {
        for range in [
            "bytes=0-",
            "bytes=0-99",
            "bytes=0-0,5-9",
            "bytes=-1000",
            "bytes=-5000",
            "items=5-",
        ] {
            assert!(begins_at_zero(range, 1000), "{range}");
        }
        for range in ["bytes=1-", "bytes=500-999", "bytes=-999", "bytes=5-9,0-4"] {
            assert!(!begins_at_zero(range, 1000), "{range}");
        }
    }
}
