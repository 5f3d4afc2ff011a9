//! The forum: categories, topics, messages, what stands in them for some, and what awaits approval.

use serde_json::{Value, json};

use super::callers::{Callers, INSIDERS, Who};
use super::question::{Expected, Question};
use super::record::{Kind, Owner, Record};
use super::table::{Line, Table};

const CATEGORY: &str = "forum category";
pub(super) const TOPIC: &str = "forum topic";
/// An answer in [`BOARD`], which everybody reads.
pub(super) const ANSWER: &str = "forum answer";
/// What stands within `[hide]` and `[confidential]` in the open topic of the author's.
pub(super) const HIDE: &str = "forum hide";
pub(super) const CONFIDENTIAL: &str = "forum confidential";

/// The topic of the answers; it has no mark.
const BOARD: i64 = 9190;
const NOTHING: i64 = 99_999;
const LONG_AGO_MS: i64 = 1_000_000_000_000;

const CATEGORIES: [(Kind, i64, i64); 7] = [
    (Kind::Open, 9001, 0),
    (Kind::Registered, 9002, 0),
    (Kind::Restricted, 9003, 0),
    (Kind::BelowRestricted, 9004, 9003),
    (Kind::Unpublished, 9005, 0),
    (Kind::BelowUnpublished, 9006, 9005),
    (Kind::OfGroup, 9007, 0),
];

/// Where a record lies.
fn category_of(kind: Kind) -> i64 {
    let found = CATEGORIES.iter().find(|(one, _, _)| *one == kind);
    found.map_or(9001, |(_, id, _)| *id)
}

/// The kinds of topics, and of answers.
const TOPICS: [Kind; 9] = [
    Kind::Open,
    Kind::Registered,
    Kind::Restricted,
    Kind::BelowRestricted,
    Kind::Unpublished,
    Kind::BelowUnpublished,
    Kind::OfGroup,
    Kind::Held,
    Kind::Deleted,
];
const ANSWERS: [Kind; 3] = [Kind::Open, Kind::Held, Kind::Deleted];

fn hold(kind: Kind) -> i64 {
    match kind {
        Kind::Held => 1,
        Kind::Deleted => 2,
        _ => 0,
    }
}

/// One of each kind. The moderator moderates the open category and the unpublished one.
pub(super) fn fill(callers: &Callers, records: &mut Vec<Record>, lines: &mut Vec<Line>) {
    let mut line = |kind, record| {
        lines.push(Line {
            module: "forum",
            kind,
            record,
        });
    };
    for (kind, id, parent) in CATEGORIES {
        let record = Record::new(CATEGORY, kind, Owner::Another, id);
        line("category", category(&record, parent));
        records.push(record);
    }
    for (id, category) in [(9001, 9001), (9002, 9005)] {
        let moderator = callers.moderator;
        line(
            "moderator",
            json!({ "id": id, "category_id": category, "user_id": moderator }),
        );
    }
    let passages = [(HIDE, Kind::Registered), (CONFIDENTIAL, Kind::Held)];
    let passages = passages.map(|(what, kind)| Record::new(what, kind, Owner::Author, 0));
    let secret = format!(
        "[hide]{}[/hide] [confidential]{}[/confidential]",
        passages[0].mark, passages[1].mark
    );
    records.extend(passages);
    let owners = [(Owner::Author, callers.author), (Owner::Another, 1)];
    let mut messages = Vec::new();
    for (number, (kind, (owner, account))) in (0..).zip(pairs(&TOPICS, owners)) {
        let record = Record::new(TOPIC, kind, owner, 9100 + number);
        line(
            "topic",
            topic(record.id, category_of(kind), &record.mark, hold(kind)),
        );
        let mut text = format!("sharedword {}", record.mark);
        if (kind, owner) == (Kind::Open, Owner::Author) {
            text = format!("{text} {secret}");
        }
        messages.push((
            message((record.id, record.id), account, (&record.mark, &text), 0),
            record.mark.clone(),
        ));
        records.push(record);
    }
    line("topic", topic(BOARD, 9001, "Board", 0));
    messages.push((
        message((BOARD, BOARD), 1, ("Board", "Begin"), 0),
        "board".to_owned(),
    ));
    for (number, (kind, (owner, account))) in (0..).zip(pairs(&ANSWERS, owners)) {
        let record = Record::new(ANSWER, kind, owner, 9201 + number);
        let text = format!("sharedword {}", record.mark);
        let mark = record.mark.clone();
        messages.push((
            message((record.id, BOARD), account, ("Board", &text), hold(kind)),
            mark,
        ));
        records.push(record);
    }
    for (message, _) in &messages {
        line("message", message.clone());
    }
    for (message, mark) in &messages {
        line(
            "attachment",
            json!({
                "id": message["id"], "message_id": message["id"], "user_id": 1, "filename": format!("{mark}.png"),
                "media_type": "image/png", "size": 1, "path": format!("media/{mark}.png"),
            }),
        );
    }
}

