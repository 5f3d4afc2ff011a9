//! What the engine hands over: one notification, one application, many devices of one platform.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;

use super::{Credentials, Message, Outcome};

/// Many targets of one notification, in one language, on one platform.
#[derive(Debug)]
pub struct Batch {
    /// Who sends.
    pub application: Arc<Application>,
    /// The public id of the notification, from which the ids of its deliveries are derived.
    pub notification_public_id: Arc<str>,
    /// What is sent.
    pub message: Arc<Message>,
    /// To whom.
    pub targets: Vec<Target>,
    /// Whether this node may send; asked before each request leaves.
    pub permission: Permission,
    /// Where the answers go.
    pub answers: Answers,
}

/// An application as the senders see it.
#[derive(Debug)]
pub struct Application {
    /// Its row.
    pub id: i64,
    /// Grows with every change of the row, so that a sender notices new credentials at once.
    pub version: i64,
    /// What people call it, for the log.
    pub code: String,
    /// Whether it sends through the vendors' production services.
    pub is_production: bool,
    /// What it proves itself with.
    pub credentials: Credentials,
}

/// One device.
pub struct Target {
    /// Its row.
    pub device_id: i64,
    /// The vendor's token; for `web` the subscription as the browser's `toJSON()` gives it; for `endpoint` the
    /// address, or such a subscription.
    pub token: String,
    /// The number to show where the message counts up, computed with the claim.
    pub badge: Option<i64>,
    /// What the device wants shown.
    pub wishes: Wishes,
}

impl std::fmt::Debug for Target {
    /// Tokens are addresses of people: they are in no log.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("Target");
        shown.field("device_id", &self.device_id);
        shown.finish_non_exhaustive()
    }
}

/// What a device wants to be told; all of it unless it said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Wishes {
    /// A text.
    pub alert: bool,
    /// A number at the icon.
    pub badge: bool,
    /// A sound.
    pub sound: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            alert: true,
            badge: true,
            sound: true,
        }
    }
}

/// What came of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whose.
    pub device_id: i64,
    /// What.
    pub outcome: Outcome,
}

/// Where answers go. The channel is not bounded because a batch is.
pub type Answers = mpsc::UnboundedSender<Answer>;

/// Whether a node may send: shared by everything it has in flight, taken back when it must fear to be thought dead.
#[derive(Debug, Clone)]
pub struct Permission(Arc<AtomicBool>);

impl Permission {
    /// One that holds until it is taken back.
    pub fn granted() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    /// Takes it back: nothing leaves from here on.
    pub fn withdraw(&self) {
        self.0.store(false, Ordering::Release);
    }

    /// Gives it again, after the node has joined anew.
    pub fn grant(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
