//! Channels: what modules publish reaches the pages that are connected, on whichever node.
//!
//! A message is a row, written in the transaction of what it is about. Every node hands the rows out in their order to
//! its own pages, woken by the end of the call that published, by what other nodes tell, and by looking once a second.
//! A page that comes is entered while nothing is handed out; what it missed before is read behind that, and what comes
//! meanwhile waits, so that nothing is lost and nothing doubled between the two.

mod board;
mod follower;
pub mod form;
pub mod outlet;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use diesel::result::QueryResult;
use loggia_sql::{Connection, Dialect};
use parking_lot::{Mutex, MutexGuard};

use crate::settings;
use crate::store::Pool;
use crate::store::channel::{self, Message, Seat};
use crate::store::notices::Bell;
use board::Board;
use follower::Follower;
use form::{Form, Rendered, close};
use outlet::Outlet;

pub use table::ChannelsService;
pub(crate) use table::{full_name, of_device};

/// How long the house's own work waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many messages are read at once.
const PAGE: i64 = 100;

/// The channels of this process.
pub struct Channels {
    pool: Pool,
    settings: ArcSwap<settings::Channels>,
    board: Mutex<Board>,
    /// The last message that was handed out; none before this process serves. Whoever holds it hands out.
    handed_out: Mutex<Option<i64>>,
    /// Deliveries that are accepted, because a page was handed the message: notification and device.
    accepted: Mutex<Vec<(i64, i64)>>,
    node: OnceLock<i64>,
    is_ending: AtomicBool,
    /// Rung for other nodes, where the database does not tell them.
    bell: OnceLock<Bell>,
    follower: Mutex<Option<Follower>>,
}

/// A stream that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// How messages are sent.
    pub form: Form,
    /// The channel, with its module.
    pub channel: String,
    /// Who listens.
    pub member: String,
    /// The sub-protocol that is answered.
    pub protocol: Option<String>,
    /// The last message that the page has seen.
    pub since: Option<i64>,
    /// Whether the page is told first where it stands.
    pub wants_position: bool,
}

/// A page's place on its channel; dropped, the page is gone.
pub struct Place {
    /// What waits for the page.
    pub outlet: Arc<Outlet>,
    channels: Arc<Channels>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.channels.board.lock().leave(&self.outlet);
    }
}

/// What is kept of a channel behind a message.
#[derive(Clone, Debug)]
pub struct Missed {
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// Whether there were others that cannot be had any more.
    pub has_gap: bool,
    /// The id of the last message that is taken into account.
    pub last: i64,
}

impl Channels {
    /// Over a migrated database; pages are taken once [`Channels::begin`] was called.
    pub fn new(pool: Pool, settings: &settings::Channels) -> Self {
        Channels {
            pool,
            settings: ArcSwap::from_pointee(settings.clone()),
            board: Mutex::default(),
            handed_out: Mutex::default(),
            accepted: Mutex::default(),
            node: OnceLock::new(),
            is_ending: AtomicBool::new(false),
            bell: OnceLock::new(),
            follower: Mutex::default(),
        }
    }

    /// What concerns other nodes is told them by this bell.
    pub fn ring_by(&self, bell: Bell) {
        // A process has one bell.
        let _ = self.bell.set(bell);
    }

    /// Puts other settings in force.
    pub fn configure(&self, settings: &settings::Channels) {
        self.settings.store(Arc::new(settings.clone()));
    }

    /// Begins to take pages and to hand out what is published from now on, as the node of this number.
    ///
    /// # Errors
    /// Where the database fails, or no thread can be started.
    pub fn begin(self: &Arc<Self>, node: i64) -> Result<(), String> {
        let began = self.pool.write(Instant::now() + PATIENCE);
        let last = began.and_then(|mut connection| {
            channel::clear_presence(&mut connection, node)?;
            channel::last_id(&mut connection)
        });
        let last = last.map_err(|error| format!("channels cannot be read: {error}"))?;
        if self.pool.dialect() == Dialect::Postgresql {
            self.board.lock().share();
        }
        // A process begins once; a second time would be the same node.
        let _ = self.node.set(node);
        *self.handed_out.lock() = Some(last);
        let follower = Follower::start(Arc::clone(self), node)
            .map_err(|error| format!("no thread could be started: {error}"))?;
        *self.follower.lock() = Some(follower);
        Ok(())
    }

