//! The module's codes: their texts on the wire, and their statuses where statuses are real.

use loggia_sdk::{FaultDescription, fault};

/// The table for the descriptor.
pub(crate) const TABLE: [FaultDescription; 10] = [
    fault("ZOO_ANS", "Application not specified", 400),
    fault("ZOO_CNS", "Category not specified", 400),
    fault("ZOO_AUN", "Application unknown", 404),
    fault("ZOO_CNF", "Category not found", 404),
    fault("ZOO_INF", "Item not found", 404),
    fault("ZOO_ANA", "Access not authorized", 403),
    fault("ZOO_TNF", "Type not found", 404),
    fault("ZOO_RNF", "Revision not found", 404),
    fault("ZOO_CNE", "Category not empty", 409),
    fault("ZOO_AAX", "Alias already exists", 409),
];
