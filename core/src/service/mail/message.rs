//! One message: what may be in it, and its form on the wire.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message};

/// The longest subject, in bytes.
const MAX_SUBJECT_BYTES: usize = 255;
/// The longest line that mail servers take, without its end.
const LONGEST_LINE: usize = 998;
/// The longest text, in bytes.
const MAX_TEXT_BYTES: usize = 256 * 1024;

/// A message that is to be queued.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The recipient's address, without a name.
    pub to: String,
    /// The subject, one line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The account the message is about, so that it can be found when the account is erased.
    #[serde(skip)]
    pub account_id: Option<i64>,
}

/// What is wrong with a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftFault {
    /// The recipient is no address.
    #[error("the recipient is not an e-mail address")]
    Recipient,
    /// The subject has a line break or another control character in it, or is too long.
    #[error("the subject is not one line of at most {MAX_SUBJECT_BYTES} bytes")]
    Subject,
    /// The text is too long, or has a NUL in it.
    #[error("the text is longer than {MAX_TEXT_BYTES} bytes, or holds a NUL")]
    Text,
}

impl Draft {
    /// Refuses what could end a header early or could not be sent.
    pub fn check(&self) -> Result<(), DraftFault> {
        if self.to.chars().any(char::is_control) || address(&self.to).is_none() {
            return Err(DraftFault::Recipient);
        }
        if self.subject.len() > MAX_SUBJECT_BYTES || self.subject.chars().any(char::is_control) {
            return Err(DraftFault::Subject);
        }
        if self.text.len() > MAX_TEXT_BYTES || self.text.contains('\0') {
            return Err(DraftFault::Text);
        }
        Ok(())
    }
}

/// What goes into a message beside the draft.
#[derive(Clone, Copy)]
pub(super) struct Stamp<'a> {
    pub(super) from: &'a Mailbox,
    /// Random and the same at every attempt, so that a reader can drop a double.
    pub(super) message_id: &'a str,
    pub(super) created_ms: i64,
}

/// The message in its form on the wire; `None` where a header would not be one.
pub(super) fn compose(
    recipient: &str,
    subject: &str,
    text: &str,
    stamp: Stamp<'_>,
) -> Option<Message> {
    let created = Duration::from_millis(u64::try_from(stamp.created_ms).ok()?);
    let domain = stamp.from.email.domain();
    Message::builder()
        .from(stamp.from.clone())
        .to(Mailbox::new(None, address(recipient)?))
        .subject(subject)
        .date(UNIX_EPOCH + created)
        .message_id(Some(format!("<{}@{domain}>", stamp.message_id)))
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .header(ContentType::TEXT_PLAIN)
        .body(body(text))
        .ok()
}

/// Plain ASCII goes as it is, so that a link stays whole for a reader who decodes nothing; the rest is encoded.
fn body(text: &str) -> Body {
    let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    if text.is_ascii() && text.split("\r\n").all(|line| line.len() <= LONGEST_LINE) {
        return Body::dangerous_pre_encoded(text.into_bytes(), ContentTransferEncoding::SevenBit);
    }
    Body::new(text)
}

fn address(text: &str) -> Option<lettre::Address> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        Draft {
            to: "somebody@example.test".to_owned(),
            subject: "Grüße".to_owned(),
            text: "Hello,\n.\nthere\n".to_owned(),
            account_id: None,
        }
    }

    fn composed(draft: &Draft) -> String {
        let from = "Example <noreply@example.test>".parse().unwrap();
        let stamp = Stamp {
            from: &from,
            message_id: "abc",
            created_ms: 1_700_000_000_000,
        };
        let message = compose(&draft.to, &draft.subject, &draft.text, stamp).unwrap();
        String::from_utf8(message.formatted()).unwrap()
    }

    #[test]
    fn a_message_has_the_headers_a_mail_server_wants() {
        let text = composed(&draft());
        for line in [
            "From: Example <noreply@example.test>\r\n",
            "To: somebody@example.test\r\n",
            "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n",
            "Message-ID: <abc@example.test>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
        ] {
            assert!(text.contains(line), "{line:?} in {text}");
        }
    }

    #[test]
    fn a_long_link_stays_in_one_piece() {
        let link = format!("https://example.test/reset?token={}", "x".repeat(200));
        let text = composed(&Draft {
            text: format!("Hello,\n\n    {link}\n"),
            ..draft()
        });
        assert!(text.contains(&format!("\r\n    {link}\r\n")), "{text}");
        let foreign = composed(&Draft {
            text: format!("Grüße\r\n{}", "x".repeat(2000)),
            ..draft()
        });
        assert!(
            foreign
                .lines()
                .all(|line| line.len() <= LONGEST_LINE && line.is_ascii())
        );
    }

    #[test]
    fn nothing_in_a_draft_can_begin_a_header() {
        let breaks = [
            "\r\nBcc: other@example.test",
            "\nBcc: x",
            "\rBcc: x",
            "\0",
            "\u{85}Bcc",
        ];
        for injected in breaks {
            let mut in_subject = draft();
            in_subject.subject.push_str(injected);
            assert_eq!(in_subject.check(), Err(DraftFault::Subject), "{injected:?}");
            let mut in_recipient = draft();
            in_recipient.to.push_str(injected);
            assert_eq!(
                in_recipient.check(),
                Err(DraftFault::Recipient),
                "{injected:?}"
            );
        }
    }

    #[test]
    fn a_recipient_is_one_bare_address() {
        for to in [
            "",
            "somebody",
            "a@b@c",
            "A <a@example.test>",
            "a@example.test, b@example.test",
        ] {
            let wrong = Draft {
                to: to.to_owned(),
                ..draft()
            };
            assert_eq!(wrong.check(), Err(DraftFault::Recipient), "{to:?}");
        }
        assert_eq!(draft().check(), Ok(()));
    }

    #[test]
    fn a_text_is_bounded() {
        let long = Draft {
            text: "x".repeat(MAX_TEXT_BYTES + 1),
            ..draft()
        };
        assert_eq!(long.check(), Err(DraftFault::Text));
    }
}
