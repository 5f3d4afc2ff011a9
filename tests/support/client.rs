//! A small HTTP/1.1 client that shows every byte of an answer: one connection a request unless it is told to keep
//! it, nothing followed, nothing decoded but chunks.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::evidence;

/// No answer of a test takes as long.
const PATIENCE: Duration = Duration::from_mins(1);

thread_local! {
    /// The connections that this thread keeps, by the server's address.
    static KEPT: RefCell<HashMap<String, BufReader<TcpStream>>> = RefCell::default();
}

/// Where requests go: a server, and a prefix of the path.
#[derive(Clone, Debug)]
pub struct Client {
    host: String,
    prefix: String,
    headers: Vec<(String, String)>,
    keeps: bool,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Client {
    /// A client for `http://HOST:PORT/PREFIX`.
    ///
    /// # Panics
    /// Where the address is not such a one.
    pub fn new(url: &str) -> Self {
        let rest = url.strip_prefix("http://").expect("an http address");
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = if path.is_empty() {
            String::new()
        } else {
            format!("/{path}")
        };
        Client {
            host: host.to_owned(),
            prefix: prefix.trim_end_matches('/').to_owned(),
            headers: Vec::new(),
            keeps: false,
        }
    }

    /// A client that sends all requests of a thread over one connection, for tests of many requests.
    #[must_use]
    pub fn keeping(&self) -> Self {
        let mut client = self.clone();
        client.keeps = true;
        client
    }

    /// A client for a path below this one's.
    #[must_use]
    pub fn below(&self, path: &str) -> Self {
        let mut client = self.clone();
        client.prefix += path;
        client
    }

    /// The whole address of a path below the prefix.
    pub fn address(&self, path: &str) -> String {
        format!("http://{}{}{path}", self.host, self.prefix)
    }

    /// A client that sends one header more.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// A client that sends an API key.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        evidence::credential(key);
        self.with("Authorization", &format!("api_key {key}"))
    }

    /// GET of a path below the prefix, with its query.
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, b"")
    }

    /// POST of an urlencoded form.
    pub fn post_form(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        for (name, value) in form.iter().filter(|(name, _)| *name != "key") {
            evidence::credential_of(name, value);
        }
        let body = encoded(form);
        self.send(
            "POST",
            path,
            Some("application/x-www-form-urlencoded"),
            body.as_bytes(),
        )
    }

    /// POST of a JSON value.
    pub fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.send(
            "POST",
            path,
            Some("application/json"),
            body.to_string().as_bytes(),
        )
    }

    /// Any request.
    ///
    /// # Panics
    /// Where no answer comes that can be read.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Answer {
        let answer = self.try_send(method, path, content_type, body);
        let answer =
            answer.unwrap_or_else(|error| panic!("{method} {}{path}: {error}", self.prefix));
        evidence::credentials_of(&answer.body);
        answer
    }

    /// Any request, to a server that may be gone.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        content_type: Option<&str>,
        body: &[u8],
    ) -> std::io::Result<Answer> {
        let mut head = vec![
            format!("{method} {}{path} HTTP/1.1", self.prefix),
            format!("Host: {}", self.host),
        ];
        if !self.keeps {
            head.push("Connection: close".to_owned());
        }
        let own = self.headers.iter();
        head.extend(own.map(|(name, value)| format!("{name}: {value}")));
        head.extend(content_type.map(|content_type| format!("Content-Type: {content_type}")));
        if !body.is_empty() || method == "POST" {
            head.push(format!("Content-Length: {}", body.len()));
        }
        let head = head.join("\r\n");
        let bytes = [head.as_bytes(), b"\r\n\r\n", body].concat();
        if self.keeps {
            self.exchange_kept(&bytes, method == "HEAD")
        } else {
            self.exchange(&bytes, method == "HEAD")
        }
    }

    /// Sends a request over the connection that the thread keeps, or a new one where the server has ended it.
    fn exchange_kept(&self, bytes: &[u8], is_head: bool) -> std::io::Result<Answer> {
        let kept = KEPT.with_borrow_mut(|kept| kept.remove(&self.host));
        let is_used = kept.is_some();
        let mut stream = match kept {
            Some(stream) => stream,
            None => BufReader::new(self.connect()?),
        };
        let answer = stream
            .get_mut()
            .write_all(bytes)
            .and_then(|()| read_answer(&mut stream, is_head));
        match answer {
            Ok(answer) => {
                if answer.header("connection") != Some("close") {
                    KEPT.with_borrow_mut(|kept| kept.insert(self.host.clone(), stream));
                }
                Ok(answer)
            }
            // The server may end a connection that was idle; no byte of an answer has come then.
            Err(error) if is_used && is_ended(&error) => self.exchange_kept(bytes, is_head),
            Err(error) => Err(error),
        }
    }

    fn connect(&self) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect(&self.host)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    /// Sends bytes as they are and reads what comes back.
    pub fn exchange(&self, bytes: &[u8], is_head: bool) -> std::io::Result<Answer> {
        let mut stream = self.connect()?;
        // A server may refuse a large body before it has read all of it; its answer is read all the same.
        let written = stream.write_all(bytes);
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        match Answer::parse(&answer, is_head) {
            Some(answer) => Ok(answer),
            None => Err(written
                .and(read)
                .err()
                .unwrap_or_else(|| std::io::Error::other("the answer is cut off"))),
        }
    }
}

