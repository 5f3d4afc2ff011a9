//! The catalog: applications, categories, items with elements for some, and revisions.

use serde_json::{Value, json};

use super::callers::{Callers, INSIDERS, Who};
use super::question::{Expected, Question};
use super::record::{Kind, Owner, Record};
use super::table::{Line, Table};

pub(super) const ITEM: &str = "catalog item";
const CATEGORY: &str = "catalog category";
/// What stands in the element for insiders of the open item of another's.
const ELEMENT: &str = "catalog element";
/// The name of that element.
const DEFINITION: &str = "catalog definition";

const NOTHING: i64 = 99_999;
const APPLICATION: i64 = 9001;

const CATEGORIES: [(Kind, i64, i64); 6] = [
    (Kind::Open, 9001, 0),
    (Kind::Registered, 9002, 0),
    (Kind::Restricted, 9003, 0),
    (Kind::BelowRestricted, 9004, 9003),
    (Kind::Unpublished, 9005, 0),
    (Kind::BelowUnpublished, 9006, 9005),
];

const ITEMS: [Kind; 12] = [
    Kind::Open,
    Kind::Registered,
    Kind::Restricted,
    Kind::Unpublished,
    Kind::Trashed,
    Kind::Archived,
    Kind::Scheduled,
    Kind::Expired,
    Kind::BelowUnpublished,
    Kind::BelowRestricted,
    Kind::InRestricted,
    Kind::InUnpublished,
];

fn application_of(kind: Kind) -> i64 {
    match kind {
        Kind::InRestricted => 9002,
        Kind::InUnpublished => 9003,
        _ => APPLICATION,
    }
}

fn category_of(kind: Kind) -> Option<i64> {
    match kind {
        Kind::BelowUnpublished => Some(9006),
        Kind::BelowRestricted => Some(9004),
        Kind::InRestricted | Kind::InUnpublished => None,
        _ => Some(9001),
    }
}

/// One of each kind.
pub(super) fn fill(callers: &Callers, records: &mut Vec<Record>, lines: &mut Vec<Line>) {
    let mut line = |kind, record| {
        lines.push(Line {
            module: "catalog",
            kind,
            record,
        });
    };
    let secret = Record::new(ELEMENT, Kind::Restricted, Owner::Another, 0);
    let name = Record::new(DEFINITION, Kind::Restricted, Owner::Another, 0);
    for (id, state, level) in [(9001, 1, 1), (9002, 1, INSIDERS), (9003, 0, 1)] {
        let names = format!("application-{id}");
        line(
            "application",
            json!({
                "id": id, "name": names, "alias": names, "description": "", "state": state, "view_level_id": level,
                "version": 1,
            }),
        );
    }
    for id in [9001, 9002, 9003] {
        line(
            "type",
            json!({
                "id": id, "application_id": id, "identifier": "page", "name": "Page", "version": 1, "elements": [
                    { "identifier": "body", "type": "text", "name": "Body" },
                    { "identifier": "secret", "type": "text", "name": name.mark, "access": INSIDERS },
                ],
            }),
        );
    }
    for (kind, id, parent) in CATEGORIES {
        let record = Record::new(CATEGORY, kind, Owner::Another, id);
        let mark = &record.mark;
        line(
            "category",
            json!({
                "id": id, "application_id": APPLICATION, "parent_id": parent, "position": 0, "name": "Category",
                "alias": id.to_string(), "description": mark, "content": {}, "metadata": {}, "state": kind.state(),
                "view_level_id": kind.level(), "version": 1,
            }),
        );
        records.push(record);
    }
    let owners = [(Owner::Author, callers.author), (Owner::Another, 1)];
    let pairs = ITEMS
        .into_iter()
        .flat_map(|kind| owners.map(|owner| (kind, owner)));
    for (number, (kind, (owner, account))) in (0..).zip(pairs) {
        let record = Record::new(ITEM, kind, owner, 9100 + number);
        let mut item = item(&record, account);
        if is_with_secret(&record) {
            item["elements"]["secret"] = json!({ "0": { "value": secret.mark } });
        }
        line("item", item);
        records.push(record);
    }
    records.extend([secret, name]);
}

