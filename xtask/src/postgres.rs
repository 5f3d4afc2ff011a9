//! A PostgreSQL cluster of our own for one run: on a free loopback port, gone afterwards.
//!
//! A keeper process owns the server. It waits for its standard input to close, which happens when this process
//! ends in whatever way, be it by an interrupt or a kill; then it stops the server and removes the files.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::fault::{Fault, Result};
use crate::owner::{Owner, place, shell};
use crate::process::free_port;
use crate::step::output;
use crate::tree;

/// Given the folder of the programs, the data folder, the port, and whether commits reach the disk as arguments.
const KEEPER: &str = r#"
mkdir -p "$2" || exit 1
trap 'rm -rf "$2"' EXIT
trap '' INT TERM HUP
"$1/initdb" --pgdata="$2/data" --username=loggia --auth=trust --encoding=UTF8 --no-locale --no-sync >"$2/log" || exit 1
"$1/postgres" -D "$2/data" -p "$3" -c listen_addresses=127.0.0.1 -c unix_socket_directories='' \
  -c "fsync=$4" -c "full_page_writes=$4" -c max_connections=400 -c log_min_messages=fatal >>"$2/log" 2>&1 &
server=$!
read -r _
kill -INT "$server"
wait "$server"
"#;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running cluster; dropping it stops it and removes its files.
pub(crate) struct Cluster {
    keeper: Child,
    port: u16,
}

impl Cluster {
    /// A cluster for tests, which need no durability.
    pub(crate) fn start() -> Result<Self> {
        Self::start_with("off")
    }

    /// A cluster whose commits reach the disk, as an operator's do.
    pub(crate) fn start_durable() -> Result<Self> {
        Self::start_with("on")
    }

    /// Makes a cluster, starts it, and waits until it answers.
    fn start_with(durable: &str) -> Result<Self> {
        let programs =
            binaries().ok_or_else(|| Fault::new("PostgreSQL's server is not installed"))?;
        let owner = Owner::needed()?;
        let folder = place("postgres", owner.as_ref())?;
        let port = free_port()?;
        let mut command = shell(owner.as_ref());
        let keeper = command
            .args(["-c", KEEPER, "keeper"])
            .args([&programs, &folder])
            .args([&port.to_string(), durable])
            .stdin(Stdio::piped())
            // A group of its own, so that an interrupt from the terminal leaves it the time to clean up.
            .process_group(0)
            .spawn()
            .map_err(|error| Fault::new(format!("the shell cannot be run: {error}")))?;
        let mut cluster = Cluster { keeper, port };
        cluster.wait_until_ready(&programs)?;
        Ok(cluster)
    }

    /// Where it is, as tests want it.
    pub(crate) fn url(&self) -> String {
        format!("postgres://loggia@127.0.0.1:{}/postgres", self.port)
    }

    /// The process above all of the server's.
    pub(crate) fn process(&self) -> u32 {
        self.keeper.id()
    }

    fn wait_until_ready(&mut self, programs: &Path) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Ok(Some(status)) = self.keeper.try_wait() {
                return Err(Fault::new(format!("PostgreSQL did not start: {status}")));
            }
            let mut question = Command::new(programs.join("pg_isready"));
            question.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
            if output(&mut question).is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err(Fault::new("PostgreSQL does not answer"))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Closing its standard input is the sign; the keeper ends once the files are gone.
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("xtask: the keeper of PostgreSQL is lost: {error}");
        }
    }
}

/// `cargo xtask postgres`: a cluster for a developer who runs single tests.
pub(crate) fn serve() -> Result<()> {
    let cluster = Cluster::start()?;
    println!("{}", cluster.url());
    io::copy(&mut io::stdin(), &mut io::sink()).map_err(|error| Fault::new(error.to_string()))?;
    Ok(())
}

/// The folder with `initdb` and `postgres`: Debian's newest, else the one on the path.
pub(crate) fn binaries() -> Option<PathBuf> {
    let debian = tree::entries(Path::new("/usr/lib/postgresql")).unwrap_or_default();
    let mut folders: Vec<PathBuf> = debian.iter().map(|version| version.join("bin")).collect();
    folders.sort_by_key(|folder| version(folder));
    folders.reverse();
    if let Ok(path) = output(Command::new("sh").args(["-c", "command -v initdb"])) {
        folders.extend(Path::new(path.trim()).parent().map(Path::to_path_buf));
    }
    folders
        .into_iter()
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

/// `/usr/lib/postgresql/15/bin` is 15.
fn version(folder: &Path) -> u32 {
    let number = folder.parent().map(tree::name).unwrap_or_default();
    number.parse().unwrap_or(0)
}
