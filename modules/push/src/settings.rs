//! The operator's settings, `[module.push]` in `endpoints.toml`. The host's sending engine reads its own from here too.

use schemars::JsonSchema;
use serde::Deserialize;

/// How push behaves.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether `put/push/register` makes an application of a code that it does not know.
    pub auto_appcode: bool,
    /// Whether `put/push/register` takes its parameters out of a JSON body, and then from nowhere else.
    pub json_register: bool,
    /// Whether a registration that names a user must also name the e-mail address of that account.
    pub require_user_email: bool,
    /// How many devices one call of `get/push/scheduler` sends to.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub batch_size: u32,
    /// Who begins to send what is due: the server by itself, or only `get/push/scheduler`.
    pub scheduler: Scheduler,
    /// What becomes of a delivery of which nobody knows whether the vendor took it.
    pub unknown: Unknown,
    /// What becomes of a device that its vendor says is no more.
    pub retire: Retire,
    /// How many days the ledger keeps what has come to an end.
    #[schemars(range(min = 1, max = 36_500))]
    pub retention_days: u32,
    /// For how many seconds it is tried to tell an application's webhook something.
    #[schemars(range(min = 1, max = 2_592_000))]
    pub webhook_patience_s: u32,
    /// Where Apple's server for production is.
    pub apns_url: String,
    /// Where Apple's server for development is.
    pub apns_sandbox_url: String,
    /// Where Google's server is.
    pub fcm_url: String,
    /// A file with further root certificates (PEM) that vendors' servers may be signed by.
    pub root_certificates: String,
    /// Private addresses, or ranges of them, at which vendors and other receivers may be, beside those of `[outgoing] allow`.
    pub outgoing_allow: Vec<String>,
    /// Whom a browser's push service may write to about an application that names nobody itself: `mailto:` or `https:`.
    pub vapid_subject: String,
    /// How many connections an application keeps to a vendor.
    #[schemars(range(min = 1, max = 32))]
    pub connections: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            auto_appcode: false,
            json_register: true,
            require_user_email: false,
            batch_size: 10,
            scheduler: Scheduler::Server,
            unknown: Unknown::Resend,
            retire: Retire::Keep,
            retention_days: 90,
            webhook_patience_s: 259_200,
            apns_url: "https://api.push.apple.com".to_owned(),
            apns_sandbox_url: "https://api.sandbox.push.apple.com".to_owned(),
            fcm_url: "https://fcm.googleapis.com".to_owned(),
            root_certificates: String::new(),
            outgoing_allow: Vec::new(),
            vapid_subject: String::new(),
            connections: 2,
        }
    }
}

/// Who begins to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scheduler {
    /// The server, at the time.
    Server,
    /// Only a call of `get/push/scheduler`.
    Request,
}

/// What becomes of a delivery of which nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// It is sent again under the same id.
    Resend,
    /// It stays, shown, until somebody has it sent again.
    Hold,
}

impl Unknown {
    /// The word of the table.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Unknown::Resend => loggia_push::notification::unknown_policy::RESEND,
            Unknown::Hold => loggia_push::notification::unknown_policy::HOLD,
        }
    }
}

/// What becomes of a device that is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Retire {
    /// It is kept, with the day and the reason.
    Keep,
    /// It is deleted.
    Delete,
}
