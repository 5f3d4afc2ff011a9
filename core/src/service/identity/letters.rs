//! The mails of the identity service.

use super::Configuration;
use crate::service::mail::Draft;
use crate::service::mail::texts::{self, Names, Template, Templates};

/// To whom a mail goes, and about which account.
pub(super) struct Addressee<'a> {
    pub(super) email: &'a str,
    pub(super) account_id: i64,
    /// The user name the mail is about, which need not be the reader's.
    pub(super) username: &'a str,
}

impl Configuration {
    /// Writes a mail; `None` only where the compiled-in texts were damaged.
    pub(super) fn letter(
        &self,
        template: impl FnOnce(&'static Templates) -> &'static Template,
        to: &Addressee<'_>,
        link: &str,
    ) -> Option<Draft> {
        let names = Names {
            site: &self.site,
            username: to.username,
            link,
            hours: self.accounts.token_lifetime_s.div_ceil(3600),
        };
        let (subject, text) = template(texts::templates()?).fill(names);
        Some(Draft {
            to: to.email.to_owned(),
            subject,
            text,
            account_id: Some(to.account_id),
        })
    }
}

/// The address a token is to be used at; where none is set, the token alone.
pub(super) fn link(template: Option<&str>, token: &str) -> String {
    template.map_or_else(|| token.to_owned(), |url| url.replace("{token}", token))
}

/// The name before the sender's address, else the address's domain.
pub(super) fn site_name(from: &str) -> String {
    match from.parse::<lettre::message::Mailbox>() {
        Ok(mailbox) => match mailbox.name {
            Some(name) => name,
            None => mailbox.email.domain().to_owned(),
        },
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_is_called_as_it_signs() {
        assert_eq!(
            site_name("Example Shop <noreply@example.test>"),
            "Example Shop"
        );
        assert_eq!(site_name("noreply@example.test"), "example.test");
    }

    #[test]
    fn a_link_without_an_address_is_the_token() {
        assert_eq!(link(None, "abc"), "abc");
        assert_eq!(
            link(Some("https://x.test/r?t={token}"), "abc"),
            "https://x.test/r?t=abc"
        );
    }
}
