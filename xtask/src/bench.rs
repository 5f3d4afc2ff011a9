//! `cargo xtask bench`: Loggia beside what it is compared with, in one run on one machine, as ratios.

mod catalog;
mod contents;
mod load;
pub(crate) mod nginx;
mod pocketbase;
mod posts;
mod push;
mod requests;
mod streams;
mod table;

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;

use crate::dist::{self, Profile};
use crate::fault::{Fault, Result};
use crate::http::Request;
use crate::packages;
use crate::postgres::Cluster;
use crate::process::Server;
use crate::site::Site;
use crate::step::{cargo, output, run as command, step};
use crate::tree;

use load::{median, most};
use table::{Line, Row, Table};

/// The numbers of connections every throughput is measured with.
const CONNECTIONS: [u32; 2] = [32, 256];

/// What a run is made of.
struct Bench {
    table: Table,
    scratch: PathBuf,
    /// Kept so that it runs as long as this does.
    _bare: Server,
    bare_url: String,
    profile: Profile,
    rounds: u32,
    seconds: u32,
    devices: u32,
}

/// How much is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Extent {
    /// How often each pair is measured in turns; the middle counts.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// How long one measurement lasts, in seconds.
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// How many devices the part `push` sends to.
    #[arg(long, default_value_t = 1_000_000)]
    devices: u32,
    /// How what is measured is compiled; figures of an unoptimised tree say nothing, but it is there sooner.
    #[arg(long, value_enum, default_value_t = Profile::Release)]
    profile: Profile,
}

/// What can be measured alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Start and memory.
    Idle,
    /// Single calls on SQLite.
    Calls,
    /// Beside nginx and PocketBase.
    Peers,
    /// A large site's articles, also beside PocketBase.
    Contents,
    /// A large site's catalog and its people.
    Catalog,
    /// A large forum's posts and the search, also beside PostgreSQL's own.
    Posts,
    /// Calls and nodes on PostgreSQL.
    Postgresql,
    /// A notification to a million devices, also beside senders for Node.
    Push,
    /// Very many pages that listen.
    Streams,
}

/// Measures the parts, or everything; takes some minutes.
pub(crate) fn run(extent: &Extent, parts: &[Part]) -> Result<()> {
    step("tools", || packages::install(&packages::BENCH))?;
    let tree = dist::build(extent.profile)?;
    if extent.profile == Profile::Release {
        step("programs to compare with", || {
            let packages = ["--package", "loggia-bare", "--package", "loggia-fakes"];
            command(cargo(&["build", "--release"]).args(packages))
        })?;
    }
    let scratch = tree::target().join("bench");
    tree::remove_folder(&scratch)?;
    tree::make_folder(&scratch)?;
    let mut bench = Bench::new(scratch, extent)?;
    bench.measure(&tree, parts)?;
    bench.tell()
}

impl Bench {
    fn new(scratch: PathBuf, extent: &Extent) -> Result<Self> {
        let program = extent.profile.built().join("loggia-bare");
        let mut bare = Server::start(Command::new(program).arg(&scratch))?;
        let bare_url = bare.line()?;
        Ok(Bench {
            table: Table::default(),
            scratch,
            _bare: bare,
            bare_url,
            profile: extent.profile,
            rounds: extent.rounds,
            seconds: extent.seconds,
            devices: extent.devices,
        })
    }

    /// A program that was built beside the tree.
    fn program(&self, name: &str) -> PathBuf {
        self.profile.built().join(name)
    }

    fn measure(&mut self, tree: &Path, parts: &[Part]) -> Result<()> {
        let wanted = |part: Part| parts.is_empty() || parts.contains(&part);
        let folder = self.scratch.join("sqlite");
        if wanted(Part::Idle) {
            step("idle", || Site::idle(tree, &folder, &mut self.table))?;
        } else {
            drop(Site::start(tree, &folder, None)?);
        }
        Site::add_untraced(&folder)?;
        let sqlite = Site::start(tree, &folder, None)?;
        if wanted(Part::Calls) {
            self.calls(&sqlite)?;
        }
        if wanted(Part::Peers) {
            step("nginx with Lua", || self.beside_nginx(&sqlite))?;
            step("PocketBase", || self.beside_pocketbase(&sqlite))?;
        }
        if wanted(Part::Contents) {
            step("contents", || self.contents(&sqlite))?;
        }
        drop(sqlite);
        if wanted(Part::Contents) {
            Site::commit_as_pocketbase(&folder)?;
            let site = Site::start(tree, &folder, None)?;
            step("contents beside PocketBase", || {
                self.contents_beside_pocketbase(&site)
            })?;
        }
        if wanted(Part::Catalog) {
            step("catalog and people", || self.catalog(tree))?;
        }
        if wanted(Part::Posts) {
            self.posts(tree)?;
        }
        if wanted(Part::Postgresql) {
            let cluster = step("PostgreSQL", Cluster::start_durable)?;
            self.on_postgresql(tree, &cluster.url())?;
        }
        if wanted(Part::Push) {
            self.push(tree)?;
        }
        if wanted(Part::Streams) {
            self.streams(tree)?;
        }
        Ok(())
    }

