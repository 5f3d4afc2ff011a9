//! A feed as it is sent.

use sha2::{Digest, Sha256};

/// The text, and by which tag it is known.
pub(crate) struct Document {
    pub(crate) bytes: Vec<u8>,
    pub(crate) etag: String,
}

impl Document {
    /// Of its text.
    pub(crate) fn of(text: String) -> Self {
        let digest = Sha256::digest(text.as_bytes());
        Document {
            etag: format!("\"{}\"", hex::encode(&digest[..16])),
            bytes: text.into_bytes(),
        }
    }
}
