//! Claims: what this process takes upon itself, and the end of those that dead nodes have left.

use diesel::QueryResult;
use loggia_push::claim::{self, Claim};
use loggia_push::node;
use loggia_push::settle::{self, Orphan};

use super::applications::ById;
use super::crew::Crew;
use super::depot::{Depot, soon};
use super::judge::Judge;
use super::told;
use crate::service::clock::now_ms;

/// How many devices one claim takes at most.
pub(super) const CLAIM: i64 = 1_000;
/// How many notifications are looked at in turn.
const IN_TURN: i64 = 16;
/// How many claims of dead nodes are ended at once.
const ORPHANS: i64 = 100;

/// Whether an error is of one notification alone, and not of the database's hour; if so, it is logged, and the others are to be
/// sent all the same.
pub(super) fn is_of_one(notification_id: i64, error: &diesel::result::Error) -> bool {
    let is_of_the_hour = [
        loggia_sql::is_busy,
        loggia_sql::is_deadline,
        loggia_sql::is_lost,
    ];
    if is_of_the_hour.iter().any(|is_so| is_so(error)) {
        return false;
    }
    tracing::error!(
        notification = notification_id,
        "a notification cannot be taken, and is passed over: {error}"
    );
    true
}

impl Depot {
    /// The notifications whose turn it is.
    pub(super) fn due(&self) -> QueryResult<Vec<i64>> {
        claim::due(&mut self.pool.read(soon())?, now_ms(), IN_TURN)
    }

    /// Takes some devices of a notification, and what is needed to send to them.
    pub(super) fn claim(
        &self,
        crew: &Crew,
        notification_id: i64,
        limit: i64,
    ) -> QueryResult<Option<(Claim, ById)>> {
        let mut connection = self.pool.write(soon())?;
        let Some(known) = loggia_push::notification::by_id(&mut connection, notification_id)?
        else {
            return Ok(None);
        };
        let applications = self
            .applications
            .of(&mut connection, known.application_id)?;
        let now_ms = now_ms();
        let judge = Judge {
            applications: &applications,
            carriers: self.carriers.as_ref(),
            pauses: &self.pauses,
            now_ms,
        };
        let key = (notification_id, crew.node_id);
        let say = &mut |notification: &_, target: &_| judge.say(notification, target);
        let is_hooked = applications.values().any(|one| one.is_hooked);
        let claim = if is_hooked {
            let claim = told::claim(&mut connection, key, limit, now_ms, say)?;
            if claim.as_ref().is_some_and(|one| !one.ended.is_empty()) {
                self.errands.wake();
            }
            claim
        } else {
            claim::claim(&mut connection, key, limit, now_ms, say)?
        };
        Ok(claim.map(|claim| (claim, applications)))
    }

    /// Ends what dead nodes had in their hands.
    pub(super) fn recover(&self) -> QueryResult<()> {
        let orphans = {
            let mut connection = self.pool.read(soon())?;
            let since_ms = node::alive_since_ms(&mut connection)?;
            settle::orphans(&mut connection, None, since_ms, ORPHANS)?
        };
        self.end(&orphans)
    }

    /// The claims of this node that nobody here has in hand.
    pub(super) fn adrift(&self, crew: &Crew) -> QueryResult<Vec<Orphan>> {
        let mut claims = settle::claims_of(&mut self.pool.read(soon())?, crew.node_id)?;
        claims.retain(|claim| !crew.hands.has(claim.id));
        Ok(claims)
    }

    /// Ends claims that nobody has in hand.
    pub(super) fn end(&self, orphans: &[Orphan]) -> QueryResult<()> {
        let mut lost = 0;
        for orphan in orphans {
            lost += settle::recover(&mut self.pool.write(soon())?, orphan, now_ms())?;
        }
        if lost > 0 {
            tracing::warn!(
                "{lost} pushes were in nobody's hands any more; whether they were taken is unknown"
            );
        }
        Ok(())
    }
}
