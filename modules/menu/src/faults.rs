//! The module's codes: their texts on the wire, and their statuses where statuses are real.

use loggia_sdk::{FaultDescription, fault};

/// The table for the descriptor.
pub(crate) const TABLE: [FaultDescription; 4] = [
    fault("MNU_MNS", "Menu not specified", 400),
    fault("MNU_MNF", "Menu not found", 404),
    fault("MNU_INF", "Menu item not found", 404),
    fault("MNU_AAX", "Alias already exists", 409),
];
