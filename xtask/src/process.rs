//! Servers that a chore runs beside itself: started, waited for, and ended when their handle goes.

use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::fault::{Fault, Result};
use crate::http::Request;
use crate::processor;

/// A server process; dropping it ends it.
pub(crate) struct Server {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts a server whose first line on standard output says something about it.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        Self::spawn(command.stdin(Stdio::null()))
    }

    /// Starts a server that is told something on standard input, and ends where that ends.
    pub(crate) fn start_listening(command: &mut Command) -> Result<Self> {
        Self::spawn(command.stdin(Stdio::piped()))
    }

    fn spawn(command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Fault::new(format!("{command:?}: {error}")))?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().map(BufReader::new);
        Ok(Server {
            child,
            stdin,
            stdout,
        })
    }

    /// Tells it a line, and gives the line that it answers.
    pub(crate) fn ask(&mut self, line: &str) -> Result<String> {
        let stdin = self.stdin.as_mut().ok_or_else(|| Fault::new("no input"))?;
        writeln!(stdin, "{line}").map_err(|error| Fault::new(error.to_string()))?;
        self.line()
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// The next line it says.
    pub(crate) fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        let stdout = self
            .stdout
            .as_mut()
            .ok_or_else(|| Fault::new("no output"))?;
        stdout
            .read_line(&mut line)
            .map_err(|error| Fault::new(error.to_string()))?;
        if line.is_empty() {
            return Err(Fault::new("the server ended before it served"));
        }
        Ok(line.trim().to_owned())
    }

    /// Waits until a request is answered, as long as the server lives.
    pub(crate) fn wait_for(&mut self, request: &Request) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(20) && matches!(self.child.try_wait(), Ok(None))
        {
            if request.once().is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(Fault::new(format!("{} does not answer", request.url)))
    }

    /// The memory it holds, in megabytes.
    pub(crate) fn memory_mb(&self) -> Result<f64> {
        status_mb(self.child.id(), "VmRSS:")
            .ok_or_else(|| Fault::new("the system does not say how much memory a process has"))
    }

    /// The most memory it has held so far, in megabytes.
    pub(crate) fn peak_memory_mb(&self) -> Result<f64> {
        status_mb(self.child.id(), "VmHWM:")
            .ok_or_else(|| Fault::new("the system does not say how much memory a process had"))
    }

    /// The processor time it has used so far, in seconds.
    pub(crate) fn processor_seconds(&self) -> Result<f64> {
        processor::of_process(self.child.id())
    }
}

/// Runs a command to its end, and gives the most memory it held, in megabytes.
pub(crate) fn peak_mb_of(command: &mut Command) -> Result<f64> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| Fault::new(format!("{command:?}: {error}")))?;
    let mut peak_mb = 0.0;
    loop {
        peak_mb = status_mb(child.id(), "VmHWM:").unwrap_or(peak_mb);
        match child.try_wait() {
            Ok(None) => thread::sleep(Duration::from_millis(100)),
            Ok(Some(status)) if status.success() => return Ok(peak_mb),
            Ok(Some(status)) => return Err(Fault::new(format!("{command:?}: {status}"))),
            Err(error) => return Err(Fault::new(format!("{command:?}: {error}"))),
        }
    }
}

/// A size that the system tells of a process.
fn status_mb(process: u32, label: &str) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(label))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked first, because a server with processes of its own has to end those; then ended.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(5) {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> Result<u16> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Fault::new(format!("no free port: {error}")))
}
