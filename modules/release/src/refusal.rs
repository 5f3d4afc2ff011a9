//! Why a file cannot be published: a rule with a name, and a sentence.

use std::fmt;

/// A package that the feed could not serve, or that a site could not install.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The name of the rule, for scripts and for the documentation.
    pub rule: &'static str,
    /// What is wrong with this file, and what would be right.
    pub reason: String,
}

impl Refusal {
    /// Refuses by a rule.
    pub fn new(rule: &'static str, reason: impl Into<String>) -> Refusal {
        Refusal {
            rule,
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.rule, self.reason)
    }
}

impl std::error::Error for Refusal {}
