//! By PostgreSQL's NOTIFY, on a connection of its own.

use std::time::Duration;

use super::{Hearers, RECONNECT_AFTER, Stop};
use crate::store::Pool;
use crate::store::listener::Listener;

/// How long one wait takes at most.
const TURN: Duration = Duration::from_millis(100);

/// Who listens.
pub(super) struct Ear {
    pool: Pool,
    hearers: Hearers,
}

impl Ear {
    pub(super) fn new(pool: &Pool, hearers: Hearers) -> Self {
        Ear {
            pool: pool.clone(),
            hearers,
        }
    }

    fn connect(&self) -> Option<Listener> {
        match self.pool.listener(&self.hearers.names())? {
            Ok(listener) => Some(listener),
            Err(error) => {
                tracing::warn!("what other nodes tell is heard late: {error}");
                None
            }
        }
    }

    /// Hears until the connection breaks or it is time to end.
    fn listen(&self, mut listener: Listener, stop: &Stop) {
        while !stop.has_ended() {
            match listener.wait(TURN, || stop.has_ended()) {
                Ok(told) => {
                    let names = self.hearers.names().into_iter();
                    names
                        .filter(|name| told.iter().any(|one| one == name))
                        .for_each(|name| self.hearers.hear(name));
                }
                Err(error) => {
                    tracing::warn!("what other nodes tell is heard late: {error}");
                    return;
                }
            }
        }
    }
}

impl super::Ear for Ear {
    fn run(self, stop: &Stop) {
        while !stop.has_ended() {
            if let Some(listener) = self.connect() {
                // What was told meanwhile.
                self.hearers.hear_all();
                self.listen(listener, stop);
            }
            if !stop.has_ended() {
                std::thread::park_timeout(RECONNECT_AFTER);
            }
        }
    }
}
