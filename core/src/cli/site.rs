//! What most commands share: the site they work on, and how they answer.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;

use super::failure::Failure;
use crate::service::identity::Identity;
use crate::settings::{Settings, Synchronous};
use crate::store::{Durability, Options, Pool, core_migrations, migration};

/// Until when a command waits for a connection.
pub(super) fn patience() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

/// Which site a command works on.
#[derive(Args)]
pub(super) struct Site {
    /// The site's settings.
    #[arg(long, value_name = "FILE", default_value = "endpoints.toml")]
    pub(super) config: PathBuf,
}

impl Site {
    /// The site's settings, read and checked.
    pub(super) fn settings(&self) -> Result<Settings, Failure> {
        Ok(Settings::load(&self.config)?)
    }

    /// The accounts of the site.
    pub(super) fn identity(&self) -> Result<Identity, Failure> {
        let settings = self.settings()?;
        Ok(Identity::new(Self::pool(&settings)?, &settings))
    }

    /// The site's database as it is. A command needs few connections, and leaves the others to the nodes.
    pub(super) fn open(settings: &Settings) -> Result<Pool, Failure> {
        let durability = match settings.database.synchronous {
            Synchronous::Full => Durability::Full,
            Synchronous::Normal => Durability::Normal,
        };
        let options = Options {
            readers: 2,
            connections: 3,
            durability,
            notifies: settings.notices.nats_url.is_none(),
            ..Options::default()
        };
        let address = settings.database.target.address();
        Pool::open(address.expose(), options).map_err(Failure::refused)
    }

    /// The site's database, with the host's own tables as this program knows them.
    pub(super) fn pool(settings: &Settings) -> Result<Pool, Failure> {
        let pool = Self::open(settings)?;
        migration::migrate(&pool, &core_migrations()).map_err(Failure::refused)?;
        Ok(pool)
    }
}

/// How a command answers.
#[derive(Args)]
pub(super) struct Answer {
    /// Answers with one line of JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// What most commands take.
#[derive(Args)]
pub(super) struct Common {
    #[command(flatten)]
    pub(super) site: Site,
    #[command(flatten)]
    pub(super) answer: Answer,
}

impl Common {
    /// The site's settings and its database.
    pub(super) fn open(&self) -> Result<(Settings, Pool), Failure> {
        let settings = self.site.settings()?;
        let pool = Site::pool(&settings)?;
        Ok((settings, pool))
    }
}
