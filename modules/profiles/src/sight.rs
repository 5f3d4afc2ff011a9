//! Which fields a caller sees and may change, and whose address.

use loggia_sdk::{Call, Fault};
use loggia_sql::Connection;

use crate::Profiles;
use crate::store::field::{self, Field};

/// The field of personal data that a person's address is.
const EMAIL: &str = "email";

/// The published fields that the endpoint lets through, in their order.
pub(crate) fn fields(
    profiles: &Profiles,
    call: &Call<'_>,
    connection: &mut Connection,
) -> Result<Vec<Field>, Fault> {
    let settings = &profiles.settings;
    let names = settings
        .endpoint_fields
        .get(call.endpoint())
        .unwrap_or(&settings.fields);
    // An empty list of one endpoint is a list of none.
    let are_all = names.is_empty() && !settings.endpoint_fields.contains_key(call.endpoint());
    let mut fields = field::published(connection)?;
    fields.retain(|field| are_all || names.contains(&field.name));
    Ok(fields)
}

/// Whether the answer may show the address of an account: its owner sees it, others where the endpoint says so.
pub(crate) fn shows_email(call: &Call<'_>, account: i64) -> bool {
    call.user() == Some(account) || call.may_show(EMAIL)
}
