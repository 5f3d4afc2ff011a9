//! `[notices]`: how nodes tell one another that there is something to look for.

use std::path::PathBuf;

use serde::Serialize;

use super::reader::Section;
use super::secret::Secret;

/// Where that is told, beside the database.
#[derive(Debug, Clone, Serialize)]
pub struct Notices {
    /// The NATS servers, by commas; without one PostgreSQL's own NOTIFY does it.
    pub nats_url: Option<Secret>,
    /// A file of credentials, as NATS hands them out.
    pub nats_credentials: Option<PathBuf>,
    /// A PEM file of authorities to believe in place of the system's.
    pub nats_authorities: Option<PathBuf>,
    /// What the subjects begin with.
    pub nats_subject: String,
}

impl Notices {
    pub(super) fn read(section: Section<'_>) -> Self {
        let notices = Self {
            nats_url: read_servers(&section),
            nats_credentials: section.optional("nats_credentials"),
            nats_authorities: section.optional("nats_authorities"),
            nats_subject: section.get("nats_subject"),
        };
        if !is_subject(&notices.nats_subject) {
            let text = "this is no beginning of a subject";
            let help = "write letters, digits, `-` and `_`, with points between words";
            section.refuse("nats_subject", text, help);
        }
        section.finish();
        notices
    }
}

fn read_servers(section: &Section<'_>) -> Option<Secret> {
    let urls: Secret = section.optional("nats_url")?;
    let is_server = |text: &str| {
        let url = url::Url::parse(text.trim()).ok();
        url.is_some_and(|url| matches!(url.scheme(), "nats" | "tls") && url.has_host())
    };
    if !urls.expose().split(',').all(is_server) {
        let help = "write \"nats://HOST:4222\" or \"tls://USER:PASSWORD@HOST:4222\"";
        section.refuse("nats_url", "this is no nats or tls address", help);
    }
    Some(urls)
}

fn is_subject(text: &str) -> bool {
    let is_word = |word: &str| {
        let is_plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_');
        !word.is_empty() && word.chars().all(is_plain)
    };
    text.len() <= 100 && text.split('.').all(is_word)
}
