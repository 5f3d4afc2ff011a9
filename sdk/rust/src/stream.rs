//! Answers that go on: websockets and server-sent events.

use loggia_abi::Str;
use loggia_abi::reply::{Stream as AbiStream, stream_flags, stream_kind};
use serde_json::{Value, json};

use crate::answer::{Answer, Body, Outgoing};
use crate::fault::Fault;

/// A route's answer that goes on: the host keeps the connection and sends what the module publishes on the channel by
/// [`Channels`](crate::Channels).
#[derive(Clone, Debug)]
pub struct Stream {
    kind: u32,
    channel: String,
    member: String,
    protocol: String,
    since: Option<i64>,
    flags: u32,
}

impl Stream {
    /// A websocket; a text frame a message.
    pub fn websocket(channel: impl Into<String>, member: impl Into<String>) -> Self {
        Stream {
            kind: stream_kind::WEBSOCKET,
            channel: channel.into(),
            member: member.into(),
            protocol: String::new(),
            since: None,
            flags: 0,
        }
    }

    /// Server-sent events; an event a message, whose `id` is the message's.
    pub fn events(channel: impl Into<String>, member: impl Into<String>) -> Self {
        Stream {
            kind: stream_kind::EVENTS,
            ..Stream::websocket(channel, member)
        }
    }

    /// First comes what was published behind a message, as far as it is kept.
    #[must_use]
    pub fn since(mut self, id: Option<i64>) -> Self {
        self.since = id;
        self
    }

    /// Each message is sent as `{"id","content","sent"}`.
    #[must_use]
    pub fn envelope(mut self, wanted: bool) -> Self {
        self.set(stream_flags::ENVELOPE, wanted);
        self
    }

    /// The first thing sent is the id behind which messages come; only with [`Stream::envelope`].
    #[must_use]
    pub fn position(mut self, wanted: bool) -> Self {
        self.set(stream_flags::POSITION, wanted);
        self
    }

    /// Events are of the type `data` in place of `message`.
    #[must_use]
    pub fn typed(mut self) -> Self {
        self.set(stream_flags::TYPED, true);
        self
    }

    /// Answers a sub-protocol that the client has offered.
    #[must_use]
    pub fn protocol(mut self, name: impl Into<String>) -> Self {
        self.protocol = name.into();
        self
    }

    fn set(&mut self, flag: u32, wanted: bool) {
        self.flags = if wanted {
            self.flags | flag
        } else {
            self.flags & !flag
        };
    }

    fn open(&self, out: &mut Outgoing<'_>) -> Result<(), Fault> {
        let replay = self.since.map_or(0, |_| stream_flags::REPLAY);
        out.stream(&AbiStream {
            size: u32::try_from(size_of::<AbiStream<'_>>()).unwrap_or(0),
            kind: self.kind,
            channel: Str::new(&self.channel),
            member: Str::new(&self.member),
            protocol: Str::new(&self.protocol),
            since: self.since.unwrap_or(0),
            flags: self.flags | replay,
            reserved: 0,
        })
    }
}

impl Answer for Stream {
    fn describe() -> Value {
        json!({ "media": "text/event-stream" })
    }

    fn send(self, out: &mut Outgoing<'_>) -> Result<(), Fault> {
        self.open(out)
    }
}

/// A stream, or why there is none.
#[derive(Clone, Debug)]
pub enum Streamed {
    /// The stream.
    Stream(Stream),
    /// A body of the module's own making.
    Body(Body),
}

impl Answer for Streamed {
    fn describe() -> Value {
        json!({ "media": "*/*" })
    }

    fn send(self, out: &mut Outgoing<'_>) -> Result<(), Fault> {
        match self {
            Streamed::Stream(stream) => stream.send(out),
            Streamed::Body(body) => body.send(out),
        }
    }
}
