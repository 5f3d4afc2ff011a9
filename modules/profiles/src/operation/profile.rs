//! One person's profile.

use loggia_sdk::prelude::*;
use loggia_site::clock;
use serde_json::{Map, Value};

use super::users::shown;
use crate::faults::refused;
use crate::store::value;
use crate::{Profiles, sight};

/// Parameters of `get/profile`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct GetProfile {
    /// The account's id.
    #[schemars(extend("x-missing" = "CBP_UNS"))]
    id: i64,
}

/// A profile: the account, and every field that the endpoint lets through, by its name.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Profile {
    /// The account's id.
    id: String,
    /// The user name.
    username: String,
    /// The person's name.
    name: String,
    /// The e-mail address, where the endpoint's `personal_data` has `email`, or it is the caller's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// The language tag, or `*`.
    language: String,
    /// When the account was made, in UTC.
    created: String,
    /// What stands in the fields, by their names: a text, or a list of texts where a field takes several.
    #[serde(flatten)]
    fields: Map<String, Value>,
}

/// Shows a profile.
pub(crate) fn get(
    profiles: &Profiles,
    call: &Call<'_>,
    parameters: GetProfile,
) -> Result<Profile, Fault> {
    let account = account(profiles, call, parameters.id)?;
    let mut connection = call.database()?;
    let fields = sight::fields(profiles, call, &mut connection)?;
    let ids: Vec<i64> = fields.iter().map(|field| field.id).collect();
    let values = value::of_accounts(&mut connection, &[account.id], &ids)?;
    let values = values.into_values().next().unwrap_or_default();
    Ok(Profile {
        id: account.id.to_string(),
        email: sight::shows_email(call, account.id).then_some(account.email),
        username: account.username,
        name: account.name,
        language: account.language,
        created: clock::written(account.created_ms),
        fields: shown(call, &fields, &values),
    })
}

/// An account that has a profile here.
pub(super) fn account(profiles: &Profiles, call: &Call<'_>, id: i64) -> Result<Account, Fault> {
    let found = call.host().identity()?.by_id(call, id).map_err(refused)?;
    found
        .filter(|account| !account.blocked || profiles.settings.show_blocked)
        .ok_or(Fault::new("CBP_UNF"))
}
