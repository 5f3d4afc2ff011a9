//! What a route sends.

use loggia_sdk::prelude::*;

/// A file, or a body of our own.
pub(crate) enum Sent {
    /// A stored file.
    File(File),
    /// Anything else.
    Body(Body),
}

impl Sent {
    /// A short text for people.
    pub(crate) fn text(status: u16, text: &str) -> Sent {
        Sent::Body(Body {
            status,
            media_type: "text/plain; charset=utf-8".to_owned(),
            headers: vec![("cache-control".to_owned(), "no-store".to_owned())],
            bytes: format!("{text}\n").into_bytes(),
        })
    }
}
