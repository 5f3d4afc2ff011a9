//! Articles, their categories, tags and revisions.

use serde_json::json;

use super::callers::{Callers, INSIDERS, Who};
use super::question::{Expected, Question};
use super::record::{Kind, Owner, Record};
use super::table::{Line, Table};

const ARTICLE: &str = "content article";
const CATEGORY: &str = "content category";
const TAG: &str = "content tag";

/// An id that nothing has.
const NOTHING: i64 = 99_999;

const CATEGORIES: [(Kind, i64, i64); 6] = [
    (Kind::Open, 9001, 0),
    (Kind::Registered, 9002, 0),
    (Kind::Restricted, 9003, 0),
    (Kind::BelowRestricted, 9004, 9003),
    (Kind::Unpublished, 9005, 0),
    (Kind::BelowUnpublished, 9006, 9005),
];

const ARTICLES: [Kind; 10] = [
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
];

const TAGS: [(Kind, i64); 3] = [
    (Kind::Open, 9001),
    (Kind::Restricted, 9002),
    (Kind::Unpublished, 9003),
];

fn category_of(kind: Kind) -> i64 {
    match kind {
        Kind::BelowUnpublished => 9006,
        Kind::BelowRestricted => 9004,
        _ => 9001,
    }
}

/// One of each kind; every open article carries all tags.
pub(super) fn fill(callers: &Callers, records: &mut Vec<Record>, lines: &mut Vec<Line>) {
    let mut line = |kind, record| {
        lines.push(Line {
            module: "content",
            kind,
            record,
        });
    };
    for (kind, id, parent) in CATEGORIES {
        let record = Record::new(CATEGORY, kind, Owner::Another, id);
        let mark = &record.mark;
        line(
            "category",
            json!({
                "id": id, "parent_id": parent, "position": 0, "title": "Category", "alias": id.to_string(), "description": mark,
                "metadesc": mark, "metakey": "", "page_title": "", "author": "", "robots": "", "language": "*",
                "state": kind.state(), "view_level_id": kind.level(),
            }),
        );
        records.push(record);
    }
    for (kind, id) in TAGS {
        let record = Record::new(TAG, kind, Owner::Another, id);
        line(
            "tag",
            json!({
                "id": id, "title": record.mark, "alias": record.mark, "state": kind.state(), "view_level_id": kind.level(),
            }),
        );
        records.push(record);
    }
    let owners = [(Owner::Author, callers.author), (Owner::Another, 1)];
    for (number, (kind, (owner, account))) in (0..).zip(
        ARTICLES
            .into_iter()
            .flat_map(|kind| owners.map(|owner| (kind, owner))),
    ) {
        let record = Record::new(ARTICLE, kind, owner, 9100 + number);
        let mark = &record.mark;
        let (up, down) = kind.times_ms();
        let tags: Vec<i64> = TAGS.iter().map(|(_, id)| *id).collect();
        line(
            "article",
            json!({
                "id": record.id, "category_id": category_of(kind), "title": mark, "alias": mark,
                "introduction": format!("<p>sharedword {mark}</p>"), "full_text": format!("<p>{mark}</p>"),
                "featured": false, "position": number, "hits": 0, "created_ms": 1_000_000_000_000_i64 + number,
                "created_by": account, "author_name": "", "author_alias": "", "publish_up_ms": up, "publish_down_ms": down,
                "metadesc": mark, "metakey": mark, "metadata": {}, "images": {}, "language": "*", "state": kind.state(),
                "view_level_id": kind.level(), "tags": if kind == Kind::Open { tags } else { Vec::new() },
            }),
        );
        records.push(record);
    }
}

/// Whether a caller reads articles of a kind.
fn reads(who: Who, kind: Kind) -> bool {
    kind.is_of_level(who) && (kind.is_published() || (kind.is_out_of_time() && who.edits()))
}

/// Whether a caller sees a category of a kind.
fn sees_category(who: Who, kind: Kind) -> bool {
    kind.is_of_level(who) && kind.is_published()
}

/// Whether a caller may change an article: its author and editors, and keys with the scope.
fn changes(who: Who, record: &Record) -> bool {
    who == Who::ScopedKey || (record.kind.is_of_level(who) && (who.edits() || record.is_of(who)))
}

/// The refusal of an article: that there is none, or, as jBackend says, that it is for others.
fn unread(path: &str, record: &Record, who: Who) -> Expected {
    if record.kind.is_published() && !record.kind.is_of_level(who) {
        return Expected::Fault("CNT_ANA");
    }
    let nothing = path.replace(&record.id.to_string(), &NOTHING.to_string());
    Expected::As(nothing, "CNT_ANF")
}

