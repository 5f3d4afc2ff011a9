//! A mail server of a few lines: it takes or refuses by a script and remembers what was said.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

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

/// How the server protects its connections.
#[derive(Clone)]
pub(super) enum Protection {
    None,
    /// By STARTTLS.
    Starttls(Arc<ServerConfig>),
    /// From the first byte.
    Implicit(Arc<ServerConfig>),
}

/// What was said in one connection.
#[derive(Default)]
pub(super) struct Conversation {
    /// Before it was encrypted by STARTTLS.
    pub(super) in_the_clear: Vec<String>,
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
        Self::start_protected(script, Protection::None)
    }

    /// The same, with TLS.
    pub(super) fn start_protected(script: Vec<Script>, protection: Protection) -> Self {
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
                let talk = converse(stream.unwrap(), step, &protection);
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

/// One connection to its end. A client that speaks something else, or leaves, ends it.
fn converse(stream: TcpStream, script: Script, protection: &Protection) -> Conversation {
    let patience = Some(Duration::from_secs(10));
    stream.set_read_timeout(patience).unwrap();
    let mut talk = Conversation::default();
    let encrypted = |config: &Arc<ServerConfig>, stream| {
        let connection = ServerConnection::new(Arc::clone(config)).unwrap();
        BufReader::new(StreamOwned::new(connection, stream))
    };
    match protection {
        Protection::None => {
            greet_and_serve(&mut BufReader::new(stream), &mut talk, script);
        }
        Protection::Implicit(config) => {
            greet_and_serve(&mut encrypted(config, stream), &mut talk, script);
        }
        Protection::Starttls(config) => {
            let mut lines = BufReader::new(stream);
            if greet_and_serve(&mut lines, &mut talk, script) == End::Starttls {
                talk.in_the_clear = std::mem::take(&mut talk.commands);
                serve(
                    &mut encrypted(config, lines.into_inner()),
                    &mut talk,
                    script,
                );
            }
        }
    }
    talk
}

/// How a part of a conversation ended.
#[derive(PartialEq, Eq)]
enum End {
    Over,
    Starttls,
}

fn say(lines: &mut BufReader<impl Read + Write>, text: &str) -> bool {
    let out = lines.get_mut();
    out.write_all(format!("{text}\r\n").as_bytes()).is_ok() && out.flush().is_ok()
}

fn greet_and_serve(
    lines: &mut BufReader<impl Read + Write>,
    talk: &mut Conversation,
    script: Script,
) -> End {
    if !say(lines, "220 mail.example.test ready") {
        return End::Over;
    }
    serve(lines, talk, script)
}

fn serve(lines: &mut BufReader<impl Read + Write>, talk: &mut Conversation, script: Script) -> End {
    loop {
        let mut bytes = Vec::new();
        if !matches!(lines.read_until(b'\n', &mut bytes), Ok(count) if count > 0) {
            return End::Over;
        }
        let Ok(line) = String::from_utf8(bytes) else {
            return End::Over;
        };
        let line = line.trim_end().to_owned();
        let verb = line
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_uppercase();
        talk.commands.push(line);
        let goes_on = match (verb.as_str(), script) {
            ("EHLO", _) => say(
                lines,
                "250-mail.example.test\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN",
            ),
            ("STARTTLS", _) if say(lines, "220 go on") => return End::Starttls,
            ("AUTH", _) => say(lines, "235 welcome"),
            ("MAIL" | "RSET" | "NOOP", _) | ("RCPT", Script::Accept) => say(lines, "250 fine"),
            ("RCPT", Script::Later) => say(lines, "451 not now"),
            ("RCPT", Script::Never) => say(lines, "550 no such mailbox"),
            ("DATA", _) => {
                let asked = say(lines, "354 go on");
                talk.message = message(lines);
                asked && say(lines, "250 taken")
            }
            ("QUIT", _) => {
                say(lines, "221 good bye");
                false
            }
            ("RCPT", Script::HangUp) => false,
            _ => say(lines, "500 what?"),
        };
        if !goes_on {
            return End::Over;
        }
    }
}

fn message(lines: &mut BufReader<impl Read>) -> String {
    let mut message = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).unwrap_or(0) == 0 || line == ".\r\n" {
            return message;
        }
        message.push_str(&line);
    }
}
