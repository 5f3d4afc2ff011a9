//! States: what may have become of a notification at a device.

/// The words of the column `state`.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// To be sent at its time, for the first time or again.
    Queued,
    /// Handed over, or about to be; no answer yet.
    Sent,
    /// A vendor has taken it.
    Accepted,
    /// A vendor has refused it.
    Refused,
    /// The device is no more.
    Gone,
    /// Not sent in time.
    Expired,
    /// Not to be sent; the reason says why.
    Skipped,
    /// Nobody knows: the sender died, or the connection broke, between the request and the answer.
    Unknown,
}

impl State {
    /// All of them.
    pub const ALL: [State; 8] = [
        State::Queued,
        State::Sent,
        State::Accepted,
        State::Refused,
        State::Gone,
        State::Expired,
        State::Skipped,
        State::Unknown,
    ];

    /// Its word, which is also the name of its counter.
    pub fn word(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Sent => "sent",
            State::Accepted => "accepted",
            State::Refused => "refused",
            State::Gone => "gone",
            State::Expired => "expired",
            State::Skipped => "skipped",
            State::Unknown => "unknown",
        }
    }

    /// The state of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}
