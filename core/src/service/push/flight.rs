//! What is under way: the devices of one claim, from the senders' hands to the ledger.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use loggia_push::claim::{Claim, Claimed};
use loggia_push::settle::{self, Retired, Settled};
use loggia_push::{Platform, alarm, device};
use serde_json::Value;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::timeout;

use super::applications::ById;
use super::crew::Crew;
use super::depot::{Depot, soon};
use super::hands::Held;
use super::outcome::{USUAL_PAUSE_MS, settled};
use super::tally::Tally;
use super::vendor::{Answer, Batch, Message, Outcome, Target, Wishes};
use super::{posted, told};
use crate::service::clock::now_ms;

/// How many answers one transaction writes down.
const ANSWERS: usize = 1_000;
/// How long an answer waits for others.
const GATHER: Duration = Duration::from_millis(200);
/// How long the ledger is left alone after it failed.
const AGAIN: Duration = Duration::from_millis(500);

/// A claim on its way.
pub(super) struct Flight {
    depot: Arc<Depot>,
    facts: Arc<Facts>,
    batches: Vec<(Platform, Batch)>,
    /// What was answered before anything was sent.
    answered: Vec<Answer>,
    answers: UnboundedReceiver<Answer>,
    /// Until everything is written down.
    _held: Held,
}

/// What is known of each device of a claim.
struct Facts {
    notification_id: i64,
    fence: i64,
    began_ms: i64,
    devices: HashMap<i64, Passenger>,
    /// Whether somebody is to be told what becomes of them.
    is_hooked: bool,
}

struct Passenger {
    attempts: i64,
    application_id: i64,
    platform: Option<Platform>,
}

impl Flight {
    /// Puts a claim's devices into batches: one application, one platform, one language each.
    pub(super) fn new(depot: Arc<Depot>, claim: Claim, applications: &ById, crew: &Crew) -> Self {
        let (held, permission) = (crew.hands.hold(claim.fence), crew.permission());
        let (sender, answers) = mpsc::unbounded_channel();
        let message: Value = serde_json::from_str(&claim.notification.message).unwrap_or_default();
        let is_localised = message.get("localised").is_some();
        let public_id: Arc<str> = claim.notification.public_id.as_str().into();
        let mut facts = Facts {
            notification_id: claim.notification.id,
            fence: claim.fence,
            began_ms: now_ms(),
            devices: HashMap::with_capacity(claim.devices.len()),
            is_hooked: applications.values().any(|one| one.is_hooked),
        };
        let mut groups: HashMap<(i64, Option<Platform>, Option<String>), Vec<Target>> =
            HashMap::new();
        for claimed in claim.devices {
            let passenger = Passenger::of(&claimed);
            let language = claimed.target.language.clone().filter(|_| is_localised);
            let key = (passenger.application_id, passenger.platform, language);
            facts.devices.insert(claimed.target.id, passenger);
            groups.entry(key).or_default().push(target(claimed));
        }
        let (mut batches, mut answered) = (Vec::new(), Vec::new());
        for ((application, platform, language), targets) in groups {
            let read = platform
                .ok_or("the platform is unknown")
                .and_then(|platform| {
                    Message::read(&message, platform.word(), language.as_deref())
                        .map(|message| (platform, message))
                        .map_err(|_| "the message cannot be read")
                });
            match (read, applications.get(&application)) {
                (Ok((platform, mut message)), Some(known)) => {
                    message.expires_ms = message.expires_ms.or(claim.notification.expires_ms);
                    let batch = Batch {
                        application: Arc::clone(&known.sender),
                        notification_public_id: Arc::clone(&public_id),
                        message: Arc::new(message),
                        targets,
                        permission: permission.clone(),
                        answers: sender.clone(),
                    };
                    batches.push((platform, batch));
                }
                (Err(reason), _) => answered.extend(refuse(&targets, reason)),
                (_, None) => {
                    answered.extend(refuse(&targets, "the application is not there any more"));
                }
            }
        }
        Self {
            depot,
            facts: Arc::new(facts),
            batches,
            answered,
            answers,
            _held: held,
        }
    }

