//! Push: applications, devices and notifications, by its own operations and by LoopBack's routes.

use loggia_tests::client::escaped;
use loggia_tests::site::Site;
use serde_json::json;

use super::callers::{Callers, Who};
use super::question::{Expected, Question};
use super::record::{Kind, Owner, Record};
use super::table::{Line, Table};

const APPLICATION: &str = "push application";
/// A device of an account.
const DEVICE: &str = "push device";
/// A device of nobody.
const STRAY: &str = "push stray device";
const NOTIFICATION: &str = "push notification";

const ID: i64 = 9001;
const NOTHING: i64 = 99_999;
/// Where the demo has LoopBack's routes.
const LOOPBACK: &str = "/lb/api";

/// An application, a device of each owner and one of nobody, and a notification that is held back.
pub(super) fn fill(callers: &Callers, records: &mut Vec<Record>, lines: &mut Vec<Line>) {
    let mut line = |kind, record| {
        lines.push(Line {
            module: "push",
            kind,
            record,
        });
    };
    let application = Record::new(APPLICATION, Kind::Open, Owner::Another, ID);
    line(
        "application",
        json!({
            "id": ID, "code": "matrix", "public_id": "matrix-app", "name": application.mark, "status": "production",
            "created_ms": 0, "modified_ms": 0,
        }),
    );
    let devices = [
        (DEVICE, Owner::Author, 9001, Some(callers.author)),
        (DEVICE, Owner::Another, 9002, Some(1)),
        (STRAY, Owner::Another, 9003, None),
    ];
    for (what, owner, id, account) in devices {
        let device = Record::new(what, Kind::Open, owner, id);
        line(
            "device",
            json!({
                "id": id, "public_id": format!("matrix-{id}"), "application_id": ID, "platform": "generic",
                "token": device.mark, "user_id": account, "status": "active", "ios_alert": true, "ios_badge": true,
                "ios_sound": true, "hits": 1, "last_request_ms": 0, "push_hits": 0, "created_ms": 0,
                "modified_ms": 0, "topics": [],
            }),
        );
        records.push(device);
    }
    let notification = Record::new(NOTIFICATION, Kind::Open, Owner::Another, ID);
    line(
        "notification",
        json!({
            "id": ID, "public_id": "matrix-notification", "application_id": ID, "audience": "\"all\"",
            "message": json!({ "title": notification.mark, "body": "x" }).to_string(), "unknown_policy": "hold",
            "status": -1, "scheduled_ms": 0, "last_device_id": 9003, "created_ms": 0, "modified_ms": 0,
        }),
    );
    records.extend([application, notification]);
}

/// Gives the application a webhook whose address has the application's mark.
pub(super) fn hook(site: &Site, records: &[Record]) {
    let application = records.iter().find(|one| one.what == APPLICATION);
    let mark = &application.expect("there is an application").mark;
    let url = format!("https://hooks.example.org/{mark}");
    let words = ["push", "webhook-set", "matrix", "--url", &url];
    site.operator(&words).done();
}

/// The webhook as it stands.
pub(super) fn hooked(site: &Site) -> String {
    site.operator(&["push", "webhook", "matrix", "--json"])
        .done()
        .stdout
}

/// Whether a caller may have a device.
fn has(who: Who, record: &Record) -> bool {
    who == Who::ScopedKey || (who.is_member() && record.what == DEVICE && record.is_of(who))
}

fn devices<'t>(table: &'t Table<'_>) -> impl Iterator<Item = &'t Record> {
    table.of(DEVICE).chain(table.of(STRAY))
}

fn marks(table: &Table, is_shown: impl Fn(&Record) -> bool) -> Vec<String> {
    let shown = devices(table).filter(|one| is_shown(one));
    shown.map(|one| one.mark.clone()).collect()
}

