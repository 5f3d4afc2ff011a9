//! `[accounts]`: registration, sessions, passwords.

use serde::Serialize;

use super::reader::Section;
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

impl Accounts {
    pub(super) fn read(section: Section<'_>) -> Self {
        let year_s = 60..=31_536_000;
        let accounts = Self {
            registration: section.get("registration"),
            activation: section.get("activation"),
            default_group: section.number("default_group", 1..=i64::MAX),
            session_lifetime_s: section.number("session_lifetime_s", year_s.clone()),
            password_min_length: section.number("password_min_length", 4..=128),
            token_lifetime_s: section.number("token_lifetime_s", year_s),
            reset_url: read_link(&section, "reset_url"),
            activation_url: read_link(&section, "activation_url"),
            throttle: Throttle::read(section.section("throttle")),
        };
        section.finish();
        accounts
    }
}

impl Throttle {
    fn read(section: Section<'_>) -> Self {
        // 0 is no limit.
        let often = 0..=1_000_000;
        let throttle = Self {
            login_failures_per_account: section.number("login_failures_per_account", often.clone()),
            login_failures_per_address: section.number("login_failures_per_address", often.clone()),
            registrations_per_address: section.number("registrations_per_address", often.clone()),
            mails_per_email: section.number("mails_per_email", often),
            window_s: section.number("window_s", 1..=86_400),
        };
        section.finish();
        throttle
    }
}

/// The address of a mail's link, in which the token has its place.
fn read_link(section: &Section<'_>, key: &str) -> Option<String> {
    let text: String = section.optional(key)?;
    let is_address =
        url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if !is_address || !text.contains("{token}") {
        let help = "write an address with {token} in it, such as \"https://www.example.org/reset?token={token}\"";
        section.refuse(key, "this address has no place for the token", help);
    }
    Some(text)
}
