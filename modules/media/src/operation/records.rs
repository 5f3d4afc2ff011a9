//! Moving in and out: files as records, with their bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use loggia_sdk::Files;
use loggia_sdk::prelude::*;
use loggia_site::page::last_of_full;
use loggia_site::records::{
    DeleteRecords, Deleted, GetRecords, MOST, PutRecords, Records, Taken, Unwritten, follow_ids,
    unknown_kind,
};
use loggia_sql::Connection;
use sha2::{Digest, Sha256};

use super::remove::forget;
use super::upload::inspected;
use super::{read, remove_files};
use crate::store::account;
use crate::store::file::{self, FileRow};
use crate::{Media, naming};

const KINDS: [&str; 1] = ["file"];

/// A page ends behind so many bytes of files, because an answer has its limit.
const MOST_BYTES: i64 = 6 << 20;
/// The bytes of a larger file do not fit into one answer.
const MOST_BYTES_OF_ONE: i64 = 11 << 20;

/// A file with its bytes.
#[derive(Serialize, Deserialize)]
struct FileRecord {
    id: i64,
    owner_id: i64,
    name: String,
    view_level_id: i64,
    created_ms: i64,
    #[serde(default = "first_version")]
    version: i64,
    /// The bytes in base64; none of a file that is too large for an answer, which must be copied in the store.
    content: Option<String>,
}

fn first_version() -> i64 {
    1
}

/// Gives a page of records.
pub(crate) fn get(
    _media: &Media,
    call: &Call<'_>,
    parameters: GetRecords,
) -> Result<Records, Fault> {
    let Some(kind) = parameters.kind else {
        return Ok(Records::kinds(&KINDS));
    };
    if kind != KINDS[0] {
        return Err(unknown_kind(&KINDS));
    }
    let limit = parameters.limit.unwrap_or(MOST);
    let rows = file::after(&mut call.database()?, parameters.after.unwrap_or(0), limit)?;
    let (files, last) = (call.host().files()?, rows.last().map(|row| row.id));
    let mut bytes = 0;
    let mut records = Vec::new();
    let mut next = last_of_full(&rows, limit).map(|row| row.id);
    for row in rows {
        let is_last = Some(row.id) == last;
        let (id, size) = (row.id, row.size_bytes);
        records.push(written(files, row)?);
        bytes += size.min(MOST_BYTES_OF_ONE);
        if bytes >= MOST_BYTES && !is_last {
            next = Some(id);
            break;
        }
    }
    Ok(Records {
        records,
        next,
        ..Records::kinds(&KINDS)
    })
}

fn written(files: Files, row: FileRow) -> Result<serde_json::Value, Fault> {
    let content = if row.size_bytes <= MOST_BYTES_OF_ONE {
        Some(STANDARD.encode(read(files, &row.file_key)?))
    } else {
        None
    };
    serde_json::to_value(FileRecord {
        id: row.id,
        owner_id: row.owner_id,
        name: row.name,
        view_level_id: row.view_level_id,
        created_ms: row.created_ms,
        version: row.version,
        content,
    })
    .map_err(Fault::internal)
}

/// Adds or replaces records. What would be refused as an upload is refused here too.
pub(crate) fn put(media: &Media, call: &Call<'_>, parameters: PutRecords) -> Result<Taken, Fault> {
    if parameters.kind != KINDS[0] {
        return Err(unknown_kind(&KINDS));
    }
    let files = call.host().files()?;
    let mut taken = Taken::default();
    let records = taken.read::<FileRecord>(parameters.records);
    let mut rows = Vec::with_capacity(records.len());
    for record in records {
        let id = record.id;
        match stored(media, call, files, record) {
            Ok(row) => rows.push(row),
            Err(fault) if fault.code() == "MED_REF" => taken.refuse(id, fault.reason()),
            Err(fault) => {
                remove_files(files, &keys(&rows));
                return Err(fault);
            }
        }
    }
    match replace(call, &mut taken, &rows) {
        Ok(gone) => {
            remove_files(files, &gone);
            Ok(taken)
        }
        Err(fault) => {
            remove_files(files, &keys(&rows));
            Err(fault)
        }
    }
}

fn keys(rows: &[FileRow]) -> Vec<String> {
    rows.iter().map(|row| row.file_key.clone()).collect()
}

/// Stores a record's bytes, and gives the row that goes with them.
fn stored(
    media: &Media,
    call: &Call<'_>,
    files: Files,
    record: FileRecord,
) -> Result<FileRow, Fault> {
    let refused = |reason: &str| Fault::new("MED_REF").detail(reason);
    let content = record
        .content
        .ok_or_else(|| refused("content is missing"))?;
    let bytes = STANDARD
        .decode(content)
        .map_err(|_| refused("content is not base64"))?;
    let inspected = inspected(media, call, &bytes)?;
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let (width, height) = inspected.size.unzip();
    let row = FileRow {
        id: record.id,
        owner_id: record.owner_id,
        name: naming::harmless(Some(&record.name), inspected.file_type),
        media_type: inspected.file_type.media_type().to_owned(),
        size_bytes: i64::try_from(bytes.len()).map_err(Fault::internal)?,
        file_key: naming::file_key(call, &format!("{sha256}{}", record.id), inspected.file_type),
        sha256,
        width: width.map(i64::from),
        height: height.map(i64::from),
        view_level_id: record.view_level_id,
        created_ms: record.created_ms,
        version: record.version,
    };
    files.put(&row.file_key, &bytes)?;
    Ok(row)
}

/// Writes the rows in the place of those with their ids; the keys of the files that are nobody's then.
fn replace(call: &Call<'_>, taken: &mut Taken, rows: &[FileRow]) -> Result<Vec<String>, Fault> {
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let before = file::by_ids(connection, &ids)?;
        let mut gone = forget(connection, &before)?;
        let write = |connection: &mut Connection, row: &FileRow| {
            file::add_with_id(connection, row)?;
            account::add(connection, row.owner_id, row.size_bytes)?;
            Ok::<_, Unwritten>(())
        };
        taken.write(connection, rows, |row| row.id, write)?;
        follow_ids(connection, "media_file")?;
        // The bytes of a record that the tables did not take were stored before.
        let kept = keys(&file::by_ids(connection, &ids)?);
        gone.extend(keys(rows).into_iter().filter(|key| !kept.contains(key)));
        Ok(gone)
    })
}

/// Deletes records.
pub(crate) fn delete(
    _media: &Media,
    call: &Call<'_>,
    parameters: DeleteRecords,
) -> Result<Deleted, Fault> {
    if parameters.kind != KINDS[0] {
        return Err(unknown_kind(&KINDS));
    }
    let files = call.host().files()?;
    let mut connection = call.database_for_writing()?;
    let (deleted, keys) = connection.transaction(|connection| {
        let rows = file::by_ids(connection, &parameters.ids)?;
        let keys = forget(connection, &rows)?;
        Ok::<_, Fault>((rows.len(), keys))
    })?;
    drop(connection);
    remove_files(files, &keys);
    Ok(Deleted { deleted })
}
