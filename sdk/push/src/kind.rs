//! Kinds of events: what may happen to a notification at a device, and to an application.

use crate::state::State;

/// What happened.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A vendor took it, or a page was handed it.
    Accepted,
    /// A vendor does not take it for this device.
    Refused,
    /// The device is no more.
    Gone,
    /// It was out of date before it could be sent.
    Expired,
    /// It was not to be sent.
    Skipped,
    /// Nobody knows whether the vendor took it.
    Unknown,
    /// The device says that it was opened.
    Opened,
    /// The device says that something in it was pressed.
    Clicked,
    /// The application's sending was stopped on a platform.
    Alarm,
    /// It goes on there.
    AlarmEnded,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 10] = [
        Kind::Accepted,
        Kind::Refused,
        Kind::Gone,
        Kind::Expired,
        Kind::Skipped,
        Kind::Unknown,
        Kind::Opened,
        Kind::Clicked,
        Kind::Alarm,
        Kind::AlarmEnded,
    ];

    /// What is told of a delivery in a state; nothing while it is not at an end.
    pub fn of_state(state: State) -> Option<Self> {
        match state {
            State::Accepted => Some(Kind::Accepted),
            State::Refused => Some(Kind::Refused),
            State::Gone => Some(Kind::Gone),
            State::Expired => Some(Kind::Expired),
            State::Skipped => Some(Kind::Skipped),
            State::Unknown => Some(Kind::Unknown),
            State::Queued | State::Sent => None,
        }
    }
}
