//! jBackend's applications, devices and notifications are moved in, and the API answers what their rows say.

use loggia_tests::client::Client;
use loggia_tests::server::Server;
use serde_json::{Value, json};

use crate::fixture::Version;
use crate::fixture::push::{APPLE, rows, tables};
use crate::site::{Site, changed_nothing, joomla, line, numbers, same};

/// How versions of jBackend have begun the names of the tables.
const PREFIXES: [&str; 2] = ["jbackend_push_", "jbackend_"];

#[test]
fn applications_devices_and_notifications_are_moved_in_and_answer_what_their_rows_say() {
    for (site, prefix) in Site::each().into_iter().zip(PREFIXES.into_iter().cycle()) {
        let Some(joomla) = joomla(Version::Three) else {
            return;
        };
        // What came to an end long ago would be forgotten at once.
        site.configure("[module.push]\nretention_days = 36500\n");
        joomla.run(&tables(prefix));
        joomla.run(&rows(prefix));
        let report = site.import(&joomla.url(), &[]);
        told(&report);
        {
            let server = site.setup.serve();
            let keyed = keyed(&site, &server);
            apps(&keyed);
            devices(&keyed);
            notifications(&keyed);
        }
        let exported = site
            .operator(&["export", "ndjson", "--module", "push"])
            .done();
        for secret in [
            "AIzaSecretOfTheShop",
            "SecretOfTheNews",
            "BEGIN CERTIFICATE",
        ] {
            assert!(!exported.stdout.contains(secret), "{secret}");
        }
        let before = site.content();
        let again = site.import(&joomla.url(), &[]);
        assert!(changed_nothing(&again), "{again:#}");
        same(&site.content(), &before);
        registers_again(&site);
    }
}

