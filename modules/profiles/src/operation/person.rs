//! What the module keeps of one person: what stands in his fields.

use loggia_sdk::prelude::*;
use serde_json::{Map, Value};

use crate::store::{field, value};
use crate::{Profiles, searchable};

/// Whose data.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Person {
    /// The account's id.
    user: i64,
}

/// Everything the module keeps of an account.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Kept {
    /// What stands in the fields, shown or not, by their names.
    fields: Map<String, Value>,
}

/// What was erased.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Erased {
    /// So many fields are empty now.
    fields: usize,
}

/// Gives everything that is kept of an account.
pub(crate) fn export(_profiles: &Profiles, call: &Call<'_>, person: Person) -> Result<Kept, Fault> {
    let values = value::named(&mut call.database()?, person.user)?;
    let fields = values.into_iter().map(|(name, text)| (name, text.into()));
    Ok(Kept {
        fields: fields.collect(),
    })
}

/// Deletes everything that is kept of an account.
pub(crate) fn erase(profiles: &Profiles, call: &Call<'_>, person: Person) -> Result<Erased, Fault> {
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        field::hold(connection)?;
        let fields = value::erase(connection, person.user)?;
        searchable::offer(profiles, call, connection, &[person.user])?;
        Ok(Erased { fields })
    })
}