pub(super) fn reading(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = lists(table, who);
    asked.extend(drafts(table, who));
    for record in table.of(ARTICLE) {
        let path = format!("/get/content/articles/{}", record.id);
        let mut marks = vec![record.mark.clone()];
        if record.kind == Kind::Open {
            marks.extend(table.marks(TAG, |tag| sees_category(who, tag.kind)));
        }
        let expected = if reads(who, record.kind) {
            Expected::Marks(marks)
        } else {
            unread(&path, record, who)
        };
        asked.push(Question::get(path, expected));
        asked.extend(revisions(table, who, record));
    }
    for record in table.of(CATEGORY) {
        let path = format!("/get/content/categories/{}", record.id);
        let expected = if sees_category(who, record.kind) {
            let in_it = |one: &&Record| category_of(one.kind) == record.id;
            let read = table.of(ARTICLE).filter(in_it);
            let count = read.filter(|one| reads(who, one.kind)).count();
            let count = json!(count.to_string());
            Expected::Facts(vec![record.mark.clone()], vec![("/numitems", count)])
        } else {
            Expected::As(format!("/get/content/categories/{NOTHING}"), "CNT_CNF")
        };
        asked.push(Question::get(path, expected));
    }
    for resource in ["records?kind=article", "person?user=1", "searchables"] {
        asked.push(Question::get(
            format!("/get/content/{resource}"),
            Expected::Outside,
        ));
    }
    asked
}

/// Lists of every order and page, of categories and by tags.
fn lists(table: &Table, who: Who) -> Vec<Question> {
    let all = table.marks(ARTICLE, |one| reads(who, one.kind));
    let of_category = table.marks(ARTICLE, |one| {
        reads(who, one.kind) && category_of(one.kind) == 9001
    });
    let total = vec![("/total", json!(of_category.len()))];
    let nothing = || Expected::Facts(Vec::new(), vec![("/total", json!(0))]);
    let categories = table.marks(CATEGORY, |one| sees_category(who, one.kind));
    let mut asked = vec![
        Question::get("/get/content/articles", Expected::Marks(all)),
        Question::get(
            "/get/content/categories?recursive=true&countitems=1",
            Expected::Marks(categories),
        ),
        Question::get("/get/content/articles?catid=9005&maxsubs=9", nothing()),
        Question::get(format!("/get/content/articles?catid={NOTHING}"), nothing()),
    ];
    for more in [
        "",
        "&orderby=title&orderdir=desc",
        "&limit=1000",
        "&limit=1000&cursor=",
        "&orderby=title&limit=1000&cursor=",
        "&fields=id,alias",
        "&maxsubs=9",
    ] {
        let path = format!("/get/content/articles?catid=9001{more}");
        asked.push(Question::get(
            path,
            Expected::Facts(of_category.clone(), total.clone()),
        ));
    }
    for (kind, id) in TAGS {
        let expected = if sees_category(who, kind) {
            Expected::Marks(table.marks(ARTICLE, |one| one.kind == Kind::Open))
        } else {
            nothing()
        };
        asked.push(Question::get(
            format!("/get/content/tagarticles?tagid={id}"),
            expected,
        ));
    }
    asked
}

/// What only those see who may change it. What a key may write is not known where it reads.
fn drafts(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = Vec::new();
    let counts_as = |record: &Record| match record.kind {
        Kind::BelowUnpublished => 0,
        kind => kind.state(),
    };
    let writes = who.is_author() || who.edits();
    let may = |one: &Record| writes && changes(who, one);
    for state in [1, 0, 2, -2] {
        let expected = if writes {
            Expected::Marks(table.marks(ARTICLE, |one| may(one) && counts_as(one) == state))
        } else {
            Expected::Fault("CNT_ANA")
        };
        asked.push(Question::get(
            format!("/get/content/articles?state={state}"),
            expected,
        ));
    }
    for record in table.of(ARTICLE).filter(|one| !reads(who, one.kind)) {
        let path = format!(
            "/get/content/articles/{}?state={}",
            record.id,
            record.kind.state()
        );
        let expected = if may(record) {
            Expected::Marks(vec![record.mark.clone()])
        } else {
            unread(&path, record, who)
        };
        asked.push(Question::get(path, expected));
    }
    asked
}

