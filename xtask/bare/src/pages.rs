//! `loggia-pages http://HOST:PORT` is a great many pages that listen by websockets, in one thread.
//!
//! It is told what to do in lines of JSON, and answers each with one:
//! - `{"open":COUNT,"path":PATH}` opens so many more websockets there
//! - `{"tell":COUNT,"times":N,"path":PATH,"body":BODY}` posts a body N times, each time waits until so many pages were
//!   told something, and answers how long that took from the post on

use std::cell::RefCell;
use std::io::{self, BufRead as _, Write as _};
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::rt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// How many websockets are opened at once.
const AT_ONCE: usize = 64;
/// How long everything may take.
const PATIENCE: Duration = Duration::from_mins(2);
/// Between two messages.
const REST: Duration = Duration::from_millis(500);

/// Frames that are of interest.
const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;

/// When pages were told something, since it was last asked for.
#[derive(Default)]
struct Ears {
    heard: RefCell<Vec<Instant>>,
    changed: Notify,
}

#[actix_web::main]
async fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_default();
    let host = address.trim_start_matches("http://").to_owned();
    let ears = Rc::new(Ears::default());
    let (orders, mut ordered) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let lines = io::stdin().lock().lines();
        lines
            .map_while(Result::ok)
            .all(|line| orders.send(line).is_ok())
    });
    while let Some(line) = ordered.recv().await {
        let order: Value = serde_json::from_str(&line).unwrap_or_default();
        let done = tokio::time::timeout(PATIENCE, obey(&host, &ears, &order)).await;
        let answer = match done {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => json!({ "fault": error.to_string() }),
            Err(_) => json!({ "fault": "it takes too long" }),
        };
        writeln!(io::stdout(), "{answer}")?;
    }
    Ok(())
}

async fn obey(host: &str, ears: &Rc<Ears>, order: &Value) -> io::Result<Value> {
    let number = |name: &str| {
        order[name]
            .as_u64()
            .and_then(|one| usize::try_from(one).ok())
    };
    let path = order["path"].as_str().unwrap_or_default();
    match (number("open"), number("tell")) {
        (Some(count), _) => open(host, path, count, ears).await,
        (_, Some(count)) => {
            let times = number("times").unwrap_or(1);
            tell(host, path, &order["body"], (count, times), ears).await
        }
        _ => Err(io::Error::other("an order that nobody knows")),
    }
}

/// Opens websockets, some at once, and lets them listen.
async fn open(host: &str, path: &str, count: usize, ears: &Rc<Ears>) -> io::Result<Value> {
    let workers = (0..AT_ONCE).map(|worker| {
        let (host, path, ears) = (host.to_owned(), path.to_owned(), Rc::clone(ears));
        rt::spawn(async move {
            for _ in (worker..count).step_by(AT_ONCE) {
                let stream = shake_hands(&host, &path).await?;
                rt::spawn(listen(stream, Rc::clone(&ears)));
            }
            io::Result::Ok(())
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await??;
    }
    Ok(json!({ "opened": count }))
}

async fn shake_hands(host: &str, path: &str) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(host).await?;
    stream.set_nodelay(true)?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    // Byte by byte, because a frame may follow at once.
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    if head.starts_with(b"HTTP/1.1 101") {
        return Ok(stream);
    }
    let line = String::from_utf8_lossy(&head);
    let line = line.lines().next().unwrap_or_default();
    Err(io::Error::other(format!("no websocket but {line}")))
}

/// Notes each text, answers each ping, until the server ends it.
async fn listen(mut stream: TcpStream, ears: Rc<Ears>) {
    let mut content = Vec::new();
    while let Ok(kind) = frame(&mut stream, &mut content).await {
        match kind {
            TEXT => {
                ears.heard.borrow_mut().push(Instant::now());
                ears.changed.notify_one();
            }
            PING if pong(&mut stream, &content).await.is_err() => return,
            CLOSE => return,
            _ => {}
        }
    }
}

/// The next frame. Those of a server bear no mask.
async fn frame(stream: &mut TcpStream, content: &mut Vec<u8>) -> io::Result<u8> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).await?;
    let length = match head[1] & 0x7f {
        126 => stream.read_u16().await?.into(),
        127 => stream.read_u64().await?,
        short => short.into(),
    };
    content.resize(usize::try_from(length).map_err(io::Error::other)?, 0);
    stream.read_exact(content).await?;
    Ok(head[0] & 0x0f)
}

/// A client's frames bear a mask; this one changes nothing.
async fn pong(stream: &mut TcpStream, content: &[u8]) -> io::Result<()> {
    let length = u8::try_from(content.len()).map_err(io::Error::other)?;
    let mut frame = vec![0x8a, 0x80 | length, 0, 0, 0, 0];
    frame.extend_from_slice(content);
    stream.write_all(&frame).await
}

/// Posts a body some times; how long it took until so many pages were told each time.
async fn tell(
    host: &str,
    path: &str,
    body: &Value,
    (count, times): (usize, usize),
    ears: &Ears,
) -> io::Result<Value> {
    let mut all: Vec<f64> = Vec::with_capacity(count * times);
    for _ in 0..times {
        ears.heard.borrow_mut().clear();
        let begun = Instant::now();
        post(host, path, body).await?;
        while ears.heard.borrow().len() < count {
            ears.changed.notified().await;
        }
        let since = |at: &Instant| at.duration_since(begun).as_secs_f64() * 1000.0;
        all.extend(ears.heard.borrow().iter().map(since));
        tokio::time::sleep(REST).await;
    }
    all.sort_by(f64::total_cmp);
    let at = |hundredths: usize| all.get((all.len() * hundredths / 100).min(all.len() - 1));
    Ok(json!({ "median_ms": at(50), "p99_ms": at(99), "most_ms": all.last() }))
}

async fn post(host: &str, path: &str, body: &Value) -> io::Result<()> {
    let body = body.to_string();
    let mut stream = TcpStream::connect(host).await?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    if answer.starts_with("HTTP/1.1 200") {
        return Ok(());
    }
    Err(io::Error::other(format!("not told: {answer}")))
}