    /// Hands out what another node has published, as soon as the thread that does so comes to it.
    pub fn hear(&self) {
        if let Some(follower) = &*self.follower.lock() {
            follower.hear();
        }
    }

    /// Says good-bye to every page and takes no other.
    pub fn end_all(&self) {
        self.is_ending.store(true, Ordering::Release);
        for outlet in self.board.lock().everybody() {
            outlet.end(close::GOING_AWAY);
        }
    }

    /// Resolves when every page is gone.
    pub async fn none(&self) {
        while self.count() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// How many pages are connected to this node.
    pub fn count(&self) -> usize {
        self.board.lock().count()
    }

    /// Ends the thread that hands out; to be called when nobody publishes any more.
    pub fn close(&self) {
        if let Some(follower) = self.follower.lock().take() {
            follower.stop();
        }
    }

    /// Gives a page its place; none where the server ends. What it missed is sent first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn open(self: &Arc<Self>, wanted: &Wanted) -> QueryResult<Option<Place>> {
        let since = wanted.since.map(|since| since.max(0));
        let mut handed_out = self.handed_out.lock();
        if since.is_some() && since > *handed_out {
            // Another node may have told it what this one has not handed out yet.
            self.hand_out(&mut handed_out)?;
        }
        let Some(last) = *handed_out else {
            return Ok(None);
        };
        // A page may have been told of a message that a restored database does not have.
        let is_ahead = since.is_some_and(|since| since > last);
        let since = since.map(|since| since.min(last));
        let seat = (
            wanted.channel.as_str().into(),
            wanted.member.as_str().into(),
        );
        let outlet = Arc::new(Outlet::new(wanted.form, seat, since));
        if wanted.wants_position && since.is_none() {
            outlet.say(wanted.form.position(last, false));
        }
        let place = Place {
            outlet: Arc::clone(&outlet),
            channels: Arc::clone(self),
        };
        self.board.lock().join(&outlet);
        drop(handed_out);
        if self.is_ending.load(Ordering::Acquire) {
            return Ok(None);
        }
        if let Some(since) = since {
            let mut missed = self.missed(&wanted.channel, since, last)?;
            missed.has_gap |= is_ahead;
            outlet.replay(Self::written(wanted, since, &missed));
            self.accept(missed.messages.iter().flat_map(|one| &one.targets));
        }
        Ok(Some(place))
    }

    fn missed(&self, channel: &str, since: i64, until: i64) -> QueryResult<Missed> {
        let most = self.settings.load().replay;
        let mut connection = self.pool.read(Instant::now() + PATIENCE)?;
        let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
        let mut messages = channel::newest(&mut connection, channel, (since, until), limit)?;
        let is_cut = messages.len() > most;
        if is_cut {
            messages.remove(0);
        }
        let has_gap = is_cut || is_gap(&mut connection, since)?;
        Ok(Missed {
            messages,
            has_gap,
            last: until,
        })
    }

    /// What a page is sent first. That something cannot be had any more is told once, where messages have envelopes.
    fn written(wanted: &Wanted, since: i64, missed: &Missed) -> Vec<bytes::Bytes> {
        let form = wanted.form;
        let mut is_told = !missed.has_gap;
        let mut written = Vec::with_capacity(missed.messages.len() + 1);
        if form.has_envelope && (wanted.wants_position || (!is_told && missed.messages.is_empty()))
        {
            written.push(form.position(since, missed.has_gap));
            is_told = true;
        }
        for message in &missed.messages {
            let rendered = Rendered::new(message);
            written.push(if is_told {
                rendered.bytes(form)
            } else {
                rendered.behind_gap(form)
            });
            is_told = true;
        }
        written
    }