    fn calls(&mut self, site: &Site) -> Result<()> {
        step("inline call", || self.inline_call())?;
        step("free call", || self.free_call(site))?;
        step("keyed call, SQLite", || {
            self.keyed_call(site, "(c) SQLite", [0.55, 0.75])
        })?;
        step("keyed call, latency", || self.latency(site))?;
        step("update feed", || self.feed(site))?;
        step("download", || self.download(site))
    }

    fn on_postgresql(&mut self, tree: &Path, url: &str) -> Result<()> {
        let shared = Site::start(tree, &self.scratch.join("postgresql"), Some(url))?;
        step("keyed call, PostgreSQL", || {
            self.keyed_call(&shared, "(c) PostgreSQL", [0.30, 0.65])
        })?;
        step("nodes", || self.nodes(tree, url, shared))
    }

    /// Two requests in turns, so that what the machine does meanwhile hits both; how many of the second go for
    /// one of the first.
    fn ratio(&self, first: &Request, second: &Request, connections: u32) -> Result<f64> {
        let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
        for _ in 0..self.rounds {
            firsts.push(most(first, connections, self.seconds)?);
            seconds.push(most(second, connections, self.seconds)?);
        }
        Ok(median(seconds) / median(firsts))
    }

    /// A request beside the bare handler's constant of the same size.
    fn beside_bare(
        &mut self,
        subject: &'static str,
        what: &str,
        request: &Request,
        lines: [Line; 2],
    ) -> Result<()> {
        let size = request.expect_ok()?;
        let bare = self.constant(size);
        for (connections, line) in CONNECTIONS.into_iter().zip(lines) {
            let figure = self.ratio(&bare, request, connections)?;
            self.table.add(Row {
                subject,
                what: format!("{what}, {size} bytes, {connections} connections"),
                figure,
                unit: "of (a)",
                line,
            });
        }
        request.expect_ok().map(|_| ())
    }

    fn constant(&self, size: usize) -> Request {
        Request::get(format!("{}/bytes/{size}", self.bare_url))
    }

    /// One call across the boundary, without HTTP: a micro-benchmark in a program of its own.
    fn inline_call(&mut self) -> Result<()> {
        let library = self.scratch.join("hello.so");
        let source = tree::root().join("sdk/include/example/hello.c");
        let mut compiler = Command::new("cc");
        compiler.args([
            "-std=c11",
            "-O2",
            "-shared",
            "-fPIC",
            "-fvisibility=hidden",
            "-I",
        ]);
        compiler
            .arg(tree::root().join("sdk/include"))
            .arg("-o")
            .arg(&library)
            .arg(source);
        command(&mut compiler)?;
        let program = self.program("loggia-inline");
        let printed = output(Command::new(program).arg(&library))?;
        let figure = printed.trim().parse();
        self.table.add(Row {
            subject: "inline",
            what: "an inline call of the module in C".to_owned(),
            figure: figure.map_err(|_| Fault::new(format!("no figure: {printed}")))?,
            unit: "ns",
            line: Line::AtMost(1000.0),
        });
        Ok(())
    }

    fn free_call(&mut self, site: &Site) -> Result<()> {
        let line = [0.85, 0.85].map(Line::AtLeast);
        let what = "a free call through a module";
        self.beside_bare("(b)", what, &site.free_call("untraced")?, line)?;
        let what = "the same with a row in the access log";
        self.beside_bare("(b)", what, &site.free_call("free")?, [Line::None; 2])
    }