    /// Sends, and writes down what comes back until everything is answered. What a sender leaves unanswered is unknown.
    pub(super) async fn fly(mut self) -> Tally {
        for (platform, batch) in self.batches.drain(..) {
            let depot = Arc::clone(&self.depot);
            tokio::spawn(async move {
                if let Some(sender) = depot.carriers.sender(platform) {
                    sender.send(batch).await;
                }
            });
        }
        let mut open: HashSet<i64> = self.facts.devices.keys().copied().collect();
        let mut gathered = std::mem::take(&mut self.answered);
        let mut tally = Tally::default();
        while open.len() > gathered.len() {
            let ended = self.gather(&mut gathered).await;
            gathered.retain(|answer| open.contains(&answer.device_id));
            if ended || open.len() <= gathered.len() {
                break;
            }
            for answer in &gathered {
                open.remove(&answer.device_id);
            }
            tally.add(self.settle(std::mem::take(&mut gathered), false).await);
        }
        for answer in &gathered {
            open.remove(&answer.device_id);
        }
        gathered.extend(open.into_iter().map(|device_id| Answer {
            device_id,
            outcome: Outcome::Unanswered {
                reason: "the sender gave no answer".into(),
            },
        }));
        tally.add(self.settle(gathered, true).await);
        tally
    }

    /// Waits for answers, and for some more once there is one; whether no others will come.
    async fn gather(&mut self, gathered: &mut Vec<Answer>) -> bool {
        let Some(first) = self.answers.recv().await else {
            return true;
        };
        gathered.push(first);
        let until = Instant::now() + GATHER;
        while gathered.len() < ANSWERS {
            let left = until.saturating_duration_since(Instant::now());
            let room = ANSWERS - gathered.len();
            match timeout(left, self.answers.recv_many(gathered, room)).await {
                Ok(0) => return true,
                Ok(_) => {}
                Err(_) => break,
            }
        }
        false
    }

