//! Taking a file in.

use std::io::Read;

use loggia_sdk::Files;
use loggia_sdk::prelude::*;
use loggia_site::once::once_of;
use loggia_sql::Connection;
use sha2::{Digest, Sha256};

use super::{ONCE, Shown, check_view_level, remove_files};
use crate::inspection::{Inspected, Refusal, format_of, inspect, type_of};
use crate::store::account;
use crate::store::file::{self, FileRow};
use crate::{Media, naming};

/// Parameters of `post/files`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PostFile {
    /// The file.
    #[schemars(extend("x-missing" = "MED_FNS"))]
    file: Upload,
    /// What it is called for those who fetch it; letters, digits, `-` and `_` of it are kept, its end is that of its
    /// type.
    #[schemars(length(max = 1000))]
    name: Option<String>,
    /// The id of the view level of those who may have it; the site's setting at first.
    #[schemars(range(min = 1))]
    access: Option<i64>,
}

/// Takes a file; the same request with the same `Idempotency-Key` takes one.
pub(crate) fn post(
    media: &Media,
    call: &Call<'_>,
    parameters: PostFile,
) -> Result<Versioned<Shown>, Fault> {
    check_view_level(call, parameters.access)?;
    let files = call.host().files()?;
    let bytes = bytes_of(media, files, &parameters.file)?;
    let inspected = inspected(media, call, &bytes)?;
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let now_ms = call.host().clock().now_ms();
    let (width, height) = inspected.size.unzip();
    let row = FileRow {
        id: 0,
        owner_id: call.user().unwrap_or(0),
        name: naming::harmless(parameters.name.as_deref(), inspected.file_type),
        media_type: inspected.file_type.media_type().to_owned(),
        size_bytes: i64::try_from(bytes.len()).map_err(Fault::internal)?,
        file_key: naming::file_key(call, &sha256, inspected.file_type),
        sha256,
        width: width.map(i64::from),
        height: height.map(i64::from),
        view_level_id: parameters.access.unwrap_or(media.settings.view_level),
        created_ms: now_ms,
        version: 1,
    };
    drop(bytes);
    files.adopt(&parameters.file.0, &row.file_key)?;
    let key = row.file_key.clone();
    let mut is_kept = false;
    let asked = asked(&parameters, &row.sha256);
    let answer = once_of(call, ONCE, "post/files", &asked, |connection| {
        let shown = add(media, call, connection, row)?;
        is_kept = true;
        Ok(shown)
    });
    if answer.is_err() || !is_kept {
        // It was refused, or the first request has kept its own.
        remove_files(files, &[key]);
    }
    Ok(Versioned {
        version: Some(1),
        members: answer?,
    })
}

/// What tells one request from another: of the file its bytes, for each time it is another upload.
fn asked(parameters: &PostFile, sha256: &str) -> Vec<u8> {
    let (name, access) = (&parameters.name, parameters.access);
    format!("{sha256} {name:?} {access:?}").into_bytes()
}

fn bytes_of(media: &Media, files: Files, upload: &Upload) -> Result<Vec<u8>, Fault> {
    let most = media.settings.max_file_bytes;
    let size = files.size(&upload.0)?;
    if size > most {
        return Err(Fault::new("MED_FTL").detail(format!("at most {most} bytes are taken")));
    }
    let mut bytes = Vec::new();
    let file = files.open(&upload.0)?;
    file.take(most)
        .read_to_end(&mut bytes)
        .map_err(Fault::internal)?;
    Ok(bytes)
}

/// Looks into a file; images take a place where they are decoded.
pub(super) fn inspected(media: &Media, call: &Call<'_>, bytes: &[u8]) -> Result<Inspected, Fault> {
    let refused = |Refusal(reason)| Fault::new("MED_REF").detail(reason);
    let file_type = type_of(bytes, &media.settings).map_err(refused)?;
    let _place = match format_of(file_type) {
        Some(_) => Some(media.gate.enter(call)?),
        None => None,
    };
    inspect(bytes, file_type, &media.settings).map_err(refused)
}

fn add(
    media: &Media,
    call: &Call<'_>,
    connection: &mut Connection,
    row: FileRow,
) -> Result<Shown, Fault> {
    let most = media.settings.max_account_bytes;
    let total = account::add(connection, row.owner_id, row.size_bytes)?;
    if most > 0 && total > most && !call.is_unbound() {
        let detail = format!("the files of an account have at most {most} bytes together");
        return Err(Fault::new("MED_QEX").detail(detail));
    }
    let id = file::add(connection, &row)?;
    Ok(Shown::new(call, FileRow { id, ..row }))
}
