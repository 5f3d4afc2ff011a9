//! The host's sending engine, as this module calls it.

use loggia_push::{Application, application};
use loggia_sdk::prelude::*;
use loggia_sdk::push::CredentialsFault;
use serde_json::{Value, json};

use crate::error::Error;
use crate::model::Context;
use crate::reply::{Failure, Outcome};

/// Has credentials sealed, in the place of those that an application had.
pub(crate) fn keep(
    context: &mut Context<'_>,
    row: Application,
    credentials: &Value,
) -> Outcome<Application> {
    let push = context.call.host().push().map_err(Fault::from)?;
    let text = credentials.to_string();
    let some = (text != "{}").then_some(text.as_str());
    let kept = push.set_credentials(&mut context.connection, row.id, some);
    kept.map_err(|fault| match fault {
        CredentialsFault::Refused(rule) => Failure::from(Error::unprocessable(
            rule,
            json!({ "context": "pushSettings" }),
        )),
        CredentialsFault::NotFound => {
            Failure::from(Error::not_found("Application", &row.public_id))
        }
        CredentialsFault::Failed(fault) => Failure::from(fault),
    })?;
    let saved = application::by_id(&mut context.connection, row.id)?;
    Ok(saved.unwrap_or(row))
}

/// Lets the engine look for what is to be sent, once the call has ended.
pub(crate) fn wake(call: &Call<'_>) -> Result<(), Fault> {
    call.host().push()?.wake(call);
    Ok(())
}