    fn keyed_call(&mut self, site: &Site, subject: &'static str, bounds: [f64; 2]) -> Result<()> {
        let request = site.keyed_validate()?;
        self.beside_bare(
            subject,
            "keyed, charged and traced validate",
            &request,
            bounds.map(Line::AtLeast),
        )
    }

    fn latency(&mut self, site: &Site) -> Result<()> {
        let request = site.keyed_validate()?;
        let peak = most(&request, 32, self.seconds)?;
        let figure = load::latency_p99_ms(&request, peak / 2.0, 2 * self.seconds, &self.scratch)?;
        self.table.add(Row {
            subject: "(c) SQLite",
            what: "99th percentile at half the peak rate".to_owned(),
            figure,
            unit: "ms",
            line: Line::AtMost(5.0),
        });
        Ok(())
    }

    fn feed(&mut self, site: &Site) -> Result<()> {
        let line = [0.80, 0.80].map(Line::AtLeast);
        self.beside_bare("(d)", "update XML", &site.feed()?, line)
    }

    fn download(&mut self, site: &Site) -> Result<()> {
        let (request, bytes) = site.publish_megabyte(&self.scratch)?;
        let name = "megabyte.zip";
        tree::write(&self.scratch.join(name), &bytes)?;
        let twin = Request::get(format!("{}/files/{name}", self.bare_url));
        for connections in CONNECTIONS {
            let figure = self.ratio(&twin, &request, connections)?;
            self.table.add(Row {
                subject: "(e)",
                what: format!(
                    "download of {} bytes, {connections} connections",
                    bytes.len()
                ),
                figure,
                unit: "of actix-files",
                line: Line::AtLeast(0.90),
            });
        }
        Ok(())
    }

    fn beside_nginx(&mut self, site: &Site) -> Result<()> {
        let request = site.keyed_validate()?;
        let (_server, peer) = nginx::start(&self.scratch.join("nginx"), &request.once()?)?;
        for (connections, line) in [(32, Line::None), (256, Line::AtLeast(0.75))] {
            let figure = self.ratio(&peer, &request, connections)?;
            self.table.add(Row {
                subject: "(g)",
                what: format!("(c) beside nginx with Lua, not durable, {connections} connections"),
                figure,
                unit: "of nginx",
                line,
            });
        }
        Ok(())
    }

    fn beside_pocketbase(&mut self, site: &Site) -> Result<()> {
        let request = site.keyed_validate()?;
        let program = pocketbase::install()?;
        let (_server, peer) = pocketbase::start(&program, &self.scratch.join("pocketbase"))?;
        for connections in CONNECTIONS {
            let figure = self.ratio(&peer, &request, connections)?;
            self.table.add(Row {
                subject: "(h)",
                what: format!(
                    "(c) beside PocketBase getting one record, {connections} connections"
                ),
                figure,
                unit: "of PocketBase",
                line: Line::AtLeast(5.0),
            });
        }
        Ok(())
    }

    /// Processor time of a keyed call on one, two and four nodes, without the database's.
    fn nodes(&mut self, tree: &Path, postgres: &str, first: Site) -> Result<()> {
        let folder = self.scratch.join("postgresql");
        let mut nodes = vec![first];
        let mut alone = None;
        for count in [1, 2, 4] {
            while nodes.len() < count {
                nodes.push(Site::start(tree, &folder, Some(postgres))?);
            }
            let micros = requests::processor_micros(&nodes, self.seconds)?;
            let alone = *alone.get_or_insert(micros);
            self.table.add(Row {
                subject: "(f)",
                what: format!("processor time of a keyed call, {count} nodes on one PostgreSQL"),
                figure: micros / alone,
                unit: "of one node",
                line: Line::None,
            });
        }
        Ok(())
    }

    fn tell(&self) -> Result<()> {
        let machine = machine();
        println!("\n{machine}\n\n{}", self.table.markdown());
        let json = self.table.json(&machine);
        let file = tree::target().join("bench.json");
        tree::write(&file, json.to_string().as_bytes())?;
        println!("{json}");
        Ok(())
    }
}

/// The machine in words.
fn machine() -> String {
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let model = tree::read(Path::new("/proc/cpuinfo")).unwrap_or_default();
    let model = model
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split(':').nth(1))
        .map_or("an unknown processor", str::trim);
    let compiler = output(Command::new("rustc").arg("--version")).unwrap_or_default();
    format!(
        "{processors} processors ({model}), load tool and servers on the same machine; {}",
        compiler.trim()
    )
}
