//! What the module keeps of one person: which applications are his.

use loggia_sdk::prelude::*;

use super::application::Application;
use crate::PushBack;
use crate::store::application::{self, Details};

/// Whose data.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Person {
    /// The account's id.
    user: i64,
}

/// Everything the module keeps of an account.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Kept {
    /// Its applications.
    applications: Vec<Application>,
}

/// What was erased.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Erased {
    /// So many applications are the operator's from now on.
    applications: usize,
}

/// Gives everything that is kept of an account.
pub(crate) fn export(_module: &PushBack, call: &Call<'_>, person: Person) -> Result<Kept, Fault> {
    let mut connection = call.database()?;
    let known = application::list(&mut connection, Some(person.user))?;
    Ok(Kept {
        applications: known.iter().map(Application::from).collect(),
    })
}

/// Takes the account from its applications; a site's pages go on.
pub(crate) fn erase(_module: &PushBack, call: &Call<'_>, person: Person) -> Result<Erased, Fault> {
    let now_ms = call.host().clock().now_ms();
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let known = application::list(connection, Some(person.user))?;
        for one in &known {
            let details = Details {
                owner: None,
                ..one.details.clone()
            };
            let change = loggia_push::application::Change {
                details: Some(one.with(&details)),
                ..Default::default()
            };
            application::change(connection, one, &change, now_ms)?;
        }
        Ok(Erased {
            applications: known.len(),
        })
    })
}
