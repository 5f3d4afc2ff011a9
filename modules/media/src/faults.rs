//! The module's codes: their texts on the wire, and their statuses where statuses are real.

use loggia_sdk::{FaultDescription, fault};

/// The table for the descriptor.
pub(crate) const TABLE: [FaultDescription; 6] = [
    fault("MED_FNS", "File not specified", 400),
    fault("MED_FNF", "File not found", 404),
    fault("MED_ANA", "Access not authorized", 403),
    fault("MED_REF", "File refused", 422),
    fault("MED_FTL", "File too large", 413),
    fault("MED_QEX", "Quota exceeded", 403),
];
