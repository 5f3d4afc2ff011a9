//! By a NATS server: each notice is a subject of its own, and its messages are empty.

mod fault;
mod server;

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, Event, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::{SelectAll, select_all};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{Bell, Hearers, RECONNECT_AFTER, Stop};
use crate::settings;
use fault::{NatsFault, Said};
use server::Server;

/// How long it may take to tell something where nobody stays connected.
const TELLING: Duration = Duration::from_secs(2);

/// Who listens, and carries away what is rung here.
pub(super) struct Ear {
    server: Server,
    bell: Bell,
    hearers: Hearers,
}

/// A connection, what is told over it, and what becomes of it.
struct Link {
    client: Client,
    told: SelectAll<Subscriber>,
    events: UnboundedReceiver<Event>,
}

impl Ear {
    /// Where the settings name a server; else the hearers are handed back.
    pub(super) fn new(
        settings: &settings::Notices,
        bell: &Bell,
        hearers: Hearers,
    ) -> Result<Self, Hearers> {
        match Server::new(settings) {
            Some(server) => Ok(Ear {
                server,
                bell: bell.clone(),
                hearers,
            }),
            None => Err(hearers),
        }
    }

    async fn hear(&self, stop: &Stop) {
        let mut said = Said::default();
        while !stop.has_ended() {
            let connected = tokio::select! {
                connected = self.connect() => connected,
                () = stop.ended() => return,
            };
            match connected {
                Ok(link) => self.listen(link, stop, &mut said).await,
                Err(fault) => said.warn(&fault),
            }
            tokio::select! {
                () = tokio::time::sleep(RECONNECT_AFTER) => {}
                () = stop.ended() => return,
            }
        }
    }

    async fn connect(&self) -> Result<Link, NatsFault> {
        let (events, heard) = unbounded_channel();
        let options = self.server.options().await?.event_callback(move |event| {
            // Nobody hears what comes behind the end.
            let _ = events.send(event);
            std::future::ready(())
        });
        let client = self.server.connect(options).await?;
        // One by one, so that a user who may do no more than this is enough.
        let mut told = Vec::new();
        for notice in self.hearers.names() {
            let one = client.subscribe(self.server.subject(notice)).await;
            told.push(one.map_err(|_| NatsFault::Subscribe)?);
        }
        client.flush().await.map_err(|_| NatsFault::Subscribe)?;
        Ok(Link {
            told: select_all(told),
            client,
            events: heard,
        })
    }

    /// Hears until the connection has ended for good or it is time to end. In between the client connects by itself.
    async fn listen(&self, mut link: Link, stop: &Stop, said: &mut Said) {
        loop {
            tokio::select! {
                () = stop.ended() => return,
                message = link.told.next() => match message {
                    Some(message) => self.heard(&message.subject),
                    None => return,
                },
                event = link.events.recv() => match event {
                    Some(Event::Closed) | None => return,
                    Some(event) => self.learn(event, said),
                },
                rung = self.bell.rung() => {
                    // Whoever is not told finds it by looking.
                    if link.client.connection_state() == State::Connected
                        && publish(&link.client, &self.server, rung).await.is_none()
                    {
                        return;
                    }
                }
            }
        }
    }

    fn learn(&self, event: Event, said: &mut Said) {
        // At the start and after an absence: something may have been told meanwhile.
        if event == Event::Connected {
            said.well();
            self.hearers.hear_all();
        }
        if let Some(fault) = NatsFault::of_event(event) {
            said.warn(&fault);
        }
    }

    fn heard(&self, subject: &str) {
        if let Some(notice) = self.server.notice(subject) {
            self.hearers.hear(notice);
        }
    }
}

impl super::Ear for Ear {
    fn run(self, stop: &Stop) {
        match runtime() {
            Ok(runtime) => runtime.block_on(self.hear(stop)),
            Err(error) => tracing::error!("what other nodes tell is not heard: {error}"),
        }
    }
}

/// Tells what was rung, by a connection for this alone: a command is not there for long. Whoever is not told finds it by
/// looking.
pub(super) fn tell(settings: &settings::Notices, rung: BTreeSet<&'static str>) {
    let Some(server) = Server::new(settings) else {
        return;
    };
    let told = async {
        let client = server.connect(server.options().await.ok()?).await.ok()?;
        publish(&client, &server, rung).await?;
        client.flush().await.ok()
    };
    if let Ok(runtime) = runtime() {
        let told = runtime.block_on(async { tokio::time::timeout(TELLING, told).await });
        if !matches!(told, Ok(Some(()))) {
            tracing::debug!("other nodes were told nothing and find it by looking");
        }
    }
}

/// Nothing where the connection has ended for good.
async fn publish(client: &Client, server: &Server, rung: BTreeSet<&'static str>) -> Option<()> {
    for notice in rung {
        let told = client.publish(server.subject(notice), Bytes::new()).await;
        told.ok()?;
    }
    Some(())
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}
