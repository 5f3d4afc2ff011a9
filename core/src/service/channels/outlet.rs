//! One connected page: what waits to be sent to it. It has no task and no thread; whoever has something for it puts
//! it here and wakes the connection.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use parking_lot::Mutex;

use super::form::{Form, Rendered, close};

/// One connected page.
pub struct Outlet {
    /// How it is sent its messages.
    pub form: Form,
    /// The channel.
    pub channel: Arc<str>,
    /// Who listens.
    pub member: Arc<str>,
    state: Mutex<State>,
}

struct State {
    queue: VecDeque<Bytes>,
    waiting_bytes: usize,
    /// What came while the missed messages were still being read; none once they are sent.
    held: Option<Vec<(i64, Bytes)>>,
    /// The last message that the page has seen or was sent.
    seen: i64,
    waker: Option<Waker>,
    end: Option<u16>,
    heard: Instant,
    pinged: Option<Instant>,
}

/// What the connection is to do next.
pub enum Next {
    /// Send this.
    Send(Bytes),
    /// Say good-bye with this code, and end.
    End(u16),
}

impl Outlet {
    /// A page that gets what is published from now on; where it has missed something, only once `replay` was called.
    pub fn new(form: Form, seat: (Arc<str>, Arc<str>), since: Option<i64>) -> Self {
        let (channel, member) = seat;
        Outlet {
            form,
            channel,
            member,
            state: Mutex::new(State {
                queue: VecDeque::new(),
                waiting_bytes: 0,
                held: since.map(|_| Vec::new()),
                seen: since.unwrap_or(0),
                waker: None,
                end: None,
                heard: Instant::now(),
                pinged: None,
            }),
        }
    }

    /// Hands over a message; `false` where the page has it already or is about to be closed.
    pub fn hand(&self, message: &Rendered<'_>, max_waiting_bytes: usize) -> bool {
        let id = message.message.id;
        let mut state = self.state.lock();
        if state.end.is_some() || id <= state.seen {
            return false;
        }
        state.seen = id;
        let bytes = message.bytes(self.form);
        if let Some(held) = &mut state.held {
            held.push((id, bytes));
            return true;
        }
        if state.waiting_bytes + bytes.len() > max_waiting_bytes && !state.queue.is_empty() {
            // Later it asks for what it has missed.
            state.end = Some(close::TRY_AGAIN);
        } else {
            state.push(bytes);
        }
        state.wake();
        state.end.is_none()
    }

    /// Sends what was missed, and behind it what came meanwhile.
    pub fn replay(&self, missed: Vec<Bytes>) {
        let mut state = self.state.lock();
        let held = state.held.take().unwrap_or_default();
        for bytes in missed {
            state.push(bytes);
        }
        for (_, bytes) in held {
            state.push(bytes);
        }
        state.wake();
    }

    /// Sends something that is no message.
    pub fn say(&self, bytes: Bytes) {
        let mut state = self.state.lock();
        state.push(bytes);
        state.wake();
    }

    /// Ends the stream behind what waits.
    pub fn end(&self, code: u16) {
        let mut state = self.state.lock();
        state.end.get_or_insert(code);
        state.wake();
    }

    /// Ends the stream of a page that does not answer; what waits for it is given up.
    pub fn cut(&self) {
        let mut state = self.state.lock();
        state.queue = VecDeque::new();
        state.waiting_bytes = 0;
        state.end = Some(close::GOING_AWAY);
        state.wake();
    }

    /// Notes that the page is there.
    pub fn heard(&self) {
        let mut state = self.state.lock();
        state.heard = Instant::now();
        state.pinged = None;
    }

    /// Asks a page that has been silent whether it is there; `false` where it did not answer in time.
    pub fn ask(&self, now: Instant, every: Duration, patience: Duration) -> bool {
        let mut state = self.state.lock();
        if let Some(pinged) = state.pinged {
            return now.saturating_duration_since(pinged) < patience;
        }
        if now.saturating_duration_since(state.heard) >= every {
            state.push(self.form.ping());
            // Nothing answers a comment; who does not read it is found out by what waits for him.
            match self.form.kind {
                super::form::Kind::Websocket => state.pinged = Some(now),
                super::form::Kind::Events => state.heard = now,
            }
            state.wake();
        }
        true
    }

    /// What the connection is to do next.
    pub fn poll_next(&self, context: &Context<'_>) -> Poll<Next> {
        let mut state = self.state.lock();
        if let Some(bytes) = state.queue.pop_front() {
            state.waiting_bytes -= bytes.len();
            if state.queue.is_empty() {
                state.queue = VecDeque::new();
            }
            return Poll::Ready(Next::Send(bytes));
        }
        if let Some(code) = state.end {
            return Poll::Ready(Next::End(code));
        }
        let is_known = |waker: &Waker| waker.will_wake(context.waker());
        if !state.waker.as_ref().is_some_and(is_known) {
            state.waker = Some(context.waker().clone());
        }
        Poll::Pending
    }
}

impl State {
    fn push(&mut self, bytes: Bytes) {
        self.waiting_bytes += bytes.len();
        self.queue.push_back(bytes);
    }

    fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }
}