pub(super) fn reading(table: &Table, who: Who) -> Vec<Question> {
    let keeps = who == Who::ScopedKey;
    // What only keys with the scope are told, and what accounts are told of themselves.
    let for_keys = |marks: Vec<String>| {
        if keeps {
            Expected::Marks(marks)
        } else {
            Expected::Outside
        }
    };
    let for_members = |expected: Expected| {
        if who.is_member() {
            expected
        } else {
            Expected::Outside
        }
    };
    let applications = table.marks(APPLICATION, |_| true);
    let notifications = table.marks(NOTIFICATION, |_| true);
    let mut asked = vec![
        Question::get("/get/push/apps", for_keys(applications.clone())),
        Question::get("/get/push/apps?app=matrix", for_keys(applications.clone())),
        Question::get("/get/push/topics?app=matrix", for_keys(Vec::new())),
        Question::get(
            "/get/push/webhooks?app=matrix",
            for_keys(applications.clone()),
        ),
        Question::get("/get/push/events?app=matrix", for_keys(Vec::new())),
        Question::get(
            "/get/push/notifications?app=matrix",
            for_keys(notifications.clone()),
        ),
        Question::get(
            format!("/get/push/notifications/{ID}"),
            for_keys(notifications),
        ),
        // Numbers alone, for everybody.
        Question::get("/get/push/stats", Expected::Marks(Vec::new())),
    ];
    let listed = marks(table, |one| has(who, one));
    for more in ["", "?app=matrix", "?limit=500"] {
        let path = format!("/get/push/devices{more}");
        asked.push(Question::get(
            path,
            for_members(Expected::Marks(listed.clone())),
        ));
    }
    for record in devices(table) {
        let has = has(who, record);
        let mark = has.then(|| record.mark.clone());
        let of = |path: &str, marks: Vec<String>| {
            let expected = if has {
                Expected::Marks(marks)
            } else {
                Expected::As(path.replace("ID", &NOTHING.to_string()), "PSH_DUN")
            };
            Question::get(
                path.replace("ID", &record.id.to_string()),
                for_members(expected),
            )
        };
        asked.push(of(
            "/get/push/devices/ID",
            mark.clone().into_iter().collect(),
        ));
        asked.push(of("/get/push/deliveries?device=ID", Vec::new()));
        asked.push(of("/get/push/preferences?device=ID", Vec::new()));
        let by_token = format!("/get/push/devices?token={}", record.mark);
        let found = Expected::Marks(mark.into_iter().collect());
        asked.push(Question::get(by_token, for_members(found)));
        let why = format!("/get/push/why?device={}&notification={ID}", record.id);
        asked.push(Question::get(why, for_keys(vec![record.mark.clone()])));
    }
    for resource in ["records?kind=device", "person?user=1"] {
        asked.push(Question::get(
            format!("/get/push/{resource}"),
            Expected::Outside,
        ));
    }
    asked
}

/// LoopBack's routes. A session opens none of them, and whoever has a key reads a device whose id he knows, unless it is
/// somebody's.
pub(super) fn loopback(table: &Table, who: Who) -> Vec<Question> {
    let keeps = who == Who::ScopedKey;
    let refused = if who.is_key() { 403 } else { 401 };
    let for_keepers = |marks: Vec<String>| {
        if keeps {
            Expected::Marks(marks)
        } else {
            Expected::Status(refused)
        }
    };
    let all = marks(table, |_| true);
    let applications = table.marks(APPLICATION, |_| true);
    // Its notifications are those that came by it.
    let of_others = Expected::Status(if keeps { 404 } else { refused });
    let filter = "filter[where][appId]=matrix-app";
    let mut asked = vec![
        (
            "/applications/matrix-app".to_owned(),
            for_keepers(applications.clone()),
        ),
        (
            "/applications?filter[where][id]=matrix-app".to_owned(),
            for_keepers(applications),
        ),
        ("/applications/count".to_owned(), for_keepers(Vec::new())),
        (format!("/installations?{filter}"), for_keepers(all)),
        ("/installations/count".to_owned(), for_keepers(Vec::new())),
        ("/notifications/matrix-notification".to_owned(), of_others),
        ("/notifications/count".to_owned(), for_keepers(Vec::new())),
    ];
    for record in devices(table) {
        let path = format!("/installations/matrix-{}", record.id);
        let is_his = record.what == STRAY || record.is_of(who);
        let expected = match (who.is_key(), keeps || is_his) {
            (false, _) => Expected::Status(401),
            (true, true) => Expected::Marks(vec![record.mark.clone()]),
            (true, false) => Expected::Status(404),
        };
        asked.push((path.clone(), expected));
        if who.is_key() {
            let exists = Expected::Facts(Vec::new(), vec![("/exists", json!(keeps || is_his))]);
            asked.push((format!("{path}/exists"), exists));
        }
    }
    for model in ["applications", "installations", "notifications"] {
        // Who may is handed a stream, which does not end.
        if !keeps {
            asked.push((format!("/{model}/change-stream"), Expected::Status(refused)));
        }
    }
    let ask = |(path, expected)| Question::get(path, expected).at(LOOPBACK);
    let mut asked: Vec<Question> = asked.into_iter().map(ask).collect();
    // A key that is none of the application's tells nothing of it, and who may not ask learns not even whether it is there.
    for (id, found) in [
        ("matrix-app", for_keepers(Vec::new())),
        ("nothing", of_nothing(who)),
    ] {
        let path = format!("/applications/{id}/authenticate");
        let question = Question::post(path, json!({ "key": "0123456789" }), found);
        asked.push(question.at(LOOPBACK));
    }
    asked
}

/// What LoopBack's routes say of an application that is not there.
fn of_nothing(who: Who) -> Expected {
    Expected::Status(match who {
        Who::ScopedKey => 404,
        _ if who.is_key() => 403,
        _ => 401,
    })
}

