//! A NATS server as far as notices need one: INFO, CONNECT, PING, SUB, PUB and MSG of its core protocol.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use parking_lot::Mutex;
use serde_json::{Value, json};

/// Whom the server lets in.
const USER: &str = "loggia";
/// By this word.
const PASSWORD: &str = "a-word-of-nats";

/// The server. It ends when this value goes.
pub struct Nats {
    port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    has_ended: AtomicBool,
    clients: Mutex<Vec<Arc<Client>>>,
    published: Mutex<Vec<String>>,
}

struct Client {
    stream: TcpStream,
    /// Subjects with the numbers of their subscriptions.
    subscriptions: Mutex<Vec<(String, String)>>,
    /// Whether it is told what it tells itself.
    hears_itself: AtomicBool,
    /// Held by who writes to it.
    writing: Mutex<()>,
}

impl Nats {
    /// Begins to serve, at a port or at any.
    ///
    /// # Errors
    /// Where the port is taken.
    pub fn start(port: Option<u16>) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port.unwrap_or(0)))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        let thread = std::thread::spawn(move || serve(&listener, &own));
        Ok(Nats {
            port,
            shared,
            thread: Some(thread),
        })
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address, with what it lets clients in by.
    pub fn url(&self) -> String {
        format!("nats://{USER}:{PASSWORD}@127.0.0.1:{}", self.port)
    }

    /// The word in its address that nobody may tell.
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// How many clients have subscribed to something.
    pub fn subscribers(&self) -> usize {
        let clients = self.shared.clients.lock();
        let is_one = |client: &&Arc<Client>| !client.subscriptions.lock().is_empty();
        clients.iter().filter(is_one).count()
    }

    /// The subjects of what was published, in order.
    pub fn published(&self) -> Vec<String> {
        self.shared.published.lock().clone()
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.shared.has_ended.store(true, Ordering::Release);
        for client in self.shared.clients.lock().iter() {
            // It may have left already.
            let _ = client.stream.shutdown(Shutdown::Both);
        }
        // Wakes who waits for the next client.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming().map_while(Result::ok) {
        if shared.has_ended.load(Ordering::Acquire) {
            return;
        }
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            // Whoever breaks off is gone.
            let _ = attend(stream, &shared);
        });
    }
}

/// Serves one client until it leaves.
fn attend(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let client = Arc::new(Client {
        stream,
        subscriptions: Mutex::default(),
        hears_itself: AtomicBool::new(true),
        writing: Mutex::default(),
    });
    client.write(format!("INFO {}\r\n", info()).as_bytes())?;
    shared.clients.lock().push(Arc::clone(&client));
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        let (word, rest) = line
            .trim_end()
            .split_once(' ')
            .unwrap_or((line.trim_end(), ""));
        match word.to_ascii_uppercase().as_str() {
            "CONNECT" if !client.enter(rest) => {
                client.write(b"-ERR 'Authorization Violation'\r\n")?;
                break;
            }
            "PING" => client.write(b"PONG\r\n")?,
            "SUB" => client.subscribe(rest),
            "UNSUB" => client.unsubscribe(rest),
            "PUB" => {
                let (subject, payload) = read_message(rest, &mut lines)?;
                shared.publish(&client, &subject, &payload)?;
            }
            _ => {}
        }
        line.clear();
    }
    client.stream.shutdown(Shutdown::Both)?;
    shared
        .clients
        .lock()
        .retain(|one| !Arc::ptr_eq(one, &client));
    Ok(())
}

fn info() -> Value {
    json!({
        "server_id": "fake", "server_name": "fake", "version": "2.10.0", "go": "", "proto": 1, "git_commit": "",
        "host": "127.0.0.1", "port": 4222, "headers": true, "max_payload": 1_048_576, "client_id": 1,
        "auth_required": true,
    })
}

/// The rest of `PUB SUBJECT [REPLY] SIZE`, and what follows it.
fn read_message(rest: &str, lines: &mut impl Read) -> std::io::Result<(String, Vec<u8>)> {
    let mut words = rest.split_whitespace();
    let subject = words.next().unwrap_or_default().to_owned();
    let size = words.last().and_then(|word| word.parse::<usize>().ok());
    let mut payload = vec![0; size.unwrap_or(0) + 2];
    lines.read_exact(&mut payload)?;
    payload.truncate(payload.len() - 2);
    Ok((subject, payload))
}

impl Shared {
    fn publish(&self, from: &Arc<Client>, subject: &str, payload: &[u8]) -> std::io::Result<()> {
        self.published.lock().push(subject.to_owned());
        for client in self.clients.lock().iter() {
            let hears = !Arc::ptr_eq(client, from) || from.hears_itself.load(Ordering::Relaxed);
            if hears {
                client.tell(subject, payload)?;
            }
        }
        Ok(())
    }
}

impl Client {
    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        let _writing = self.writing.lock();
        (&self.stream).write_all(bytes)
    }

    /// Whether it says the right words.
    fn enter(&self, text: &str) -> bool {
        let said: Value = serde_json::from_str(text).unwrap_or_default();
        let hears_itself = said["echo"].as_bool().unwrap_or(true);
        self.hears_itself.store(hears_itself, Ordering::Relaxed);
        said["user"] == USER && said["pass"] == PASSWORD
    }

    fn subscribe(&self, rest: &str) {
        let words: Vec<&str> = rest.split_whitespace().collect();
        if let (Some(subject), Some(number)) = (words.first(), words.last()) {
            let subscription = ((*subject).to_owned(), (*number).to_owned());
            self.subscriptions.lock().push(subscription);
        }
    }

    fn unsubscribe(&self, rest: &str) {
        let number = rest.split_whitespace().next().unwrap_or_default();
        self.subscriptions.lock().retain(|(_, one)| one != number);
    }

    fn tell(&self, subject: &str, payload: &[u8]) -> std::io::Result<()> {
        for (pattern, number) in self.subscriptions.lock().iter() {
            if matches(pattern, subject) {
                let head = format!("MSG {subject} {number} {}\r\n", payload.len());
                self.write(&[head.as_bytes(), payload, b"\r\n"].concat())?;
            }
        }
        Ok(())
    }
}

/// Whether a subject is among those of a pattern, in which `*` is one word.
fn matches(pattern: &str, subject: &str) -> bool {
    let (pattern, subject) = (pattern.split('.'), subject.split('.'));
    pattern.clone().count() == subject.clone().count()
        && pattern
            .zip(subject)
            .all(|(one, word)| one == "*" || one == word)
}
