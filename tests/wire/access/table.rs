//! All records of a site that has one of every kind.

use std::cell::RefCell;
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use loggia_tests::client::Answer;
use loggia_tests::site::{Node, Site};
use serde_json::{Value, json};

use super::callers::Callers;
use super::record::{Kind, Owner, Record};
use super::{catalog, content, forum, media, menu, people, push};

/// The modules whose records are written.
const MODULES: [&str; 7] = [
    "content", "forum", "catalog", "menu", "media", "profiles", "push",
];

/// A record as `loggia import ndjson` takes it.
pub(super) struct Line {
    pub(super) module: &'static str,
    pub(super) kind: &'static str,
    pub(super) record: Value,
}

/// The records of a site.
pub(super) struct Table<'s> {
    site: &'s Site,
    records: Vec<Record>,
    /// A revision of each record that has some.
    revisions: RefCell<HashMap<(&'static str, i64), i64>>,
}

impl<'s> Table<'s> {
    /// Writes a record of every kind.
    pub(super) fn fill(site: &'s Site, callers: &Callers) -> Table<'s> {
        let (mut records, mut lines) = (Vec::new(), Vec::new());
        for fill in [
            content::fill,
            forum::fill,
            catalog::fill,
            menu::fill,
            media::fill,
            people::fill,
            push::fill,
        ] {
            fill(callers, &mut records, &mut lines);
        }
        let text: Vec<String> = lines
            .iter()
            .map(|line| {
                let Line {
                    module,
                    kind,
                    record,
                } = line;
                json!({ "module": module, "kind": kind, "record": record }).to_string()
            })
            .collect();
        let file = site.folder().join("records.ndjson");
        std::fs::write(&file, text.join("\n") + "\n").expect("the lines can be written");
        let file = file.to_str().expect("a plain path");
        site.operator(&["import", "ndjson", file]).done();
        push::hook(site, &records);
        Table {
            site,
            records,
            revisions: RefCell::default(),
        }
    }

    /// Has the operator change articles and items, so that they have revisions.
    pub(super) fn revise(&self, node: &Node) {
        let operator = node.endpoint("key").with_key(&node.fact("/keys/unlimited"));
        for (what, put, list) in [
            ("content article", "content/articles", "content/revisions"),
            ("catalog item", "catalog/items", "catalog/revisions"),
        ] {
            for record in self.of(what) {
                let alias = json!({ "alias": format!("{}-2", record.mark) });
                let path = format!("/put/{put}/{}", record.id);
                let answer = operator.post_json(&path, &alias);
                assert_eq!(answer.json()["status"], "ok", "{}", answer.text());
                let listed = operator.get(&format!("/get/{list}/{}", record.id)).json();
                let id = listed["revisions"][0]["id"].as_str();
                let id = id.and_then(|id| id.parse().ok()).expect("a revision");
                self.revisions.borrow_mut().insert((what, record.id), id);
            }
        }
    }

    /// The records of a sort.
    pub(super) fn of(&self, what: &'static str) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |one| one.what == what)
    }

    /// The record of a sort, a kind and an owner.
    pub(super) fn one(&self, what: &'static str, kind: Kind, owner: Owner) -> &Record {
        let is_it = |one: &&Record| one.kind == kind && one.owner == owner;
        let found = self.of(what).find(is_it);
        found.unwrap_or_else(|| panic!("there is no {what} {kind:?} of {owner:?}"))
    }

    /// All records.
    pub(super) fn all(&self) -> &[Record] {
        &self.records
    }

    /// A revision of a record.
    pub(super) fn revision(&self, record: &Record) -> i64 {
        self.revisions.borrow()[&(record.what, record.id)]
    }

    /// The marks of the records of a sort that a rule chooses.
    pub(super) fn marks(
        &self,
        what: &'static str,
        is_shown: impl Fn(&Record) -> bool,
    ) -> Vec<String> {
        let shown = self.of(what).filter(|record| is_shown(record));
        shown.map(|record| record.mark.clone()).collect()
    }

    /// The marks in an answer, in its headers, and in what its cursor hides.
    pub(super) fn marks_in(&self, answer: &Answer) -> Vec<String> {
        let mut text = answer.text();
        for (_, value) in &answer.headers {
            text += value;
        }
        let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
        let next = body.as_ref().and_then(|body| body["next"].as_str());
        if let Some(bytes) = next.and_then(|next| URL_SAFE_NO_PAD.decode(next).ok()) {
            text += &String::from_utf8_lossy(&bytes);
        }
        let text = text.to_lowercase();
        let shown = self.records.iter().map(|record| &record.mark);
        let mut shown: Vec<String> = shown.filter(|mark| text.contains(*mark)).cloned().collect();
        shown.sort();
        shown.dedup();
        shown
    }

    /// All that the site keeps.
    pub(super) fn everything(&self) -> String {
        let of = |module: &str| {
            let words = ["export", "ndjson", "--module", module];
            self.site.operator(&words).done().stdout
        };
        MODULES.map(of).join("\n") + &push::hooked(self.site)
    }
}
