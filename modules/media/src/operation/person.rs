//! What the module keeps of one person: the files he has sent.

use loggia_sdk::prelude::*;
use loggia_site::{Page, once};

use super::remove::forget;
use super::{ONCE, Shown, remove_files};
use crate::Media;
use crate::store::{account, file};

/// Whose data.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Person {
    /// The account's id.
    user: i64,
}

/// Everything the module keeps of an account.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Kept {
    /// His files, newest first; their bytes are sent by `get/files`.
    files: Vec<Shown>,
}

/// What was erased.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Erased {
    /// So many files are gone.
    files: usize,
}

/// Gives everything that is kept of an account.
pub(crate) fn export(_media: &Media, call: &Call<'_>, person: Person) -> Result<Kept, Fault> {
    let rows = file::page(&mut call.database()?, Some(person.user), Page::WHOLE)?;
    let files = rows.into_iter().map(|row| Shown::new(call, row));
    Ok(Kept {
        files: files.collect(),
    })
}

/// Deletes the files of an account.
pub(crate) fn erase(_media: &Media, call: &Call<'_>, person: Person) -> Result<Erased, Fault> {
    let store = call.host().files()?;
    let mut connection = call.database_for_writing()?;
    let (files, keys) = connection.transaction(|connection| {
        let rows = file::page(connection, Some(person.user), Page::WHOLE)?;
        let keys = forget(connection, &rows)?;
        account::erase(connection, person.user)?;
        once::forget_person(connection, ONCE, person.user)?;
        Ok::<_, Fault>((rows.len(), keys))
    })?;
    drop(connection);
    remove_files(store, &keys);
    Ok(Erased { files })
}
