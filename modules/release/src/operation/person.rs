//! What the module keeps of one person: his licences and where they are used.

use loggia_sdk::prelude::*;

use super::licence::{self, LicenceFacts};
use super::sites::{self, SiteFacts};
use crate::Release;
use crate::store::licences;

/// Whose data.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Person {
    /// The account's id.
    user: i64,
}

/// Everything the module keeps of an account.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Kept {
    /// Its licences, in the order they were issued.
    licences: Vec<KeptLicence>,
}

/// A licence with the sites it was used on.
#[derive(Serialize, JsonSchema)]
pub(crate) struct KeptLicence {
    /// The licence.
    #[serde(flatten)]
    licence: LicenceFacts,
    /// The sites.
    used_on: Vec<SiteFacts>,
}

/// How much was erased.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Erased {
    /// So many licences.
    licences: usize,
}

/// Gives everything that is kept of an account.
pub(crate) fn export(_release: &Release, call: &Call<'_>, person: Person) -> Result<Kept, Fault> {
    let mut connection = call.database()?;
    let mut kept = Vec::new();
    for row in licences::of_person(&mut connection, person.user)? {
        let used_on = licences::sites(&mut connection, row.id)?;
        kept.push(KeptLicence {
            licence: licence::facts(call, row),
            used_on: used_on.into_iter().map(sites::facts).collect(),
        });
    }
    Ok(Kept { licences: kept })
}

/// Erases the licences of an account; their keys open nothing any more.
pub(crate) fn erase(release: &Release, call: &Call<'_>, person: Person) -> Result<Erased, Fault> {
    let mut connection = call.database_for_writing()?;
    let erased =
        connection.transaction(|connection| licences::delete_of_person(connection, person.user))?;
    release.holders.forget();
    Ok(Erased { licences: erased })
}
