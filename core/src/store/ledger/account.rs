//! One key's part of what this node holds: its block, who waits, and what has to be made good.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use super::message::{Ask, Charge, Ticket, Verdict};
use super::{Counter, Shared};

/// One key's part.
pub(super) struct Account {
    pub(super) counter: Arc<Counter>,
    pub(super) block: Option<Block>,
    /// Whether the share must be added to the usage row before anything else.
    pub(super) must_settle: bool,
    /// Whether little is left of the block.
    pub(super) is_low: bool,
    /// How large the block was meant to be when calls were last taken for it.
    pub(super) size: i64,
    pub(super) waiting: Vec<Ask>,
    /// Blocks whose share was gone: how many of their calls could be charged all the same.
    pub(super) lost: HashMap<u16, i64>,
    /// Calls of a day that were charged and could not be answered.
    pub(super) refunds: HashMap<i64, i64>,
}

/// Calls that were taken from a day's limit.
#[derive(Clone, Copy)]
pub(super) struct Block {
    pub(super) node_id: i64,
    pub(super) day: i64,
    pub(super) epoch: u16,
    pub(super) granted: i64,
    /// Calls whose end the writer has seen.
    pub(super) ended: i64,
    /// What was left when it was closed.
    pub(super) closed: Option<i64>,
}

/// What an account was granted in its turn.
pub(super) enum Grant {
    Nothing,
    /// The key has no limit any more.
    Open,
    /// So many calls for the block, of which some are for those who wait.
    Block {
        size: i64,
        calls: i64,
        waiting: usize,
    },
    /// So many of those who wait are charged; the others are refused, or wait for other nodes.
    Charged {
        calls: usize,
        refuse: bool,
    },
    /// The key is gone.
    Gone,
}

impl Account {
    pub(super) fn new(counter: &Arc<Counter>) -> Self {
        Account {
            counter: Arc::clone(counter),
            block: None,
            must_settle: false,
            is_low: false,
            size: 0,
            waiting: Vec::new(),
            lost: HashMap::new(),
            refunds: HashMap::new(),
        }
    }

    /// Forgets who does not wait any more; whether there is something to decide.
    pub(super) fn needs_turn(&mut self, now: Instant) -> bool {
        self.waiting
            .retain(|ask| !ask.reply.is_closed() && ask.deadline > now);
        let has_refunds = !self.refunds.is_empty();
        self.must_settle || self.is_low || has_refunds || !self.waiting.is_empty()
    }

    /// Closes the block, so that nobody is admitted from it; what it is then. Closing twice is closing once.
    pub(super) fn close(&mut self) -> Option<Block> {
        let block = self.block.as_mut()?;
        if block.closed.is_none() {
            block.closed = Some(self.counter.close());
        }
        Some(*block)
    }

    /// Hands out what was granted.
    pub(super) fn grant(&mut self, shared: &Arc<Shared>, node_id: i64, day: i64, grant: Grant) {
        match grant {
            Grant::Nothing => {}
            Grant::Gone => self.refuse_all(|| Verdict::Unavailable),
            Grant::Open => {
                let counter = Arc::clone(&self.counter);
                let open = || Charge::Open(Arc::clone(&counter), day);
                self.admit(shared, usize::MAX, open);
            }
            Grant::Block {
                size,
                calls,
                waiting,
            } => {
                self.size = size;
                let left = calls - i64::try_from(waiting).unwrap_or(i64::MAX);
                let epoch = self.open_or_add(node_id, day, calls, left);
                let counter = Arc::clone(&self.counter);
                let share = || Charge::Share(Arc::clone(&counter), day, epoch);
                self.admit(shared, waiting, share);
            }
            Grant::Charged { calls, refuse } => {
                let counter = Arc::clone(&self.counter);
                self.admit(shared, calls, || Charge::Paid(Arc::clone(&counter), day));
                if refuse {
                    self.counter.exhaust(day);
                    self.refuse_all(|| Verdict::Exhausted);
                }
            }
        }
    }

    fn open_or_add(&mut self, node_id: i64, day: i64, calls: i64, left: i64) -> u16 {
        if let Some(block) = self.block.as_mut() {
            block.granted += calls;
            self.counter.add(left);
            return block.epoch;
        }
        let epoch = self.counter.open(day, left);
        self.block = Some(Block {
            node_id,
            day,
            epoch,
            granted: calls,
            ended: 0,
            closed: None,
        });
        epoch
    }

    /// Admits those who wait longest. Who has just stopped waiting drops his ticket, which is charged.
    fn admit(&mut self, shared: &Arc<Shared>, calls: usize, charge: impl Fn() -> Charge) {
        let calls = calls.min(self.waiting.len());
        for ask in self.waiting.drain(..calls) {
            let ticket = Ticket::new(Arc::clone(shared), charge());
            drop(ask.reply.send(Verdict::Admitted(ticket)));
        }
    }

    pub(super) fn refuse_all(&mut self, verdict: impl Fn() -> Verdict) {
        for ask in self.waiting.drain(..) {
            drop(ask.reply.send(verdict()));
        }
    }
}
