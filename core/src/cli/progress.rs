//! The progress of long work, shown where a person watches.

use std::time::Duration;

use indicatif::ProgressBar;

/// Work of unknown length; without a terminal on standard error it shows nothing.
pub(super) fn spinner(what: &str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(what.to_owned());
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}