fn pairs(kinds: &[Kind], owners: [(Owner, i64); 2]) -> impl Iterator<Item = (Kind, (Owner, i64))> {
    kinds
        .iter()
        .flat_map(move |kind| owners.map(|owner| (*kind, owner)))
}

fn category(record: &Record, parent: i64) -> Value {
    let (kind, mark) = (record.kind, &record.mark);
    json!({
        "id": record.id, "parent_id": parent, "position": 0, "name": "Category", "alias": record.id.to_string(),
        "description": mark, "icon": "", "icon_id": 0, "state": kind.state(), "locked": false,
        "by_group": kind == Kind::OfGroup, "view_level_id": kind.level(), "group_id": INSIDERS, "group_recurse": true,
        "review": false, "allow_anonymous": false, "post_anonymous": false, "allow_polls": false,
        "topic_ordering": "lastpost",
    })
}

fn topic(id: i64, category: i64, subject: &str, hold: i64) -> Value {
    json!({
        "id": id, "category_id": category, "subject": subject, "locked": false, "hold": hold, "sticky": false,
    })
}

/// A message; the later its id, the later it was written.
fn message(
    (id, topic): (i64, i64),
    account: i64,
    (subject, text): (&str, &str),
    hold: i64,
) -> Value {
    json!({
        "id": id, "topic_id": topic, "parent_id": 0, "user_id": account, "name": "Somebody", "email": "", "ip": "",
        "subject": subject, "text": text, "markup": "bbcode", "time_ms": LONG_AGO_MS + id, "emoticon": 0,
        "locked": false, "hold": hold, "hits": 0, "modified_by": 0, "modified_ms": null, "modified_reason": "",
    })
}

/// Whether a caller reads the category of a kind.
fn reads_category(who: Who, kind: Kind) -> bool {
    let is_moderated = kind == Kind::Unpublished && who == Who::Moderator;
    let is_there = kind.is_published() || matches!(kind, Kind::Held | Kind::Deleted);
    kind.is_of_level(who) && (is_there || is_moderated)
}

/// Whether a caller sees a topic, or an answer.
fn reads(who: Who, record: &Record) -> bool {
    let moderates = who == Who::Moderator;
    reads_category(who, record.kind)
        && match record.kind {
            Kind::Held => moderates || record.is_of(who),
            Kind::Deleted => moderates,
            _ => true,
        }
}

/// Whether lists show it: what was deleted only where it is asked for.
fn lists(who: Who, record: &Record, deleted: bool) -> bool {
    reads(who, record) && (deleted || record.kind != Kind::Deleted)
}

/// What a caller reads within the open topic of the author's.
fn passages(table: &Table, who: Who) -> Vec<String> {
    let mut marks = Vec::new();
    if who.has_account() {
        marks.extend(table.marks(HIDE, |_| true));
    }
    if who.is_author() || who == Who::Moderator {
        marks.extend(table.marks(CONFIDENTIAL, |_| true));
    }
    marks
}

fn is_with_passages(record: &Record) -> bool {
    (record.kind, record.owner) == (Kind::Open, Owner::Author)
}

