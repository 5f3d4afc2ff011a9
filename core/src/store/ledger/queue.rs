//! What waits for the writer. The writer takes everything at once, so a lock is held for one push or one
//! exchange of two lists, and no memory is allocated while the lists are warm.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::message::Message;

/// How long rows that nobody waits for gather, because a commit costs the disk as much for one as for many.
const GATHERING: Duration = Duration::from_millis(10);
/// So many do not wait for more.
const ENOUGH: usize = 1_024;

/// The writer's queue.
pub(crate) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    /// Keyed calls and asks that wait, which are bounded before they are admitted.
    keyed: AtomicUsize,
    capacity: usize,
}

struct State {
    messages: Vec<Message>,
    /// Whether somebody waits for one of them.
    is_urgent: bool,
    is_closed: bool,
}

impl Queue {
    pub(crate) fn new(capacity: usize) -> Self {
        Queue {
            state: Mutex::new(State {
                messages: Vec::new(),
                is_urgent: false,
                is_closed: false,
            }),
            filled: Condvar::new(),
            keyed: AtomicUsize::new(0),
            capacity,
        }
    }

    /// Whether no further keyed call should be admitted.
    pub(crate) fn is_full(&self) -> bool {
        self.keyed.load(Ordering::Relaxed) >= self.capacity
    }

    /// Hands a message over. What was admitted is always taken; only a writer that has ended refuses.
    pub(crate) fn push(&self, message: Message) -> Result<(), Message> {
        let is_keyed = is_keyed(&message);
        let is_time = {
            let mut state = self.state.lock();
            if state.is_closed {
                return Err(message);
            }
            let was_urgent = state.is_urgent;
            state.is_urgent |= is_urgent(&message);
            state.messages.push(message);
            if is_keyed {
                self.keyed.fetch_add(1, Ordering::Relaxed);
            }
            let is_first = state.messages.len() == 1;
            is_first || (state.is_urgent && !was_urgent) || state.messages.len() == self.enough()
        };
        if is_time {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// How many rows do not wait for more. Of a short queue half is left for those that come while they are written.
    fn enough(&self) -> usize {
        ENOUGH.min(self.capacity / 2).max(1)
    }

    /// Waits for messages and takes all of them into an empty list. False when there will be no more.
    pub(crate) fn take(&self, messages: &mut Vec<Message>, longest: Duration) -> bool {
        let mut state = self.state.lock();
        if state.messages.is_empty() && !state.is_closed {
            self.filled.wait_for(&mut state, longest);
        }
        let latest = Instant::now() + GATHERING;
        while !(state.is_closed || state.is_urgent || state.messages.is_empty())
            && state.messages.len() < self.enough()
            && !self.filled.wait_until(&mut state, latest).timed_out()
        {}
        state.is_urgent = false;
        std::mem::swap(&mut state.messages, messages);
        !(state.is_closed && messages.is_empty())
    }

    /// The writer is done with so many keyed messages.
    pub(crate) fn done(&self, keyed: usize) {
        self.keyed.fetch_sub(keyed, Ordering::Relaxed);
    }

    /// Takes no more messages; those that wait are still written.
    pub(crate) fn close(&self) {
        self.state.lock().is_closed = true;
        self.filled.notify_one();
    }

    /// Forgets what waits, so that whoever waits for an answer learns that none comes.
    pub(crate) fn abandon(&self) {
        let mut state = self.state.lock();
        state.is_closed = true;
        let messages = std::mem::take(&mut state.messages);
        drop(state);
        drop(messages);
    }
}

/// Whether somebody waits until the writer has seen it.
fn is_urgent(message: &Message) -> bool {
    match message {
        Message::Call(call) => call.reply.is_some(),
        Message::Ask(_) | Message::Changed(_) => true,
    }
}

pub(crate) fn is_keyed(message: &Message) -> bool {
    match message {
        Message::Call(call) => call.is_keyed(),
        Message::Ask(_) => true,
        Message::Changed(_) => false,
    }
}
