//! `[mail]`: how mail leaves.

use std::path::PathBuf;

use serde::Serialize;

use super::secret::Secret;
use super::word::words;

/// How mail leaves, and how often it is tried.
#[derive(Debug, Clone, Serialize)]
pub struct Mail {
    /// Which way it leaves.
    pub transport: MailTransport,
    /// The sender, as `Name <address>` or an address.
    pub from: String,
    /// Where the file transport leaves its `.eml` files, resolved.
    pub outbox: PathBuf,
    /// The program of the sendmail transport.
    pub sendmail: PathBuf,
    /// How often a message is tried before it is given up.
    pub attempts: u32,
    /// The wait before the second attempt; it doubles with each.
    pub retry_ms: u64,
    /// The server of the smtp transport.
    pub smtp: Smtp,
}

/// The mail server: by one URL, or by its parts.
#[derive(Debug, Clone, Serialize)]
pub struct Smtp {
    /// `smtp://` or `smtps://` with everything in it; then no other member but the timeout is set.
    pub url: Option<Secret>,
    /// The server's name.
    pub host: Option<String>,
    /// Its port; what the kind of encryption has by custom where it is absent.
    pub port: Option<u16>,
    /// How the connection is protected.
    pub tls: Tls,
    /// The account, if the server wants one.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<Secret>,
    /// How long the server may take.
    pub timeout_ms: u64,
}

words! {
    /// Which way mail leaves.
    MailTransport {
        /// By a mail server.
        Smtp = "smtp",
        /// By the machine's own sendmail program.
        Sendmail = "sendmail",
        /// As files in a folder, for development.
        File = "file",
    }
}

words! {
    /// How the connection to the mail server is protected.
    Tls {
        /// Encrypted from the first byte, by custom on port 465.
        Implicit = "implicit",
        /// Encrypted by STARTTLS, refused without, by custom on port 587.
        Starttls = "starttls",
        /// In the clear, by custom on port 25.
        None = "none",
    }
}
