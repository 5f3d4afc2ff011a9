//! How a message stands on the wire: as a frame of a websocket or as an event, bare or in an envelope.

use std::sync::OnceLock;

use bytes::{BufMut as _, Bytes, BytesMut};
use chrono::{DateTime, SecondsFormat};

use crate::store::channel::Message;

/// What a stream speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text frame a message.
    Websocket,
    /// Server-sent events.
    Events,
}

/// How a stream is sent its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// What it speaks.
    pub kind: Kind,
    /// Whether each message comes with its id and time.
    pub has_envelope: bool,
    /// Whether events are of the type `data`.
    pub is_typed: bool,
}

/// The codes with which a websocket is closed.
pub mod close {
    /// As the other side wished.
    pub const NORMAL: u16 = 1000;
    /// The server ends, or what the stream was about is gone.
    pub const GOING_AWAY: u16 = 1001;
    /// The other side does not keep to the protocol.
    pub const PROTOCOL: u16 = 1002;
    /// The other side does not read what is sent.
    pub const TRY_AGAIN: u16 = 1013;
}

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

/// A frame of the server's, which is not masked.
fn frame(head: u8, payload: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(payload.len() + 10);
    out.put_u8(head);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length), _) if length < 126 => out.put_u8(length),
        (_, Ok(length)) => {
            out.put_u8(126);
            out.put_u16(length);
        }
        _ => {
            out.put_u8(127);
            out.put_u64(payload.len() as u64);
        }
    }
    out.put_slice(payload);
    out.freeze()
}

/// A frame that closes.
pub fn close_frame(code: u16) -> Bytes {
    frame(CLOSE, &code.to_be_bytes())
}

/// The answer to the other side's ping.
pub fn pong_frame(payload: &[u8]) -> Bytes {
    frame(PONG, &payload[..payload.len().min(125)])
}

impl Form {
    /// What asks whether the other side is there; an event stream has only a comment for it.
    pub fn ping(self) -> Bytes {
        static FRAME: [u8; 2] = [PING, 0];
        match self.kind {
            Kind::Websocket => Bytes::from_static(&FRAME),
            Kind::Events => Bytes::from_static(b":\n\n"),
        }
    }

    /// The bytes of a text under a message's id.
    fn written(self, id: i64, text: &str) -> Bytes {
        match self.kind {
            Kind::Websocket => frame(TEXT, text.as_bytes()),
            // A JSON text may have line breaks only between its members.
            Kind::Events => {
                let kind = if self.is_typed { "event: data\n" } else { "" };
                let text = text.replace(['\n', '\r'], " ");
                format!("id: {id}\n{kind}data: {text}\n\n").into()
            }
        }
    }

    /// The first thing that a page is told which wants to know where it stands.
    pub fn position(self, id: i64, has_gap: bool) -> Bytes {
        let gap = if has_gap { r#","gap":true"# } else { "" };
        self.written(id, &format!(r#"{{"id":{id}{gap}}}"#))
    }

    fn message(self, message: &Message, has_gap: bool) -> Bytes {
        if !self.has_envelope {
            return self.written(message.id, &message.content);
        }
        let gap = if has_gap { r#","gap":true"# } else { "" };
        let text = format!(
            r#"{{"id":{},"content":{},"sent":"{}"{gap}}}"#,
            message.id,
            message.content,
            sent(message.created_ms)
        );
        self.written(message.id, &text)
    }
}

/// A time as messages tell it.
pub fn sent(created_ms: i64) -> String {
    DateTime::from_timestamp_millis(created_ms)
        .map(|time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
        .unwrap_or_default()
}

/// A message that is written once for all streams of a form.
pub struct Rendered<'m> {
    /// The message.
    pub message: &'m Message,
    forms: [OnceLock<Bytes>; 8],
}

impl<'m> Rendered<'m> {
    /// Nothing is written yet.
    pub fn new(message: &'m Message) -> Self {
        Rendered {
            message,
            forms: Default::default(),
        }
    }

    /// The bytes for a stream.
    pub fn bytes(&self, form: Form) -> Bytes {
        let place = usize::from(form.kind == Kind::Events) * 4
            + usize::from(form.is_typed) * 2
            + usize::from(form.has_envelope);
        self.forms[place]
            .get_or_init(|| form.message(self.message, false))
            .clone()
    }

    /// The bytes for a stream that has missed something before.
    pub fn behind_gap(&self, form: Form) -> Bytes {
        form.message(self.message, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(content: &str) -> Message {
        Message {
            id: 7,
            created_ms: 1_700_000_000_123,
            is_end: false,
            content: content.to_owned(),
            targets: Vec::new(),
        }
    }

    #[test]
    fn frames_say_their_length_in_the_shortest_way() {
        for (length, head) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            let text = "x".repeat(length);
            let bytes = frame(TEXT, text.as_bytes());
            assert_eq!(bytes.len(), length + head);
            assert_eq!(&bytes[head..], text.as_bytes());
        }
        assert_eq!(&close_frame(1001)[..], [0x88, 2, 0x03, 0xe9]);
    }

    #[test]
    fn a_message_is_bare_or_says_its_id_and_time() {
        let message = message("{\"a\":\n1}");
        let rendered = Rendered::new(&message);
        let form = |kind, has_envelope| Form {
            kind,
            has_envelope,
            is_typed: false,
        };
        let typed = Form {
            is_typed: true,
            ..form(Kind::Events, false)
        };
        assert_eq!(
            &rendered.bytes(typed)[..],
            b"id: 7\nevent: data\ndata: {\"a\": 1}\n\n"
        );
        assert_eq!(
            &rendered.bytes(form(Kind::Websocket, false))[2..],
            b"{\"a\":\n1}"
        );
        assert_eq!(
            &rendered.bytes(form(Kind::Events, false))[..],
            b"id: 7\ndata: {\"a\": 1}\n\n"
        );
        assert_eq!(
            &rendered.behind_gap(form(Kind::Websocket, true))[2..],
            br#"{"id":7,"content":{"a":
1},"sent":"2023-11-14T22:13:20.123Z","gap":true}"#
        );
    }
}