impl Answer {
    fn parse(bytes: &[u8], is_head: bool) -> Option<Self> {
        let end = find(bytes, b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let body = &bytes[end + 4..];
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        if status == 100 {
            return Self::parse(body, is_head);
        }
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        let mut answer = Answer {
            status,
            headers,
            body: body.to_vec(),
        };
        if is_head {
            return Some(answer);
        }
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = joined(body)?;
        } else if let Some(length) = answer.header("content-length") {
            (body.len() == length.parse::<usize>().ok()?).then_some(())?;
        }
        Some(answer)
    }

    /// A header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// Where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The error code of a refusal; empty where the answer is none.
    pub fn error_code(&self) -> String {
        self.json()["error_code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

/// Names and values as a form sends them.
pub fn encoded(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// A text as it stands in a query, or as one segment of a path.
pub fn escaped(text: &str) -> String {
    let escape = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(escape).collect()
}

/// Chunks, joined; `None` where the last one is missing.
fn joined(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = find(bytes, b"\r\n")?;
        let size = std::str::from_utf8(&bytes[..end]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        bytes = &bytes[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(bytes.get(..size)?);
        bytes = bytes.get(size + 2..)?;
    }
}

/// Whether an exchange failed because the other side had ended the connection before.
fn is_ended(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe
    )
}

/// Reads one answer from a connection that may bring more.
fn read_answer(stream: &mut impl BufRead, is_head: bool) -> std::io::Result<Answer> {
    let mut bytes = Vec::new();
    let cut_off = || std::io::Error::other("the answer is cut off");
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read_until(b'\n', &mut bytes)? == 0 {
            let ended = bytes.is_empty().then(|| ErrorKind::ConnectionReset.into());
            return Err(ended.unwrap_or_else(cut_off));
        }
    }
    let head = Answer::parse(&bytes, true).ok_or_else(cut_off)?;
    if is_head || matches!(head.status, 204 | 304) {
        return Ok(head);
    }
    if head.header("transfer-encoding") == Some("chunked") {
        read_chunks(stream, &mut bytes)?;
    } else {
        let length = head.header("content-length").ok_or_else(cut_off)?;
        let length = length.parse().map_err(std::io::Error::other)?;
        stream.take(length).read_to_end(&mut bytes)?;
    }
    Answer::parse(&bytes, false).ok_or_else(cut_off)
}

/// Reads chunks as they are, up to the end of the last one.
fn read_chunks(stream: &mut impl BufRead, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    loop {
        let begin = bytes.len();
        stream.read_until(b'\n', bytes)?;
        let size = String::from_utf8_lossy(&bytes[begin..]).trim().to_owned();
        let size = u64::from_str_radix(&size, 16).map_err(std::io::Error::other)?;
        stream.by_ref().take(size + 2).read_to_end(bytes)?;
        if size == 0 {
            return Ok(());
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
