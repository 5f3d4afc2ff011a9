//! A websocket of a client's: RFC 6455 over TCP.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;
use tungstenite::client::IntoClientRequest as _;
use tungstenite::protocol::WebSocket;
use tungstenite::{Error, HandshakeError, Message};

use crate::fixture::PATIENCE;

/// How long nothing has to come to be nothing.
const SILENCE: Duration = Duration::from_secs(1);
/// How often a client looks.
const TURN: Duration = Duration::from_millis(20);

/// A page that listens.
pub(crate) struct Page<S: Read + Write = TcpStream> {
    socket: WebSocket<S>,
}

/// How a websocket was opened, or which status refused it.
type Opened<S> = Result<(Page<S>, Vec<(String, String)>), u16>;

impl Page {
    /// Opens a websocket that has to be let in.
    pub(crate) fn open(server: &str, path: &str) -> Self {
        match Self::try_open(server, path, &[]) {
            Ok((page, _)) => page,
            Err(status) => panic!("{path} was refused with {status}"),
        }
    }

    /// Opens a websocket with headers, or says with which status it was refused.
    pub(crate) fn try_open(
        server: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Opened<TcpStream> {
        let host = server.trim_start_matches("http://");
        let stream = TcpStream::connect(host).expect("the server can be connected to");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a stream can time out");
        let (page, answered) = Page::over(stream, &format!("ws://{host}{path}"), headers)?;
        let timed = page.socket.get_ref().set_read_timeout(Some(TURN));
        timed.expect("a stream can time out");
        Ok((page, answered))
    }

    /// Takes the connection away without a word, as a network does; what it held is never read.
    pub(crate) fn into_stream(self) -> TcpStream {
        self.socket
            .get_ref()
            .try_clone()
            .expect("a stream can be cloned")
    }
}

impl<S: Read + Write> Page<S> {
    /// Opens a websocket over a stream.
    pub(crate) fn over(stream: S, address: &str, headers: &[(&str, &str)]) -> Opened<S> {
        let mut request = address.into_client_request().expect("an address");
        for (name, value) in headers {
            let name: tungstenite::http::HeaderName = name.parse().expect("a header");
            request
                .headers_mut()
                .insert(name, value.parse().expect("a header's value"));
        }
        match tungstenite::client(request, stream) {
            Ok((socket, answer)) => {
                let headers = answer.headers().iter();
                let headers = headers.map(|(name, value)| {
                    (
                        name.to_string(),
                        value.to_str().unwrap_or_default().to_owned(),
                    )
                });
                Ok((Page { socket }, headers.collect()))
            }
            Err(HandshakeError::Failure(Error::Http(answer))) => Err(answer.status().as_u16()),
            Err(error) => panic!("the handshake failed: {error}"),
        }
    }

    /// What comes next, within so long: a text, or the code of the end.
    fn next(&mut self, span: Duration) -> Option<Result<String, u16>> {
        let start = Instant::now();
        while start.elapsed() < span {
            match self.socket.read() {
                Ok(Message::Text(text)) => return Some(Ok(text.as_str().to_owned())),
                Ok(Message::Close(frame)) => {
                    return Some(Err(frame.map_or(1005, |frame| frame.code.into())));
                }
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(other) => panic!("a frame that nobody sends: {other:?}"),
                Err(Error::Io(error))
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(_) => return Some(Err(1006)),
            }
        }
        None
    }

    /// The next text.
    pub(crate) fn text(&mut self) -> String {
        match self.next(PATIENCE) {
            Some(Ok(text)) => text,
            other => panic!("no text came but {other:?}"),
        }
    }

    /// The next text, as JSON.
    pub(crate) fn json(&mut self) -> Value {
        let text = self.text();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Nothing comes for a second.
    pub(crate) fn hears_nothing(&mut self) {
        if let Some(heard) = self.next(SILENCE) {
            panic!("something came: {heard:?}");
        }
    }

    /// The code with which the server ends it.
    pub(crate) fn ended(&mut self) -> u16 {
        match self.next(PATIENCE) {
            Some(Err(code)) => code,
            other => panic!("it did not end but {other:?}"),
        }
    }

    /// Answers pings, and wants to hear nothing else for so long.
    pub(crate) fn stay(&mut self, span: Duration) {
        if let Some(heard) = self.next(span) {
            panic!("something came: {heard:?}");
        }
    }

    /// Says something.
    pub(crate) fn say(&mut self, message: Message) {
        self.socket.send(message).expect("a frame can be sent");
    }

    /// Closes as a browser does.
    pub(crate) fn close(mut self) {
        self.socket.close(None).expect("a websocket can be closed");
        let _ = self.socket.flush();
        while self.next(PATIENCE).is_some_and(|heard| heard.is_ok()) {}
    }
}
