//! The module's codes: their texts on the wire, and their statuses where statuses are real.

use loggia_sdk::{Fault, FaultDescription, fault};

const TABLE: [(&str, &str, u16); 22] = [
    ("REL_GNS", "Package group not specified", 400),
    ("REL_PNS", "Package not specified", 400),
    ("REL_EMR", "Email required", 400),
    ("REL_UNR", "Username required", 400),
    ("REL_PWR", "Password required", 400),
    ("REL_KYR", "Key required", 400),
    ("REL_GNF", "Package group not found", 404),
    ("REL_PNF", "Package not found", 404),
    ("REL_LIF", "Login failed", 401),
    ("REL_KYI", "Key invalid", 403),
    ("REL_KYE", "Key expired", 403),
    ("REL_KYV", "Key revoked", 403),
    ("REL_ANA", "Access not authorized", 403),
    ("REL_ALR", "Limit of sites reached", 403),
    ("REL_YNK", "Package withdrawn", 410),
    ("REL_FNA", "Package file not available", 404),
    ("REL_PRF", "Package refused", 422),
    ("REL_PAX", "Package already exists", 409),
    ("REL_LNF", "Licence not found", 404),
    ("REL_UNF", "User not found", 404),
    ("REL_RAU", "Reference already used", 409),
    ("REL_FUL", "Too many licences", 409),
];

/// The table for the descriptor.
pub(crate) fn descriptions() -> Vec<FaultDescription> {
    TABLE
        .iter()
        .map(|(code, text, status)| fault(code, text, *status))
        .collect()
}

/// The status and a short text for a route, whose client reads no envelope. The host's own codes stay what
/// they are: it knows better how to answer overload and deadline.
pub(crate) fn for_route(fault: Fault) -> Result<(u16, &'static str), Fault> {
    let entry = TABLE.iter().find(|(code, _, _)| *code == fault.code());
    entry.map(|(_, text, status)| (*status, *text)).ok_or(fault)
}
