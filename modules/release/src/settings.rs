//! The operator's settings, `[module.release]` in `endpoints.toml`.

use schemars::JsonSchema;
use serde::Deserialize;

/// How the release module behaves. Package files lie in the module's part of the host's file store.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The vendor's name, in mails and in the collection.
    pub vendor: String,
    /// The vendor's page, named as the maintainer's in the feeds; may be empty.
    pub vendor_url: String,
    /// What licence keys begin with: up to 12 capital letters and digits. Keys in use end with another one.
    pub key_prefix: String,
    /// Whether a member of a group's user groups who has no licence is given one when he first asks for his
    /// key. Otherwise licences are only issued by command or by a shop.
    pub issue_on_demand: bool,
    /// On how many sites a licence issued on demand may be used; 0 is any number.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub site_limit: i64,
    /// How many times an hour the key of one account and group is mailed.
    #[schemars(range(min = 1, max = 1000))]
    pub mails_per_hour: u32,
    /// The absolute URL below which sites find feeds and downloads, where it is not the endpoint's own.
    pub feed_url: String,
    /// How many days a licence file holds, at most as long as its licence; 0 is as long as that.
    #[schemars(range(min = 0, max = 36_500))]
    pub licence_file_days: u32,
    /// The secret key of licence files, 64 hexadecimal digits, from a file or the environment; one that is made
    /// when it is first needed, and kept in the database, where this is empty.
    pub signing_key: String,
    /// The most bytes of a package file.
    #[schemars(range(min = 1024))]
    pub package_bytes: u64,
    /// The most bytes all its entries may unpack to.
    #[schemars(range(min = 1024))]
    pub unpacked_bytes: u64,
    /// The most entries in it.
    #[schemars(range(min = 1, max = 65_534))]
    pub package_entries: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            vendor: "Loggia".to_owned(),
            vendor_url: String::new(),
            key_prefix: "LG".to_owned(),
            issue_on_demand: true,
            site_limit: 0,
            mails_per_hour: 10,
            feed_url: String::new(),
            licence_file_days: 365,
            signing_key: String::new(),
            package_bytes: 256 << 20,
            unpacked_bytes: 1 << 30,
            package_entries: 20_000,
        }
    }
}
