//! The progress of long work, shown where a person watches.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Work of unknown length; without a terminal on standard error it shows nothing.
pub(super) fn spinner(what: &str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(what.to_owned());
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

/// Work of so many steps; without a terminal on standard error it shows nothing.
pub(super) fn bar(steps: usize, what: &str) -> ProgressBar {
    let steps = u64::try_from(steps).unwrap_or(u64::MAX);
    let style = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len} {eta}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(steps)
        .with_style(style)
        .with_message(what.to_owned())
}