fn item(record: &Record, account: i64) -> Value {
    let (kind, mark) = (record.kind, &record.mark);
    let (up, down) = kind.times_ms();
    let category = category_of(kind);
    let application = application_of(kind);
    json!({
        "id": record.id, "hits": 0, "application_id": application, "type_id": application, "name": mark, "alias": mark,
        "state": kind.state(), "view_level_id": kind.level(), "publish_up_ms": up, "publish_down_ms": down, "priority": 0,
        "searchable": true, "comments_enabled": false, "primary_category_id": category.unwrap_or(0),
        "created_ms": 1_000_000_000_000_i64, "created_by": account, "created_by_alias": "", "modified_ms": 0,
        "modified_by": 0, "elements": { "body": { "0": { "value": format!("sharedword {mark}") } } },
        "metadata": { "title": mark, "description": mark }, "version": 1,
        "categories": category.into_iter().collect::<Vec<i64>>(),
    })
}

fn is_with_secret(record: &Record) -> bool {
    (record.kind, record.owner) == (Kind::Open, Owner::Another)
}

/// Whether a caller reads items of a kind.
fn reads(who: Who, kind: Kind) -> bool {
    kind.is_of_level(who) && (kind.is_published() || (kind.is_out_of_time() && who.edits()))
}

fn sees_category(who: Who, kind: Kind) -> bool {
    kind.is_of_level(who) && kind.is_published()
}

/// Whether a caller may change an item: its author and editors, and keys with the scope.
fn changes(who: Who, record: &Record) -> bool {
    let edits = who.edits() && record.kind.is_of_level(who) && record.kind != Kind::InUnpublished;
    who == Who::ScopedKey || record.is_of(who) || edits
}

/// The marks of items, with what stands in an element of theirs that the caller sees.
fn marks(table: &Table, who: Who, is_shown: impl Fn(&Record) -> bool) -> Vec<String> {
    let mut marks = table.marks(ITEM, &is_shown);
    let shows_secret = table
        .of(ITEM)
        .any(|one| is_with_secret(one) && is_shown(one));
    if shows_secret && who == Who::Insider {
        marks.extend(table.marks(ELEMENT, |_| true));
    }
    marks
}

/// The refusal of an item: that there is none, or that view levels hide it.
fn unread(
    who: Who,
    record: &Record,
    code: &'static str,
    path: impl Fn(i64, i64) -> String,
) -> Expected {
    if record.kind == Kind::InUnpublished && code == "ZOO_INF" {
        return Expected::As(path(record.id, NOTHING), "ZOO_AUN");
    }
    if record.kind.is_published() && !record.kind.is_of_level(who) {
        return Expected::Fault("ZOO_ANA");
    }
    Expected::As(path(NOTHING, APPLICATION), code)
}

pub(super) fn reading(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = lists(table, who);
    asked.extend(drafts(table, who));
    for record in table.of(ITEM) {
        let path = |id: i64, app: i64| format!("/get/catalog/items/{id}?app={app}");
        let expected = if reads(who, record.kind) {
            Expected::Marks(marks(table, who, |one| one.id == record.id))
        } else {
            unread(who, record, "ZOO_INF", path)
        };
        asked.push(Question::get(
            path(record.id, application_of(record.kind)),
            expected,
        ));
        asked.extend(revisions(table, who, record));
    }
    let types = if !who.is_member() {
        Expected::Outside
    } else if who == Who::ScopedKey {
        Expected::Marks(table.marks(DEFINITION, |_| true))
    } else if who == Who::Author || who.edits() {
        Expected::Marks(Vec::new())
    } else {
        Expected::Fault("ZOO_ANA")
    };
    asked.push(Question::get(
        format!("/get/catalog/types?app={APPLICATION}"),
        types,
    ));
    for resource in ["records?kind=item", "person?user=1", "searchables"] {
        asked.push(Question::get(
            format!("/get/catalog/{resource}"),
            Expected::Outside,
        ));
    }
    asked
}

