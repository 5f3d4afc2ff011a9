//! `loggia key change`.

use clap::Args;

use super::facts::Facts;
use super::{Common, RightsArguments, StateName, find, user_id};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::site::patience;
use crate::cli::time;
use crate::store::keys::{self, State};

/// Changes what is written and leaves the rest.
#[derive(Args)]
#[command(after_help = "Example: loggia key change lg_A1b2C3d4 --daily 5000")]
pub(super) struct Change {
    /// The key, by id or prefix.
    key: String,
    /// Most calls a UTC day; 0 is no limit.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    daily: Option<i64>,
    /// When it expires: 2027-01-31, 2027-01-31T12:00:00Z, or a span from now such as 365d.
    #[arg(long, value_name = "TIME", value_parser = time::point_ms)]
    expires: Option<i64>,
    /// It never expires.
    #[arg(long, conflicts_with = "expires")]
    never_expires: bool,
    /// The account it belongs to, by id, user name or address; 0 is nobody.
    #[arg(long)]
    user: Option<String>,
    /// Whether it works.
    #[arg(long)]
    state: Option<StateName>,
    #[command(flatten)]
    rights: RightsArguments,
    /// A reminder.
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// Sets the count of calls and the last visit back; the day's count stays.
    #[arg(long)]
    reset_statistics: bool,
    #[command(flatten)]
    common: Common,
}

impl Change {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        let (settings, pool) = self.common.open()?;
        let old = find(&pool, &self.key)?.key;
        let id = old.id;
        let user = match self.user.as_deref() {
            Some("0") => Some(0),
            user => user_id(&settings, &pool, user)?,
        };
        let change = keys::Change {
            user_id: user,
            rights: Some(self.rights.over(old.rights, &settings)?),
            daily_requests: self.daily,
            expires_ms: if self.never_expires {
                Some(None)
            } else {
                self.expires.map(Some)
            },
            comment: self.comment,
            state: self.state.map(State::from),
        };
        let mut connection = pool.write(patience())?;
        keys::change(&mut connection, id, &change)?;
        if self.reset_statistics {
            keys::reset_statistics(&mut connection, Some(id))?;
        }
        drop(connection);
        output.object(
            self.common.answer.json,
            &Facts::of(find(&pool, &id.to_string())?),
        )
    }
}
