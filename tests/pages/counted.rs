//! Notifications that count against a key which the client does not send: the application's token speaks for it.

use loggia::store::testing::TestDatabase;
use loggia_tests::wait::within;
use serde_json::{Value, json};

use crate::fixture::{Application, PATIENCE, Site, text};

/// A key that may be used so often a day, and an application whose notifications count against it.
fn counted(site: &Site, daily: &str) -> (i64, Application) {
    let key = site.operate(&["key", "create", "--daily", daily]);
    let id = key["id"].as_i64().expect("the key's number");
    let number = id.to_string();
    let words = [
        "pushback",
        "create",
        "Shop",
        "--open-subscribe=true",
        "--key",
        &number,
    ];
    let made = site.operate(&words);
    assert_eq!(made["key"], json!(id), "{made}");
    (id, Application::of(&made))
}

fn rows(site: &Site) -> Vec<Value> {
    let log = site
        .setup
        .operator(&["log", "export", "--format", "ndjson"])
        .done()
        .stdout;
    let lines = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("a row"));
    lines.collect()
}

#[test]
fn a_third_notification_of_a_day_of_two_is_refused_and_logged_and_nobody_is_told() {
    for database in TestDatabase::each() {
        let site = Site::new(database);
        let (key, application) = counted(&site, "2");
        let server = site.serve();
        let client = server.root();
        application.register(&client, &json!([1]));
        let mut page = application.page(&server, "1");
        let first = application.notify(&client, &json!([1]), &json!(1));
        assert_eq!((first.status, page.text().as_str()), (200, "1"));
        let policy = first.header("ratelimit-policy");
        assert!(
            policy.is_some_and(|policy| policy.contains("q=2;")),
            "{policy:?}"
        );
        let form = [
            ("app_token", application.token.as_str()),
            ("users", "[1]"),
            ("content", "2"),
        ];
        assert_eq!(client.post_form("/api/v1/notify/", &form).status, 200);
        assert_eq!(page.text(), "2");
        let third = application.notify(&client, &json!([1]), &json!(3));
        assert_eq!(third.status, 429);
        assert!(
            text(&third.json()["detail"]).contains("REQ_AKL"),
            "{}",
            third.text()
        );
        assert!(third.header("retry-after").is_some());
        assert_eq!(client.post_form("/api/v1/notify/", &form).status, 429);
        page.hears_nothing();
        let kept = site.operate(&["pushback", "notifications", &application.id.to_string()]);
        assert_eq!(kept["notifications"].as_array().map(Vec::len), Some(2));
        // Who registers, or listens, uses nothing up.
        assert_eq!(application.register(&client, &json!([2])).status, 200);
        let rows = rows(&site);
        let notified = |code: &str| {
            let of_it = rows.iter().filter(|row| {
                row["resource"] == "/api/v1/notify"
                    && row["key_id"] == json!(key)
                    && row["error_code"] == code
            });
            of_it.count()
        };
        assert_eq!((notified(""), notified("REQ_AKL")), (2, 2), "{rows:?}");
    }
}

#[test]
fn an_application_counts_against_a_key_that_there_is() {
    for database in TestDatabase::each() {
        let site = Site::new(database);
        let (key, application) = counted(&site, "0");
        let id = application.id.to_string();
        let create = ["pushback", "create", "Other", "--key", "987654"];
        let change = ["pushback", "change", &id, "--key", "987654"];
        for words in [&create[..], &change[..]] {
            let ran = site.setup.operator(words);
            assert!(ran.status != 0, "{words:?}: {}", ran.stdout);
            assert!(
                ran.stderr.contains("key") && ran.stderr.contains("loggia key list"),
                "{}",
                ran.stderr
            );
        }
        let listed = site.operate(&["pushback", "list"]);
        let listed = listed["applications"].as_array().expect("applications");
        assert_eq!(listed.len(), 1, "nothing was made");
        assert_eq!(listed[0]["key"], json!(key), "nothing was changed");
        site.operate(&["key", "revoke", &key.to_string()]);
        let number = key.to_string();
        let ran = site
            .setup
            .operator(&["pushback", "change", &id, "--key", &number]);
        assert!(ran.status != 0, "a revoked key: {}", ran.stdout);
    }
}

#[test]
fn a_key_that_is_not_good_any_more_stops_the_application() {
    for database in TestDatabase::each() {
        let site = Site::new(database);
        let (key, application) = counted(&site, "0");
        let server = site.serve();
        let client = server.root();
        application.register(&client, &json!([1]));
        let mut page = application.page(&server, "1");
        application.tell(&client, &json!([1]), &json!(1));
        assert_eq!(page.text(), "1");
        site.operate(&["key", "revoke", &key.to_string()]);
        within(PATIENCE, "the key is known to be revoked", || {
            application.notify(&client, &json!([1]), &json!(2)).status == 401
        });
        let id = application.id.to_string();
        let changed = site.operate(&["pushback", "change", &id, "--key", "0"]);
        assert_eq!(changed["key"], Value::Null);
        application.tell(&client, &json!([1]), &json!(3));
        within(PATIENCE, "the page is told again", || page.text() == "3");
    }
}
