//! The clerk: takes what is due, has it sent, and looks after what dead nodes have left.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use loggia_push::{letter, retention};
use loggia_sql::Connection;

use super::claims::{CLAIM, is_of_one};
use super::crew::Crew;
use super::depot::{Depot, soon};
use super::flight::Flight;
use crate::service::clock::now_ms;

/// How often the tables are looked at: another node, or a transaction that has just ended, may have entered something.
const POLL: Duration = Duration::from_millis(250);
/// How often it is looked for what dead nodes have left.
const RECOVER_EVERY: Duration = Duration::from_secs(1);
/// How often what is old is forgotten.
const PRUNE_EVERY: Duration = Duration::from_hours(1);
/// How long a notification that could not be taken is passed over.
const PASSED_OVER: Duration = Duration::from_secs(10);

/// Who does so, and when it last did what is done now and then.
pub(super) struct Clerk {
    depot: Arc<Depot>,
    recovered: Option<Instant>,
    pruned: Option<Instant>,
    /// Notifications that could not be taken, and since when.
    passed_over: HashMap<i64, Instant>,
    /// Claims of this node that nobody had in hand at the last look.
    adrift: HashSet<i64>,
}

/// Whether something is to be done again, and notes that it is.
fn is_time(last: &mut Option<Instant>, span: Duration) -> bool {
    let is_time = last.is_none_or(|at| at.elapsed() >= span);
    if is_time {
        *last = Some(Instant::now());
    }
    is_time
}

impl Clerk {
    pub(super) fn new(depot: Arc<Depot>) -> Self {
        Self {
            depot,
            recovered: None,
            pruned: None,
            passed_over: HashMap::new(),
            adrift: HashSet::new(),
        }
    }

    /// Works until it is told to stop.
    pub(super) fn work(mut self) {
        let depot = Arc::clone(&self.depot);
        while depot.wait(POLL) {
            let Some(crew) = depot.crew.get() else { return };
            if !crew.may_send() {
                continue;
            }
            if let Err(error) = self.look(crew) {
                tracing::warn!("the push tables cannot be read or written: {error}");
            }
        }
    }

    fn look(&mut self, crew: &Crew) -> QueryResult<()> {
        self.recover(crew)?;
        if is_time(&mut self.pruned, PRUNE_EVERY) {
            self.prune()?;
        }
        if !self.depot.settings.load().sends_by_itself {
            return Ok(());
        }
        loop {
            let mut has_more = false;
            for id in self.depot.due()? {
                if self.depot.is_stopping() || !crew.may_send() {
                    return Ok(());
                }
                self.recover(crew)?;
                if self.passes_over(id) {
                    continue;
                }
                match self.take_off(crew, id) {
                    Ok(more) => has_more |= more,
                    Err(error) if is_of_one(id, &error) => {
                        self.passed_over.insert(id, Instant::now());
                    }
                    Err(error) => return Err(error),
                }
            }
            if !has_more {
                return Ok(());
            }
        }
    }

    /// Whether a notification could not be taken a moment ago.
    fn passes_over(&mut self, notification_id: i64) -> bool {
        self.passed_over
            .retain(|_, since| since.elapsed() < PASSED_OVER);
        self.passed_over.contains_key(&notification_id)
    }

    /// Takes some devices of a notification and has them sent; whether there are more at once.
    fn take_off(&self, crew: &Crew, notification_id: i64) -> QueryResult<bool> {
        let Some(place) = crew.place() else {
            return Ok(false);
        };
        let Some((claim, applications)) = self.depot.claim(crew, notification_id, CLAIM)? else {
            return Ok(false);
        };
        let has_more = claim.has_more;
        if !claim.devices.is_empty() {
            let flight = Flight::new(Arc::clone(&self.depot), claim, &applications, crew);
            crew.handle.spawn(async move {
                flight.fly().await;
                drop(place);
            });
        }
        Ok(has_more)
    }

    /// Ends what dead nodes had in their hands, and what of this one's is adrift, where it is time to look for that. What is
    /// adrift at two looks was not just being taken.
    fn recover(&mut self, crew: &Crew) -> QueryResult<()> {
        if !is_time(&mut self.recovered, RECOVER_EVERY) {
            return Ok(());
        }
        self.depot.recover()?;
        let adrift = self.depot.adrift(crew)?;
        let (again, first): (Vec<_>, Vec<_>) =
            (adrift.into_iter()).partition(|claim| self.adrift.contains(&claim.id));
        self.adrift = first.iter().map(|claim| claim.id).collect();
        self.depot.end(&again)
    }

    fn prune(&self) -> QueryResult<()> {
        let depot = &self.depot;
        let before_ms = now_ms() - depot.settings.load().retention_ms;
        let prune = |connection: &mut Connection| retention::prune(connection, before_ms);
        letter::prune(&mut depot.pool.write(soon())?, before_ms)?;
        while prune(&mut depot.pool.write(soon())?)? {
            if depot.is_stopping() {
                break;
            }
        }
        Ok(())
    }
}
