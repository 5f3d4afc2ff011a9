//! `docs/errors.md` has every code of the host and of Loggia's own modules, with its text and status.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use loggia::fault::Req;
use loggia::module::library::Library;
use loggia_tests::{product, source_tree};

/// Codes with their texts and statuses, by heading.
type Tables = BTreeMap<String, BTreeMap<String, (String, u16)>>;

#[test]
fn the_documented_codes_are_the_ones_in_the_code() {
    assert_eq!(documented(), defined());
}

/// Such an answer is a defect of the server, unless it passes by itself or is the one for the unplanned.
#[test]
fn no_other_code_than_these_says_that_the_server_has_failed() {
    let failures: BTreeMap<String, u16> = defined()
        .into_values()
        .flatten()
        .filter(|(_, (_, status))| *status >= 500)
        .map(|(code, (_, status))| (code, status))
        .collect();
    let named = [
        ("PSH_ESA", 500),
        ("PSH_ESD", 500),
        ("REQ_AKG", 503),
        ("REQ_GER", 500),
        ("REQ_OVL", 503),
        ("REQ_TMO", 504),
        ("REQ_UCA", 503),
        ("USR_RRE", 503),
    ];
    let named = named.map(|(code, status)| (code.to_owned(), status));
    assert_eq!(failures, BTreeMap::from(named));
}

fn documented() -> Tables {
    let text = fs::read_to_string(source_tree().join("docs/errors.md")).unwrap();
    let mut tables = Tables::new();
    let mut heading = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            title.clone_into(&mut heading);
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if let [code, text, status, _when] = cells[..]
            && let Ok(status) = status.parse()
        {
            let table = tables.entry(heading.clone()).or_default();
            table.insert(code.to_owned(), (text.to_owned(), status));
        }
    }
    tables
}

fn defined() -> Tables {
    let host = Req::ALL.iter().map(|code| {
        let (text, status) = (code.text().to_owned(), code.status());
        (code.code().to_owned(), (text, status))
    });
    let mut tables = Tables::from([("The host".to_owned(), host.collect())]);
    for entry in fs::read_dir(product::dist().join("lib/loggia/modules")).unwrap() {
        let (name, codes) = faults_of(&entry.unwrap().path());
        if !codes.is_empty() {
            tables.insert(format!("Module `{name}`"), codes);
        }
    }
    tables
}

fn faults_of(path: &Path) -> (String, BTreeMap<String, (String, u16)>) {
    let scratch = tempfile::tempdir().unwrap();
    let library = Library::open(path, scratch.path()).unwrap();
    let name = library.descriptor.module.clone();
    let faults = library.descriptor.faults.iter();
    let codes = faults.map(|fault| (fault.code.clone(), (fault.text.clone(), fault.status)));
    (name, codes.collect())
}
