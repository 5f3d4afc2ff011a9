//! Push: one notification to a million devices through the fake of Apple's service, devices that register, and what
//! senders for Node send to the same fakes.

mod peers;
mod sending;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::Bench;
use super::load::most_created;
use super::table::{Line, Row};
use crate::fakes::Fakes;
use crate::fault::{Fault, Result};
use crate::http::{Request, post_json};
use crate::postgres::Cluster;
use crate::site::Site;
use crate::step::{output, run, step};
use crate::tree;

use sending::{Sent, Usage};

const DEVICES: &str = include_str!("push/devices.py");
const COPY: &str = include_str!("push/devices.sql");
const SEED: u32 = 20_263;
/// The demo's application, and one for browsers.
const APPLICATION: &str = "demo";
const PAGES: &str = "pages";
/// How many browsers are told something.
const BROWSERS: u32 = 20_000;
const CONNECTIONS: u32 = 32;
/// How many devices whoever keeps them registers with one call, and on how many connections.
const TOGETHER: u32 = 100;
const FEW_CONNECTIONS: u32 = 8;

/// A site on one of the databases, in a folder of its own.
struct Place<'a> {
    release: &'a Path,
    folder: PathBuf,
    cluster: Option<&'a Cluster>,
}

impl Place<'_> {
    fn start(&self) -> Result<Site> {
        let url = self.cluster.map(Cluster::url);
        Site::start(self.release, &self.folder, url.as_deref())
    }

    fn subject(&self) -> &'static str {
        match self.cluster {
            None => "push, SQLite",
            Some(_) => "push, PostgreSQL",
        }
    }

    /// Puts devices into the database while nobody works on it.
    fn enter(&self, devices: &Path, application: &str, platform: &str) -> Result<()> {
        let Some(cluster) = self.cluster else {
            let mut python = Command::new("python3");
            python.args(["-c", DEVICES, "enter"]);
            python.arg(self.folder.join("loggia.db")).arg(devices);
            return run(python.args([application, platform]));
        };
        let script = devices.with_extension("sql");
        let text = COPY
            .replace("{devices}", &devices.display().to_string())
            .replace("{application}", application)
            .replace("{platform}", platform);
        tree::write(&script, text.as_bytes())?;
        let mut psql = Command::new("psql");
        psql.args(["--quiet", "--set=ON_ERROR_STOP=1", &cluster.url()]);
        run(psql.arg("--file").arg(&script))
    }
}

impl Bench {
    /// Everything about push, on both databases.
    pub(super) fn push(&mut self, release: &Path) -> Result<()> {
        let fakes = Fakes::start(&self.program("loggia-fakes"))?;
        fakes.behave("apns_sandbox", &json!({ "keep": 0 }))?;
        fakes.behave("web_push", &json!({ "keep": 0, "decrypts": false }))?;
        let devices = step("devices", || self.write_devices(self.devices, None))?;
        let mut rates = Vec::new();
        let mut browsers = 0.0;
        for is_server in [false, true] {
            let cluster = is_server.then(Cluster::start_durable).transpose()?;
            let place = Place {
                release,
                folder: self.scratch.join(if is_server {
                    "push-postgresql"
                } else {
                    "push-sqlite"
                }),
                cluster: cluster.as_ref(),
            };
            step(place.subject(), || {
                prepare(&place, &fakes)?;
                place.enter(&devices, APPLICATION, "ios")
            })?;
            let site = place.start()?;
            let sent = step("a notification to all", || {
                self.tell_all(&place, &site, &fakes)
            })?;
            rates.push((place.subject(), sent));
            step("registrations", || self.register(&place, &site))?;
            drop(site);
            if !is_server {
                browsers = step("a notification to browsers", || {
                    self.tell_browsers(&place, &fakes)
                })?;
            }
        }
        step("senders for Node", || {
            self.beside_node(&fakes, &rates, browsers)
        })
    }

    fn write_devices(&self, count: u32, subscription: Option<String>) -> Result<PathBuf> {
        let (name, seed) = match &subscription {
            None => ("devices.tsv", SEED),
            Some(_) => ("browsers.tsv", SEED + 1),
        };
        let file = self.scratch.join(name);
        let mut python = Command::new("python3");
        python.args(["-c", DEVICES, "write"]).arg(&file);
        python.args([seed.to_string(), count.to_string()]);
        output(python.args(subscription)).map(|_| file)
    }

