//! A mail server of a few lines: it takes or refuses by a script and remembers what was said.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;

/// What the server does with one connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    /// Takes the message.
    Accept,
    /// Refuses the recipient for now.
    Later,
    /// Refuses the recipient for ever.
    Never,
    /// Ends the connection instead of an answer to the recipient.
    HangUp,
}

/// What was said in one connection.
#[derive(Default)]
pub(super) struct Conversation {
    pub(super) commands: Vec<String>,
    pub(super) message: String,
}

pub(super) struct Server {
    port: u16,
    ended: Arc<AtomicBool>,
    said: Arc<Mutex<Vec<Conversation>>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves one connection after the other, each by the next line of the script; then by `Accept`.
    pub(super) fn start(script: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let ended = Arc::new(AtomicBool::new(false));
        let said = Arc::<Mutex<Vec<Conversation>>>::default();
        let (of_thread, record) = (Arc::clone(&ended), Arc::clone(&said));
        let thread = std::thread::spawn(move || {
            let mut script = script.into_iter();
            for stream in listener.incoming() {
                if of_thread.load(Ordering::Relaxed) {
                    return;
                }
                let step = script.next().unwrap_or(Script::Accept);
                let talk = converse(&stream.unwrap(), step);
                record.lock().push(talk);
            }
        });
        Self {
            port,
            ended,
            said,
            thread: Some(thread),
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Everything that was said so far; the server ends.
    pub(super) fn conversations(mut self) -> Vec<Conversation> {
        self.end();
        std::mem::take(&mut self.said.lock())
    }

    fn end(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let woken = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        drop(woken);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// One connection to its end. A client that speaks something else (TLS) is left at its first line.
fn converse(stream: &TcpStream, script: Script) -> Conversation {
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let mut talk = Conversation::default();
    let mut lines = BufReader::new(stream);
    let mut out = stream;
    let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes()).is_ok();
    if !say("220 mail.example.test ready") {
        return talk;
    }
    loop {
        let mut bytes = Vec::new();
        if !matches!(lines.read_until(b'\n', &mut bytes), Ok(count) if count > 0) {
            return talk;
        }
        let Ok(line) = String::from_utf8(bytes) else {
            return talk;
        };
        let line = line.trim_end().to_owned();
        let verb = line
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_uppercase();
        talk.commands.push(line);
        let goes_on = match (verb.as_str(), script) {
            ("EHLO", _) => say("250-mail.example.test\r\n250 AUTH PLAIN LOGIN"),
            ("AUTH", _) => say("235 welcome"),
            ("MAIL" | "RSET" | "NOOP", _) | ("RCPT", Script::Accept) => say("250 fine"),
            ("RCPT", Script::Later) => say("451 not now"),
            ("RCPT", Script::Never) => say("550 no such mailbox"),
            ("DATA", _) => {
                let asked = say("354 go on");
                talk.message = message(&mut lines);
                asked && say("250 taken")
            }
            ("QUIT", _) => {
                say("221 good bye");
                false
            }
            ("RCPT", Script::HangUp) => false,
            _ => say("500 what?"),
        };
        if !goes_on {
            return talk;
        }
    }
}

fn message(lines: &mut BufReader<&TcpStream>) -> String {
    let mut message = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).unwrap_or(0) == 0 || line == ".\r\n" {
            return message;
        }
        message.push_str(&line);
    }
}
