//! The module's codes, and what the host refuses in their terms.

use loggia_sdk::{Fault, FaultDescription, IdentityError, fault};

/// The table for the descriptor.
pub(crate) const TABLE: [FaultDescription; 10] = [
    fault("CBP_UNS", "User not specified", 400),
    fault("CBP_UNR", "Username required", 400),
    fault("CBP_EMR", "Email required", 400),
    fault("CBP_NMR", "Name required", 400),
    fault("CBP_FNA", "Field not allowed", 400),
    fault("CBP_UNF", "User not found", 404),
    fault("CBP_UAX", "Username already exists", 409),
    fault("CBP_EAX", "Email already exists", 409),
    fault("CBP_ANA", "Access not authorized", 403),
    fault("CBP_NAX", "Field already exists", 409),
];

/// What the host's accounts refuse, as this module answers it.
pub(crate) fn refused(error: IdentityError) -> Fault {
    let IdentityError::Refused {
        ref code,
        ref detail,
        ..
    } = error
    else {
        return error.into();
    };
    match code.as_str() {
        "USR_UAX" => Fault::new("CBP_UAX"),
        "USR_EAX" => Fault::new("CBP_EAX"),
        "USR_NMR" => Fault::new("CBP_NMR"),
        // The detail names the member and its rule.
        "USR_EDR" => Fault::new("REQ_PNV").detail(detail.clone()),
        _ => error.into(),
    }
}