    /// What is kept of a channel behind a message, for who asks without a stream. Where more than `limit` messages are
    /// kept, the oldest of them are given.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn history(
        &self,
        connection: &mut Connection,
        channel: &str,
        since: i64,
        limit: i64,
    ) -> QueryResult<Missed> {
        let has_gap = is_gap(connection, since)?;
        let newest = channel::last_id(connection)?;
        let messages = channel::history(connection, channel, (since, newest), limit)?;
        let is_full = i64::try_from(messages.len()).is_ok_and(|count| count >= limit);
        let last = match messages.last() {
            Some(message) if is_full => message.id,
            _ => newest,
        };
        Ok(Missed {
            messages,
            has_gap,
            last,
        })
    }

    /// Hands out what was published here and is committed, on every node.
    pub fn tell(&self) {
        self.catch_up();
        if let Some(bell) = self.bell.get() {
            bell.ring(channel::NOTICE);
        }
    }

    /// Hands out what was published and not handed out yet; nothing where this process does not serve.
    pub fn catch_up(&self) {
        if let Err(error) = self.hand_out(&mut self.handed_out.lock()) {
            tracing::warn!("messages for connected pages are late: {error}");
        }
    }

    fn hand_out(&self, handed_out: &mut MutexGuard<'_, Option<i64>>) -> QueryResult<()> {
        while let Some(last) = **handed_out {
            let mut connection = self.pool.read(Instant::now() + PATIENCE)?;
            let messages = channel::after(&mut connection, last, PAGE)?;
            drop(connection);
            let Some(newest) = messages.last().map(|message| message.id) else {
                return Ok(());
            };
            for message in &messages {
                self.hand(message);
            }
            **handed_out = Some(newest);
        }
        Ok(())
    }

    fn hand(&self, message: &Message) {
        let board = self.board.lock();
        if message.is_end {
            for outlet in board.everybody() {
                if outlet.channel.starts_with(&message.content) {
                    outlet.end(close::GOING_AWAY);
                }
            }
            return;
        }
        let most = self.settings.load().max_waiting_bytes;
        let rendered = Rendered::new(message);
        let handed = message.targets.iter().filter(|target| {
            let mut is_handed = false;
            for outlet in board.room(&target.channel) {
                is_handed |= outlet.hand(&rendered, most);
            }
            is_handed
        });
        let handed: Vec<_> = handed.collect();
        drop(board);
        self.accept(handed.into_iter());
    }

    fn accept<'t>(&self, targets: impl Iterator<Item = &'t channel::Target>) {
        let mut deliveries = targets.filter_map(|target| target.delivery).peekable();
        if deliveries.peek().is_some() {
            self.accepted.lock().extend(deliveries);
        }
    }

    /// Who listens on some channels, on any node.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn present(
        &self,
        connection: &mut Connection,
        channels: &[String],
    ) -> QueryResult<Vec<Seat>> {
        let mut seats: Vec<Seat> = Vec::new();
        {
            let board = self.board.lock();
            for channel in channels {
                let members = board.room(channel).iter();
                seats.extend(members.map(|one| (channel.clone(), one.member.to_string())));
            }
        }
        if connection.dialect() == Dialect::Postgresql {
            let here = self.node.get().copied().unwrap_or(0);
            seats.extend(channel::present(connection, channels, here)?);
        }
        seats.sort_unstable();
        seats.dedup();
        Ok(seats)
    }
}

/// Whether something behind a message is not kept any more. Who has seen nothing asks for all that is kept.
fn is_gap(connection: &mut Connection, since: i64) -> QueryResult<bool> {
    Ok(since > 0 && since < channel::forgotten_id(connection)?)
}
