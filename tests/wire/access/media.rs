//! Files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::callers::{Callers, Who};
use super::question::{Expected, Question};
use super::record::{Kind, Owner, Record};
use super::table::{Line, Table};

const FILE: &str = "media file";
const NOTHING: i64 = 99_999;
const FILES: [Kind; 3] = [Kind::Open, Kind::Registered, Kind::Restricted];

/// One of each kind and owner.
pub(super) fn fill(callers: &Callers, records: &mut Vec<Record>, lines: &mut Vec<Line>) {
    let owners = [(Owner::Author, callers.author), (Owner::Another, 1)];
    let pairs = FILES
        .into_iter()
        .flat_map(|kind| owners.map(|owner| (kind, owner)));
    for (number, (kind, (owner, account))) in (0..).zip(pairs) {
        let record = Record::new(FILE, kind, owner, 9101 + number);
        let content = STANDARD.encode(format!("This says {}.\n", record.mark));
        lines.push(Line {
            module: "media",
            kind: "file",
            record: json!({
                "id": record.id, "owner_id": account, "name": format!("{}.txt", record.mark),
                "view_level_id": kind.level(), "created_ms": 0, "content": content,
            }),
        });
        records.push(record);
    }
}

/// Whether a caller is sent a file. What is behind a key is not known where it reads.
fn reads(who: Who, record: &Record) -> bool {
    record.kind.is_of_level(who) || record.is_of(who)
}

pub(super) fn reading(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = Vec::new();
    for record in table.of(FILE) {
        for more in ["", "?width=64"] {
            let expected = if reads(who, record) {
                Expected::Marks(vec![record.mark.clone()])
            } else {
                Expected::As(format!("/get/media/files/{NOTHING}{more}"), "MED_FNF")
            };
            asked.push(Question::get(
                format!("/get/media/files/{}{more}", record.id),
                expected,
            ));
        }
    }
    let listed = if who == Who::ScopedKey {
        Expected::Marks(table.marks(FILE, |_| true))
    } else if who.is_member() {
        Expected::Marks(table.marks(FILE, |one| one.is_of(who)))
    } else {
        Expected::Outside
    };
    for record in table.of(FILE) {
        let path = format!("/get/media/items/{}", record.id);
        let expected = if !who.is_member() && who != Who::ScopedKey {
            Expected::Outside
        } else if who == Who::ScopedKey || record.is_of(who) {
            Expected::Marks(vec![record.mark.clone()])
        } else if reads(who, record) {
            Expected::Fault("MED_ANA")
        } else {
            Expected::As(format!("/get/media/items/{NOTHING}"), "MED_FNF")
        };
        asked.push(Question::get(path, expected));
    }
    for more in ["", "?user=1", "?limit=1000"] {
        let of_one = more == "?user=1" && who == Who::ScopedKey;
        let of_another = Expected::Marks(table.marks(FILE, |one| one.owner == Owner::Another));
        let expected = if of_one { of_another } else { listed.clone() };
        asked.push(Question::get(format!("/get/media/items{more}"), expected));
    }
    for resource in ["records?kind=file", "person?user=1"] {
        asked.push(Question::get(
            format!("/get/media/{resource}"),
            Expected::Outside,
        ));
    }
    asked
}

/// A file is changed and deleted by its owner, and by nobody given to those whom he does not know.
pub(super) fn writing(table: &Table, who: Who) -> Vec<Question> {
    // What a key may is a matter of its scopes first.
    let may = |record: &Record| who == Who::ScopedKey || (who.is_member() && record.is_of(who));
    let mut asked = Vec::new();
    for record in table.of(FILE) {
        for (act, members) in [("delete", json!({})), ("put", json!({ "access": 1 }))] {
            let path = format!("/{act}/media/files/{}", record.id);
            let question = |expected| Question::post(path.clone(), members.clone(), expected);
            if may(record) {
                asked.push(question(Expected::Outside).outdated());
            } else if !who.is_member() {
                asked.push(question(Expected::Outside));
            } else if reads(who, record) {
                asked.push(question(Expected::Fault("MED_ANA")));
            } else {
                let nothing = format!("/{act}/media/files/{NOTHING}");
                asked.push(question(Expected::As(nothing, "MED_FNF")));
            }
        }
        if may(record) && who != Who::ScopedKey {
            let path = format!("/put/media/files/{}", record.id);
            let unknown = json!({ "access": NOTHING });
            asked.push(Question::post(path, unknown, Expected::Fault("MED_ANA")));
        }
    }
    asked
}
