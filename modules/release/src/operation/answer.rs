//! What routes send beside files.

use loggia_sdk::{Body, Sent};

/// A short text for people, such as Joomla's administrator.
pub(crate) fn text(status: u16, text: &str) -> Sent {
    Sent::Body(Body {
        status,
        media_type: "text/plain; charset=utf-8".to_owned(),
        headers: vec![("cache-control".to_owned(), "no-store".to_owned())],
        bytes: format!("{text}\n").into_bytes(),
    })
}
