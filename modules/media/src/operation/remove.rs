//! Deleting files.

use loggia_sdk::prelude::*;
use loggia_sql::Connection;

use super::{own, remove_files};
use crate::Media;
use crate::store::file::{self, FileRow};
use crate::store::{account, thumbnail};

/// Parameters of `delete/files`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct DeleteFile {
    /// The file.
    #[schemars(extend("x-missing" = "MED_FNS"))]
    id: i64,
}

/// It was done.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Done {}

/// Deletes a file of the caller's own.
pub(crate) fn delete(
    _media: &Media,
    call: &Call<'_>,
    parameters: DeleteFile,
) -> Result<Done, Fault> {
    let files = call.host().files()?;
    let mut connection = call.database_for_writing()?;
    let keys = connection.transaction(|connection| {
        let row = own(connection, call, parameters.id)?;
        call.if_match(row.version)?;
        Ok::<_, Fault>(forget(connection, &[row])?)
    })?;
    drop(connection);
    remove_files(files, &keys);
    Ok(Done {})
}

/// Deletes rows with all that belongs to them; the keys of files that are nobody's when this is committed.
pub(super) fn forget(
    connection: &mut Connection,
    rows: &[FileRow],
) -> diesel::QueryResult<Vec<String>> {
    let mut keys = Vec::new();
    for row in rows {
        keys.extend(thumbnail::keys(connection, row.id)?);
        if file::delete(connection, row.id)? {
            account::add(connection, row.owner_id, -row.size_bytes)?;
            keys.push(row.file_key.clone());
        }
    }
    Ok(keys)
}
