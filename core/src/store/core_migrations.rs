//! The host's own migrations, compiled in.

use std::borrow::Cow;

use super::migration::Migration;

/// Lists folders of `migrations/core/` by name.
macro_rules! core_migrations {
    ($($name:literal),* $(,)?) => {
        vec![$(
            Migration {
                owner: Cow::Borrowed("core"),
                name: Cow::Borrowed($name),
                up: Cow::Borrowed(include_str!(concat!("../../../migrations/core/", $name, "/up.sql"))),
                down: Cow::Borrowed(include_str!(concat!("../../../migrations/core/", $name, "/down.sql"))),
            }
        ),*]
    };
}

/// The migrations of the owner `core`, in their order. Every folder of `migrations/core/` stands here.
pub fn core_migrations() -> Vec<Migration> {
    core_migrations![
        "0010_account",
        "0011_session",
        "0012_mail_queue",
        "0013_account_field",
        "0014_account_list",
        "0020_api_key",
        "0021_access_log",
        "0030_node",
        "0040_search",
        "0050_import",
        "0060_push",
        "0061_channel",
        "0062_search_module",
        "0063_push_hook",
    ]
}
