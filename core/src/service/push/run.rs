//! One run of the scheduler, asked for by somebody who waits for what comes of it.

use std::sync::Arc;
use std::time::Instant;

use diesel::QueryResult;
use loggia_push::claim;

use super::crew::Crew;
use super::engine::{CLAIM, IN_TURN, PATIENCE, Push, Shared, place, soon};
use super::flight::Flight;
use crate::node::Membership;
use crate::service::clock::now_ms;

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// How many devices something was sent to.
    pub sent: i64,
    /// How many of those a vendor took.
    pub accepted: i64,
}

impl Tally {
    /// Adds what another came to.
    pub(super) fn add(&mut self, other: Tally) {
        self.sent += other.sent;
        self.accepted += other.accepted;
    }
}

impl Push {
    /// Sends what is due to so many devices, or to as many as the settings say, and waits for the answers. Where no
    /// server runs in this process, it is a node of its own for that long.
    pub fn run(&self, batch_size: Option<i64>, deadline: Option<Instant>) -> QueryResult<Tally> {
        let most = batch_size.unwrap_or_else(|| self.shared.settings.load().batch_size);
        if let Some(crew) = self.shared.crew.get() {
            return self.shared.run_once(crew, most, deadline);
        }
        let mut membership = Membership::join(&self.shared.pool, "command")?;
        membership
            .begin(|_| Ok(()), Vec::new)
            .map_err(|error| diesel::result::Error::QueryBuilderError(Box::new(error)))?;
        let crew = Crew::new(membership.id, membership.pulse())
            .map_err(|error| diesel::result::Error::QueryBuilderError(Box::new(error)))?;
        self.shared.recover()?;
        let tally = self.shared.run_once(&crew, most, deadline);
        crew.close(PATIENCE);
        tally
    }
}

impl Shared {
    fn run_once(
        self: &Arc<Self>,
        crew: &Crew,
        most: i64,
        deadline: Option<Instant>,
    ) -> QueryResult<Tally> {
        let (mut left, mut tally) = (most, Tally::default());
        while left > 0 && deadline.is_none_or(|deadline| Instant::now() < deadline) {
            let due = claim::due(&mut self.pool.read(soon())?, now_ms(), IN_TURN)?;
            if due.is_empty() {
                break;
            }
            for id in due {
                while left > 0 {
                    let Some((taken, came, has_more)) =
                        self.one_claim(crew, id, left.min(CLAIM))?
                    else {
                        break;
                    };
                    left -= taken;
                    tally.add(came);
                    if !has_more {
                        break;
                    }
                }
            }
        }
        Ok(tally)
    }

    /// Takes some devices, sends to them, and waits: how many there were, what came of them, whether there are more.
    fn one_claim(
        self: &Arc<Self>,
        crew: &Crew,
        notification_id: i64,
        limit: i64,
    ) -> QueryResult<Option<(i64, Tally, bool)>> {
        let Some(place) = place(crew) else {
            return Ok(None);
        };
        let Some((claim, applications)) = self.claim(crew, notification_id, limit)? else {
            return Ok(None);
        };
        let has_more = claim.has_more;
        if claim.devices.is_empty() {
            return Ok(Some((0, Tally::default(), has_more)));
        }
        let taken = i64::try_from(claim.devices.len()).unwrap_or(i64::MAX);
        let flight = Flight::new(Arc::clone(self), claim, &applications, &crew.permission());
        let tally = crew.handle.block_on(async move {
            let tally = flight.fly().await;
            drop(place);
            tally
        });
        Ok(Some((taken, tally, has_more)))
    }
}
