//! The module's codes: their texts on the wire, and their statuses where statuses are real.

use loggia_sdk::{FaultDescription, fault};

/// The table for the descriptor.
pub(crate) const TABLE: [FaultDescription; 8] = [
    fault("KUN_CNS", "Category not specified", 400),
    fault("KUN_CNF", "Category not found", 404),
    fault("KUN_TNF", "Topic not found", 404),
    fault("KUN_PNF", "Post not found", 404),
    fault("KUN_FNF", "File not found", 404),
    fault("KUN_ANA", "Access not authorized", 403),
    fault("KUN_AAX", "Alias already exists", 409),
    fault("KUN_SFL", "Too many subscribers", 409),
];
