//! The vendors' side of push: a sender for each, behind one trait.
//!
//! The engine hands over many targets of one notification at once and gets an answer for each as it comes. A
//! sender keeps no queue of its own: whatever it could not deliver it gives back with the reason, and what
//! becomes of that (again later, never again, a device retired) is decided by the ledger alone.

mod apns;
mod batch;
mod caller;
mod credentials;
mod desk;
mod drive;
mod endpoint;
mod fcm;
mod gate;
mod jwt;
mod link;
mod messenger;
mod origins;
mod outcome;
mod page;
mod plan;
mod private_key;
mod settings;
mod template;
#[cfg(test)]
mod tests;
mod trust;
mod web_push;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub use batch::{Answer, Answers, Application, Batch, Permission, Target, Wishes};
pub use credentials::{
    ApnsCredentials, ApnsToken, Credentials, FcmCredentials, WebPushCredentials,
};
pub use loggia_push::DeliveryId;
pub use loggia_push::message::{Badge, Message, MessageFault, Priority};
pub use messenger::{Heard, Messenger};
pub use outcome::{Outcome, Reason, Scope};
pub(super) use private_key::opened;
pub use settings::{VendorSettings, VendorSettingsFault};
pub use trust::TrustFault;
pub use web_push::new_vapid_key;

use crate::service::outgoing::Guard;

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

/// All vendors' senders.
pub struct Vendors {
    apns: apns::Apns,
    fcm: fcm::Fcm,
    web_push: web_push::WebPush,
    endpoint: endpoint::Endpoint,
    page: page::Page,
    messenger: Messenger,
}

impl Vendors {
    /// Senders by these settings, calling whom the guard permits.
    pub fn new(settings: VendorSettings, guard: &Guard) -> Result<Self, TrustFault> {
        let trust = trust::Trust::load(settings.root_certificates.as_deref())?;
        let caller = caller::Caller::new(&trust, guard, settings.timeout)?;
        let settings = Arc::new(settings);
        let shared = || Arc::clone(&settings);
        Ok(Self {
            apns: apns::Apns::new(shared(), trust.clone(), guard.clone()),
            fcm: fcm::Fcm::new(shared(), trust.clone(), guard.clone(), caller.clone()),
            web_push: web_push::WebPush::new(shared(), caller.clone()),
            messenger: Messenger::new(caller.clone(), settings.timeout),
            endpoint: endpoint::Endpoint::new(caller),
            page: page::Page,
        })
    }

    /// Whether an application's credentials are such that they could be used, asked of nobody but themselves.
    pub fn check(&self, application: &Application) -> Result<(), (Channel, Reason)> {
        let credentials = &application.credentials;
        let of = |channel: Channel| move |reason: Reason| (channel, reason);
        if credentials.apns.is_some() {
            self.apns.check(application).map_err(of(Channel::Apns))?;
        }
        if credentials.fcm.is_some() {
            self.fcm.check(application).map_err(of(Channel::Fcm))?;
        }
        if credentials.web_push.is_some() {
            self.web_push
                .check(application)
                .map_err(of(Channel::WebPush))?;
        }
        Ok(())
    }

    /// Who calls applications' webhooks.
    pub fn messenger(&self) -> &Messenger {
        &self.messenger
    }

    /// The sender of a channel.
    pub fn sender(&self, channel: Channel) -> &dyn Sender {
        match channel {
            Channel::Apns => &self.apns,
            Channel::Fcm => &self.fcm,
            Channel::WebPush => &self.web_push,
            Channel::Endpoint => &self.endpoint,
            Channel::Page => &self.page,
        }
    }
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
    /// Websockets and event streams of our own, for `page`.
    Page,
}

impl Channel {
    /// The channel of a platform's name; nothing for platforms that no vendor serves.
    pub fn of_platform(platform: &str) -> Option<Self> {
        match platform {
            "ios" => Some(Self::Apns),
            "android" => Some(Self::Fcm),
            "web" => Some(Self::WebPush),
            "endpoint" => Some(Self::Endpoint),
            "page" => Some(Self::Page),
            _ => None,
        }
    }

    /// The name of its credentials.
    pub fn member(self) -> &'static str {
        match self {
            Self::Apns => "apns",
            Self::Fcm => "fcm",
            Self::WebPush => "web_push",
            Self::Endpoint => "endpoint",
            Self::Page => "page",
        }
    }

    /// The platform's name.
    pub fn platform(self) -> &'static str {
        match self {
            Self::Apns => "ios",
            Self::Fcm => "android",
            Self::WebPush => "web",
            Self::Endpoint => "endpoint",
            Self::Page => "page",
        }
    }
}
