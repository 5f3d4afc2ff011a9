//! One run of the scheduler, asked for by somebody who waits for what comes of it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::QueryResult;

use super::claims::{CLAIM, is_of_one};
use super::crew::Crew;
use super::depot::Depot;
use super::flight::Flight;
use super::tally::Tally;
use crate::node::Membership;

/// How long the end waits for what is under way.
const PATIENCE: Duration = Duration::from_secs(5);

impl Depot {
    /// Sends what is due to so many devices, or to as many as the settings say, and waits for the answers. Where no
    /// server runs in this process, it is a node of its own for that long.
    pub(super) fn run(
        self: &Arc<Self>,
        batch_size: Option<i64>,
        deadline: Option<Instant>,
    ) -> QueryResult<Tally> {
        let most = batch_size.unwrap_or_else(|| self.settings.load().batch_size);
        if let Some(crew) = self.crew.get() {
            return self.run_once(crew, most, deadline);
        }
        let mut membership = Membership::join(&self.pool, "command")?;
        membership
            .begin(|_| Ok(()), Vec::new)
            .map_err(|error| diesel::result::Error::QueryBuilderError(Box::new(error)))?;
        let crew = Crew::new(membership.id, membership.pulse())
            .map_err(|error| diesel::result::Error::QueryBuilderError(Box::new(error)))?;
        self.recover()?;
        let tally = self.run_once(&crew, most, deadline);
        crew.close(PATIENCE);
        tally
    }

    fn run_once(
        self: &Arc<Self>,
        crew: &Crew,
        most: i64,
        deadline: Option<Instant>,
    ) -> QueryResult<Tally> {
        let (mut left, mut tally) = (most, Tally::default());
        let mut passed_over = HashSet::new();
        while left > 0 && deadline.is_none_or(|deadline| Instant::now() < deadline) {
            let mut due = self.due()?;
            due.retain(|id| !passed_over.contains(id));
            if due.is_empty() {
                break;
            }
            for id in due {
                while left > 0 {
                    let claimed = match self.one_claim(crew, id, left.min(CLAIM)) {
                        Err(error) if is_of_one(id, &error) => {
                            passed_over.insert(id);
                            None
                        }
                        claimed => claimed?,
                    };
                    let Some((taken, came, has_more)) = claimed else {
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
        let Some(place) = crew.place() else {
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
        let flight = Flight::new(Arc::clone(self), claim, &applications, crew);
        let tally = crew.handle.block_on(async move {
            let tally = flight.fly().await;
            drop(place);
            tally
        });
        Ok(Some((taken, tally, has_more)))
    }
}
