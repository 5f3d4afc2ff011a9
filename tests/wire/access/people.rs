//! Profiles: only behind keys and at private endpoints, and of their fields what the endpoint lets through.

use serde_json::json;

use super::callers::{Callers, Who};
use super::question::{Expected, Question};
use super::record::{Kind, Owner, Record};
use super::table::{Line, Table};

/// What the author says in a field; one that is not published, and one that no endpoint lets through, are not seen.
pub(super) const FIELD: &str = "profile field";
/// What a blocked account says.
const BLOCKED: &str = "profile blocked";
/// The address of an account.
const ADDRESS: &str = "profile address";

const NOTHING: i64 = 99_999;
const FIELDS: [(Kind, i64, &str); 3] = [
    (Kind::Open, 9001, "cb_open"),
    (Kind::Unpublished, 9002, "cb_unpublished"),
    (Kind::Restricted, 9003, "cb_elsewhere"),
];
/// The accounts that are there for these records alone.
const BLOCKED_ACCOUNT: i64 = 9001;
const CONTACT: i64 = 9002;

/// Fields, two accounts, and what is said.
pub(super) fn fill(callers: &Callers, records: &mut Vec<Record>, lines: &mut Vec<Line>) {
    let blocked = Record::new(BLOCKED, Kind::Unpublished, Owner::Another, BLOCKED_ACCOUNT);
    let address = Record::new(ADDRESS, Kind::Restricted, Owner::Another, CONTACT);
    for (id, name, email, is_blocked) in [
        (BLOCKED_ACCOUNT, "gone", "gone@example.org".to_owned(), true),
        (
            CONTACT,
            "contact",
            format!("{}@example.org", address.mark),
            false,
        ),
    ] {
        lines.push(Line {
            module: "core",
            kind: "account",
            record: json!({
                "id": id, "username": name, "email": email, "name": name, "language": "", "blocked": is_blocked,
                "activated": true, "created_ms": 0, "groups": [2], "fields": {},
            }),
        });
    }
    let mut values = serde_json::Map::new();
    for (kind, id, name) in FIELDS {
        let record = Record::new(FIELD, kind, Owner::Author, callers.author);
        lines.push(Line {
            module: "profiles",
            kind: "field",
            record: json!({
                "id": id, "name": name, "title": name, "description": "", "kind": "text", "options": [],
                "default_value": "", "max_length": 0, "required": false, "readonly": false,
                "published": kind != Kind::Unpublished, "position": id,
            }),
        });
        values.insert(
            name.to_owned(),
            json!(format!("sharedword {}", record.mark)),
        );
        records.push(record);
    }
    for (id, values) in [
        (callers.author, json!(values)),
        (BLOCKED_ACCOUNT, json!({ "cb_open": blocked.mark })),
    ] {
        lines.push(Line {
            module: "profiles",
            kind: "profile",
            record: json!({ "id": id, "values": values }),
        });
    }
    records.extend([blocked, address]);
}

pub(super) fn reading(table: &Table, who: Who) -> Vec<Question> {
    let author = table.one(FIELD, Kind::Open, Owner::Author).id;
    let paths = [
        "users",
        "fields",
        &format!("profile/{author}"),
        &format!("profile/{BLOCKED_ACCOUNT}"),
    ]
    .map(|path| format!("/get/profiles/{path}"));
    let mut asked: Vec<Question> = Vec::new();
    for endpoint in ["/api/free", "/api/user"] {
        let withheld = |path: &String| Question::get(path.as_str(), Expected::Outside).at(endpoint);
        asked.extend(paths.iter().map(withheld));
    }
    let here = if who.is_key() {
        "/api/key"
    } else {
        "/api/staff"
    };
    if who == Who::Guest {
        let outside = |path: &String| Question::get(path.as_str(), Expected::Outside).at(here);
        asked.extend(paths.iter().map(outside));
        return asked;
    }
    // The endpoint for keys may show addresses.
    let addresses = table.marks(ADDRESS, |_| who.is_key());
    let said = table.marks(FIELD, |one| one.kind == Kind::Open);
    let blocked = Expected::As(format!("/get/profiles/profile/{NOTHING}"), "CBP_UNF");
    let shown = [[addresses, said.clone()].concat(), Vec::new(), said];
    let expected = shown.map(Expected::Marks).into_iter().chain([blocked]);
    asked.extend(
        paths
            .iter()
            .zip(expected)
            .map(|(path, expected)| Question::get(path.as_str(), expected).at(here)),
    );
    for resource in ["records?kind=profile", "person?user=1"] {
        asked.push(Question::get(format!("/get/profiles/{resource}"), Expected::Outside).at(here));
    }
    asked
}

/// A profile is changed by keys with the scope alone.
pub(super) fn writing(table: &Table, who: Who) -> Vec<Question> {
    let author = table.one(FIELD, Kind::Open, Owner::Author).id;
    let change = |id: i64| json!({ "id": id, "username": "writer", "email": "writer@example.org", "name": "Other" });
    let put = |id: i64, expected| {
        let here = if who.is_key() {
            "/api/key"
        } else {
            "/api/staff"
        };
        Question::post("/put/profiles/profile", change(id), expected).at(here)
    };
    if who == Who::ScopedKey {
        // Nobody is told that a blocked account is there.
        return vec![
            put(BLOCKED_ACCOUNT, Expected::Fault("CBP_UNF")),
            put(NOTHING, Expected::Fault("CBP_UNF")),
        ];
    }
    vec![
        put(author, Expected::Outside),
        put(author, Expected::Outside).at("/api/free"),
        put(NOTHING, Expected::Outside),
    ]
}
