//! Taking a file in.

use std::io::Read;

use loggia_sdk::Files;
use loggia_sdk::prelude::*;
use sha2::{Digest, Sha256};

use super::{Shown, remove_files};
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

/// Takes a file.
pub(crate) fn post(media: &Media, call: &Call<'_>, parameters: PostFile) -> Result<Shown, Fault> {
    let level = view_level(media, call, parameters.access)?;
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
        view_level_id: level,
        created_ms: now_ms,
    };
    drop(bytes);
    files.adopt(&parameters.file.0, &row.file_key)?;
    match add(media, call, &row) {
        Ok(id) => Ok(Shown::new(call, FileRow { id, ..row })),
        Err(fault) => {
            remove_files(files, &[row.file_key]);
            Err(fault)
        }
    }
}

/// The view level that is asked for: nobody hides a file from himself, nor shows it to whom he does not know.
fn view_level(media: &Media, call: &Call<'_>, asked: Option<i64>) -> Result<i64, Fault> {
    let level = asked.unwrap_or(media.settings.view_level);
    if asked.is_none() || call.is_unbound() || call.view_levels().contains(&level) {
        return Ok(level);
    }
    Err(Fault::new("MED_ANA").detail("access: is no view level of the account"))
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

fn add(media: &Media, call: &Call<'_>, row: &FileRow) -> Result<i64, Fault> {
    let most = media.settings.max_account_bytes;
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let total = account::add(connection, row.owner_id, row.size_bytes)?;
        if most > 0 && total > most && !call.is_unbound() {
            let detail = format!("the files of an account have at most {most} bytes together");
            return Err(Fault::new("MED_QEX").detail(detail));
        }
        Ok(file::add(connection, row)?)
    })
}
