//! The mails that Loggia writes by itself; their words stand in `texts.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// A mail before its names are filled in.
#[derive(Deserialize)]
pub struct Template {
    subject: String,
    text: String,
}

/// Every mail that Loggia writes by itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Templates {
    /// The user name of an address.
    pub reminder: Template,
    /// A link that sets a new password.
    pub reset: Template,
    /// A link that enables an account.
    pub activation: Template,
    /// A link that confirms the address of an account which an administrator is to enable.
    pub confirmation: Template,
    /// To an administrator: a link that enables another's account.
    pub approval: Template,
    /// The account can be used.
    pub welcome: Template,
    /// The password has been changed.
    pub password_changed: Template,
}

/// What stands for the names in a template.
#[derive(Clone, Copy, Default)]
pub struct Names<'a> {
    /// The site as it calls itself.
    pub site: &'a str,
    /// The user name the mail is about.
    pub username: &'a str,
    /// The link, or the token alone.
    pub link: &'a str,
    /// For how many hours the link is good.
    pub hours: u64,
}

static TEMPLATES: LazyLock<Option<Templates>> =
    LazyLock::new(|| toml::from_str(include_str!("texts.toml")).ok());

/// The templates; `None` would mean that the compiled-in text is damaged, which a test rules out.
pub fn templates() -> Option<&'static Templates> {
    TEMPLATES.as_ref()
}

impl Template {
    /// Subject and text with the names filled in.
    pub fn fill(&self, names: Names<'_>) -> (String, String) {
        let subject = fill(&self.subject, names).replace(char::is_control, " ");
        (subject, fill(self.text.trim_start(), names))
    }
}

/// Replaces each `{name}` once, from left to right, so that a value is never searched for names itself.
fn fill(template: &str, names: Names<'_>) -> String {
    let hours = names.hours.to_string();
    let mut filled = String::with_capacity(template.len() + 128);
    let mut rest = template;
    while let Some((before, name, after)) = next_name(rest) {
        filled.push_str(before);
        filled.push_str(match name {
            "site" => names.site,
            "username" => names.username,
            "link" => names.link,
            "hours" => &hours,
            _ => "",
        });
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let (before, from_name) = text.split_once('{')?;
    let (name, after) = from_name.split_once('}')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names<'static> {
        Names {
            site: "Example",
            username: "{link}",
            link: "https://example.test/reset/abc",
            hours: 24,
        }
    }

    #[test]
    fn the_compiled_in_texts_can_be_read_and_name_nothing_unknown() {
        let all = templates().expect("texts.toml is in order");
        for template in [
            &all.reminder,
            &all.reset,
            &all.activation,
            &all.confirmation,
            &all.approval,
            &all.welcome,
            &all.password_changed,
        ] {
            let mut rest = template.text.as_str();
            while let Some((_, name, after)) = next_name(rest) {
                assert!(
                    ["site", "username", "link", "hours"].contains(&name),
                    "{name}"
                );
                rest = after;
            }
        }
    }

    #[test]
    fn names_are_filled_in_and_values_are_not_searched_for_names() {
        let (subject, text) = templates().unwrap().reset.fill(names());
        assert_eq!(subject, "A new password at Example");
        assert!(text.contains("user name\n{link} at Example"));
        assert!(text.contains("    https://example.test/reset/abc\n"));
        assert!(text.contains("within 24 hours"));
    }

    #[test]
    fn a_subject_stays_one_line_whatever_the_site_is_called() {
        let names = Names {
            site: "A\r\nBcc: x@example.test",
            ..names()
        };
        let (subject, _) = templates().unwrap().welcome.fill(names);
        assert!(!subject.contains(['\r', '\n']));
    }
}
