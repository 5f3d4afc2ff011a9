//! What came of handing one notification to a vendor for one device.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use compact_str::CompactString;

/// The result of one send. Reasons are a vendor's words or ours, and never carry a token, an address or a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The vendor took it.
    Accepted {
        /// What the vendor calls it; empty where it gave no name.
        vendor_id: CompactString,
    },
    /// This notification will not reach this device; another one may.
    Refused {
        /// Why.
        reason: Reason,
    },
    /// The device is no more.
    Gone {
        /// Why.
        reason: Reason,
        /// Since when, where the vendor says: a registration after it makes the device live again.
        since_ms: Option<i64>,
    },
    /// Not now; again later.
    Retry {
        /// How long to wait, where the vendor says; else the pause is the ledger's to choose.
        after: Option<Duration>,
        /// Whom the pause concerns.
        scope: Scope,
        /// Why.
        reason: Reason,
    },
    /// The application may not send there: every further send would fail alike.
    BadCredentials {
        /// Why.
        reason: Reason,
    },
    /// The request left and no answer came: whether it was accepted nobody knows.
    Unanswered {
        /// What broke.
        reason: Reason,
    },
    /// It is to be published on the device's channel, and is accepted once a page was handed it.
    Posted {
        /// What the page gets.
        content: Arc<str>,
        /// Until when it is of use.
        until_ms: Option<i64>,
    },
    /// It was out of date before it was sent.
    Expired,
    /// It was not sent, because this node may not send any more: to be queued again as if it never was claimed.
    Withheld,
}

/// Words that are mostly known at compile time.
pub type Reason = Cow<'static, str>;

/// Whom a pause concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// This device alone.
    Device,
    /// Everything that this application sends on this platform.
    Application,
    /// Everything that goes to this vendor.
    Vendor,
}
