//! What user names, names, addresses and passwords may be, and what two accounts must not share.

use super::fault::Refusal;
use crate::service::password::MAX_PASSWORD_BYTES;
use crate::store::records::account::Keys;

const MAX_USERNAME_CHARS: usize = 150;
const MAX_NAME_CHARS: usize = 255;
const MAX_EMAIL_BYTES: usize = 254;
const MAX_LOCAL_BYTES: usize = 64;

/// A user name, and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Username {
    pub(super) shown: String,
    pub(super) key: String,
}

impl Username {
    /// By Joomla's rule: at least two characters, none of `< > " ' % ; ( ) & \`, no `../`.
    pub(super) fn new(text: &str) -> Result<Self, Refusal> {
        let shown = text.trim();
        let refused = |rule: &str| Err(Refusal::new("USR_EDR").detail(format!("username: {rule}")));
        let count = shown.chars().count();
        if !(2..=MAX_USERNAME_CHARS).contains(&count) {
            return refused("must have 2 to 150 characters");
        }
        let strange = |c: char| c.is_control() || "<>\"'%;()&\\".contains(c);
        if shown.contains(strange) || shown.contains("../") {
            return refused(
                "must not hold control characters, ../ or any of < > \" ' % ; ( ) & \\",
            );
        }
        Ok(Self {
            shown: shown.to_owned(),
            key: username_key(shown),
        })
    }
}

/// The form in which two user names are the same.
pub(super) fn username_key(text: &str) -> String {
    text.trim().to_lowercase()
}

/// What two accounts must not share, of an account that another program has made: its user name and address stand as
/// they are, also where they would be refused here.
pub(crate) fn account_keys(username: &str, email: &str) -> Keys {
    Keys {
        username: username_key(username),
        email: Email::new(email).map_or_else(|| email.trim().to_lowercase(), |email| email.key),
    }
}

/// An e-mail address, and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Email {
    pub(super) shown: String,
    pub(super) key: String,
}

impl Email {
    /// Reads an address; its domain gets the form the mail servers use. `None` where it is malformed.
    pub(super) fn new(text: &str) -> Option<Self> {
        let (local, domain) = text.trim().rsplit_once('@')?;
        if !is_local_part(local) {
            return None;
        }
        let shown = format!("{local}@{}", ascii_domain(domain)?);
        if shown.len() > MAX_EMAIL_BYTES || shown.parse::<lettre::Address>().is_err() {
            return None;
        }
        let key = shown.to_lowercase();
        Some(Self { shown, key })
    }

    pub(super) fn checked(text: &str) -> Result<Self, Refusal> {
        Self::new(text)
            .ok_or_else(|| Refusal::new("USR_EDR").detail("email: must be an e-mail address"))
    }
}

/// The unquoted form only: what else the standard allows, mail servers do not.
fn is_local_part(local: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
    local.len() <= MAX_LOCAL_BYTES
        && local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.bytes().all(plain))
}

fn ascii_domain(domain: &str) -> Option<String> {
    let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '.' || !c.is_ascii();
    if !domain.chars().all(plain) || domain.ends_with('.') {
        return None;
    }
    match url::Host::parse(domain).ok()? {
        url::Host::Domain(ascii) if ascii.contains('.') || ascii == "localhost" => Some(ascii),
        _ => None,
    }
}

/// The name of a person.
pub(super) fn name(text: &str) -> Result<&str, Refusal> {
    let name = text.trim();
    let refused = |rule: &str| Err(Refusal::new("USR_EDR").detail(format!("name: {rule}")));
    if name.chars().count() > MAX_NAME_CHARS {
        return refused("must have at most 255 characters");
    }
    if name.contains(char::is_control) {
        return refused("must not hold control characters");
    }
    Ok(name)
}

/// A password that is to be set: long enough, and no longer than is looked at.
pub(super) fn new_password(password: &str, min_length: usize) -> Result<(), Refusal> {
    if password.chars().count() < min_length {
        let rule = format!("password: must have at least {min_length} characters");
        return Err(Refusal::new("USR_EDR").detail(rule));
    }
    if password.len() > MAX_PASSWORD_BYTES || password.contains('\0') {
        let rule = format!("password: must have at most {MAX_PASSWORD_BYTES} bytes and no NUL");
        return Err(Refusal::new("USR_EDR").detail(rule));
    }
    Ok(())
}

/// A language tag, or `*` for none in particular.
pub(super) fn language(text: &str) -> Result<&str, Refusal> {
    let plain = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if text == "*" || (text.len() <= 35 && text.split('-').all(plain)) {
        return Ok(text);
    }
    Err(Refusal::new("USR_EDR").detail("language: must be a tag such as en-GB, or *"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_that_differ_in_case_alone_are_the_same() {
        let one = Username::new(" Jürgen ").unwrap();
        let other = Username::new("JÜRGEN").unwrap();
        assert_eq!(one.shown, "Jürgen");
        assert_eq!(one.key, other.key);
    }

    #[test]
    fn a_user_name_obeys_joomlas_rule() {
        for wrong in [
            "",
            "a",
            "  a ",
            "a<b",
            "a;b",
            "a\\b",
            "../etc",
            "a\nb",
            &"x".repeat(151),
        ] {
            assert_eq!(
                Username::new(wrong).unwrap_err().code,
                "USR_EDR",
                "{wrong:?}"
            );
        }
        assert!(Username::new("a.b@example.test").is_ok());
    }

    #[test]
    fn the_domain_of_an_address_is_stored_as_mail_servers_know_it() {
        let email = Email::new(" Max@Müller.Example ").unwrap();
        assert_eq!(email.shown, "Max@xn--mller-kva.example");
        assert_eq!(email.key, "max@xn--mller-kva.example");
        assert_eq!(
            Email::new("max@xn--mller-kva.example").unwrap().key,
            email.key
        );
    }

    #[test]
    fn malformed_addresses_are_told() {
        let wrong = [
            "",
            "somebody",
            "@example.test",
            "a@",
            "a@b",
            "a b@example.test",
            "a@exa mple.test",
            "a@example.test\r\nBcc: b@example.test",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a..b@example.test",
            "<a@example.test>",
            "a@example.test.",
            "a@ex%61mple.test",
            "ä@example.test",
            "a@b@example.test",
            "\"a b\"@example.test",
            "a@-",
            "a@example..test",
        ];
        for text in wrong {
            assert_eq!(Email::new(text), None, "{text:?}");
        }
        for text in [
            "a@example.test",
            "a+b.c@sub.example.test",
            "root@localhost",
            "o'neil@example.test",
        ] {
            assert!(Email::new(text).is_some(), "{text:?}");
        }
    }

    #[test]
    fn a_new_password_is_neither_short_nor_endless() {
        assert!(new_password("12345678", 8).is_ok());
        assert!(new_password("ünïcödé8", 8).is_ok());
        assert!(new_password("1234567", 8).is_err());
        assert!(new_password(&"x".repeat(MAX_PASSWORD_BYTES + 1), 8).is_err());
        assert!(new_password("1234567\0", 8).is_err());
    }

    #[test]
    fn a_language_is_a_tag_or_a_star() {
        for right in ["*", "en-GB", "de", "sr-Latn-RS"] {
            assert!(language(right).is_ok(), "{right}");
        }
        for wrong in ["", "en_GB", "<b>", "toolongapart-x", "en-"] {
            assert!(language(wrong).is_err(), "{wrong}");
        }
    }
}
