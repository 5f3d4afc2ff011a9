//! A small HTTP/1.1 client that shows every byte of an answer: one connection a request, nothing followed,
//! nothing decoded but chunks.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// No answer of a test takes as long.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where requests go: a server, and a prefix of the path.
#[derive(Clone, Debug)]
pub struct Client {
    host: String,
    prefix: String,
    headers: Vec<(String, String)>,
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
        }
    }

    /// A client for a path below this one's.
    #[must_use]
    pub fn below(&self, path: &str) -> Self {
        let mut client = self.clone();
        client.prefix += path;
        client
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
        self.with("Authorization", &format!("api_key {key}"))
    }

    /// GET of a path below the prefix, with its query.
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, b"")
    }

    /// POST of an urlencoded form.
    pub fn post_form(&self, path: &str, form: &[(&str, &str)]) -> Answer {
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
        let bytes = self.try_send(method, path, content_type, body);
        bytes.unwrap_or_else(|error| panic!("{method} {}{path}: {error}", self.prefix))
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
            "Connection: close".to_owned(),
        ];
        let own = self.headers.iter();
        head.extend(own.map(|(name, value)| format!("{name}: {value}")));
        head.extend(content_type.map(|content_type| format!("Content-Type: {content_type}")));
        if !body.is_empty() || method == "POST" {
            head.push(format!("Content-Length: {}", body.len()));
        }
        let head = head.join("\r\n");
        self.exchange(
            &[head.as_bytes(), b"\r\n\r\n", body].concat(),
            method == "HEAD",
        )
    }

    /// Sends bytes as they are and reads what comes back.
    pub fn exchange(&self, bytes: &[u8], is_head: bool) -> std::io::Result<Answer> {
        let mut stream = TcpStream::connect(&self.host)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
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

fn escaped(text: &str) -> String {
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

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
