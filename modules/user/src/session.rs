//! Logging in and out.

use loggia_sdk::IdentityError;
use loggia_sdk::prelude::*;

use crate::faults::refused;
use crate::{Done, User};

pub(crate) fn describe(module: &mut Description<User>) {
    module
        .operation("post", "login", log_in)
        .summary("Opens a session; its id is in the answer and in a cookie.")
        .contract()
        .guest()
        .slow()
        .raises(&["USR_LIF", "USR_UNE", "USR_ALI", "REQ_RLM"]);
    module
        .operation("get", "logout", log_out)
        .summary("Ends the session of the cookie, or of the parameter session_id.")
        .contract()
        .raises(&["USR_LOF"]);
    module
        .operation("get", "status", status)
        .summary("Tells who is logged in.")
        .contract()
        .inline();
}

/// Who logs in.
#[derive(Deserialize, JsonSchema)]
struct Credentials {
    /// The user name; upper and lower case are the same.
    #[schemars(extend("x-missing" = "USR_UNR"))]
    username: String,
    /// The password.
    #[schemars(extend("x-missing" = "USR_PWR"))]
    password: String,
}

#[derive(Serialize, JsonSchema)]
struct LoggedIn {
    /// The account.
    userid: i64,
    /// The user name as its owner writes it.
    username: String,
    /// The session, to be sent back as the parameter session_id where there are no cookies.
    session_id: String,
}

/// Somebody whose account a key is bound to has no session and may well open one.
fn log_in(module: &User, call: &Call<'_>, credentials: Credentials) -> Result<LoggedIn, Fault> {
    if call.user().is_some() && call.key().is_none() {
        return Err(Fault::new("USR_ALI"));
    }
    let identity = module.identity()?;
    let account = identity
        .authenticate(call, &credentials.username, &credentials.password)
        .map_err(refused)?;
    let session_id = identity.open_session(call, account.id).map_err(refused)?;
    Ok(LoggedIn {
        userid: account.id,
        username: account.username,
        session_id,
    })
}

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

fn log_out(module: &User, call: &Call<'_>, _: Nothing) -> Result<Done, Fault> {
    match module.identity()?.close_session(call) {
        Ok(true) => Ok(Done {}),
        Ok(false) => Err(Fault::new("USR_LOF")),
        Err(
            error @ (IdentityError::Refused { .. }
            | IdentityError::DeadlinePassed
            | IdentityError::Unavailable
            | IdentityError::Failed),
        ) => Err(refused(error)),
    }
}

#[derive(Serialize, JsonSchema)]
struct Status {
    /// The account that is logged in; 0 for a guest.
    user_id: i64,
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "an operation may fail, even where this one does not"
)]
fn status(_module: &User, call: &Call<'_>, _: Nothing) -> Result<Status, Fault> {
    Ok(Status {
        user_id: call.user().unwrap_or(0),
    })
}
