//! The caller's applications.

use loggia_sdk::prelude::*;

use super::application::Application;
use crate::PushBack;
use crate::store::application;

/// Nothing is asked.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Nothing {}

/// Applications.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Applications {
    /// In the order in which they were made.
    applications: Vec<Application>,
}

/// Lists them; the operator, and a key without an account, see all.
pub(crate) fn list(
    _module: &PushBack,
    call: &Call<'_>,
    _nothing: Nothing,
) -> Result<Applications, Fault> {
    let owner = if call.is_unbound() {
        None
    } else {
        Some(call.user().unwrap_or(0))
    };
    let mut connection = call.database()?;
    let known = application::list(&mut connection, owner)?;
    Ok(Applications {
        applications: known.iter().map(Application::from).collect(),
    })
}
