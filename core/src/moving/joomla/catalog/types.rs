//! The types of ZOO's items. ZOO keeps them in files of the site's folder; without the folder they are made of what the
//! items hold, and elements have their identifiers for names.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::object::{object, record};
use super::super::site::Site;
use super::element::{self, has_something, kind_of};
use crate::moving::Outcome;
use crate::moving::merge::Batch;
use crate::moving::source::Row;

/// The id of a type: ZOO knows it by its application and its name.
pub(super) fn id(application: i64, name: &str) -> i64 {
    let digest = Sha256::digest(name.as_bytes());
    let number = u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]]);
    (application << 32) | i64::from(number)
}

/// All types in one batch: they are few.
pub(super) fn types(site: &mut Site, after: i64) -> Outcome<Batch> {
    let mut batch = Batch::default();
    if after > 0 || !site.has("zoo_item")? {
        return Ok(batch);
    }
    for (id, (application, name, group)) in named(site)? {
        let described = site
            .files
            .as_deref()
            .and_then(|files| described(files, &group, &name));
        let (title, elements) = if let Some(described) = described {
            described
        } else {
            let note =
                "made of what its items hold: --files names the folder with ZOO's own definition";
            batch.notes.push((id, note.to_owned()));
            (name.clone(), guessed(site, application, &name)?)
        };
        batch.records.push(record(json!({
            "id": id, "application_id": application, "identifier": name, "name": title, "elements": elements,
            "version": 1,
        })));
    }
    Ok(batch)
}

/// The types that items name, by their ids: the application, the name, and the folder with their files.
fn named(site: &mut Site) -> Outcome<BTreeMap<i64, (i64, String, String)>> {
    let sql = format!(
        "SELECT DISTINCT t.\"application_id\", t.\"type\", a.\"application_group\" FROM {} t JOIN {} a \
         ON a.\"id\" = t.\"application_id\"",
        site.table("zoo_item"),
        site.table("zoo_application")
    );
    let mut found = BTreeMap::new();
    for row in site.rows(&sql)? {
        let (application, name) = (row.number("application_id"), row.text("type"));
        found.insert(
            id(application, &name),
            (application, name, row.text("application_group")),
        );
    }
    Ok(found)
}

/// The view levels of elements, by application, type and identifier, as far as the site's folder tells them.
pub(in super::super) fn accesses(site: &mut Site) -> Outcome<HashMap<(i64, String, String), i64>> {
    let mut accesses = HashMap::new();
    let Some(files) = site.files.clone() else {
        return Ok(accesses);
    };
    for (application, name, group) in named(site)?.into_values() {
        let Some((_, elements)) = described(&files, &group, &name) else {
            continue;
        };
        for element in elements {
            let identifier = element["identifier"].as_str().unwrap_or_default();
            let access = element["access"].as_i64().unwrap_or(1);
            accesses.insert((application, name.clone(), identifier.to_owned()), access);
        }
    }
    Ok(accesses)
}

/// A type by its file: its name, and its elements.
fn described(files: &Path, group: &str, name: &str) -> Option<(String, Vec<Value>)> {
    let is_plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
    };
    if !is_plain(group) || !is_plain(name) {
        return None;
    }
    let path = files.join(format!(
        "media/zoo/applications/{group}/types/{name}.config"
    ));
    let file: Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    let elements = file["elements"].as_object()?;
    // ZOO's own elements, such as the item's name, begin with a mark.
    let own = elements
        .iter()
        .filter(|(identifier, _)| !identifier.starts_with('_'));
    let elements =
        own.filter_map(|(identifier, facts)| element::described(identifier, facts.as_object()?));
    let title = file["name"].as_str().unwrap_or(name).to_owned();
    Some((title, elements.collect()))
}

/// What is known of an element by its values.
#[derive(Default)]
struct Seen {
    kind: Option<&'static str>,
    options: Vec<String>,
}

/// The elements of a type by what its items hold.
fn guessed(site: &mut Site, application: i64, name: &str) -> Outcome<Vec<Value>> {
    let condition = format!(
        "t.\"application_id\" = {application} AND t.\"type\" = '{}'",
        name.replace('\'', "''")
    );
    let (mut seen, mut after) = (BTreeMap::<String, Seen>::new(), 0);
    loop {
        let rows = site.page("zoo_item", "id", after, &condition)?;
        let Some(last) = rows.last() else { break };
        after = last.number("id");
        for row in &rows {
            look_at(row, &mut seen);
        }
    }
    let elements = seen.into_iter().map(|(identifier, seen)| {
        let kind = seen.kind.unwrap_or("textarea");
        let options: Vec<Value> = seen
            .options
            .iter()
            .map(|value| json!({ "value": value, "name": value }))
            .collect();
        json!({
            "identifier": identifier, "type": kind, "name": identifier, "required": false,
            "repeatable": !["image", "gallery", "file", "rating"].contains(&kind),
            "html": kind == "textarea", "options": options, "access": 1,
        })
    });
    Ok(elements.collect())
}

fn look_at(row: &Row, seen: &mut BTreeMap<String, Seen>) {
    for (identifier, data) in object(row, "elements") {
        if !has_something(&data) {
            continue;
        }
        let known = seen.entry(identifier).or_default();
        let kind = kind_of(&data);
        if kind != "textarea" || known.kind.is_none() {
            known.kind = Some(kind);
        }
        for option in data["option"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(_, one)| one.as_str())
        {
            if !known.options.iter().any(|known| known == option) {
                known.options.push(option.to_owned());
            }
        }
    }
}