fn revisions(table: &Table, who: Who, record: &Record) -> [Question; 2] {
    let (id, revision) = (record.id, table.revision(record));
    [
        (format!("/get/content/revisions/{id}"), id, "CNT_ANF"),
        (
            format!("/get/content/revision/{revision}"),
            revision,
            "CNT_RNF",
        ),
    ]
    .map(|(path, id, code)| {
        let expected = if changes(who, record) && who.is_member() {
            Expected::Marks(vec![record.mark.clone()])
        } else {
            refused(
                who,
                record,
                path.replace(&id.to_string(), &NOTHING.to_string()),
                code,
            )
        };
        Question::get(path, expected)
    })
}

/// The refusal of a change: who sees the article is told that it is not his to change, all others that there is none.
fn refused(who: Who, record: &Record, nothing: String, code: &'static str) -> Expected {
    if !who.is_member() {
        Expected::Outside
    } else if reads(who, record.kind) || changes(who, record) {
        Expected::Fault("CNT_ANA")
    } else {
        Expected::As(nothing, code)
    }
}

pub(super) fn writing(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = Vec::new();
    let publishes = matches!(who, Who::Manager | Who::ScopedKey);
    for record in table.of(ARTICLE) {
        let (id, revision) = (record.id, table.revision(record));
        for (path, id, code, is_for_publishers) in [
            ("put/content/articles", id, "CNT_ANF", false),
            ("delete/content/articles", id, "CNT_ANF", true),
            ("post/content/publish", id, "CNT_ANF", true),
            ("post/content/unpublish", id, "CNT_ANF", true),
            ("post/content/archive", id, "CNT_ANF", true),
            ("post/content/restore", revision, "CNT_RNF", false),
        ] {
            let nothing = format!("/{path}/{NOTHING}");
            let expected = refused(who, record, nothing, code);
            let question = Question::post(
                format!("/{path}/{id}"),
                json!({ "title": "other" }),
                expected,
            );
            let may = who.is_member() && changes(who, record) && (publishes || !is_for_publishers);
            asked.push(if may { question.outdated() } else { question });
        }
    }
    asked.extend(places(table, who));
    asked
}

/// What articles are put into: nobody puts one where he does not see, nor changes what he does not see.
fn places(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = Vec::new();
    let creates = who == Who::Author || who.edits();
    let manages = matches!(who, Who::Manager | Who::ScopedKey);
    let not_his = || {
        if who.is_member() {
            Expected::Fault("CNT_ANA")
        } else {
            Expected::Outside
        }
    };
    for record in table.of(CATEGORY) {
        let id = record.id;
        let is_hidden = !sees_category(who, record.kind);
        if creates && is_hidden {
            let article = json!({ "category": id, "title": "new" });
            asked.push(Question::post(
                "/post/content/articles",
                article,
                Expected::Fault("CNT_CNF"),
            ));
        }
        for path in ["put/content/categories", "delete/content/categories"] {
            let nothing = format!("/{path}/{NOTHING}");
            let expected = if manages {
                Expected::As(nothing, "CNT_CNF")
            } else {
                not_his()
            };
            let question = Question::post(
                format!("/{path}/{id}"),
                json!({ "title": "other" }),
                expected,
            );
            let may = manages && (who == Who::ScopedKey || record.kind.is_of_level(who));
            asked.push(if may { question.outdated() } else { question });
        }
    }
    if creates {
        // A tag that he does not see is none that he could give.
        let tagged = json!({ "category": 9001, "title": "new", "tags": [9002] });
        asked.push(Question::post(
            "/post/content/articles",
            tagged,
            Expected::Fault("CNT_TNF"),
        ));
        let level = json!({ "category": 9001, "title": "new", "access": INSIDERS });
        asked.push(Question::post(
            "/post/content/articles",
            level,
            Expected::Fault("REQ_PNV"),
        ));
    } else if who != Who::ScopedKey {
        let article = json!({ "category": 9001, "title": "new" });
        asked.push(Question::post("/post/content/articles", article, not_his()));
    }
    for path in ["put/content/tags/9002", "delete/content/tags/9002"] {
        let nothing = path.replace("9002", &NOTHING.to_string());
        let expected = if manages {
            Expected::As(format!("/{nothing}"), "CNT_TNF")
        } else {
            not_his()
        };
        if who != Who::ScopedKey {
            asked.push(Question::post(
                format!("/{path}"),
                json!({ "title": "other" }),
                expected,
            ));
        }
    }
    asked
}
