//! The module's codes: their texts on the wire, and their statuses where statuses are real.

use loggia_sdk::{FaultDescription, fault};

/// The table for the descriptor.
pub(crate) const TABLE: [FaultDescription; 9] = [
    fault("CNT_ANF", "Article not found", 404),
    fault("CNT_ANA", "Access not authorized", 403),
    fault("CNT_CNF", "Category not found", 404),
    fault("CNT_NCF", "No categories found", 404),
    fault("CNT_TNS", "Tag not specified", 400),
    fault("CNT_TNF", "Tag not found", 404),
    fault("CNT_AAX", "Alias already exists", 409),
    fault("CNT_CNE", "Category not empty", 409),
    fault("CNT_RNF", "Revision not found", 404),
];
