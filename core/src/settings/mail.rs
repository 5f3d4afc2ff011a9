//! `[mail]`: how mail leaves.

use std::path::PathBuf;

use serde::Serialize;

use super::reader::Section;
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
    /// A PEM file of authorities whose certificates are believed beside those of the public ones, resolved.
    pub authorities: Option<PathBuf>,
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

impl Mail {
    pub(super) fn read(section: Section<'_>) -> Self {
        let mail = Self {
            transport: section.get("transport"),
            from: read_sender(&section),
            outbox: section.get("outbox"),
            sendmail: section.get("sendmail"),
            attempts: section.number("attempts", 1..=100),
            retry_ms: section.number("retry_ms", 1..=86_400_000),
            smtp: Smtp::read(section.section("smtp")),
        };
        let no_server = mail.smtp.url.is_none() && mail.smtp.host.is_none();
        if mail.transport == MailTransport::Smtp && no_server {
            let help = "write `url` or `host` under [mail.smtp]";
            section.refuse(
                "transport",
                "smtp needs a mail server, and none is named",
                help,
            );
        }
        section.finish();
        mail
    }
}

impl Smtp {
    fn read(section: Section<'_>) -> Self {
        let smtp = Self {
            url: read_server_url(&section),
            host: section.optional("host"),
            port: section.optional_number("port", 1..=65_535),
            tls: section.get("tls"),
            user: section.optional("user"),
            password: section.optional("password"),
            authorities: section.optional("authorities"),
            timeout_ms: section.number("timeout_ms", 1..=600_000),
        };
        smtp.check(&section);
        section.finish();
        smtp
    }

    /// Refuses parts that contradict each other.
    fn check(&self, section: &Section<'_>) {
        if section.has("url") {
            let parts = ["host", "port", "tls", "user", "password", "authorities"];
            for part in parts.into_iter().filter(|part| section.has(part)) {
                let text = format!("`{part}` contradicts `url`, which already says it");
                section.refuse(part, text, "write `url` alone, or the parts without `url`");
            }
        } else if self.user.is_some() != self.password.is_some() {
            let (there, missing) = if self.user.is_some() {
                ("user", "password")
            } else {
                ("password", "user")
            };
            let text = format!("`{there}` needs `{missing}` beside it");
            section.refuse(
                there,
                text,
                format!("write `{missing}` too, or leave both out"),
            );
        }
    }
}

/// The sender, checked as an address.
fn read_sender(section: &Section<'_>) -> String {
    let text: String = section.get("from");
    if text.parse::<lettre::message::Mailbox>().is_err() {
        let help = "write an address, such as \"Shop <shop@example.org>\"";
        section.refuse("from", "mail needs a sender with an address", help);
    }
    text
}

/// The server's URL; a refusal never shows it, because it may hold a password.
fn read_server_url(section: &Section<'_>) -> Option<Secret> {
    let url: Secret = section.optional("url")?;
    let parsed = url::Url::parse(url.expose()).ok();
    let good = parsed.is_some_and(|url| matches!(url.scheme(), "smtp" | "smtps") && url.has_host());
    if !good {
        let help = "write \"smtps://USER:PASSWORD@HOST\" or \"smtp://HOST:PORT\"";
        section.refuse("url", "this is no smtp or smtps address", help);
    }
    Some(url)
}
