//! Menus and their items.

use serde_json::json;

use super::callers::{Callers, Who};
use super::question::{Expected, Question};
use super::record::{Kind, Owner, Record};
use super::table::{Line, Table};

const ITEM: &str = "menu item";
const NOTHING: i64 = 99_999;

/// The kinds with their ids, and the items above them.
const ITEMS: [(Kind, i64, i64); 9] = [
    (Kind::Open, 9101, 0),
    (Kind::Registered, 9102, 0),
    (Kind::Restricted, 9103, 0),
    (Kind::BelowRestricted, 9104, 9103),
    (Kind::Unpublished, 9105, 0),
    (Kind::BelowUnpublished, 9106, 9105),
    (Kind::Trashed, 9107, 0),
    (Kind::Scheduled, 9108, 0),
    (Kind::Expired, 9109, 0),
];

/// One of each kind in one menu.
pub(super) fn fill(_callers: &Callers, records: &mut Vec<Record>, lines: &mut Vec<Line>) {
    let mut line = |kind, record| {
        lines.push(Line {
            module: "menu",
            kind,
            record,
        });
    };
    let menu = json!({ "id": 9001, "menutype": "matrix", "title": "Matrix", "description": "" });
    line("menu", menu);
    for (kind, id, parent) in ITEMS {
        let record = Record::new(ITEM, kind, Owner::Another, id);
        let mark = &record.mark;
        let (up, down) = kind.times_ms();
        line(
            "item",
            json!({
                "id": id, "menu_id": 9001, "parent_id": parent, "position": id, "title": mark, "alias": mark, "note": mark,
                "link": format!("/{mark}"), "kind": "url", "home": false, "browser_navigation": 0, "params": { "a": mark },
                "language": "*", "state": kind.state(), "view_level_id": kind.level(), "publish_up_ms": up,
                "publish_down_ms": down,
            }),
        );
        records.push(record);
    }
}

fn reads(who: Who, kind: Kind) -> bool {
    kind.is_of_level(who) && (kind.is_published() || (kind.is_out_of_time() && who.edits()))
}

pub(super) fn reading(table: &Table, who: Who) -> Vec<Question> {
    let all = table.marks(ITEM, |one| reads(who, one.kind));
    let total = json!(all.len());
    let mut asked: Vec<Question> = [
        "",
        "&orderby=title&orderdir=desc",
        "&limit=1000",
        "&level=9",
    ]
    .map(|more| {
        // The path of an item has the aliases above it, which whoever sees the item sees, too.
        let expected = Expected::Facts(all.clone(), vec![("/total", total.clone())]);
        Question::get(format!("/get/menu/items?menutype=matrix{more}"), expected)
    })
    .to_vec();
    asked.push(Question::get(
        "/get/menu/menus",
        Expected::Marks(Vec::new()),
    ));
    for record in table.of(ITEM) {
        let mut marks = vec![record.mark.clone()];
        if record.kind == Kind::BelowRestricted {
            marks.extend(table.marks(ITEM, |one| one.kind == Kind::Restricted));
        }
        let expected = if reads(who, record.kind) {
            Expected::Marks(marks)
        } else {
            Expected::As(format!("/get/menu/items/{NOTHING}"), "MNU_INF")
        };
        asked.push(Question::get(
            format!("/get/menu/items/{}", record.id),
            expected,
        ));
        let below = table.of(ITEM).find(|one| {
            let above = ITEMS.iter().find(|(kind, _, _)| *kind == one.kind);
            above.is_some_and(|(_, _, parent)| *parent == record.id) && reads(who, one.kind)
        });
        let mut marks: Vec<String> = below.iter().map(|one| one.mark.clone()).collect();
        marks.extend(below.map(|_| record.mark.clone()));
        let path = format!("/get/menu/items?menutype=matrix&parentid={}", record.id);
        asked.push(Question::get(path, Expected::Marks(marks)));
    }
    asked.push(Question::get(
        "/get/menu/records?kind=item",
        Expected::Outside,
    ));
    asked
}

/// Menus are changed by keys with the scope alone.
pub(super) fn writing(table: &Table, who: Who) -> Vec<Question> {
    if who == Who::ScopedKey {
        return Vec::new();
    }
    let item = |record: &Record| {
        let path = format!("/put/menu/items/{}", record.id);
        Question::post(path, json!({ "title": "other" }), Expected::Outside)
    };
    let mut asked: Vec<Question> = table.of(ITEM).map(item).collect();
    let menu = json!({ "menutype": "matrix", "title": "other" });
    asked.push(Question::post("/put/menu/menus", menu, Expected::Outside));
    asked
}
