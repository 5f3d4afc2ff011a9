//! The module's operations, a file a subject.

pub(crate) mod change;
pub(crate) mod file;
pub(crate) mod items;
pub(crate) mod person;
pub(crate) mod records;
pub(crate) mod remove;
pub(crate) mod upload;

use std::io::Read;

use loggia_sdk::prelude::*;
use loggia_sdk::{Files, FilesError};
use loggia_site::{clock, media};
use loggia_sql::Connection;

use crate::store::file::{self as store, FileRow, Sight};

/// Where the answers of requests that may come again are kept.
const ONCE: &str = "media_once";

/// A file as lists show it.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Shown {
    /// The id.
    id: String,
    /// The name that it is sent with.
    name: String,
    /// The media type.
    #[serde(rename = "type")]
    media_type: String,
    /// The size in bytes.
    size: i64,
    /// SHA-256 of its bytes.
    sha256: String,
    /// The width of an image.
    width: Option<i64>,
    /// The height of an image.
    height: Option<i64>,
    /// The id of the view level of those who may have it, besides its owner; 0 is nobody's.
    access: String,
    /// The id of the account that sent it; 0 is none.
    user: String,
    /// When it was sent, in UTC.
    created: String,
    /// Where it is sent from.
    url: String,
}

impl Shown {
    fn new(call: &Call<'_>, row: FileRow) -> Self {
        Shown {
            url: media::url(call.base_url(), row.id),
            id: row.id.to_string(),
            name: row.name,
            media_type: row.media_type,
            size: row.size_bytes,
            sha256: row.sha256,
            width: row.width,
            height: row.height,
            access: row.view_level_id.to_string(),
            user: row.owner_id.to_string(),
            created: clock::written(row.created_ms),
        }
    }
}

/// A file as it is shown, with its version.
fn versioned(call: &Call<'_>, row: FileRow) -> Versioned<Shown> {
    Versioned {
        version: Some(row.version),
        members: Shown::new(call, row),
    }
}

/// A file that the caller may change or delete: his own, or whoever's where no account stands behind him. Of others he is
/// told only that they are not his, and that only where he may have them.
fn own(connection: &mut Connection, call: &Call<'_>, id: i64) -> Result<FileRow, Fault> {
    let sight = if call.is_unbound() {
        Sight::ALL
    } else {
        Sight::of(call)
    };
    let row = store::visible(connection, &sight, id)?;
    let row = row.ok_or(Fault::new("MED_FNF"))?;
    if !call.is_unbound() && call.user() != Some(row.owner_id) {
        return Err(Fault::new("MED_ANA"));
    }
    Ok(row)
}

/// Refuses a view level that the caller does not have: nobody shows a file to whom he does not know.
fn check_view_level(call: &Call<'_>, asked: Option<i64>) -> Result<(), Fault> {
    let is_had = |level: i64| call.view_levels().contains(&level);
    if call.is_unbound() || asked.is_none_or(is_had) {
        return Ok(());
    }
    Err(Fault::new("MED_ANA").detail("access: is no view level of the account"))
}

/// All bytes of a stored file or an upload, which is known to be no larger than what may be stored.
fn read(files: Files, key: &str) -> Result<Vec<u8>, Fault> {
    let mut file = files.open(key).map_err(|error| gone(key, error))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(Fault::internal)?;
    Ok(bytes)
}

/// A store that does not answer has lost nothing.
fn gone(key: &str, error: FilesError) -> Fault {
    if error == FilesError::Busy {
        return error.into();
    }
    tracing::error!("the file {key} cannot be read: {error}");
    Fault::new("MED_FNF")
}

/// Removes files whose rows are gone; one that stays is nobody's, and only told in the log.
fn remove_files(files: Files, keys: &[String]) {
    for key in keys {
        if let Err(error) = files.remove(key) {
            tracing::warn!("the file {key} without a row was left in the store: {error}");
        }
    }
}
