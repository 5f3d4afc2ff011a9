//! A file, or a thumbnail of an image.

use loggia_sdk::prelude::*;
use loggia_sdk::{Files, FilesError};

use super::{gone, read, remove_files};
use crate::inspection::{decoded, format_of, type_of};
use crate::picture::{Frame, thumbnail};
use crate::store::file::{self, FileRow, Sight};
use crate::store::thumbnail::{self as thumbnails, ThumbnailRow};
use crate::{Media, naming};

/// Parameters of `get/files`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct GetFile {
    /// The file.
    #[schemars(extend("x-missing" = "MED_FNS"))]
    id: i64,
    /// A thumbnail about as wide as this, of an image.
    #[schemars(range(min = 1, max = 100_000))]
    width: Option<i64>,
    /// A thumbnail about as high as this, of an image.
    #[schemars(range(min = 1, max = 100_000))]
    height: Option<i64>,
}

/// Sends a file that the caller may have.
pub(crate) fn get(media: &Media, call: &Call<'_>, parameters: GetFile) -> Result<File, Fault> {
    let found = file::visible(&mut call.database()?, &Sight::of(call), parameters.id)?;
    let row = found.ok_or(Fault::new("MED_FNF"))?;
    let frame = Frame::of(&media.settings, parameters.width, parameters.height);
    let size = frame.and_then(|frame| {
        let (width, height) = (u32::try_from(row.width?), u32::try_from(row.height?));
        frame.size(width.ok()?, height.ok()?)
    });
    match size {
        Some(size) => small(media, call, &row, size),
        None => whole(call.host().files()?, row),
    }
}

fn whole(files: Files, row: FileRow) -> Result<File, Fault> {
    files
        .size(&row.file_key)
        .map_err(|error| gone(&row.file_key, error))?;
    Ok(File {
        key: row.file_key,
        name: row.name,
        media_type: row.media_type,
        etag: Some(format!("{}-{}", row.version, row.sha256)),
    })
}

/// A thumbnail that is there, or is made now and kept.
fn small(media: &Media, call: &Call<'_>, row: &FileRow, size: (u32, u32)) -> Result<File, Fault> {
    let kept = thumbnails::find(&mut call.database()?, row.id, size)?;
    let thumbnail = match kept {
        Some(kept) => kept,
        None => make(media, call, row, size)?,
    };
    let (width, height) = size;
    let stem = row.name.rsplit_once('.').map_or("file", |(stem, _)| stem);
    let end = thumbnail
        .file_key
        .rsplit_once('.')
        .map_or("", |(_, end)| end);
    Ok(File {
        name: format!("{stem}-{width}x{height}.{end}"),
        etag: Some(format!("{}-{}-{width}x{height}", row.version, row.sha256)),
        key: thumbnail.file_key,
        media_type: thumbnail.media_type,
    })
}

fn make(
    media: &Media,
    call: &Call<'_>,
    row: &FileRow,
    size: (u32, u32),
) -> Result<ThumbnailRow, Fault> {
    let (settings, files) = (&media.settings, call.host().files()?);
    let place = media.gate.enter(call)?;
    let bytes = read(files, &row.file_key)?;
    let refused = |refusal: crate::inspection::Refusal| Fault::new("MED_REF").detail(refusal.0);
    let file_type = type_of(&bytes, settings).map_err(refused)?;
    let format = format_of(file_type).ok_or(Fault::new("MED_FNF"))?;
    let image = decoded(&bytes, format, settings).map_err(refused)?;
    let (bytes, file_type) = thumbnail(&image, size, settings)?;
    drop(place);
    let (width, height) = size;
    let made = ThumbnailRow {
        file_id: row.id,
        width: width.into(),
        height: height.into(),
        media_type: file_type.media_type().to_owned(),
        file_key: naming::thumbnail_key(&row.file_key, size, file_type),
    };
    match files.put(&made.file_key, &bytes) {
        // The same was made by another call, or by one that came no further.
        Ok(()) | Err(FilesError::Taken) => {}
        Err(error) => return Err(error.into()),
    }
    if !thumbnails::keep(&mut call.database_for_writing()?, &made)? {
        // The image was deleted meanwhile.
        remove_files(files, &[made.file_key]);
        return Err(Fault::new("MED_FNF"));
    }
    Ok(made)
}
