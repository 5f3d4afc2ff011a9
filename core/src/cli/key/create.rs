//! `loggia key create`.

use clap::Args;

use super::facts::Facts;
use super::{Common, RightsArguments, find, user_id};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::site::patience;
use crate::cli::time;
use crate::store::keys::{self, Draft, Rights, State};

/// Makes a key and prints it, the one time that it can be seen.
#[derive(Args)]
#[command(
    after_help = "Example: loggia key create --daily 1000 --expires 365d --endpoint shop --comment Shop --json"
)]
pub(super) struct Create {
    /// Most calls a UTC day; 0 is no limit.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
    daily: i64,
    /// When it expires: 2027-01-31, 2027-01-31T12:00:00Z, or a span from now such as 365d.
    #[arg(long, value_name = "TIME", value_parser = time::point_ms)]
    expires: Option<i64>,
    /// The account it belongs to, by id, user name or address.
    #[arg(long)]
    user: Option<String>,
    #[command(flatten)]
    rights: RightsArguments,
    /// A reminder.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    comment: String,
    #[command(flatten)]
    common: Common,
}

impl Create {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        let (settings, pool) = self.common.open()?;
        let draft = Draft {
            user_id: user_id(&settings, &pool, self.user.as_deref())?.unwrap_or(0),
            rights: self.rights.over(Rights::default(), &settings)?,
            daily_requests: self.daily,
            expires_ms: self.expires,
            comment: self.comment,
            state: State::Published,
        };
        let (key, secret) = keys::create(&mut pool.write(patience())?, &draft)?;
        let facts = Facts::of(find(&pool, &key.id.to_string())?).with_key(secret.expose());
        output.object(self.common.answer.json, &facts)
    }
}