    /// Writes answers down, however long the database takes to let it.
    async fn settle(&self, answers: Vec<Answer>, is_end: bool) -> Tally {
        let answers = Arc::new(answers);
        loop {
            let (depot, facts) = (Arc::clone(&self.depot), Arc::clone(&self.facts));
            let those = Arc::clone(&answers);
            let work = move || facts.settle(&depot, &those, is_end);
            match tokio::task::spawn_blocking(work).await {
                Ok(Ok(tally)) => return tally,
                Ok(Err(error)) => {
                    tracing::warn!("what was sent could not be written down: {error}");
                }
                Err(_) => return Tally::default(),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}

impl Passenger {
    fn of(claimed: &Claimed) -> Self {
        Self {
            attempts: claimed.attempts,
            application_id: claimed.target.application_id,
            platform: Platform::from_word(&claimed.target.platform),
        }
    }
}

fn target(claimed: Claimed) -> Target {
    let one = claimed.target;
    Target {
        device_id: one.id,
        token: one.token,
        badge: one.badge,
        wishes: Wishes {
            alert: one.ios_alert,
            badge: one.ios_badge,
            sound: one.ios_sound,
        },
    }
}

fn refuse(targets: &[Target], reason: &'static str) -> impl Iterator<Item = Answer> {
    targets.iter().map(move |target| Answer {
        device_id: target.device_id,
        outcome: Outcome::Refused {
            reason: reason.into(),
        },
    })
}

impl Facts {
    /// One transaction for the answers; what follows from them for devices and applications comes behind it.
    fn settle(&self, depot: &Depot, answers: &[Answer], is_end: bool) -> QueryResult<Tally> {
        let now_ms = now_ms();
        let rows: Vec<Settled<'_>> = answers
            .iter()
            .filter_map(|answer| {
                let attempts = self.devices.get(&answer.device_id)?.attempts;
                Some(settled(answer.device_id, attempts, &answer.outcome, now_ms))
            })
            .collect();
        let mut connection = depot.pool.write(soon())?;
        // The alarm comes first: what waits for its end must not wait for one that never was.
        self.raise_alarms(&mut connection, answers, now_ms)?;
        if self.is_hooked || posted::is_any(answers) {
            self.settle_and_tell(&mut connection, (answers, &rows), is_end, now_ms)?;
        } else {
            let key = (self.notification_id, self.fence);
            settle::settle(&mut connection, key, &rows, is_end, now_ms)?;
        }
        // What was settled is settled: the next push to a device that is gone is answered alike.
        if let Err(error) = self.retire(&mut connection, depot, answers, now_ms) {
            tracing::warn!("devices that are gone could not be retired yet: {error}");
        }
        drop(connection);
        if let Some(channels) = depot.channels.get()
            && posted::is_any(answers)
        {
            channels.tell();
        }
        if self.is_hooked {
            depot.errands.wake();
        }
        self.begin_pauses(depot, answers, now_ms);
        for answer in answers {
            if let Some(whose) = self.whose(answer) {
                depot.complaints.hear(whose, &answer.outcome);
            }
        }
        Ok(Tally::of(&rows))
    }

    /// Settles, and in the same transaction tells who is to hear of it.
    fn settle_and_tell(
        &self,
        connection: &mut loggia_sql::Connection,
        (answers, rows): (&[Answer], &[Settled<'_>]),
        is_end: bool,
        now_ms: i64,
    ) -> QueryResult<()> {
        let key = (self.notification_id, self.fence);
        let ids: Vec<i64> = rows.iter().map(|row| row.device_id).collect();
        connection.transaction(|connection| {
            let held = settle::held(connection, key, &ids)?;
            settle::settle(connection, key, rows, is_end, now_ms)?;
            told::enter(connection, self.notification_id, rows, &held, now_ms)?;
            let application = |device: i64| Some(self.devices.get(&device)?.application_id);
            posted::publish(
                connection,
                self.notification_id,
                answers,
                (&held, application),
                now_ms,
            )
        })
    }

    /// A vendor that tells no time speaks of the time when it was asked.
    fn retire(
        &self,
        connection: &mut loggia_sql::Connection,
        depot: &Depot,
        answers: &[Answer],
        now_ms: i64,
    ) -> QueryResult<()> {
        let gone = answers.iter().filter_map(|answer| match &answer.outcome {
            Outcome::Gone { reason, since_ms } => Some(Retired {
                device_id: answer.device_id,
                reason,
                since_ms: since_ms.unwrap_or(self.began_ms),
            }),
            _ => None,
        });
        let gone: Vec<_> = gone.collect();
        let retired = settle::retire(connection, &gone, now_ms)?;
        if retired > 0 && depot.settings.load().deletes_retired {
            let ids: Vec<i64> = gone.iter().map(|one| one.device_id).collect();
            device::delete_retired(connection, &ids)?;
        }
        Ok(())
    }

    fn raise_alarms(
        &self,
        connection: &mut loggia_sql::Connection,
        answers: &[Answer],
        now_ms: i64,
    ) -> QueryResult<()> {
        let mut raised = Vec::new();
        for answer in answers {
            let Outcome::BadCredentials { reason } = &answer.outcome else {
                continue;
            };
            let Some((application, platform)) = self.whose(answer) else {
                continue;
            };
            if raised.contains(&(application, platform)) {
                continue;
            }
            raised.push((application, platform));
            if alarm::raise(connection, application, platform, reason, now_ms)? {
                tracing::error!(
                    application,
                    platform = platform.word(),
                    "the vendor does not take the credentials, so nothing is sent there: {reason}"
                );
            }
        }
        Ok(())
    }

    fn begin_pauses(&self, depot: &Depot, answers: &[Answer], now_ms: i64) {
        for answer in answers {
            if let Outcome::Retry { after, scope, .. } = &answer.outcome
                && let Some((application, platform)) = self.whose(answer)
            {
                let asked = after.and_then(|after| i64::try_from(after.as_millis()).ok());
                let until_ms = now_ms + asked.unwrap_or(USUAL_PAUSE_MS);
                depot.pauses.begin(platform, application, *scope, until_ms);
            }
        }
    }

    fn whose(&self, answer: &Answer) -> Option<(i64, Platform)> {
        let passenger = self.devices.get(&answer.device_id)?;
        Some((passenger.application_id, passenger.platform?))
    }
}