/// A client with a key that keeps the push of the site.
fn keyed(site: &Site, server: &Server) -> Client {
    let scopes = ["push.manage", "push.devices", "push.send"];
    let scopes = scopes.iter().flat_map(|scope| ["--scope", scope]);
    let words: Vec<&str> = ["key", "create", "--json"]
        .into_iter()
        .chain(scopes)
        .collect();
    let made = site.operator(&words).done().json();
    let key = made["key"].as_str().expect("the whole key");
    let client = server.root().below("/key").with_key(key);
    let start = std::time::Instant::now();
    while client.get("/get/push/stats").json()["status"] != "ok" {
        assert!(start.elapsed().as_secs() < 60, "the key is not known");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    client
}

fn told(report: &Value) {
    assert_eq!(numbers(report, "application"), [2, 0, 0, 0, 0, 0]);
    assert_eq!(numbers(report, "device"), [3, 0, 0, 0, 0, 2], "{report:#}");
    assert_eq!(
        numbers(report, "notification"),
        [5, 0, 0, 0, 0, 1],
        "{report:#}"
    );
    let why = |kind: &str| line(report, kind)["reasons"].to_string();
    assert!(why("device").contains("platform"), "{report:#}");
    assert!(why("application").contains("credentials"), "{report:#}");
    assert!(why("notification").contains("paused"), "{report:#}");
    assert!(why("notification").contains("nobody"), "{report:#}");
}

/// The members of these names of each entry of a list.
fn listed(answer: &Value, list: &str, names: &[&str]) -> Vec<Vec<Value>> {
    let entries = answer[list]
        .as_array()
        .unwrap_or_else(|| panic!("{answer}"));
    let members = |one: &Value| names.iter().map(|name| one[*name].clone()).collect();
    entries.iter().map(members).collect()
}

fn apps(keyed: &Client) {
    let answer = keyed.get("/get/push/apps").json();
    let found = listed(&answer, "apps", &["id", "code", "description", "platforms"]);
    let wanted = [
        vec![json!(3), json!("shop"), json!("The shop's app"), json!([])],
        vec![json!(5), json!("news"), json!("News"), json!([])],
    ];
    assert_eq!(found, wanted);
    let stats = keyed.get("/get/push/stats").json();
    assert_eq!(
        stats,
        json!({ "status": "ok", "stats": "yes", "apps": 2, "devices": 3, "pending": 0, "queued": 0, "unknown": 0 })
    );
}

fn devices(keyed: &Client) {
    let answer = keyed.get("/get/push/devices").json();
    let names = [
        "id",
        "app",
        "platform",
        "user_id",
        "status",
        "ios_alert",
        "ios_badge",
        "ios_sound",
    ];
    let wanted = [
        json!([10, "shop", "android", 620, "active", false, false, false]),
        json!([11, "shop", "ios", null, "active", true, false, true]),
        json!([12, "news", "generic", 621, "active", false, false, false]),
    ];
    assert_eq!(json!(listed(&answer, "devices", &names)), json!(wanted));
    let names = ["token", "hits", "last_request", "push_hits", "last_push"];
    let found = listed(&answer, "devices", &names);
    assert_eq!(
        json!([found[0], found[2]]),
        json!([
            [
                "android-token-ten",
                7,
                "2020-01-02 03:04:05",
                4,
                "2020-01-03 00:00:00"
            ],
            [
                "generic-token",
                2,
                "2020-01-05 00:00:00",
                1,
                "2020-01-06 00:00:00"
            ],
        ])
    );
    let token = found[1][0].as_str().expect("a token");
    assert!(token.eq_ignore_ascii_case(APPLE), "{token}");
    assert_eq!(found[1][4], Value::Null, "nothing was sent to it");
}

fn notifications(keyed: &Client) {
    let answer = keyed.get("/get/push/notifications").json();
    let names = [
        "id",
        "app",
        "platform",
        "audience",
        "state",
        "scheduled",
        "last_run",
        "last_device_id",
    ];
    let shown = |state: &str| {
        let path = format!("/get/push/notifications?state={state}");
        listed(&keyed.get(&path).json(), "notifications", &names)
    };
    assert_eq!(
        json!(shown("completed")),
        json!([[
            100,
            "shop",
            "android",
            "all",
            "completed",
            "2020-02-01 08:00:00",
            "2020-02-01 08:01:00",
            10
        ]])
    );
    assert_eq!(
        json!(shown("aborted")),
        json!([[
            102,
            "news",
            "generic",
            "all",
            "aborted",
            "2020-02-01 08:00:00",
            null,
            0
        ]])
    );
    // What was to be sent there, or was being sent, is paused here; so is what was held back.
    let paused = json!([
        [104, "shop", "android", { "devices": [10, 12] }, "paused", "2020-02-02 08:00:00", "2020-02-02 08:00:00", 10],
        [103, "news", "generic", { "groups": [2, 8] }, "paused", "2020-02-01 08:00:00", null, 0],
        [101, "shop", "ios", { "users": [620, 621] }, "paused", "2030-02-01 08:00:00", null, 0],
    ]);
    assert_eq!(json!(shown("paused")), paused, "{answer}");
    let sale = keyed.get("/get/push/notifications?id=100").json()["notifications"][0].clone();
    assert_eq!(sale["context"], "sale", "{sale}");
    let message = &sale["message"];
    assert_eq!(
        (
            &message["title"],
            &message["body"],
            &message["data"]["data"]
        ),
        (
            &json!("Sale"),
            &json!("It's on"),
            &json!({ "url": "/sale", "n": 1 })
        )
    );
    let android = &message["platforms"]["android"]["data"];
    assert_eq!(
        *android,
        json!({ "title": "Sale", "message": "It's on", "icon": "icon", "data": { "url": "/sale", "n": 1 } })
    );
}

/// A device that registers as its client always did is the one that was moved in; a new one gets a new number.
fn registers_again(site: &Site) {
    let server = site.setup.serve();
    let register = |token: &str, platform: &str| {
        let form = [
            ("token", token),
            ("appcode", "SHOP"),
            ("platform", platform),
        ];
        server.api().post_form("/put/push/register", &form).json()
    };
    let known = register("android-token-ten", "android");
    assert_eq!(
        (&known["device_id"], &known["app_id"], &known["appcode"]),
        (&json!(10), &json!(3), &json!("shop")),
        "{known}"
    );
    let apple = register(APPLE, "ios");
    assert_eq!(
        (
            &apple["device_id"],
            &apple["ios_badge"],
            &apple["platform_code"]
        ),
        (&json!(11), &json!(0), &json!(2)),
        "{apple}"
    );
    let new = register("another-token", "android");
    assert!(new["device_id"].as_i64() > Some(12), "{new}");
    let keyed = keyed(site, &server);
    let device = keyed.get("/get/push/devices?id=10").json()["devices"][0].clone();
    assert_eq!(
        (&device["hits"], &device["push_hits"]),
        (&json!(8), &json!(4)),
        "{device}"
    );
    let stats = keyed.get("/get/push/stats").json();
    assert_eq!(
        (&stats["devices"], &stats["pending"]),
        (&json!(4), &json!(0)),
        "{stats}"
    );
}
