//! Reminders of a user name, and new passwords for who has forgotten his.

use loggia_sdk::prelude::*;

use crate::faults::refused;
use crate::{Done, User};

pub(crate) fn describe(module: &mut Description<User>) {
    module
        .operation("get", "remind", remind)
        .summary("Mails the user name to an address, if an account has it; the answer does not say whether one has.")
        .contract()
        .raises(&["USR_EMR", "USR_RRF", "USR_RRE", "REQ_RLM"]);
    module
        .operation("get", "reset", reset)
        .summary("Mails a link that sets a new password, if an account has the address; the answer does not say whether one has.")
        .contract()
        .raises(&["USR_EMR", "USR_RRF", "USR_RRE", "REQ_RLM"]);
    module
        .operation("post", "confirm", confirm)
        .summary("Sets a new password by the token of a reset mail, and ends all sessions of the account.")
        .writes()
        .slow()
        .raises(&["USR_PWR", "USR_RRF", "USR_EDR"]);
}

/// An address.
#[derive(Deserialize, JsonSchema)]
struct Address {
    /// The e-mail address of the account.
    #[schemars(extend("x-missing" = "USR_EMR"))]
    email: String,
}

fn remind(module: &User, call: &Call<'_>, address: Address) -> Result<Done, Fault> {
    module
        .identity()?
        .remind(call, &address.email)
        .map_err(refused)?;
    Ok(Done {})
}

fn reset(module: &User, call: &Call<'_>, address: Address) -> Result<Done, Fault> {
    module
        .identity()?
        .reset(call, &address.email)
        .map_err(refused)?;
    Ok(Done {})
}

/// A new password by a token.
#[derive(Deserialize, JsonSchema)]
struct Confirmation {
    /// The token, as it stands in the mail.
    token: String,
    /// The new password.
    #[schemars(extend("x-missing" = "USR_PWR"))]
    password: String,
}

fn confirm(module: &User, call: &Call<'_>, wanted: Confirmation) -> Result<Done, Fault> {
    module
        .identity()?
        .confirm_reset(call, &wanted.token, &wanted.password)
        .map_err(refused)?;
    Ok(Done {})
}