pub(super) fn reading(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = Vec::new();
    let of_tree = |unpublished: bool| {
        let is_listed = |one: &Record| one.kind.is_published() || unpublished;
        table.marks(CATEGORY, |one| {
            reads_category(who, one.kind) && is_listed(one)
        })
    };
    for (more, unpublished) in [("", false), ("&unpublished=1", true)] {
        let path = format!("/get/forum/categories?levels=0{more}");
        asked.push(Question::get(path, Expected::Marks(of_tree(unpublished))));
    }
    for record in table.of(CATEGORY) {
        let nothing = format!("/get/forum/categories/{NOTHING}");
        let expected = if reads_category(who, record.kind) {
            Expected::Marks(vec![record.mark.clone()])
        } else {
            Expected::As(nothing, "KUN_CNF")
        };
        asked.push(Question::get(
            format!("/get/forum/categories/{}", record.id),
            expected,
        ));
        asked.extend(topics(table, who, record));
    }
    asked.extend(singles(table, who));
    let held = match who {
        Who::Moderator | Who::ScopedKey => {
            let mut held = table.marks(TOPIC, |one| one.kind == Kind::Held);
            held.extend(table.marks(ANSWER, |one| one.kind == Kind::Held));
            Expected::Marks(held)
        }
        _ if who.is_member() => Expected::Marks(Vec::new()),
        _ => Expected::Outside,
    };
    asked.push(Question::get("/get/forum/held", held));
    for resource in ["records?kind=message", "person?user=1", "searchables"] {
        asked.push(Question::get(
            format!("/get/forum/{resource}"),
            Expected::Outside,
        ));
    }
    asked
}

/// The lists of a category's topics. The board's entry shows the last answer that everybody sees.
fn topics(table: &Table, who: Who, category: &Record) -> Vec<Question> {
    let path = format!("/get/forum/topics?catid={}", category.id);
    if !reads_category(who, category.kind) {
        let nothing = format!("/get/forum/topics?catid={NOTHING}");
        return vec![Question::get(path, Expected::As(nothing, "KUN_CNF"))];
    }
    let of = |deleted: bool| {
        let is_in =
            |one: &&Record| category_of(one.kind) == category.id && lists(who, one, deleted);
        let topics: Vec<&Record> = table.of(TOPIC).filter(is_in).collect();
        let mut marks: Vec<String> = topics.iter().map(|one| one.mark.clone()).collect();
        let mut total = topics.len();
        if category.kind == Kind::Open {
            marks.push(table.one(ANSWER, Kind::Open, Owner::Another).mark.clone());
            marks.extend(passages(table, who));
            total += 1;
        }
        Expected::Facts(marks, vec![("/total", json!(total.to_string()))])
    };
    [
        "",
        "&cursor=&limit=1000",
        "&format=html",
        "&orderdir=asc",
        "&deleted=1",
    ]
    .map(|more| Question::get(format!("{path}{more}"), of(more == "&deleted=1")))
    .to_vec()
}

/// Single topics and messages.
fn singles(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = Vec::new();
    for record in table.of(TOPIC) {
        let mut marks = vec![record.mark.clone()];
        if is_with_passages(record) {
            marks.extend(passages(table, who));
        }
        for (path, code) in [("topics", "KUN_TNF"), ("posts", "KUN_PNF")] {
            for more in ["", "?details=1", "?format=html"] {
                let expected = if reads(who, record) {
                    Expected::Marks(marks.clone())
                } else {
                    Expected::As(format!("/get/forum/{path}/{NOTHING}{more}"), code)
                };
                asked.push(Question::get(
                    format!("/get/forum/{path}/{}{more}", record.id),
                    expected,
                ));
            }
        }
    }
    for record in table.of(ANSWER) {
        let expected = if reads(who, record) {
            Expected::Marks(vec![record.mark.clone()])
        } else {
            Expected::As(format!("/get/forum/posts/{NOTHING}"), "KUN_PNF")
        };
        asked.push(Question::get(
            format!("/get/forum/posts/{}", record.id),
            expected,
        ));
    }
    for (more, deleted) in [
        ("", false),
        ("&deleted=1", true),
        ("&cursor=&limit=100", false),
    ] {
        let marks = table.marks(ANSWER, |one| lists(who, one, deleted));
        let path = format!("/get/forum/topics/{BOARD}?details=1{more}");
        asked.push(Question::get(path, Expected::Marks(marks)));
    }
    asked
}

/// What is done to topics, by their ids.
const TO_TOPICS: [(&str, &str); 8] = [
    ("put/forum/topics", "KUN_TNF"),
    ("delete/forum/topics", "KUN_TNF"),
    ("post/forum/lock", "KUN_TNF"),
    ("post/forum/unlock", "KUN_TNF"),
    ("post/forum/stick", "KUN_TNF"),
    ("post/forum/unstick", "KUN_TNF"),
    ("post/forum/move", "KUN_TNF"),
    ("post/forum/restore", "KUN_PNF"),
];