/// Categories, and lists of their items.
fn lists(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = Vec::new();
    let listing = |category: i64, is_in: &dyn Fn(&Record) -> bool| {
        let is_shown = |one: &Record| reads(who, one.kind) && is_in(one);
        let total = json!(table.of(ITEM).filter(|one| is_shown(one)).count());
        [
            "limit=0",
            "limit=1000&cursor=",
            "limit=0&fields=name,elements",
        ]
        .map(|more| {
            let path = format!("/get/catalog/items?app={APPLICATION}&category={category}&{more}");
            let expected =
                Expected::Facts(marks(table, who, is_shown), vec![("/total", total.clone())]);
            Question::get(path, expected)
        })
    };
    asked.extend(listing(0, &|one| application_of(one.kind) == APPLICATION));
    let categories = table.marks(CATEGORY, |one| sees_category(who, one.kind));
    let all = format!("/get/catalog/categories?app={APPLICATION}");
    asked.push(Question::get(all, Expected::Marks(categories)));
    for record in table.of(CATEGORY) {
        let id = record.id;
        let single = |id: i64| format!("/get/catalog/categories/{id}?app={APPLICATION}");
        let items = |id: i64| format!("/get/catalog/items?app={APPLICATION}&category={id}");
        if sees_category(who, record.kind) {
            asked.push(Question::get(
                single(id),
                Expected::Marks(vec![record.mark.clone()]),
            ));
            asked.extend(listing(id, &|one| category_of(one.kind) == Some(id)));
            continue;
        }
        let refusal = |nothing: String| {
            if record.kind.is_published() {
                Expected::Fault("ZOO_ANA")
            } else {
                Expected::As(nothing, "ZOO_CNF")
            }
        };
        asked.push(Question::get(single(id), refusal(single(NOTHING))));
        asked.push(Question::get(items(id), refusal(items(NOTHING))));
    }
    let insiders = who == Who::Insider;
    for (app, expected) in [
        (
            9002,
            if insiders {
                None
            } else {
                Some(Expected::Fault("ZOO_ANA"))
            },
        ),
        (9003, Some(Expected::Fault("ZOO_AUN"))),
        (NOTHING, Some(Expected::Fault("ZOO_AUN"))),
    ] {
        for resource in ["items", "categories"] {
            let of_app =
                |one: &Record| insiders && resource == "items" && application_of(one.kind) == app;
            let shown = Expected::Marks(table.marks(ITEM, of_app));
            let path = format!("/get/catalog/{resource}?app={app}&category=0");
            asked.push(Question::get(path, expected.clone().unwrap_or(shown)));
        }
    }
    asked
}

/// What only those see who may change it. What a key may write is not known where it reads.
fn drafts(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = Vec::new();
    let writes = who.is_author() || who.edits();
    let is_here = |one: &Record| application_of(one.kind) == APPLICATION;
    for state in [1, 0, 2, -2] {
        let is_listed =
            |one: &Record| is_here(one) && changes(who, one) && one.kind.state() == state;
        let expected = if writes {
            Expected::Marks(marks(table, who, is_listed))
        } else {
            Expected::Fault("ZOO_ANA")
        };
        let path = format!("/get/catalog/items?app={APPLICATION}&category=0&limit=0&state={state}");
        asked.push(Question::get(path, expected));
    }
    for record in table
        .of(ITEM)
        .filter(|one| !reads(who, one.kind) && is_here(one))
    {
        let path = |id: i64, app: i64| {
            format!(
                "/get/catalog/items/{id}?app={app}&state={}",
                record.kind.state()
            )
        };
        let expected = if !who.has_account() {
            Expected::Fault("ZOO_ANA")
        } else if changes(who, record) {
            Expected::Marks(vec![record.mark.clone()])
        } else {
            unread(who, record, "ZOO_INF", path)
        };
        asked.push(Question::get(path(record.id, APPLICATION), expected));
    }
    asked
}

fn revisions(table: &Table, who: Who, record: &Record) -> [Question; 2] {
    let revision = table.revision(record);
    let list = |id: i64, _: i64| format!("/get/catalog/revisions/{id}");
    let show = |id: i64, _: i64| format!("/get/catalog/revision/{id}");
    let mut shown = vec![record.mark.clone()];
    if is_with_secret(record) && who == Who::ScopedKey {
        shown.extend(table.marks(ELEMENT, |_| true));
    }
    let may = who.is_member() && changes(who, record);
    let (listed, shown) = if may {
        (Expected::Marks(Vec::new()), Expected::Marks(shown))
    } else {
        (
            refused(who, record, "ZOO_INF", list),
            refused(who, record, "ZOO_RNF", show),
        )
    };
    [
        Question::get(list(record.id, 0), listed),
        Question::get(show(revision, 0), shown),
    ]
}

