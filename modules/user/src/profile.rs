//! What an account's owner sees and changes of it.

use std::collections::BTreeMap;

use loggia_sdk::prelude::*;
use serde_json::{Map, Value};

use crate::User;
use crate::faults::refused;

pub(crate) fn describe(module: &mut Description<User>) {
    module
        .operation("get", "profile", profile)
        .summary("Gives the account of whoever is logged in, with its custom fields.")
        .contract()
        .user();
    module
        .operation("put", "profile", change_profile)
        .summary("Changes the account of whoever is logged in: only the members that are given.")
        .writes()
        .user()
        .slow()
        .raises(&["USR_LIF", "USR_NMR", "USR_EAX", "USR_EDR", "REQ_RLM"]);
    module
        .operation("put", "password", change_password)
        .summary("Sets a new password for whoever is logged in, ends all his sessions, and opens a new one.")
        .writes()
        .user()
        .slow()
        .raises(&["USR_LIF", "USR_PWR", "USR_EDR", "REQ_RLM"]);
}

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

#[derive(Serialize, JsonSchema)]
struct Profile {
    /// The account.
    userid: i64,
    /// The user name.
    username: String,
    /// The person's name.
    name: String,
    /// The e-mail address.
    email: String,
    /// A language tag, or `*`.
    language: String,
    /// The ids of the user groups, with those above them.
    groups: Vec<i64>,
    /// The custom fields that the account's owner may see.
    fields: Vec<CustomField>,
}

/// A custom field, as Joomla describes it; what comes from the database is text.
#[derive(Serialize, Deserialize, JsonSchema)]
struct CustomField {
    /// The id.
    id: String,
    /// The title.
    title: String,
    /// The name.
    name: String,
    /// The type, such as `text`.
    #[serde(rename = "type")]
    kind: String,
    /// Everything else: label, value, group and so on.
    #[serde(flatten)]
    more: Map<String, Value>,
}

fn profile(module: &User, call: &Call<'_>, _: Nothing) -> Result<Profile, Fault> {
    let user = owner(call)?;
    let account = module.identity()?.by_id(call, user).map_err(refused)?;
    shown(module, call, account.ok_or(Fault::new("REQ_AUR"))?)
}

fn shown(module: &User, call: &Call<'_>, account: Account) -> Result<Profile, Fault> {
    let fields = module
        .identity()?
        .fields(call, account.id)
        .map_err(refused)?;
    let fields = serde_json::from_value(Value::Array(fields)).map_err(Fault::internal)?;
    Ok(Profile {
        userid: account.id,
        username: account.username,
        name: account.name,
        email: account.email,
        language: account.language,
        groups: account.groups,
        fields,
    })
}

/// The host asks for a user before it calls; so this is for a host that does not.
fn owner(call: &Call<'_>) -> Result<i64, Fault> {
    call.user().ok_or(Fault::new("REQ_AUR"))
}

/// What is changed; what is absent stays.
#[derive(Deserialize, Serialize, JsonSchema)]
struct ProfileChange {
    /// The person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The e-mail address; it needs the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// The present password, for a new address.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    /// A language tag, or `*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    /// Values of custom fields by name; null brings the default back.
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<BTreeMap<String, Option<String>>>,
}

fn change_profile(module: &User, call: &Call<'_>, change: ProfileChange) -> Result<Profile, Fault> {
    let user = owner(call)?;
    let change = serde_json::to_value(change).map_err(Fault::internal)?;
    let account = module
        .identity()?
        .change_profile(call, user, &change)
        .map_err(refused)?;
    shown(module, call, account)
}

/// A new password.
#[derive(Deserialize, JsonSchema)]
struct PasswordChange {
    /// The password as it is.
    #[schemars(extend("x-missing" = "USR_PWR"))]
    password: String,
    /// The password as it shall be.
    #[schemars(extend("x-missing" = "USR_PWR"))]
    new_password: String,
}

#[derive(Serialize, JsonSchema)]
struct PasswordChanged {
    /// The new session; absent where the call came with a key, which needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
}

fn change_password(
    module: &User,
    call: &Call<'_>,
    change: PasswordChange,
) -> Result<PasswordChanged, Fault> {
    let user = owner(call)?;
    let identity = module.identity()?;
    identity
        .change_password(call, user, &change.password, &change.new_password)
        .map_err(refused)?;
    let session_id = match call.key() {
        Some(_) => None,
        None => Some(identity.open_session(call, user).map_err(refused)?),
    };
    Ok(PasswordChanged { session_id })
}
