//! A MariaDB server of our own for one run: on a free loopback port, gone afterwards. The tests fill it with Joomla's
//! tables.
//!
//! As with PostgreSQL, a keeper process owns the server and waits for its standard input to close.

use std::fs::File;
use std::io::{self, Read as _};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::fault::{Fault, Result};
use crate::owner::{Owner, place, shell};
use crate::process::free_port;
use crate::step::{run, server};

/// Given the server, the program that makes its data folder, the folder, the port, and the statements that make the
/// account of the tests.
const KEEPER: &str = r#"
mkdir -p "$3" || exit 1
trap 'rm -rf "$3"' EXIT
trap '' INT TERM HUP
printf '%s' "$5" >"$3/account.sql" || exit 1
"$2" --no-defaults --datadir="$3/data" --auth-root-authentication-method=normal --skip-test-db >"$3/log" 2>&1 || exit 1
"$1" --no-defaults --datadir="$3/data" --port="$4" --bind-address=127.0.0.1 --socket="$3/socket" \
  --pid-file="$3/pid" --tmpdir="$3" --init-file="$3/account.sql" --character-set-server=utf8mb4 \
  --innodb-flush-log-at-trx-commit=0 --skip-log-bin >>"$3/log" 2>&1 &
server=$!
read -r _
kill -TERM "$server"
wait "$server"
"#;

/// The account of the tests, which may make databases.
const ACCOUNT: &str = "CREATE USER 'loggia'@'%' IDENTIFIED BY 'loggia';
GRANT ALL PRIVILEGES ON *.* TO 'loggia'@'%';
";

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server; dropping it stops it and removes its files.
pub(crate) struct Server {
    keeper: Child,
    port: u16,
}

impl Server {
    /// Makes a server, starts it, and waits until it answers.
    pub(crate) fn start() -> Result<Self> {
        let missing = || Fault::new("MariaDB's server is not installed");
        let program = server("mariadbd").ok_or_else(missing)?;
        let installer = server("mariadb-install-db").ok_or_else(missing)?;
        let owner = Owner::needed()?;
        let folder = place("mariadb", owner.as_ref())?;
        let port = free_port()?;
        let keeper = shell(owner.as_ref())
            .args(["-c", KEEPER, "keeper"])
            .args([&program, &installer, &folder])
            .args([&port.to_string(), ACCOUNT])
            .stdin(Stdio::piped())
            // A group of its own, so that an interrupt from the terminal leaves it the time to clean up.
            .process_group(0)
            .spawn()
            .map_err(|error| Fault::new(format!("the shell cannot be run: {error}")))?;
        let mut server = Server { keeper, port };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// Where it is, as tests want it.
    pub(crate) fn url(&self) -> String {
        format!("mysql://loggia:loggia@127.0.0.1:{}", self.port)
    }

    /// Runs the statements of a file.
    pub(crate) fn run_file(&self, file: &Path) -> Result<()> {
        let statements = File::open(file).map_err(Fault::file(file))?;
        let mut client = Command::new("mariadb");
        client
            .args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1"])
            .args(["--user=loggia", "--password=loggia"])
            .args(["--port", &self.port.to_string()])
            .stdin(statements);
        run(&mut client)
    }

    /// A server that listens greets whoever connects; the account is there before it listens.
    fn wait_until_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Ok(Some(status)) = self.keeper.try_wait() {
                return Err(Fault::new(format!("MariaDB did not start: {status}")));
            }
            let greeted = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))
                .and_then(|mut connection| connection.read_exact(&mut [0]));
            if greeted.is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err(Fault::new("MariaDB does not answer"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Closing its standard input is the sign; the keeper ends once the files are gone.
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("xtask: the keeper of MariaDB is lost: {error}");
        }
    }
}

/// `cargo xtask mariadb`: a server for a developer who runs single tests.
pub(crate) fn serve() -> Result<()> {
    let server = Server::start()?;
    println!("{}", server.url());
    io::copy(&mut io::stdin(), &mut io::sink()).map_err(|error| Fault::new(error.to_string()))?;
    Ok(())
}

/// Whether the server's programs are there.
pub(crate) fn is_installed() -> bool {
    server("mariadbd").is_some() && server("mariadb-install-db").is_some()
}
