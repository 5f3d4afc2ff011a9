//! Changing a person's account and fields.

use super::profile::account;
use crate::faults::refused;
use crate::store::field::{self, Field};
use crate::store::value;
use crate::{Profiles, searchable, sight};
use loggia_sdk::AccountChange;
use loggia_sdk::prelude::*;

/// Parameters of `put/profile`, which are members of its body as the fields are.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutProfile {
    /// The account's id.
    #[schemars(extend("x-missing" = "CBP_UNS"))]
    id: i64,
    /// The user name.
    #[schemars(extend("x-missing" = "CBP_UNR"))]
    username: String,
    /// The e-mail address.
    #[schemars(extend("x-missing" = "CBP_EMR"))]
    email: String,
    /// The person's name.
    #[schemars(extend("x-missing" = "CBP_NMR"))]
    name: String,
    /// Another password; absent or empty keeps the one there is. It ends all sessions of the account.
    password: Option<String>,
}

/// The names of the parameters, which are no fields.
const OWN: [&str; 5] = ["id", "username", "email", "name", "password"];

/// It was done.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Done {}

/// What is written into one field.
type Written = (i64, Option<String>);

/// Changes an account and whatever fields are given.
pub(crate) fn put(
    profiles: &Profiles,
    call: &Call<'_>,
    parameters: PutProfile,
) -> Result<Done, Fault> {
    check_given(&parameters)?;
    check_right(profiles, call, parameters.id)?;
    let fields = sight::fields(profiles, call, &mut call.database()?)?;
    let written = written(call, &fields)?;
    let accounts = call.host().accounts()?;
    let password = parameters.password.as_deref().unwrap_or_default();
    let password_hash = match password {
        "" => None,
        password => Some(accounts.hash(call, password).map_err(refused)?),
    };
    let change = AccountChange {
        username: Some(&parameters.username),
        name: Some(&parameters.name),
        email: Some(&parameters.email),
        password_hash: password_hash.as_deref(),
        ..AccountChange::default()
    };
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        if !written.is_empty() {
            field::hold(connection)?;
        }
        // Looked at again, because nobody may become an administrator in between.
        check_right(profiles, call, parameters.id)?;
        let changed = accounts.change(call, parameters.id, &change);
        let account = changed.map_err(refused)?.ok_or(Fault::new("CBP_UNF"))?;
        for (field, text) in &written {
            value::put(connection, account.id, *field, text.as_deref())?;
        }
        if !written.is_empty() {
            searchable::offer(profiles, call, connection, &[account.id])?;
        }
        Ok(Done {})
    })
}

/// A blank text is none.
fn check_given(parameters: &PutProfile) -> Result<(), Fault> {
    for (text, code) in [
        (&parameters.username, "CBP_UNR"),
        (&parameters.email, "CBP_EMR"),
        (&parameters.name, "CBP_NMR"),
    ] {
        if text.trim().is_empty() {
            return Err(Fault::new(code));
        }
    }
    Ok(())
}

/// A key that is bound to an account changes that one only, and learns nothing of others; nobody changes an
/// administrator.
fn check_right(profiles: &Profiles, call: &Call<'_>, id: i64) -> Result<(), Fault> {
    if call.user().is_some_and(|user| user != id) && !call.is_operator() {
        return Err(Fault::new("CBP_ANA").detail("the key is another user's"));
    }
    let account = account(profiles, call, id)?;
    if profiles.settings.is_administrator(&account.groups) {
        return Err(Fault::new("CBP_ANA").detail("administrators are not changed here"));
    }
    Ok(())
}

/// What is written, or the first member that is no field which may be changed here.
fn written(call: &Call<'_>, fields: &[Field]) -> Result<Vec<Written>, Fault> {
    let others = call
        .members()
        .into_iter()
        .filter(|(name, _)| !OWN.contains(&name.as_str()));
    others
        .map(|(name, value)| {
            let field = fields
                .iter()
                .find(|field| field.name == name && !field.readonly)
                .ok_or_else(|| not_allowed(&name))?;
            Ok((field.id, field.kept(call.base_url(), &value)?))
        })
        .collect()
}

fn not_allowed(name: &str) -> Fault {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    Fault::new("CBP_FNA").detail(shown)
}
