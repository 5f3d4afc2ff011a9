//! An S3 server of our own for one run, with one bucket: on a free loopback port, in memory, gone afterwards.
//!
//! It ends when its standard input closes, which happens when this process ends in whatever way.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::fault::{Fault, Result};
use crate::python;

const PROGRAM: &str = include_str!("s3_server.py");

/// A running server; dropping it ends it.
pub(crate) struct Bucket {
    server: Child,
    url: String,
}

impl Bucket {
    /// Starts the server and waits until it has the bucket.
    pub(crate) fn start() -> Result<Self> {
        let failed = |error: io::Error| Fault::new(format!("the S3 server: {error}"));
        let mut server = Command::new(python::programs()?.join("python"))
            .args(["-c", PROGRAM])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let mut url = String::new();
        if let Some(stdout) = server.stdout.take() {
            BufReader::new(stdout).read_line(&mut url).map_err(failed)?;
        }
        let url = url.trim().to_owned();
        let bucket = Bucket { server, url };
        if bucket.url.is_empty() {
            return Err(Fault::new("the S3 server ended before it served"));
        }
        Ok(bucket)
    }

    /// Where it is, as tests want it: server, keys and bucket.
    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        if let Err(error) = self.server.wait() {
            eprintln!("xtask: the S3 server is lost: {error}");
        }
    }
}

/// `cargo xtask s3`: a bucket for a developer who runs single tests.
pub(crate) fn serve() -> Result<()> {
    let bucket = Bucket::start()?;
    println!("{}", bucket.url());
    io::copy(&mut io::stdin(), &mut io::sink()).map_err(|error| Fault::new(error.to_string()))?;
    Ok(())
}
