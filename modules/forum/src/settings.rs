//! The operator's settings, `[module.forum]` in `endpoints.toml`.

use loggia_sdk::Account;
use schemars::JsonSchema;
use serde::Deserialize;

/// How the forum behaves.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Ids of the user groups whose members moderate every category.
    pub manager_groups: Vec<i64>,
    /// How long authors may change and delete what they have written.
    pub edit_time_s: i64,
    /// How long an account waits between two messages; managers do not.
    pub interval_s: i64,
    /// Whether messages bear the names of their authors instead of their user names.
    pub real_names: bool,
    /// The name on messages behind which no account stands.
    pub guest_name: String,
    /// Whether the addresses are kept from which messages come.
    pub keep_ip: bool,
    /// Whether subscribers are told of new messages by mail.
    pub mail: bool,
    /// Where readers find a topic, in mails: a URL with `{topic}` for its id.
    pub topic_url: String,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            manager_groups: vec![7, 8],
            edit_time_s: 24 * 60 * 60,
            interval_s: 0,
            real_names: false,
            guest_name: "Anonymous".to_owned(),
            keep_ip: true,
            mail: true,
            topic_url: String::new(),
        }
    }
}

impl Settings {
    /// The name an account's messages bear.
    pub(crate) fn shown_name(&self, account: &Account) -> String {
        if self.real_names && !account.name.is_empty() {
            account.name.clone()
        } else {
            account.username.clone()
        }
    }
}
