//! Changing what is said of a file: its name, and who may have it. Its bytes are never changed.

use loggia_sdk::prelude::*;

use super::{Shown, check_view_level, own, versioned};
use crate::store::file::{self, FileRow};
use crate::{Media, naming};

/// Parameters of `put/files`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutFile {
    /// The file.
    #[schemars(extend("x-missing" = "MED_FNS"))]
    id: i64,
    /// What it is called for those who fetch it; letters, digits, `-` and `_` of it are kept, its end stays.
    #[schemars(length(min = 1, max = 1000))]
    name: Option<String>,
    /// The id of the view level of those who may have it.
    #[schemars(range(min = 1))]
    access: Option<i64>,
}

/// Changes the members that are given.
pub(crate) fn put(
    _media: &Media,
    call: &Call<'_>,
    parameters: PutFile,
) -> Result<Versioned<Shown>, Fault> {
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let before = own(connection, call, parameters.id)?;
        call.if_match(before.version)?;
        check_view_level(call, parameters.access)?;
        let version = before.version;
        let after = changed(before, &parameters);
        if !file::save(connection, &after, version)? {
            return Err(Fault::new("REQ_PCF").detail("somebody else has just changed it"));
        }
        Ok(versioned(call, after))
    })
}

fn changed(before: FileRow, parameters: &PutFile) -> FileRow {
    let name = parameters.name.as_deref();
    FileRow {
        name: name.map_or(before.name.clone(), |name| {
            naming::renamed(name, &before.name)
        }),
        view_level_id: parameters.access.unwrap_or(before.view_level_id),
        version: before.version + 1,
        ..before
    }
}