    /// One notification to all devices; how many a second were sent and written down.
    fn tell_all(&mut self, place: &Place<'_>, site: &Site, fakes: &Fakes) -> Result<f64> {
        let usage = || Usage::now(site, place.cluster, fakes);
        let before = usage()?;
        let sent = Sent::tell(site, fakes, ("apns_sandbox", APPLICATION), self.devices)?;
        let spent = usage()?.since(&before);
        let subject = place.subject();
        let count = f64::from(self.devices);
        let what = |rest: &str| format!("one notification to {count} devices{rest}");
        let mut add = |what: String, figure: f64, unit: &'static str, line: Line| {
            self.table.add(Row {
                subject,
                what,
                figure,
                unit,
                line,
            });
        };
        let line = Line::AtLeast(10_000.0);
        add(what(", sent and written down"), sent.rate, "a second", line);
        let ratio = sent.last_tenth / sent.first_tenth;
        let line = Line::AtLeast(0.8);
        add(what(", the last tenth"), ratio, "of the first's rate", line);
        for (part, seconds) in spent.parts() {
            let micros = seconds * 1e6 / count;
            let what = format!("processor time of a push, {part}");
            add(what, micros, "microseconds", Line::None);
        }
        let peak_mb = site.server.peak_memory_mb()?;
        add(what(", memory at most"), peak_mb, "MB", Line::AtMost(200.0));
        Ok(sent.rate)
    }

    /// Devices that register, each for itself, and then a hundred with each call of whoever keeps them.
    fn register(&mut self, place: &Place<'_>, site: &Site) -> Result<()> {
        let alone = Request::get(format!("{}/put/push/register", site.endpoint("free")?));
        let body = format!(r#"{{"token":"{{n}}","appcode":"{APPLICATION}","platform":"generic"}}"#);
        let figure = self.most_registered(site, &alone, &body, (1, CONNECTIONS))?;
        self.add_registered(place, format!("{CONNECTIONS} connections"), figure);
        let key = format!("api_key {}", site.fact("/keys/unlimited")?);
        let together = Request::get(format!("{}/post/push/devices", site.endpoint("key")?));
        let devices =
            (0..TOGETHER).map(|at| format!(r#"{{"token":"{{n}}x{at}","platform":"generic"}}"#));
        let devices = devices.collect::<Vec<_>>().join(",");
        let body = format!(r#"{{"app":"{APPLICATION}","devices":[{devices}]}}"#);
        let together = together.header("Authorization", &key);
        let figure = self.most_registered(site, &together, &body, (TOGETHER, FEW_CONNECTIONS))?;
        let how = format!("{TOGETHER} with each call, {FEW_CONNECTIONS} connections");
        self.add_registered(place, how, figure);
        Ok(())
    }

    /// How many devices a second are new, asked of the site as well.
    fn most_registered(
        &self,
        site: &Site,
        request: &Request,
        body: &str,
        (devices, connections): (u32, u32),
    ) -> Result<f64> {
        let stats = format!("{}/get/push/stats", site.endpoint("free")?);
        let count = || -> Result<f64> {
            let stats = post_json(&stats, "", &json!({}))?;
            stats["devices"]
                .as_f64()
                .ok_or_else(|| Fault::new(format!("no count of devices: {stats}")))
        };
        let before = count()?;
        let load = (connections, self.seconds);
        let answered = most_created(request, body, load, &self.scratch)? * f64::from(devices);
        let made = count()? - before;
        if made < answered * f64::from(self.seconds) * 0.9 {
            let told = format!("{made} devices were made, and {answered} a second answered");
            return Err(Fault::new(told));
        }
        Ok(answered)
    }

    fn add_registered(&mut self, place: &Place<'_>, how: String, figure: f64) {
        self.table.add(Row {
            subject: place.subject(),
            what: format!("new devices that register, {how}"),
            figure,
            unit: "a second",
            line: Line::AtLeast(5_000.0),
        });
    }

    /// One notification to browsers, each of which has its text sealed for it alone.
    fn tell_browsers(&mut self, place: &Place<'_>, fakes: &Fakes) -> Result<f64> {
        let count = BROWSERS.min(self.devices);
        let subscription = fakes.facts["subscription"].to_string();
        let browsers = self.write_devices(count, Some(subscription))?;
        place.enter(&browsers, PAGES, "web")?;
        let site = place.start()?;
        Ok(Sent::tell(&site, fakes, ("web_push", PAGES), count)?.rate)
    }
}

/// Makes the site, its applications and their credentials.
fn prepare(place: &Place<'_>, fakes: &Fakes) -> Result<()> {
    drop(place.start()?);
    fakes.stand_in(&place.folder)?;
    let site = place.start()?;
    site.operator(&["push", "app", PAGES, "--name", "Pages"])?;
    let file = place.folder.join("credentials.json");
    for (application, vendor, credentials) in [
        (APPLICATION, "apns", &fakes.facts["credentials"]["apns"]),
        (PAGES, "web_push", &json!({})),
    ] {
        tree::write(&file, json!({ vendor: credentials }).to_string().as_bytes())?;
        let words = ["push", "credentials", application, "--file"];
        site.operator(&[&words[..], &[&file.display().to_string()]].concat())?;
    }
    Ok(())
}
