//! What a run leaves for the canary: every log that the product wrote, and every credential that was used.
//!
//! `cargo xtask test` names a folder by `LOGGIA_EVIDENCE` and looks afterwards whether one is in the other. Without
//! the variable nothing is kept.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use loggia::store::access_log::{self, Filter};
use loggia::store::testing::{TestDatabase, patience};
use serde_json::Value;

/// Members of answers and forms that hold a credential.
const MEMBERS: [&str; 6] = [
    "session_id",
    "api_key",
    "key",
    "token",
    "password",
    "activation",
];

/// The shortest token in a mail; no word is as long.
const SHORTEST_TOKEN: usize = 32;

static FOLDER: LazyLock<Option<PathBuf>> =
    LazyLock::new(|| std::env::var_os("LOGGIA_EVIDENCE").map(PathBuf::from));

/// Appends to one of this process's two files, in one piece, for many threads may do so.
fn append(kind: &str, text: &[u8]) {
    let Some(folder) = FOLDER.as_ref() else {
        return;
    };
    let name = format!("{kind}-{}", std::process::id());
    let mut file = OpenOptions::new();
    let file = file.create(true).append(true).open(folder.join(name));
    file.and_then(|mut file| file.write_all(text))
        .expect("the evidence can be written");
}

/// Keeps a credential.
pub fn credential(text: &str) {
    append("credentials", format!("{text}\n").as_bytes());
}

/// Keeps the credentials in an answer, if it is JSON.
pub(crate) fn credentials_of(body: &[u8]) {
    if FOLDER.is_some()
        && let Ok(members) = serde_json::from_slice(body)
    {
        credentials_in(&members);
    }
}

/// Keeps the credentials among the members of a JSON value, at any depth.
pub fn credentials_in(value: &Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_str() {
                    Some(text) => credential_of(name, text),
                    None => credentials_in(value),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(credentials_in),
        _ => {}
    }
}

/// Keeps a text if the member of that name holds a credential.
pub(crate) fn credential_of(name: &str, text: &str) {
    if MEMBERS.contains(&name) {
        credential(text);
    }
}

/// Keeps something that the product wrote for an operator's eyes.
pub(crate) fn log(text: &[u8]) {
    append("logs", text);
}

/// Keeps what a site leaves: the logs of its servers, the rows of its access log, and the tokens of its mails.
pub(crate) fn of_site(site: &Path, database: &TestDatabase) {
    if FOLDER.is_none() {
        return;
    }
    for file in files(site, "log") {
        log(&file);
    }
    for mail in files(&site.join("outbox"), "eml") {
        tokens_in(&String::from_utf8_lossy(&mail));
    }
    let pool = database.pool();
    let mut connection = pool.read(patience()).expect("a connection is free");
    // A site whose server never came to serve has no tables.
    let _ = access_log::export(&mut connection, &Filter::default(), |row| {
        log(format!("{row:?}\n").as_bytes());
        true
    });
}

fn files(folder: &Path, extension: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .filter_map(|path| fs::read(path).ok())
        .collect()
}

/// The tokens in the text of a mail, in a link or alone.
fn tokens_in(mail: &str) {
    let text = mail.split_once("\r\n\r\n").map_or("", |(_, text)| text);
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    text.split(|letter| !is_part(letter))
        .filter(|word| word.len() >= SHORTEST_TOKEN)
        .for_each(credential);
}
