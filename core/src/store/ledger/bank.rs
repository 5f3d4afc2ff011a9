//! This node's blocks of calls, how it takes them and gives them back. Only where nodes share a limit, or where
//! calls are paid in advance.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use loggia_sql::Connection;

use super::clock::machine_ms;
use super::message::{Ask, Charge, Ticket, Verdict};
use super::shares::{self, Locked};
use super::{Counter, Shared};
use crate::store::nodes::now_ms;

/// The largest block: enough for the calls of some commits.
const LARGEST_BLOCK: i64 = 4_096;
/// Smaller blocks are not worth taking; below this the limit is near.
const SMALLEST_BLOCK: i64 = 8;
/// How often the lease is renewed and dead nodes are looked for.
const RENEW_MS: u64 = 1_000;
/// How often a node that holds blocks looks whether a limit is near.
const LOOK_MS: u64 = 100;
/// How often calls that wait for another node's share are tried again.
const RETRY_MS: u64 = 20;

/// This node's part of all keys' days.
pub(super) struct Bank {
    shared: Arc<Shared>,
    node_id: i64,
    /// How many nodes hold a lease.
    nodes: i64,
    accounts: HashMap<i64, Account>,
    renewed_ms: u64,
    looked_ms: u64,
    /// The day whose end has been seen.
    day: i64,
}

/// One key's part.
struct Account {
    counter: Arc<Counter>,
    block: Option<Block>,
    /// Whether the share must be added to the usage row before anything else.
    must_settle: bool,
    /// Whether little is left of the block.
    is_low: bool,
    /// How large the block was meant to be when calls were last taken for it.
    size: i64,
    waiting: Vec<Ask>,
    /// Blocks whose share was gone: how many of their calls could be charged all the same.
    lost: HashMap<u16, i64>,
    /// Calls of a day that were charged and could not be answered.
    refunds: HashMap<i64, i64>,
}

/// Calls that were taken from a day's limit.
#[derive(Clone, Copy)]
struct Block {
    node_id: i64,
    day: i64,
    epoch: u16,
    granted: i64,
    /// Calls whose end the writer has seen.
    ended: i64,
    /// What was left when it was closed.
    closed: Option<i64>,
}

/// What one key's turn has come to; it is true once the transaction is committed.
struct Outcome {
    key_id: i64,
    settled: bool,
    /// How many calls of a block whose share was gone could be charged.
    lost: Option<i64>,
    day: i64,
    left: i64,
    grant: Grant,
}

enum Grant {
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

/// Where a call of a block is charged.
pub(super) enum Place {
    /// To the share that this node still holds.
    Share,
    /// It was charged when the block was settled.
    Settled,
    /// Its share was gone and nothing is left: it must not be answered.
    Nowhere,
}

impl Bank {
    pub(super) fn join(connection: &mut Connection, shared: Arc<Shared>) -> QueryResult<Self> {
        let mut bank = Bank {
            node_id: 0,
            nodes: 1,
            accounts: HashMap::new(),
            renewed_ms: 0,
            looked_ms: 0,
            day: 0,
            shared,
        };
        bank.take_lease(connection)?;
        Ok(bank)
    }

    fn lease_ms(&self) -> i64 {
        i64::try_from(self.shared.options.lease.as_millis()).unwrap_or(i64::MAX)
    }

    fn account(&mut self, counter: &Arc<Counter>) -> &mut Account {
        let account = self.accounts.entry(counter.key_id());
        account.or_insert_with(|| Account {
            counter: Arc::clone(counter),
            block: None,
            must_settle: false,
            is_low: false,
            size: 0,
            waiting: Vec::new(),
            lost: HashMap::new(),
            refunds: HashMap::new(),
        })
    }

    /// A call waits to be admitted.
    pub(super) fn ask(&mut self, ask: Ask) {
        let counter = Arc::clone(&ask.counter);
        self.account(&counter).waiting.push(ask);
    }

