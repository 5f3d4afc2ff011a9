//! The program's own log: lines on standard error, for people or as JSON.

use std::io;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, reload};

use crate::settings::{Log, LogFormat};

/// The running log, whose level can change while the server serves.
pub struct Logging {
    filter: reload::Handle<Targets, Registry>,
}

impl Logging {
    /// Begins to log. A second log in one process is silent, which only tests do.
    pub fn start(log: &Log) -> Self {
        let (filter, handle) = reload::Layer::new(targets(&log.level));
        let lines = fmt::layer().with_writer(io::stderr).with_ansi(false);
        let lines = match log.format {
            LogFormat::Text => lines.boxed(),
            LogFormat::Json => lines.json().flatten_event(true).boxed(),
        };
        let subscriber = tracing_subscriber::registry().with(filter).with(lines);
        // Only a second log in the process is refused here, and the first goes on.
        let _ = subscriber.try_init();
        Self { filter: handle }
    }

    /// Takes the level of new settings; the format stays as it was at the start.
    pub fn set_level(&self, log: &Log) {
        if let Err(error) = self.filter.reload(targets(&log.level)) {
            tracing::warn!("the level of the log could not be changed: {error}");
        }
    }
}

/// The directives of the settings, which have checked them; database drivers and HTTP workers speak of
/// their inner life only when asked by name. The client of NATS says at each attempt what stands in the log already.
fn targets(level: &str) -> Targets {
    let asked = level.parse().unwrap_or_else(|_| Targets::new());
    let quiet = ["actix_server", "actix_http", "mio", "h2", "rustls"];
    let quiet = quiet.map(|name| (name, LevelFilter::WARN));
    let quiet = quiet.into_iter().chain([("async_nats", LevelFilter::OFF)]);
    let default = asked.default_level().unwrap_or(LevelFilter::OFF);
    let quieted = quiet.filter(|(name, most)| !level.contains(name) && *most < default);
    quieted.fold(asked, |targets: Targets, (name, most)| {
        targets.with_target(name, most)
    })
}
