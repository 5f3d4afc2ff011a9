//! How an operation fails: a code of the module's own table, or one of the host's.

use crate::host::Undeclared;

/// A refusal or failure. The host writes the envelope from the code's entry in the descriptor.
#[derive(Debug)]
pub struct Fault {
    pub(crate) code: &'static str,
    pub(crate) detail: String,
    pub(crate) retry_after_s: Option<u64>,
}

impl Fault {
    /// A fault of the module's table, or one of the host's `REQ_` codes.
    pub const fn new(code: &'static str) -> Self {
        Fault {
            code,
            detail: String::new(),
            retry_after_s: None,
        }
    }

    /// Adds what the caller may know beyond the fault's text: the member and the rule, never a secret.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Tells when another try may succeed; only for faults that pass by themselves.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// A parameter that does not obey a rule (`REQ_PNV`).
    pub fn parameter(name: &str, rule: &str) -> Self {
        Fault::new("REQ_PNV").detail(format!("{name}: {rule}"))
    }

    /// An error nobody planned for: logged here once, shown to the caller as a bare internal error.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!("internal error: {error}");
        Fault::new("REQ_GER")
    }

    /// What the caller may know beyond the fault's text.
    pub fn reason(&self) -> &str {
        &self.detail
    }

    /// The code, for callers that turn one fault into another.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl From<diesel::result::Error> for Fault {
    fn from(error: diesel::result::Error) -> Self {
        if loggia_sql::is_deadline(&error) {
            Fault::new("REQ_TMO")
        } else if loggia_sql::is_busy(&error) {
            Fault::new("REQ_OVL")
        } else if loggia_sql::is_nul(&error) {
            Fault::new("REQ_PNV").detail(loggia_sql::Nul.to_string())
        } else {
            Fault::internal(error)
        }
    }
}

impl From<Undeclared> for Fault {
    fn from(error: Undeclared) -> Self {
        Fault::internal(error)
    }
}

/// One row of a module's table of faults.
#[derive(Clone, Copy, Debug)]
pub struct FaultDescription {
    pub(crate) code: &'static str,
    pub(crate) text: &'static str,
    pub(crate) status: u16,
}

impl FaultDescription {
    /// The code on the wire.
    pub const fn code(&self) -> &'static str {
        self.code
    }
}

/// A row of the table: code (at most 10 characters), text as on the wire, status on semantic endpoints.
pub const fn fault(code: &'static str, text: &'static str, status: u16) -> FaultDescription {
    FaultDescription { code, text, status }
}
