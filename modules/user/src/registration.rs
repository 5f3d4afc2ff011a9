//! Registering, and enabling what was registered.

use loggia_sdk::prelude::*;
use serde_json::json;

use crate::faults::refused;
use crate::{Done, User};

pub(crate) fn describe(module: &mut Description<User>) {
    module
        .operation("post", "register", register)
        .summary("Registers an account, where the site allows it, and mails what is needed to enable it.")
        .contract()
        .slow()
        .raises(&[
            "USR_UNR", "USR_PWR", "USR_EMR", "USR_NMR", "USR_UAX", "USR_EAX", "USR_RNA", "USR_EDR", "REQ_RLM",
        ]);
    module
        .operation("get", "activate", follow_link)
        .summary("Follows the link of an activation mail.")
        .raises(&["USR_EDR"]);
    module
        .operation("post", "activate", activate)
        .summary("Enables an account by the token of its activation mail.")
        .writes()
        .raises(&["USR_EDR"]);
}

/// Who registers.
#[derive(Deserialize, JsonSchema)]
struct Registration {
    /// The user name he wants, of 2 to 150 characters.
    #[schemars(extend("x-missing" = "USR_UNR"))]
    username: String,
    /// The password he wants.
    #[schemars(extend("x-missing" = "USR_PWR"))]
    password: String,
    /// His e-mail address.
    #[schemars(extend("x-missing" = "USR_EMR"))]
    email: String,
    /// His first name, or his whole name.
    #[schemars(extend("x-missing" = "USR_NMR"))]
    firstname: String,
    /// His last name.
    lastname: Option<String>,
}

fn register(module: &User, call: &Call<'_>, wanted: Registration) -> Result<Done, Fault> {
    let last_name = wanted.lastname.unwrap_or_default();
    let account = json!({
        "username": wanted.username,
        "password": wanted.password,
        "email": wanted.email,
        "name": format!("{} {last_name}", wanted.firstname).trim(),
    });
    module
        .identity()?
        .register(call, &account)
        .map_err(refused)?;
    Ok(Done {})
}

/// The token of a mail.
#[derive(Deserialize, JsonSchema)]
struct Token {
    /// As it stands in the mail.
    token: String,
}

#[derive(Serialize, JsonSchema)]
struct Activated {
    /// `enabled`, or `awaits_administrator` where an administrator has the last word.
    standing: String,
}

/// A mail program that looks at a link without opening it must not use the token up.
fn follow_link(module: &User, call: &Call<'_>, token: Token) -> Result<Activated, Fault> {
    if call.is_head() {
        return Ok(Activated {
            standing: String::new(),
        });
    }
    activate(module, call, token)
}

fn activate(module: &User, call: &Call<'_>, token: Token) -> Result<Activated, Fault> {
    let standing = module
        .identity()?
        .activate(call, &token.token)
        .map_err(refused)?;
    Ok(Activated { standing })
}
