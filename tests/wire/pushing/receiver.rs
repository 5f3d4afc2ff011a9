//! An application's own server, which is told events over HTTP and answers by a script.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

/// A call that came.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The headers, names in lower case.
    headers: Vec<(String, String)>,
    /// The body as it came.
    pub(crate) body: String,
    /// What was answered.
    pub(crate) status: u16,
}

impl Told {
    /// A header.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The body.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The events in it.
    pub(crate) fn events(&self) -> Vec<Value> {
        let all = self.json()["data"]["events"].as_array().cloned();
        all.expect("a list of events")
    }

    /// Whether it was signed with a secret, as Standard Webhooks says.
    pub(crate) fn is_signed(&self, secret: &str) -> bool {
        let key = secret.strip_prefix("whsec_").expect("a secret");
        let key = STANDARD.decode(key).expect("base64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any key is good");
        let (id, time) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        mac.update(format!("{id}.{time}.{}", self.body).as_bytes());
        let wanted = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        self.header("webhook-signature") == wanted
    }
}

#[derive(Default)]
struct Book {
    told: Vec<Told>,
    script: VecDeque<(u16, &'static str)>,
    /// The answer behind the script.
    usual: u16,
    /// Whether the bodies of answers break off.
    breaks_off: bool,
}

/// The server. It ends with the process.
#[derive(Clone)]
pub(crate) struct Receiver {
    book: Arc<Mutex<Book>>,
    port: u16,
}

impl Receiver {
    /// One that takes everything.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port can be had");
        let port = listener.local_addr().expect("it has an address").port();
        let book = Arc::new(Mutex::new(Book {
            usual: 204,
            ..Book::default()
        }));
        let own = Arc::clone(&book);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let book = Arc::clone(&own);
                thread::spawn(move || serve(stream, &book));
            }
        });
        Receiver { book, port }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/push", self.port)
    }

    /// What it answers next, with a header more, and behind that always.
    pub(crate) fn script(&self, answers: &[(u16, &'static str)], usual: u16) {
        let mut book = self.book.lock().expect("nobody panicked");
        book.script = answers.iter().copied().collect();
        book.usual = usual;
    }

    /// From now on it breaks off in the body of each answer.
    pub(crate) fn break_off(&self) {
        self.book.lock().expect("nobody panicked").breaks_off = true;
    }

    /// The calls that came.
    pub(crate) fn told(&self) -> Vec<Told> {
        self.book.lock().expect("nobody panicked").told.clone()
    }

    /// The events of the calls that it took, each once.
    pub(crate) fn taken(&self) -> Vec<Value> {
        let mut seen = Vec::new();
        for call in self.told().iter().filter(|call| call.status < 300) {
            for event in call.events() {
                if seen.iter().all(|known: &Value| known["id"] != event["id"]) {
                    seen.push(event);
                }
            }
        }
        seen
    }

    /// How many events of a type it took.
    pub(crate) fn count(&self, kind: &str) -> usize {
        let taken = self.taken();
        taken.iter().filter(|event| event["type"] == kind).count()
    }
}

/// Answers the requests of one connection.
fn serve(stream: TcpStream, book: &Mutex<Book>) {
    let mut reader = BufReader::new(stream);
    while let Some((headers, body)) = read(&mut reader) {
        let mut told = Told {
            headers,
            body,
            status: 0,
        };
        let ((status, header), breaks_off) = {
            let mut book = book.lock().expect("nobody panicked");
            let usual = book.usual;
            let answer = book.script.pop_front().unwrap_or((usual, ""));
            told.status = answer.0;
            book.told.push(told);
            (answer, book.breaks_off)
        };
        let body = if breaks_off {
            "9\r\n\r\n{"
        } else {
            "0\r\n\r\n"
        };
        let answer = format!("HTTP/1.1 {status} Said\r\n{header}content-length: {body}");
        let written = reader.get_mut().write_all(answer.as_bytes());
        if written.is_err() || breaks_off {
            return;
        }
    }
}

/// One request: its headers and its body.
fn read(reader: &mut BufReader<TcpStream>) -> Option<(Vec<(String, String)>, String)> {
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .ok()
        .filter(|length| *length > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some((headers, String::from_utf8(body).ok()?))
}
