//! By a NATS server: each notice is a subject of its own, and its messages are empty.

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event, ServerAddr, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt as _;
use percent_encoding::percent_decode_str;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use url::Url;

use super::{Bell, Hearers, RECONNECT_AFTER, Stop};
use crate::settings::{self, Secret};

/// Who listens, and carries away what is rung here.
pub(super) struct Ear {
    settings: settings::Notices,
    url: Secret,
    bell: Bell,
    hearers: Hearers,
}

/// Why there is no connection. The crate's own words may hold an address.
#[derive(Debug, thiserror::Error)]
enum NatsFault {
    #[error("`nats_url` is no address of NATS servers")]
    Address,
    #[error("`nats_credentials` cannot be read: {0}")]
    Credentials(std::io::Error),
    #[error("the NATS server cannot be reached ({0})")]
    Connect(async_nats::ConnectErrorKind),
    #[error("the NATS server does not take a subscription")]
    Subscribe,
}

/// A connection, what is told over it, and what becomes of it.
struct Link {
    client: Client,
    told: Subscriber,
    events: UnboundedReceiver<Event>,
}

impl Ear {
    /// Where the settings name a server; else the hearers are handed back.
    pub(super) fn new(
        settings: &settings::Notices,
        bell: &Bell,
        hearers: Hearers,
    ) -> Result<Self, Hearers> {
        match settings.nats_url.clone() {
            Some(url) => Ok(Ear {
                settings: settings.clone(),
                url,
                bell: bell.clone(),
                hearers,
            }),
            None => Err(hearers),
        }
    }

    async fn hear(&self, stop: &Stop) {
        while !stop.has_ended() {
            let connected = tokio::select! {
                connected = self.connect() => connected,
                () = stop.ended() => return,
            };
            match connected {
                Ok(link) => self.listen(link, stop).await,
                Err(fault) => tracing::warn!("what other nodes tell is heard late: {fault}"),
            }
            tokio::select! {
                () = tokio::time::sleep(RECONNECT_AFTER) => {}
                () = stop.ended() => return,
            }
        }
    }

    async fn connect(&self) -> Result<Link, NatsFault> {
        let (events, heard) = unbounded_channel();
        let options = self.options().await?.event_callback(move |event| {
            // Nobody hears what comes behind the end.
            let _ = events.send(event);
            std::future::ready(())
        });
        let servers = servers(self.url.expose()).ok_or(NatsFault::Address)?;
        let client = options.connect(servers).await;
        let client = client.map_err(|fault| NatsFault::Connect(fault.kind()))?;
        let told = client.subscribe(self.subject("*")).await;
        let told = told.map_err(|_| NatsFault::Subscribe)?;
        client.flush().await.map_err(|_| NatsFault::Subscribe)?;
        Ok(Link {
            told,
            client,
            events: heard,
        })
    }

    async fn options(&self) -> Result<ConnectOptions, NatsFault> {
        let mut options = ConnectOptions::new().name("loggia").no_echo();
        if let Some(authorities) = &self.settings.nats_authorities {
            options = options.add_root_certificates(authorities.clone());
        }
        if let Some(file) = &self.settings.nats_credentials {
            let read = options.credentials_file(file).await;
            options = read.map_err(NatsFault::Credentials)?;
        }
        Ok(match proof(self.url.expose()) {
            Some((user, Some(password))) => options.user_and_password(user, password),
            Some((token, None)) => options.token(token),
            None => options,
        })
    }

    fn subject(&self, notice: &str) -> String {
        format!("{}.{notice}", self.settings.nats_subject)
    }

    /// Hears until the connection has ended for good or it is time to end. In between the client connects by itself.
    async fn listen(&self, mut link: Link, stop: &Stop) {
        loop {
            tokio::select! {
                () = stop.ended() => return,
                message = link.told.next() => match message {
                    Some(message) => self.heard(&message.subject),
                    None => return,
                },
                event = link.events.recv() => match event {
                    // At the start and after an absence: something may have been told meanwhile.
                    Some(Event::Connected) => self.hearers.hear_all(),
                    Some(Event::Disconnected) => {
                        tracing::warn!("what other nodes tell is heard late: the NATS server is away");
                    }
                    Some(Event::Closed) | None => return,
                    Some(_) => {}
                },
                rung = self.bell.rung() => {
                    // Whoever is not told finds it by looking.
                    if link.client.connection_state() == State::Connected {
                        for notice in rung {
                            let told = link.client.publish(self.subject(notice), Bytes::new()).await;
                            if told.is_err() {
                                return;
                            }
                        }
                    }
                }
            }
        }
    }

    fn heard(&self, subject: &str) {
        let own = subject.strip_prefix(&*self.settings.nats_subject);
        if let Some(notice) = own.and_then(|rest| rest.strip_prefix('.')) {
            self.hearers.hear(notice);
        }
    }
}

impl super::Ear for Ear {
    fn run(self, stop: &Stop) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        match runtime {
            Ok(runtime) => runtime.block_on(self.hear(stop)),
            Err(error) => tracing::error!("what other nodes tell is not heard: {error}"),
        }
    }
}

/// The servers of a setting, without what proves who we are: it is told them, and is in no line of a log.
fn servers(urls: &str) -> Option<Vec<ServerAddr>> {
    let bare = urls.split(',').map(|text| {
        let mut url = Url::parse(text.trim()).ok()?;
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
        url.as_str().parse().ok()
    });
    bare.collect()
}

/// The user and the password in the first address that has some; alone it is a token.
fn proof(urls: &str) -> Option<(String, Option<String>)> {
    let urls = urls
        .split(',')
        .filter_map(|text| Url::parse(text.trim()).ok());
    let mut urls = urls.filter(|url| !url.username().is_empty());
    let named = urls.next()?;
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some((plain(named.username()), named.password().map(plain)))
}
