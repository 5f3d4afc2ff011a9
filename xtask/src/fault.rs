//! Why a chore ended early: one sentence for a person.

use std::fmt;
use std::io;
use std::path::Path;

/// What every chore answers.
pub(crate) type Result<T> = std::result::Result<T, Fault>;

/// One sentence.
#[derive(Debug)]
pub(crate) struct Fault(String);

impl Fault {
    /// Says why.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Fault(text.into())
    }

    /// Names the file that reading or writing failed on.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Fault + '_ {
        move |error| Fault(format!("{}: {error}", path.display()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
