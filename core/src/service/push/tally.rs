//! What sending came to, in numbers.

use loggia_push::delivery::State;
use loggia_push::settle::Settled;

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// How many devices something was sent to.
    pub sent: i64,
    /// How many of those a vendor took.
    pub accepted: i64,
}

impl Tally {
    /// What is written down came to this.
    pub(super) fn of(rows: &[Settled<'_>]) -> Self {
        let count = |wanted: &dyn Fn(&Settled<'_>) -> bool| {
            i64::try_from(rows.iter().filter(|row| wanted(row)).count()).unwrap_or(i64::MAX)
        };
        Self {
            sent: count(&|row| row.was_sent),
            accepted: count(&|row| row.state == State::Accepted),
        }
    }

    /// Adds what another came to.
    pub(super) fn add(&mut self, other: Tally) {
        self.sent += other.sent;
        self.accepted += other.accepted;
    }
}
