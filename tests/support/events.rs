//! Server-sent events, read as a browser reads them.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// No event of a test is waited for as long.
const PATIENCE: Duration = Duration::from_mins(1);

/// A stream of events.
pub struct Events(BufReader<TcpStream>);

/// An event: what it is called, and what it says. What was not given is empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// What kind it is.
    pub kind: String,
    /// What a browser says when it comes back.
    pub id: String,
    /// What it says.
    pub data: String,
}

impl Events {
    /// Asks a server for a stream, with more headers of the request; `Err` is the line of its status where it gives
    /// none.
    ///
    /// # Panics
    /// Where there is no server that answers.
    pub fn open(
        url: &str,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
    ) -> Result<Self, String> {
        let host = url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(host).expect("the server is there");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("it can time out");
        let mut head = vec![format!("{method} {path} HTTP/1.1"), format!("Host: {host}")];
        if method == "POST" {
            head.push("Content-Length: 0".to_owned());
        }
        let own = headers.iter();
        head.extend(own.map(|(name, value)| format!("{name}: {value}")));
        let head = head.join("\r\n") + "\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("it can be asked");
        let mut events = Events(BufReader::new(stream));
        let status = events.line();
        let headers: Vec<String> = std::iter::from_fn(|| Some(events.line()))
            .take_while(|line| !line.is_empty())
            .collect();
        let is_stream =
            |line: &String| line.eq_ignore_ascii_case("content-type: text/event-stream");
        if status.contains(" 200 ") && headers.iter().any(is_stream) {
            Ok(events)
        } else {
            Err(status)
        }
    }

    /// The next event with data; comments and what only keeps the connection open are passed over.
    ///
    /// # Panics
    /// Where none comes.
    pub fn event(&mut self) -> Event {
        let mut event = Event::default();
        loop {
            let line = self.line();
            match line.split_once(": ") {
                Some(("event", kind)) => kind.clone_into(&mut event.kind),
                Some(("id", id)) => id.clone_into(&mut event.id),
                Some(("data", data)) => event.data.push_str(data),
                None if line.is_empty() && !event.data.is_empty() => return event,
                // Sizes of chunks are among these.
                _ => {}
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).expect("a line comes");
        assert!(read > 0, "the stream has ended");
        line.trim_end_matches(['\r', '\n']).to_owned()
    }
}