/// A device is changed by its owner, everything else by keys.
pub(super) fn writing(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = Vec::new();
    for record in devices(table).filter(|record| !has(who, record)) {
        let refused = |path: &str| {
            if who.is_member() {
                Expected::As(path.replace("ID", &NOTHING.to_string()), "PSH_DUN")
            } else {
                Expected::Outside
            }
        };
        for path in ["/put/push/devices/ID", "/delete/push/devices/ID"] {
            let own = path.replace("ID", &record.id.to_string());
            let body = json!({ "language": "de" });
            asked.push(Question::post(own, body, refused(path)));
        }
        let device = record.id.to_string();
        for path in ["subscribe", "unsubscribe"] {
            let body = json!({ "device": device, "topics": ["news"] });
            let expected = if who.is_member() {
                Expected::Fault("PSH_DUN")
            } else {
                Expected::Outside
            };
            asked.push(Question::post(format!("/post/push/{path}"), body, expected));
        }
        let body = json!({ "device": device, "opted_out": ["news"] });
        let expected = if who.is_member() {
            Expected::Fault("PSH_DUN")
        } else {
            Expected::Outside
        };
        asked.push(Question::post("/put/push/preferences", body, expected));
    }
    if who == Who::ScopedKey {
        return asked;
    }
    for (path, body) in [
        (
            "/put/push/apps",
            json!({ "app": "matrix", "name": "other" }),
        ),
        (
            "/put/push/credentials",
            json!({ "app": "matrix", "credentials": {} }),
        ),
        (
            "/delete/push/apps",
            json!({ "app": "matrix", "with_devices": true }),
        ),
        (
            "/post/push/devices",
            json!({ "app": "matrix", "devices": [{ "token": "a", "platform": "generic" }] }),
        ),
        (
            "/post/push/notifications",
            json!({ "app": "matrix", "title": "x", "body": "y" }),
        ),
        ("/post/push/abort", json!({ "ids": [ID] })),
        ("/post/push/pause", json!({ "ids": [ID] })),
        ("/post/push/schedule", json!({ "ids": [ID] })),
        ("/post/push/unlock", json!({ "ids": [ID] })),
        (
            "/post/push/resend",
            json!({ "notification": ID.to_string(), "state": "refused" }),
        ),
        (
            "/put/push/records",
            json!({ "kind": "device", "records": [] }),
        ),
        (
            "/put/push/webhooks",
            json!({ "app": "matrix", "url": "https://elsewhere.example.org/" }),
        ),
        (
            "/put/push/webhooks",
            json!({ "app": "matrix", "new_secret": true }),
        ),
        ("/delete/push/webhooks", json!({ "app": "matrix" })),
        ("/post/push/events", json!({ "app": "matrix" })),
    ] {
        asked.push(Question::post(path, body, Expected::Outside));
    }
    asked
}

/// What is not the caller's is neither changed nor deleted by LoopBack's routes.
pub(super) fn loopback_writing(table: &Table, who: Who) -> Vec<Question> {
    if who == Who::ScopedKey {
        // It may send, and not to everybody.
        let to_all = [json!({}), json!({ "userId": { "neq": "nobody" } })];
        let to_all =
            to_all.map(|query| format!("/push?deviceQuery={}", escaped(&query.to_string())));
        let reset = Question::post(
            "/applications/nothing/resetKeys",
            json!({}),
            of_nothing(who),
        );
        let ask = |path| Question::post(path, json!({ "alert": "x" }), Expected::Status(403));
        let asked = to_all.into_iter().map(ask).chain([reset]);
        return asked.map(|question| question.at(LOOPBACK)).collect();
    }
    let refused = if who.is_key() { 403 } else { 401 };
    let hidden = if who.is_key() { 404 } else { 401 };
    let mut asked = vec![
        ("/applications", json!({ "name": "Mine" }), refused),
        (
            "/applications/matrix-app/replace",
            json!({ "name": "Mine" }),
            refused,
        ),
        ("/notifications", json!({ "alert": "x" }), refused),
        ("/push?deviceQuery={}", json!({ "alert": "x" }), refused),
        ("/notify/matrix-9002", json!({ "alert": "x" }), refused),
        (
            "/notify",
            json!({ "appId": "matrix-app", "deviceType": "ios", "deviceTokens": ["a"], "notification": {} }),
            refused,
        ),
        ("/event/news", json!({ "msg": "x" }), refused),
        (
            "/event/news?deviceQuery=%7B%22id%22%3A%22matrix-9002%22%7D",
            json!({ "msg": "x" }),
            refused,
        ),
        ("/applications/matrix-app/resetKeys", json!({}), refused),
        ("/applications/nothing/resetKeys", json!({}), refused),
        (
            "/installations/update?where={}",
            json!({ "badge": 1 }),
            refused,
        ),
    ]
    .into_iter()
    .map(|(path, body, status)| Question::post(path, body, Expected::Status(status)).at(LOOPBACK))
    .collect::<Vec<_>>();
    for record in table.of(DEVICE).filter(|one| !one.is_of(who)) {
        let path = format!("/installations/matrix-{}/replace", record.id);
        let body = json!({ "appId": "matrix-app", "deviceToken": "mine", "deviceType": "generic" });
        asked.push(Question::post(path, body, Expected::Status(hidden)).at(LOOPBACK));
    }
    asked
}
