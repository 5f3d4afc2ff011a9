//! What stops a statement that still runs when its call's deadline has passed.

use std::sync::atomic::{AtomicU64, Ordering};

/// Tells the server behind a connection to stop what runs on it, without waiting for it.
pub(super) type Cancel = Box<dyn Fn() + Send + Sync>;

/// The brake of one physical connection. Each holding of the connection is a turn of its own, so that whoever
/// pulls too late stops nothing: by then the connection serves somebody else.
///
/// SQLite asks the brake while a statement runs. A PostgreSQL server has to be told, which another connection
/// does. Neither costs a statement anything that ends in time.
pub(super) struct Brake {
    /// Twice the number of the turn, and one more once it was pulled.
    state: AtomicU64,
    cancel: Option<Cancel>,
}

/// One holding of a connection.
#[derive(Clone, Copy)]
pub(super) struct Turn(u64);

impl Brake {
    /// For a connection whose statements ask it, or for one at a server.
    pub(super) fn new(cancel: Option<Cancel>) -> Self {
        Brake {
            state: AtomicU64::new(0),
            cancel,
        }
    }

    /// The turn that is on now.
    pub(super) fn turn(&self) -> Turn {
        Turn(self.state.load(Ordering::SeqCst) >> 1)
    }

    /// Stops what runs, and all that is begun, until the turn ends.
    pub(super) fn pull(&self, turn: Turn) {
        let (loose, pulled) = (turn.0 << 1, turn.0 << 1 | 1);
        let taken = self
            .state
            .compare_exchange(loose, pulled, Ordering::SeqCst, Ordering::SeqCst);
        if let (Ok(_), Some(cancel)) = (taken, &self.cancel) {
            cancel();
        }
    }

    /// Whether it was pulled in this turn.
    pub(super) fn is_pulled(&self) -> bool {
        self.state.load(Ordering::SeqCst) & 1 == 1
    }

    /// Ends the turn. `true` where the server may still be about to stop something, so that the connection must
    /// not serve anybody else.
    pub(super) fn end_turn(&self) -> bool {
        let next = (self.turn().0 + 1) << 1;
        let was_pulled = self.state.swap(next, Ordering::SeqCst) & 1 == 1;
        was_pulled && self.cancel.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::Brake;

    #[test]
    fn who_pulls_after_the_turn_stops_nobody() {
        let brake = Brake::new(None);
        let turn = brake.turn();
        assert!(!brake.end_turn());
        brake.pull(turn);
        assert!(!brake.is_pulled());
        brake.pull(brake.turn());
        assert!(brake.is_pulled());
        brake.end_turn();
        assert!(!brake.is_pulled());
    }
}