/// What is done to messages, the first ones of topics among them.
const TO_MESSAGES: [(&str, &str); 5] = [
    ("put/forum/posts", "KUN_PNF"),
    ("delete/forum/posts", "KUN_PNF"),
    ("post/forum/approve", "KUN_PNF"),
    ("post/forum/hold", "KUN_PNF"),
    ("post/forum/restore", "KUN_PNF"),
];

pub(super) fn writing(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = Vec::new();
    let members = json!({ "subject": "other", "message": "other", "catid": 9002 });
    // He may change it; only what looks at the version is asked of him.
    let is_outdated = |path: &str| {
        !path.ends_with("approve") && !path.ends_with("hold") && !path.ends_with("restore")
    };
    let moderates = |record: &Record| {
        let in_his = matches!(category_of(record.kind), 9001 | 9005);
        who == Who::ScopedKey || (who == Who::Moderator && in_his)
    };
    let mut act = |path: &str, code, record: &Record| {
        let nothing = format!("/{path}/{NOTHING}");
        let expected = if !who.is_member() {
            Expected::Outside
        } else if reads(who, record) {
            Expected::Fault("KUN_ANA")
        } else {
            Expected::As(nothing, code)
        };
        let question = Question::post(format!("/{path}/{}", record.id), members.clone(), expected);
        if !moderates(record) {
            asked.push(question);
        } else if is_outdated(path) {
            asked.push(question.outdated());
        }
    };
    for record in table.of(TOPIC) {
        for (path, code) in TO_TOPICS {
            act(path, code, record);
        }
    }
    for record in table.of(TOPIC).chain(table.of(ANSWER)) {
        for (path, code) in TO_MESSAGES {
            act(path, code, record);
        }
    }
    asked.extend(members_acts(table, who));
    asked
}

/// What every member may do to what he sees.
fn members_acts(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = Vec::new();
    let mut refuse = |path: &str, members: Value, nothing: Value, code| {
        let expected = if who.is_member() {
            Expected::Fault(code)
        } else {
            Expected::Outside
        };
        asked.push(Question::post(path, members, expected.clone()));
        asked.push(Question::post(path, nothing, expected));
    };
    if who == Who::ScopedKey {
        return asked;
    }
    let hidden = |record: &&Record| !who.is_member() || !reads(who, record);
    for record in table.of(TOPIC).filter(hidden) {
        let id = record.id;
        let answer = |topic: i64| json!({ "topic": topic, "message": "new" });
        refuse("/post/forum/posts", answer(id), answer(NOTHING), "KUN_TNF");
        let topic = |topic: i64| json!({ "topic": topic });
        refuse(
            "/post/forum/subscriptions",
            topic(id),
            topic(NOTHING),
            "KUN_TNF",
        );
        let file = |post: i64| json!({ "post": post, "file": "media:1" });
        refuse(
            "/post/forum/attachments",
            file(id),
            file(NOTHING),
            "KUN_PNF",
        );
        for path in ["/post/forum/thanks", "/delete/forum/thanks"] {
            let id = |id: i64| json!({ "id": id });
            refuse(path, id(record.id), id(NOTHING), "KUN_PNF");
        }
    }
    for record in table.of(ANSWER).filter(hidden) {
        let answer = |parent: i64| json!({ "topic": BOARD, "message": "new", "parent": parent });
        refuse(
            "/post/forum/posts",
            answer(record.id),
            answer(NOTHING),
            "KUN_PNF",
        );
    }
    let sees = |record: &&Record| !who.is_member() || !reads_category(who, record.kind);
    for record in table.of(CATEGORY).filter(sees) {
        let topic =
            |category: i64| json!({ "catid": category, "subject": "new", "message": "new" });
        refuse(
            "/post/forum/topics",
            topic(record.id),
            topic(NOTHING),
            "KUN_CNF",
        );
        let category = |category: i64| json!({ "catid": category });
        refuse(
            "/post/forum/subscriptions",
            category(record.id),
            category(NOTHING),
            "KUN_CNF",
        );
    }
    asked
}