    /// A key's limit has changed: what was said of the old one is forgotten.
    pub(super) fn changed(&mut self, counter: &Arc<Counter>) {
        let account = self.account(counter);
        account.must_settle = true;
        account.counter.ask_again();
    }

    /// A call of a day was charged and cannot be answered: it does not count.
    pub(super) fn refund(&mut self, counter: &Arc<Counter>, day: i64) {
        *self.account(counter).refunds.entry(day).or_default() += 1;
    }

    /// How long the writer may wait for messages.
    pub(super) fn longest_wait(&self) -> Duration {
        let wait_ms = if self.accounts.values().any(|one| !one.waiting.is_empty()) {
            RETRY_MS
        } else if self.accounts.values().any(|one| one.block.is_some()) {
            LOOK_MS
        } else {
            RENEW_MS
        };
        Duration::from_millis(wait_ms)
    }

    /// Renews the lease, notices the end of a day, limits that are near, and nodes that died.
    pub(super) fn tick(&mut self, connection: &mut Connection) -> QueryResult<()> {
        let elapsed_ms = self.shared.clock.elapsed_ms();
        if elapsed_ms >= self.renewed_ms + RENEW_MS.min(self.lease_ms().unsigned_abs() / 4) {
            self.take_lease(connection)?;
        }
        let today = self.shared.clock.day();
        if today != self.day {
            self.end_days_before(connection, today)?;
            self.day = today;
        }
        if elapsed_ms >= self.looked_ms + LOOK_MS {
            self.looked_ms = elapsed_ms;
            self.look(connection)?;
        }
        Ok(())
    }

