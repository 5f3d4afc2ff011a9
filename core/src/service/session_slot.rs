//! What a call has to do with sessions.

use std::sync::Arc;

use parking_lot::Mutex;

/// What a call has to do with sessions: the id the client sent, and what the answer's cookie is to say.
///
/// Whoever dispatches a call makes it, keeps a clone of the `Arc`, and looks at [`SessionSlot::change`]
/// after the call.
#[derive(Debug, Default)]
pub struct SessionSlot {
    /// The id of the live session that the client sent.
    given: Option<String>,
    change: Mutex<Option<SessionChange>>,
}

/// What the answer's cookie is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionChange {
    /// A session was opened.
    Opened {
        /// Its id, which goes into the cookie.
        id: String,
        /// Whose it is, for the access log.
        user: i64,
    },
    /// The session has ended; the cookie is to be removed.
    Closed,
}

impl SessionSlot {
    /// For a client who sent the id of a live session, or none.
    pub fn new(given: Option<String>) -> Arc<Self> {
        Arc::new(Self {
            given,
            change: Mutex::default(),
        })
    }

    /// The id that the client sent.
    pub fn given(&self) -> Option<&str> {
        self.given.as_deref()
    }

    /// What has happened to the session during the call.
    pub fn change(&self) -> Option<SessionChange> {
        self.change.lock().clone()
    }

    pub(in crate::service) fn note(&self, change: SessionChange) {
        *self.change.lock() = Some(change);
    }
}
