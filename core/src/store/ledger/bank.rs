//! This node's blocks of calls, how it takes them and gives them back. Only where nodes share a limit, or where
//! calls are paid in advance.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use loggia_sql::Connection;

use super::account::{Account, Grant};
use super::clock::machine_ms;
use super::message::{Ask, Verdict};
use super::turn::{Outcome, Turn};
use super::{Counter, Shared, shares};
use crate::store::nodes::now_ms;

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
        account.or_insert_with(|| Account::new(counter))
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
