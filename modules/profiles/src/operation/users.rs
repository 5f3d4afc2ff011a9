//! The list of the site's people.

use loggia_sdk::AccountListing;
use loggia_sdk::prelude::*;
use serde_json::{Map, Value};

use crate::faults::refused;
use crate::store::field::Field;
use crate::store::value::{self, Values};
use crate::{Profiles, sight};

/// Parameters of `get/users`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Users {
    /// How many are shown; without it, or with 0, all are. Negative shows none.
    limit: Option<i64>,
    /// How many are passed over; only with `limit`.
    offset: Option<i64>,
}

/// A page of the site's people.
#[derive(Serialize, JsonSchema)]
pub(crate) struct List {
    /// How many there are on all pages.
    total: i64,
    /// The limit, where one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<i64>,
    /// The offset, where one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    /// The people, by their ids.
    users: Vec<User>,
}

/// A person in the list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct User {
    /// The account's id.
    id: String,
    /// The user name.
    username: String,
    /// The person's name.
    name: String,
    /// The e-mail address, where the endpoint's `personal_data` has `email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// The values of the fields by their names, where the settings ask for them in lists.
    #[serde(flatten)]
    fields: Map<String, Value>,
}

/// Lists the site's people.
pub(crate) fn get(profiles: &Profiles, call: &Call<'_>, parameters: Users) -> Result<List, Fault> {
    let Users { limit, offset } = parameters;
    let listing = AccountListing {
        limit: limit.filter(|&limit| limit != 0).map(|limit| limit.max(0)),
        offset: offset.unwrap_or(0).max(0),
        blocked: profiles.settings.show_blocked,
    };
    let page = call
        .host()
        .accounts()?
        .list(call, listing)
        .map_err(refused)?;
    let ids: Vec<i64> = page.accounts.iter().map(|account| account.id).collect();
    let mut said = if profiles.settings.fields_in_lists {
        fields_of(profiles, call, &ids)?
    } else {
        Vec::new()
    }
    .into_iter();
    let users = page.accounts.into_iter().map(|account| User {
        id: account.id.to_string(),
        email: sight::shows_email(call, account.id).then_some(account.email),
        username: account.username,
        name: account.name,
        fields: said.next().unwrap_or_default(),
    });
    Ok(List {
        total: page.total,
        users: users.collect(),
        limit,
        offset,
    })
}

/// What stands in the fields of each of these accounts, in their order.
fn fields_of(
    profiles: &Profiles,
    call: &Call<'_>,
    accounts: &[i64],
) -> Result<Vec<Map<String, Value>>, Fault> {
    let mut connection = call.database()?;
    let fields = sight::fields(profiles, call, &mut connection)?;
    let ids: Vec<i64> = fields.iter().map(|field| field.id).collect();
    let values = value::of_accounts(&mut connection, accounts, &ids)?;
    let of_none = Values::new();
    let said = accounts
        .iter()
        .map(|account| shown(call, &fields, values.get(account).unwrap_or(&of_none)));
    Ok(said.collect())
}

/// What stands in fields, by their names.
pub(super) fn shown(call: &Call<'_>, fields: &[Field], values: &Values) -> Map<String, Value> {
    fields
        .iter()
        .map(|field| {
            (
                field.name.clone(),
                field.shown(call.base_url(), values.get(&field.id)),
            )
        })
        .collect()
}
