//! The requests a demo site is measured with.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::bench::load::most;
use crate::bench::table::{Line, Row, Table};
use crate::fault::{Fault, Result};
use crate::http::{Request, post_json};
use crate::site::Site;
use crate::step::output;
use crate::tree;

/// More calls a day than any run makes, so that each is charged and none refused.
const DAILY: &str = "2000000000";

/// An endpoint for calls that are compared with servers which write no log.
const UNTRACED: &str = r#"
[[endpoint]]
name = "untraced"
path = "/untraced"
access = "free"
routes = ["release"]
trace = false
"#;

const MEGABYTE: &str = include_str!("megabyte.py");

impl Site {
    /// Publishes everything once more without rows in the access log, where those are measured apart.
    pub(crate) fn add_untraced(folder: &Path) -> Result<()> {
        let file = folder.join("endpoints.toml");
        let settings = tree::read(&file)? + UNTRACED;
        tree::write(&file, settings.as_bytes())
    }

    /// Has commits survive a crash of the program, but not one of the machine.
    pub(crate) fn commit_as_pocketbase(folder: &Path) -> Result<()> {
        let file = folder.join("endpoints.toml");
        let settings = tree::read(&file)?.replacen(
            "[database]\n",
            "[database]\nsynchronous = \"normal\"\n",
            1,
        );
        tree::write(&file, settings.as_bytes())
    }

    /// (b): no key, no session, nothing to look up; on `free`, or without a row on `untraced`.
    pub(crate) fn free_call(&self, endpoint: &str) -> Result<Request> {
        let url = match endpoint {
            "untraced" => self.untraced()?,
            traced => self.endpoint(traced)?,
        };
        Ok(Request::get(url + "/get/user/status"))
    }

    fn untraced(&self) -> Result<String> {
        Ok(self.fact("/url")? + "/untraced")
    }

    /// (c): a charged key, a log row, and a licence to look up.
    pub(crate) fn keyed_validate(&self) -> Result<Request> {
        let key = self.operator(&["key", "create", "--daily", DAILY, "--comment", "bench"])?;
        let key = key["key"]
            .as_str()
            .ok_or_else(|| Fault::new("no key was made"))?;
        let (group, email, licence) = self.licence()?;
        let url = self.endpoint("key")?;
        let url = format!("{url}/post/release/validate/{group}?email={email}&key={licence}");
        let request = Request::get(url).header("Authorization", format!("api_key {key}"));
        known_everywhere(&request)?;
        Ok(request)
    }

    /// The demo member's licence: group, address, key.
    fn licence(&self) -> Result<(String, String, String)> {
        let group = self.fact("/release/group")?;
        let answer = post_json(
            &self.endpoint("free")?,
            "",
            &json!({
                "action": "post", "module": "release", "resource": "keybyauth", "id": group,
                "username": self.fact("/users/member/username")?,
                "password": self.fact("/users/member/password")?,
            }),
        )?;
        match (answer["email"].as_str(), answer["key"].as_str()) {
            (Some(email), Some(key)) => Ok((group, email.to_owned(), key.to_owned())),
            _ => Err(Fault::new(format!("the member has no licence: {answer}"))),
        }
    }

    /// (d): the feed of the demo's product.
    pub(crate) fn feed(&self) -> Result<Request> {
        let traced = self.fact("/release/update_xml")?;
        let path = traced.split_once("/updates/").map(|(_, path)| path);
        let path = path.ok_or_else(|| Fault::new(format!("no feed at {traced}")))?;
        Ok(Request::get(format!("{}/{path}", self.untraced()?)))
    }

    /// (e): publishes a package of one megabyte for everybody; the request that downloads it, and its bytes.
    pub(crate) fn publish_megabyte(&self, scratch: &Path) -> Result<(Request, Vec<u8>)> {
        let file = scratch.join("com_megabyte-1.0.0.zip");
        output(Command::new("python3").args(["-c", MEGABYTE]).arg(&file))?;
        let file_word = file.display().to_string();
        let published = self.operator(&[
            "release",
            "publish",
            &file_word,
            "--free",
            "true",
            "--platform",
            "4.4-6.*",
        ])?;
        let package = published["package"]
            .as_str()
            .ok_or_else(|| Fault::new(format!("nothing was published: {published}")))?;
        let url = self.untraced()? + "/post/release/download/" + package;
        let bytes = std::fs::read(&file).map_err(Fault::file(&file))?;
        Ok((Request::get(url), bytes))
    }

    /// Memory of an idle server, and the time from its start to its first answer; on a site that exists.
    pub(crate) fn idle(tree: &Path, folder: &Path, table: &mut Table) -> Result<()> {
        drop(Site::start(tree, folder, None)?);
        let start = Instant::now();
        let site = Site::start(tree, folder, None)?;
        Request::get(site.fact("/url")? + "/healthz").once()?;
        let started = start.elapsed();
        table.add(Row {
            subject: "idle",
            what: "start to first answer".to_owned(),
            figure: started.as_secs_f64() * 1000.0,
            unit: "ms",
            line: Line::AtMost(200.0),
        });
        thread::sleep(Duration::from_secs(3));
        table.add(Row {
            subject: "idle",
            what: "memory, three seconds after the start".to_owned(),
            figure: site.server.memory_mb()?,
            unit: "MB",
            line: Line::AtMost(30.0),
        });
        Ok(())
    }
}

/// Waits until the node knows a key that was made just now, which it does within a second.
fn known_everywhere(request: &Request) -> Result<()> {
    let last = Instant::now() + Duration::from_secs(5);
    loop {
        match request.expect_ok() {
            Err(_) if Instant::now() < last => thread::sleep(Duration::from_millis(50)),
            outcome => return outcome.map(drop),
        }
    }
}

/// Processor time of the nodes for one keyed call, in microseconds, all nodes loaded at once.
pub(crate) fn processor_micros(nodes: &[Site], seconds: u32) -> Result<f64> {
    let used = || {
        nodes
            .iter()
            .map(|node| node.server.processor_seconds())
            .sum::<Result<f64>>()
    };
    let requests = nodes
        .iter()
        .map(Site::keyed_validate)
        .collect::<Result<Vec<_>>>()?;
    let connections = 64 / u32::try_from(nodes.len()).unwrap_or(1);
    let before = used()?;
    let rates: Vec<Result<f64>> = thread::scope(|scope| {
        let loads: Vec<_> = requests
            .iter()
            .map(|request| scope.spawn(move || most(request, connections, seconds)))
            .collect();
        loads
            .into_iter()
            .map(|load| {
                load.join()
                    .unwrap_or_else(|_| Err(Fault::new("a load tool was lost")))
            })
            .collect()
    });
    let calls = rates.into_iter().sum::<Result<f64>>()? * f64::from(seconds);
    Ok((used()? - before) * 1e6 / calls)
}
