//! `[accounts]`: registration, sessions, passwords.

use serde::Serialize;

use super::word::words;

/// What accounts may do and how they are protected.
#[derive(Debug, Clone, Serialize)]
pub struct Accounts {
    /// Whether anybody may register.
    pub registration: bool,
    /// Who enables a registered account.
    pub activation: Activation,
    /// The group of a registered account; 2 is Registered, as in Joomla.
    pub default_group: i64,
    /// How long a session lives after its last use.
    pub session_lifetime_s: u64,
    /// The shortest password.
    pub password_min_length: usize,
    /// How long the token of a reset or activation mail is good.
    pub token_lifetime_s: u64,
    /// The address in a reset mail, with `{token}` in it; absent: the mail holds the token alone.
    pub reset_url: Option<String>,
    /// The address in an activation mail, with `{token}` in it.
    pub activation_url: Option<String>,
    /// Against guessing and flooding.
    pub throttle: Throttle,
}

/// How often something may be tried within a window.
#[derive(Debug, Clone, Serialize)]
pub struct Throttle {
    /// Failed log-ins for one account.
    pub login_failures_per_account: u32,
    /// Failed log-ins from one client address.
    pub login_failures_per_address: u32,
    /// Registrations from one client address.
    pub registrations_per_address: u32,
    /// Reminder and reset mails to one e-mail address, and ten times as many from one client address.
    pub mails_per_email: u32,
    /// The window within which these are counted.
    pub window_s: u64,
}

words! {
    /// Who enables a registered account.
    Activation {
        /// Nobody needs to.
        None = "none",
        /// The person, by a link in a mail.
        Own = "self",
        /// An operator.
        Admin = "admin",
    }
}
