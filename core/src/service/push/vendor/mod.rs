//! The vendors' side of push: a sender for each, behind one trait.
//!
//! The engine hands over many targets of one notification at once and gets an answer for each as it comes. A
//! sender keeps no queue of its own: whatever it could not deliver it gives back with the reason, and what
//! becomes of that (again later, never again, a device retired) is decided by the ledger alone.

mod batch;
mod credentials;
mod identity;
mod message;
mod outcome;

use std::future::Future;
use std::pin::Pin;

pub use batch::{Answer, Answers, Application, Batch, Permission, Target, Wishes};
pub use credentials::{
    ApnsCredentials, ApnsToken, Credentials, FcmCredentials, WebPushCredentials,
};
pub use identity::DeliveryId;
pub use message::{Badge, Message, MessageFault, Priority};
pub use outcome::{Outcome, Reason, Scope};

/// What a sender's work is: done when every target has been answered.
pub type Sending<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// One vendor.
pub trait Sender: Send + Sync {
    /// Sends a batch, and answers for each target exactly once, in any order.
    ///
    /// Several batches may be sent at once; they share the connections of their application. Dropping the
    /// future gives up the wait: what was not answered by then is for the engine to call unknown.
    fn send(&self, batch: Batch) -> Sending<'_>;
}

/// The channel that serves a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Apple's service, for `ios`.
    Apns,
    /// Google's, for `android`.
    Fcm,
    /// Browsers' services, for `web`.
    WebPush,
    /// `UnifiedPush` and ntfy, for `endpoint`.
    Endpoint,
}

impl Channel {
    /// The channel of a platform's name; nothing for platforms that no vendor serves.
    pub fn of_platform(platform: &str) -> Option<Self> {
        match platform {
            "ios" => Some(Self::Apns),
            "android" => Some(Self::Fcm),
            "web" => Some(Self::WebPush),
            "endpoint" => Some(Self::Endpoint),
            _ => None,
        }
    }

    /// The platform's name.
    pub fn platform(self) -> &'static str {
        match self {
            Self::Apns => "ios",
            Self::Fcm => "android",
            Self::WebPush => "web",
            Self::Endpoint => "endpoint",
        }
    }
}