    /// Renews the lease or, where it ran out, becomes another node.
    fn take_lease(&mut self, connection: &mut Connection) -> QueryResult<()> {
        let begun_ms = self.shared.clock.elapsed_ms();
        let before_ms = machine_ms();
        let now = now_ms(connection)?;
        self.shared.clock.set(now, before_ms, machine_ms());
        let lease_ms = self.lease_ms();
        let is_renewed =
            self.node_id != 0 && shares::renew(connection, self.node_id, now, lease_ms)?;
        if !is_renewed {
            if self.node_id != 0 {
                tracing::warn!("this node was too slow to renew its lease on quotas");
            }
            self.node_id = shares::join(connection, lease_ms)?;
            self.accounts
                .values_mut()
                .for_each(|account| account.must_settle = account.block.is_some());
        }
        self.nodes = shares::live_nodes(connection, now)?.max(1);
        for orphan in shares::orphans(connection, now)? {
            connection.transaction(|connection| shares::fold(connection, orphan))?;
        }
        self.renewed_ms = begun_ms;
        // A fifth of the lease is kept back, so that this node stops before others take over.
        let usable_ms = lease_ms.unsigned_abs() / 5 * 4;
        // What is paid in advance can be used however late.
        if self.shared.lease_size().is_none() {
            let fence_ms = begun_ms + usable_ms;
            self.shared.fence_ms.store(fence_ms, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Adds the shares of past days to the usage rows, those of open blocks by way of the blocks.
    fn end_days_before(&mut self, connection: &mut Connection, today: i64) -> QueryResult<()> {
        for share in shares::of_node(connection, self.node_id)? {
            let (key_id, _, day) = share;
            let account = self.accounts.get_mut(&key_id);
            match account.filter(|account| account.block.is_some_and(|one| one.day == day)) {
                Some(account) => account.must_settle |= day < today,
                None if day < today => {
                    connection.transaction(|connection| shares::fold(connection, share))?;
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Looks for keys whose limit is near while this node holds a block.
    fn look(&mut self, connection: &mut Connection) -> QueryResult<()> {
        if !self.accounts.values().any(|one| one.block.is_some()) {
            return Ok(());
        }
        for key_id in shares::near(connection, self.node_id)? {
            if let Some(account) = self.accounts.get_mut(&key_id) {
                account.must_settle = true;
            }
        }
        Ok(())
    }

    /// Answers those who wait, as far as that can be decided, and takes and gives back blocks.
    pub(super) fn decide(&mut self, connection: &mut Connection) -> QueryResult<()> {
        let now = Instant::now();
        let mut keys: Vec<i64> = self
            .accounts
            .iter_mut()
            .filter_map(|(key_id, account)| account.needs_turn(now).then_some(*key_id))
            .collect();
        if keys.is_empty() {
            return Ok(());
        }
        keys.sort_unstable();
        let mut is_complete = false;
        let outcomes = connection.transaction(|connection| {
            let outcomes = keys.iter().map(|id| self.turn_of(connection, *id));
            let outcomes = outcomes.collect::<QueryResult<Vec<_>>>()?;
            is_complete = true;
            QueryResult::Ok(outcomes)
        });
        match outcomes {
            Ok(outcomes) => {
                for outcome in outcomes {
                    self.apply(outcome);
                }
                Ok(())
            }
            Err(error) => {
                // What became of the shares is unknown; they are added up before they are used again.
                self.settle_later(&keys);
                if is_complete {
                    self.forget_refunds(&keys);
                }
                Err(error)
            }
        }
    }

    /// The shares of these keys are added to their usage rows at the next turn.
    pub(super) fn settle_later(&mut self, keys: &[i64]) {
        for key_id in keys {
            if let Some(account) = self.accounts.get_mut(key_id) {
                account.must_settle = true;
            }
        }
    }

    /// Nobody knows whether they were given back, and nothing may be given back twice.
    fn forget_refunds(&mut self, keys: &[i64]) {
        for key_id in keys {
            if let Some(account) = self.accounts.get_mut(key_id) {
                account.refunds.clear();
            }
        }
    }

    fn turn_of(&mut self, connection: &mut Connection, key_id: i64) -> QueryResult<Outcome> {
        let (node_id, nodes) = (self.node_id, self.nodes);
        let today = self.shared.clock.day();
        let now_ms = self.shared.clock.now_ms();
        let Some(account) = self.accounts.get_mut(&key_id) else {
            return Ok(Outcome::nothing(key_id));
        };
        let Some(before) = shares::lock(connection, key_id)? else {
            return Ok(Outcome {
                grant: Grant::Gone,
                ..Outcome::nothing(key_id)
            });
        };
        let mut turn = Turn {
            connection,
            usage: before,
            // A clock that is behind another node's does not go back to yesterday.
            day: today.max(before.current_day),
            now_ms,
            node_id,
            nodes,
            lease_size: self.shared.lease_size(),
            outcome: Outcome::nothing(key_id),
        };
        turn.run(account)?;
        let Turn { usage, outcome, .. } = turn;
        usage.store(connection, key_id, &before)?;
        Ok(outcome)
    }

    fn apply(&mut self, outcome: Outcome) {
        let Some(account) = self.accounts.get_mut(&outcome.key_id) else {
            return;
        };
        if outcome.settled {
            account.must_settle = false;
            if let Some(block) = account.block.take()
                && let Some(charged) = outcome.lost
            {
                account.lost.insert(block.epoch, charged);
            }
        }
        account.is_low = false;
        if !account.refunds.is_empty() {
            account.refunds.clear();
            account.counter.ask_again();
        }
        account.counter.set_left(outcome.left);
        account.grant(&self.shared, self.node_id, outcome.day, outcome.grant);
    }

    /// Where a call that has ended is charged.
    pub(super) fn place(&mut self, counter: &Arc<Counter>, epoch: u16) -> Place {
        if self.open_share(counter, epoch).is_some() {
            return Place::Share;
        }
        match self.account(counter).lost.get_mut(&epoch) {
            None => Place::Settled,
            Some(0) => Place::Nowhere,
            Some(charged) => {
                *charged -= 1;
                Place::Settled
            }
        }
    }

    /// The node that holds a block which has not been settled.
    pub(super) fn open_share(&self, counter: &Counter, epoch: u16) -> Option<i64> {
        let block = self.accounts.get(&counter.key_id())?.block?;
        (block.epoch == epoch).then_some(block.node_id)
    }

    /// Calls of a block have ended, charged or not.
    pub(super) fn ended(&mut self, key_id: i64, epoch: u16, calls: i64) {
        if let Some(account) = self.accounts.get_mut(&key_id)
            && let Some(block) = account.block.as_mut()
            && block.epoch == epoch
        {
            block.ended += calls;
            account.is_low =
                block.closed.is_none() && account.counter.available() < account.size / 2;
        }
    }

    /// The number under which keys without a limit are charged.
    pub(super) fn node_id(&self) -> i64 {
        self.node_id
    }

    /// Gives everything back and leaves.
    pub(super) fn leave(&mut self, connection: &mut Connection) -> QueryResult<()> {
        for account in self.accounts.values_mut() {
            account.refuse_all(|| Verdict::Unavailable);
            account.must_settle |= account.block.is_some();
        }
        self.decide(connection)?;
        for share in shares::of_node(connection, self.node_id)? {
            connection.transaction(|connection| shares::fold(connection, share))?;
        }
        shares::leave(connection, self.node_id)
    }
}

impl Outcome {
    fn nothing(key_id: i64) -> Self {
        Outcome {
            key_id,
            settled: false,
            lost: None,
            day: 0,
            left: 0,
            grant: Grant::Nothing,
        }
    }
}

impl Account {
    /// Forgets who does not wait any more; whether there is something to decide.
    fn needs_turn(&mut self, now: Instant) -> bool {
        self.waiting
            .retain(|ask| !ask.reply.is_closed() && ask.deadline > now);
        let has_refunds = !self.refunds.is_empty();
        self.must_settle || self.is_low || has_refunds || !self.waiting.is_empty()
    }

    /// Closes the block, so that nobody is admitted from it; what it is then. Closing twice is closing once.
    fn close(&mut self) -> Option<Block> {
        let block = self.block.as_mut()?;
        if block.closed.is_none() {
            block.closed = Some(self.counter.close());
        }
        Some(*block)
    }

    /// Hands out what was granted.
    fn grant(&mut self, shared: &Arc<Shared>, node_id: i64, day: i64, grant: Grant) {
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

    fn refuse_all(&mut self, verdict: impl Fn() -> Verdict) {
        for ask in self.waiting.drain(..) {
            drop(ask.reply.send(verdict()));
        }
    }
}

/// One key's turn, while its usage row is locked.
struct Turn<'a> {
    connection: &'a mut Connection,
    usage: Locked,
    day: i64,
    now_ms: i64,
    node_id: i64,
    nodes: i64,
    /// The size of blocks that are paid in advance.
    lease_size: Option<i64>,
    outcome: Outcome,
}

impl Turn<'_> {
    fn run(&mut self, account: &mut Account) -> QueryResult<()> {
        self.outcome.day = self.day;
        for (day, calls) in &account.refunds {
            self.usage.add(*day, -calls, 0);
        }
        let is_near = self.usage.near_day == self.day;
        let is_over = account.block.is_some_and(|block| block.day != self.day);
        let is_unlimited = self.usage.daily_requests == 0;
        if account.must_settle || is_over || (account.block.is_some() && (is_near || is_unlimited))
        {
            self.settle(account)?;
        }
        let waiting = account.waiting.len();
        if is_unlimited {
            self.outcome.grant = Grant::Open;
            return Ok(());
        }
        if waiting == 0 && (self.outcome.settled || account.block.is_none()) {
            return Ok(());
        }
        if is_near || !self.take_block(account)? {
            self.charge(account)?;
        }
        Ok(())
    }

    /// Adds the share to the usage row, calls that are under way included, and gives back the rest.
    fn settle(&mut self, account: &mut Account) -> QueryResult<()> {
        let block = account.close();
        let (node_id, day) = block.map_or((self.node_id, self.day), |one| (one.node_id, one.day));
        let is_prepaid = self.lease_size.is_some();
        let uncharged = block.map_or(0, |block| {
            let charged = if is_prepaid { 0 } else { block.ended };
            block.granted - block.closed.unwrap_or(0) - charged
        });
        let share = (account.counter.key_id(), node_id, day);
        match shares::take_away(self.connection, share)? {
            Some(gone) => {
                self.usage.add(day, gone.used, gone.last_visit_ms);
                self.usage.add(day, uncharged, self.now_ms);
            }
            // Whoever took over a share that was paid in advance has counted all of it.
            None if uncharged > 0 && !is_prepaid => self.charge_lost(account, day, uncharged)?,
            None => {}
        }
        self.outcome.settled = true;
        self.day = self.day.max(self.usage.current_day);
        self.outcome.day = self.day;
        Ok(())
    }

    /// The share was taken away, so calls that are under way are charged as far as the limit allows.
    fn charge_lost(&mut self, account: &Account, day: i64, under_way: i64) -> QueryResult<()> {
        let key_id = account.counter.key_id();
        let held = shares::held(self.connection, key_id, day, self.node_id)?;
        let left = self.usage.daily_requests - self.usage.hits_of(day) - held.committed;
        let charged = under_way.min(left.max(0));
        self.usage.add(day, charged, self.now_ms);
        self.outcome.lost = Some(charged);
        Ok(())
    }

    fn left(&mut self, account: &Account) -> QueryResult<(i64, shares::Held)> {
        let key_id = account.counter.key_id();
        let held = shares::held(self.connection, key_id, self.day, self.node_id)?;
        let used = self.usage.hits_of(self.day) + held.committed;
        Ok((self.usage.daily_requests - used, held))
    }

    /// Takes calls for the block and for those who wait; false where too few are left for that. The nodes
    /// together take an eighth of the limit at once, and less as less is left.
    fn take_block(&mut self, account: &Account) -> QueryResult<bool> {
        let waiting = i64::try_from(account.waiting.len()).unwrap_or(i64::MAX);
        let (left, _) = self.left(account)?;
        let spare = left - waiting;
        let size = match self.lease_size {
            Some(size) => size,
            None => (self.usage.daily_requests / (8 * self.nodes)).min(LARGEST_BLOCK),
        };
        let size = size.min(spare / (2 * self.nodes));
        if size < SMALLEST_BLOCK {
            return Ok(false);
        }
        let is_open = account.block.is_some() && !self.outcome.settled;
        let available = if is_open {
            account.counter.available()
        } else {
            0
        };
        let calls = waiting + (size - available).max(0);
        let share = (account.counter.key_id(), self.node_id, self.day);
        shares::grant(self.connection, share, calls, self.lease_size.is_some())?;
        self.outcome.left = left - calls;
        self.outcome.grant = Grant::Block {
            size,
            calls,
            waiting: account.waiting.len(),
        };
        Ok(true)
    }

    /// The limit is near: everybody gives back, and those who wait are charged one by one.
    fn charge(&mut self, account: &mut Account) -> QueryResult<()> {
        if account.block.is_some() && !self.outcome.settled {
            self.settle(account)?;
        }
        self.usage.near_day = self.day;
        let (left, held) = self.left(account)?;
        let waiting = account.waiting.len();
        let calls = waiting.min(usize::try_from(left).unwrap_or(0));
        let charged = i64::try_from(calls).unwrap_or(0);
        self.usage.add(self.day, charged, self.now_ms);
        self.outcome.left = (left - charged).max(0);
        self.outcome.grant = Grant::Charged {
            calls,
            refuse: left - charged <= 0 && held.open_elsewhere == 0,
        };
        Ok(())
    }
}
