//! The module's codes, and what the identity service refuses in their terms.

use loggia_sdk::prelude::*;
use loggia_sdk::{FaultDescription, IdentityError};

/// Codes and texts are jBackend's; the statuses are those of semantic endpoints.
pub(crate) const TABLE: &[FaultDescription] = &[
    fault("USR_LIF", "Login failed", 401),
    fault("USR_UNE", "User not enabled", 401),
    fault("USR_ALI", "Already logged in", 409),
    fault("USR_LOF", "Logout failed", 409),
    fault("USR_UNR", "Username required", 400),
    fault("USR_PWR", "Password required", 400),
    fault("USR_EMR", "Email required", 400),
    fault("USR_NMR", "Name required", 400),
    fault("USR_RNA", "Registration not allowed", 403),
    fault("USR_UAX", "Username already exists", 409),
    fault("USR_EAX", "Email already exists", 409),
    fault("USR_EDR", "Error during registration", 400),
    fault("USR_RRE", "Reset request error", 503),
    fault("USR_RRF", "Reset request failed", 400),
];

/// Codes of the host that the identity service refuses with.
const OF_THE_HOST: &[&str] = &["REQ_RLM", "REQ_PNV"];

/// A refusal of the identity service, as this module answers it.
pub(crate) fn refused(error: IdentityError) -> Fault {
    let IdentityError::Refused {
        code,
        detail,
        retry_after_s,
    } = error
    else {
        return error.into();
    };
    let known = TABLE.iter().map(FaultDescription::code);
    match known
        .chain(OF_THE_HOST.iter().copied())
        .find(|known| *known == code)
    {
        Some(known) => {
            let fault = Fault::new(known).detail(detail);
            match retry_after_s {
                Some(seconds) => fault.retry_after(seconds),
                None => fault,
            }
        }
        None => Fault::internal(format_args!("the identity service refused with {code:?}")),
    }
}
