//! The program's own log: lines on standard error, for people or as JSON.

use std::io;

use tracing_subscriber::filter::Targets;
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
/// their inner life only when asked by name.
fn targets(level: &str) -> Targets {
    let asked = level.parse().unwrap_or_else(|_| Targets::new());
    if ["error", "off"].contains(&level) {
        return asked;
    }
    let quiet = [
        "actix_server",
        "actix_http",
        "async_nats",
        "mio",
        "h2",
        "rustls",
    ];
    let quieted = quiet.into_iter().filter(|name| !level.contains(name));
    quieted.fold(asked, |targets: Targets, name| {
        targets.with_target(name, tracing::Level::WARN)
    })
}