/// The refusal of a change.
fn refused(
    who: Who,
    record: &Record,
    code: &'static str,
    path: impl Fn(i64, i64) -> String,
) -> Expected {
    if !who.is_member() {
        Expected::Outside
    } else if reads(who, record.kind) || changes(who, record) {
        Expected::Fault("ZOO_ANA")
    } else if record.kind == Kind::InUnpublished {
        Expected::As(path(NOTHING, APPLICATION), code)
    } else {
        unread(who, record, code, path)
    }
}

/// Whether a caller who changes an item may do this to it: the trash is open to all of them, as long as it is not
/// shown, and nothing leaves it for ever but by managers.
fn may_act(who: Who, record: &Record, act: &str) -> bool {
    let is_out_of_sight = matches!(record.kind, Kind::Unpublished | Kind::Trashed);
    let manages = matches!(who, Who::Manager | Who::ScopedKey);
    changes(who, record)
        && match act {
            "publish" | "archive" => manages,
            "unpublish" => manages || is_out_of_sight,
            "delete" => manages || record.kind == Kind::Unpublished,
            _ => true,
        }
}

pub(super) fn writing(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = Vec::new();
    for record in table.of(ITEM) {
        let (id, revision) = (record.id, table.revision(record));
        for (path, act, id, code) in [
            ("put/catalog/items", "put", id, "ZOO_INF"),
            ("delete/catalog/items", "delete", id, "ZOO_INF"),
            ("post/catalog/publish", "publish", id, "ZOO_INF"),
            ("post/catalog/unpublish", "unpublish", id, "ZOO_INF"),
            ("post/catalog/archive", "archive", id, "ZOO_INF"),
            ("post/catalog/restore", "restore", revision, "ZOO_RNF"),
        ] {
            let expected = refused(who, record, code, |id, _| format!("/{path}/{id}"));
            let question = Question::post(
                format!("/{path}/{id}"),
                json!({ "name": "other" }),
                expected,
            );
            let may = who.is_member() && may_act(who, record, act);
            asked.push(if may { question.outdated() } else { question });
        }
    }
    for record in table.of(ITEM).filter(|one| !reads(who, one.kind)) {
        let path = |id: i64, _: i64| format!("/post/catalog/votes/{id}");
        let expected = match who {
            Who::Guest => Expected::Outside,
            _ if who.is_key() => Expected::Fault("ZOO_ANA"),
            _ if record.kind == Kind::InUnpublished => {
                Expected::As(path(NOTHING, APPLICATION), "ZOO_INF")
            }
            _ => unread(who, record, "ZOO_INF", path),
        };
        let vote = json!({ "value": 3 });
        asked.push(Question::post(path(record.id, 0), vote, expected));
    }
    asked.extend(places(table, who));
    asked
}

/// What items are put into.
fn places(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = Vec::new();
    let creates = who == Who::Author || who.edits();
    let manages = matches!(who, Who::Manager | Who::ScopedKey);
    let not_his = || {
        if who.is_member() {
            Expected::Fault("ZOO_ANA")
        } else {
            Expected::Outside
        }
    };
    let new = |app: i64, categories: Value| json!({ "app": app, "type": "page", "name": "new", "categories": categories });
    for record in table.of(CATEGORY) {
        let id = record.id;
        // Editors work in what is not published yet.
        let is_open =
            sees_category(who, record.kind) || (who.edits() && record.kind.is_of_level(who));
        if creates && !is_open {
            let item = new(APPLICATION, json!([id]));
            asked.push(Question::post(
                "/post/catalog/items",
                item,
                Expected::Fault("ZOO_CNF"),
            ));
        }
        for path in ["put/catalog/categories", "delete/catalog/categories"] {
            let nothing = format!("/{path}/{NOTHING}");
            let expected = if manages {
                Expected::As(nothing, "ZOO_CNF")
            } else {
                not_his()
            };
            let question = Question::post(
                format!("/{path}/{id}"),
                json!({ "name": "other" }),
                expected,
            );
            let may = manages && (who == Who::ScopedKey || record.kind.is_of_level(who));
            asked.push(if may { question.outdated() } else { question });
        }
    }
    if creates {
        let elements = json!({ "secret": "new" });
        let mut item = new(APPLICATION, json!([]));
        item["elements"] = elements;
        asked.push(Question::post(
            "/post/catalog/items",
            item,
            Expected::Fault("REQ_PNV"),
        ));
    } else if who != Who::ScopedKey {
        let item = new(APPLICATION, json!([]));
        asked.push(Question::post("/post/catalog/items", item, not_his()));
    }
    asked
}
