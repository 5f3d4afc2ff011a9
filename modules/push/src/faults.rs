//! The module's codes: their texts on the wire, and their statuses where statuses are real.

use loggia_sdk::{FaultDescription, fault};

/// The table for the descriptor. The first seven are jBackend's.
pub(crate) const TABLE: [FaultDescription; 16] = [
    fault("PSH_TNS", "Token not specified", 400),
    fault("PSH_ANS", "App code not specified", 400),
    fault("PSH_PNS", "Platform not specified", 400),
    fault("PSH_PUN", "Platform unknown", 404),
    fault("PSH_ESA", "Error saving app code", 500),
    fault("PSH_AUN", "Application unknown", 404),
    fault("PSH_ESD", "Error saving device", 500),
    fault("PSH_UEW", "User e-mail does not match", 403),
    fault("PSH_AAX", "App code already exists", 409),
    fault("PSH_ANE", "Application has devices", 409),
    fault("PSH_DUN", "Device unknown", 404),
    fault("PSH_NUN", "Notification unknown", 404),
    fault("PSH_MNV", "Message not valid", 400),
    fault("PSH_CNV", "Credentials not valid", 400),
    fault("PSH_WUN", "Webhook unknown", 404),
    fault("PSH_WNV", "Webhook not valid", 400),
];
