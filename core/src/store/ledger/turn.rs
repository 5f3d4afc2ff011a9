//! One key's turn in a transaction: what this node settles, takes and charges while the key's usage row is locked.

use diesel::QueryResult;
use loggia_sql::Connection;

use super::account::{Account, Grant};
use super::shares::{self, Locked};

/// The largest block: enough for the calls of some commits.
const LARGEST_BLOCK: i64 = 4_096;
/// Smaller blocks are not worth taking; below this the limit is near.
const SMALLEST_BLOCK: i64 = 8;

/// What one key's turn has come to; it is true once the transaction is committed.
pub(super) struct Outcome {
    pub(super) key_id: i64,
    pub(super) settled: bool,
    /// How many calls of a block whose share was gone could be charged.
    pub(super) lost: Option<i64>,
    pub(super) day: i64,
    pub(super) left: i64,
    pub(super) grant: Grant,
}

impl Outcome {
    pub(super) fn nothing(key_id: i64) -> Self {
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

/// One key's turn, while its usage row is locked.
pub(super) struct Turn<'a> {
    pub(super) connection: &'a mut Connection,
    pub(super) usage: Locked,
    pub(super) day: i64,
    pub(super) now_ms: i64,
    pub(super) node_id: i64,
    pub(super) nodes: i64,
    /// The size of blocks that are paid in advance.
    pub(super) lease_size: Option<i64>,
    pub(super) outcome: Outcome,
}

impl Turn<'_> {
    pub(super) fn run(&mut self, account: &mut Account) -> QueryResult<()> {
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
