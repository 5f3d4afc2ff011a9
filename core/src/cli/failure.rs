//! How a command fails, and with which exit status.

use std::process::ExitCode;

use crate::settings::SettingsErrors;

/// Why a command did not do what it was told.
#[derive(Debug)]
pub(super) enum Failure {
    /// It was refused, it failed, or what it names is not there: status 1.
    Refused(String),
    /// The command line or the settings are wrong: status 2.
    Usage(String),
    /// The command line cannot be read, or help was asked for: clap says which.
    Line(Box<clap::Error>),
    /// Nobody reads the output any more: as if all had been read.
    Unread,
}

impl Failure {
    /// Tells the person at the terminal and gives the exit status.
    pub(super) fn report(self) -> ExitCode {
        match self {
            Self::Refused(text) => {
                super::note(&format!("loggia: {text}"));
                ExitCode::from(1)
            }
            Self::Usage(text) => {
                super::note(&text);
                ExitCode::from(2)
            }
            Self::Line(error) => {
                // Help goes to standard output, a wrong line to standard error; a closed one is nobody's loss.
                let _ = error.print();
                ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
            }
            Self::Unread => ExitCode::SUCCESS,
        }
    }

    /// Refused for a reason that another room tells.
    pub(super) fn refused(reason: impl ToString) -> Self {
        Self::Refused(reason.to_string())
    }
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        Self::Line(Box::new(error))
    }
}

impl From<SettingsErrors> for Failure {
    fn from(errors: SettingsErrors) -> Self {
        Self::Usage(errors.to_string())
    }
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Refused(format!("the database refused: {error}"))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::Unread,
            _ => Self::Refused(error.to_string()),
        }
    }
}
