//! Applications, users and notifications: what a site's back end does.

use loggia::store::testing::TestDatabase;
use loggia_tests::client::Client;
use loggia_tests::wait::within;
use serde_json::{Value, json};

use crate::fixture::{Application, PATIENCE, Site, text};
use crate::socket::Page;

const OPERATOR: &str = "[[endpoint]]\nname = \"operator\"\npath = \"/operator\"\naccess = \"key\"\nstatus = \"semantic\"\n";

#[test]
fn an_application_has_a_token_that_only_its_maker_is_shown_and_that_stays_when_it_is_renamed() {
    for database in TestDatabase::each() {
        let site = Site::new(database);
        let (first, second) = (site.application("First"), site.application("Second"));
        assert_ne!(first.token, second.token);
        assert!(
            first.token.len() >= 22 && first.token.bytes().all(|byte| byte.is_ascii_alphanumeric())
        );
        let listed = site.operate(&["pushback", "list"]).to_string();
        assert!(
            listed.contains("First")
                && !listed.contains(&first.token)
                && !listed.contains(&first.key)
        );
        let id = first.id.to_string();
        let renamed = site.operate(&["pushback", "change", &id, "--name", "Other"]);
        assert_eq!(
            (renamed["name"].clone(), renamed.get("app_token")),
            (json!("Other"), None)
        );
        let server = site.serve();
        assert_eq!(first.register(&server.root(), &json!([1])).status, 200);
        let renewed = site.operate(&["pushback", "change", &id, "--renew-token=true"]);
        assert_eq!(first.register(&server.root(), &json!([1])).status, 400);
        let renewed = Application {
            token: text(&renewed["app_token"]),
            ..first
        };
        assert_eq!(renewed.register(&server.root(), &json!([1])).status, 200);
    }
}

#[test]
fn users_are_registered_by_their_ids_and_registering_again_changes_nothing() {
    for database in TestDatabase::each() {
        let site = Site::new(database);
        let application = site.application("Shop");
        let server = site.serve();
        let client = server.root();
        let answer = application.register(&client, &json!([1, "2", " ada "]));
        assert_eq!(answer.status, 200);
        let success = json!({ "code": "success", "details": "Users registered with success" });
        assert_eq!(answer.json(), success);
        let mut page = application.page(&server, "1");
        let without_slash = json!({ "app_token": application.token, "users": [1, 2, "Zoë/ü"] });
        assert_eq!(
            client.post_json("/api/v1/register", &without_slash).status,
            200
        );
        let clients = site.operate(&["pushback", "clients", &application.id.to_string()]);
        let ids: Vec<String> = clients["clients"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| text(&one["client_id"]))
            .collect();
        assert_eq!(ids, ["1", "2", "ada", "Zoë/ü"]);
        application.tell(&client, &json!(["1"]), &json!("still there"));
        assert_eq!(page.text(), "\"still there\"");
        let mut odd = application.page(&server, "Zo%C3%AB%2F%C3%BC");
        application.tell(&client, &json!(["Zoë/ü"]), &json!(1));
        assert_eq!(odd.text(), "1");
    }
}

#[test]
fn a_notification_reaches_those_whom_it_names_and_nobody_else() {
    for database in TestDatabase::each() {
        let site = Site::new(database);
        let (here, there) = (site.application("Here"), site.application("There"));
        let server = site.serve();
        let client = server.root();
        for application in [&here, &there] {
            assert_eq!(application.register(&client, &json!([7, 8, 9])).status, 200);
        }
        let mut pages = ["7", "8", "9"].map(|user| here.page(&server, user));
        let mut second = here.page(&server, "7");
        let mut foreign = there.page(&server, "7");
        let answer = here.notify(&client, &json!([7, "8", 8]), &json!({ "a": 1, "b": "é" }));
        let details = "Notifications sent with success";
        assert_eq!(answer.json()["details"], details);
        assert_eq!(answer.json()["code"], "success");
        for page in [&mut second].into_iter().chain(&mut pages[..2]) {
            assert_eq!(page.json(), json!({ "a": 1, "b": "é" }));
        }
        for page in [&mut second, &mut foreign].into_iter().chain(&mut pages) {
            page.hears_nothing();
        }
        second.close();
        here.tell(&client, &json!([7]), &json!(2));
        assert_eq!(pages[0].text(), "2");
        let nobody = here.notify(&client, &json!([]), &json!(3));
        assert_eq!(nobody.status, 200);
        pages[0].hears_nothing();
    }
}

/// A faulty body, its status and the members that are told.
fn refused(client: &Client, path: &str, body: &Value, members: &[&str]) {
    let answer = client.post_json(path, body);
    assert_eq!(answer.status, 400, "{body}: {}", answer.text());
    let told = answer.json();
    let told = told.as_object().expect("an object");
    let mut names: Vec<&str> = told.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, members, "{body}");
    let lists = told
        .values()
        .all(|texts| texts.as_array().is_some_and(|texts| texts[0].is_string()));
    assert!(lists, "{told:?}");
}

#[test]
fn faults_of_a_json_body_are_told_by_member_all_at_once() {
    let site = Site::new(TestDatabase::sqlite());
    let application = site.application("Shop");
    let server = site.serve();
    let client = server.root();
    assert_eq!(application.register(&client, &json!([1, 2])).status, 200);
    let mut page = application.page(&server, "1");
    let token = application.token.as_str();
    let register = "/api/v1/register/";
    refused(&client, register, &json!({}), &["app_token", "users"]);
    refused(
        &client,
        register,
        &json!({ "app_token": null, "users": null }),
        &["app_token", "users"],
    );
    refused(
        &client,
        register,
        &json!({ "app_token": "nobody", "users": [1] }),
        &["app_token"],
    );
    for users in [
        json!([]),
        json!("1"),
        json!([true]),
        json!([{}]),
        json!([null]),
        json!([" "]),
    ] {
        refused(
            &client,
            register,
            &json!({ "app_token": token, "users": users }),
            &["users"],
        );
    }
    let notify = "/api/v1/notify/";
    refused(
        &client,
        notify,
        &json!({}),
        &["app_token", "content", "users"],
    );
    refused(
        &client,
        notify,
        &json!({ "app_token": token, "users": [1] }),
        &["content"],
    );
    refused(
        &client,
        notify,
        &json!({ "app_token": token, "users": [1], "content": null }),
        &["content"],
    );
    let unknown = json!({ "app_token": token, "users": [1, 99], "content": "x" });
    refused(&client, notify, &unknown, &["users"]);
    let told = client.post_json(notify, &unknown).json();
    assert_eq!(
        told["users"],
        json!(["Object with client_id=99 does not exist."])
    );
    let other = json!({ "app_token": "nobody", "users": [1], "content": "x" });
    let told = client.post_json(notify, &other).json();
    assert_eq!(
        told["app_token"],
        json!(["Object with app_token=nobody does not exist."])
    );
    page.hears_nothing();
    let kept = site.operate(&["pushback", "notifications", &application.id.to_string()]);
    assert_eq!(kept["notifications"], json!([]));

    let broken = client.send("POST", notify, Some("application/json"), b"{");
    assert_eq!(broken.status, 400);
    assert!(text(&broken.json()["detail"]).starts_with("JSON parse error - "));
    let media = client.send("POST", notify, Some("text/xml"), b"<a/>");
    assert_eq!(
        (media.status, media.json()["detail"].is_string()),
        (415, true)
    );
    for path in [register, notify] {
        let get = client.get(path);
        assert_eq!((get.status, get.json()["detail"].is_string()), (405, true));
    }
}

/// A path, the fields of a form, and the status and message that it is refused with.
type Case<'c> = (&'c str, &'c [(&'c str, &'c str)], u16, &'c str);

#[test]
fn faults_of_a_form_are_told_one_at_a_time_in_its_own_words() {
    let site = Site::new(TestDatabase::sqlite());
    let application = site.application("Shop");
    let server = site.serve();
    let client = server.root();
    let token = ("app_token", application.token.as_str());
    let cases: [Case<'_>; 9] = [
        (
            "register",
            &[],
            403,
            "No app_token provided  unable to bind this request to any registered app",
        ),
        (
            "notify",
            &[("app_token", "nobody")],
            404,
            "No application detected with the app_token, maybe you should create it first",
        ),
        (
            "register",
            &[token],
            400,
            "No user's list provided unable to populate",
        ),
        (
            "notify",
            &[token],
            400,
            "No user's list provided unable to perform notifications",
        ),
        (
            "notify",
            &[token, ("users", "[1]")],
            400,
            "No content provided unable to perform notifications",
        ),
        (
            "notify",
            &[token, ("users", "[1]"), ("content", "null")],
            400,
            "No content provided unable to perform notifications",
        ),
        (
            "register",
            &[token, ("users", "1")],
            400,
            "users: a list of ids in JSON is expected",
        ),
        (
            "register",
            &[token, ("users", "[{}]")],
            400,
            "users: Not a valid string.",
        ),
        (
            "register",
            &[("users", "[1]")],
            403,
            "No app_token provided  unable to bind this request to any registered app",
        ),
    ];
    for (path, form, status, message) in cases {
        let answer = client.post_form(&format!("/api/v1/{path}/"), form);
        assert_eq!(answer.status, status, "{path} {message}");
        assert_eq!(
            answer.json(),
            json!({ "result": "Error", "message": message })
        );
    }
    let empty = client.post_form("/api/v1/register/", &[token, ("users", "[]")]);
    assert_eq!(empty.status, 200);
    let type_of_form = Some("application/x-www-form-urlencoded");
    assert_eq!(
        client
            .send("GET", "/api/v1/notify/", type_of_form, b"")
            .status,
        403
    );
}

#[test]
fn an_applications_owner_sees_its_users_and_what_became_of_its_notifications() {
    let site = Site::with(TestDatabase::sqlite(), "0", OPERATOR);
    let application = site.application("Shop");
    let key = text(&site.operate(&["key", "create", "--scope", "pushback"])["key"]);
    let server = site.serve();
    let (client, owner) = (server.root(), server.root().with_key(&key));
    application.register(&client, &json!([1, 2]));
    assert_eq!(application.connected(&owner), [""; 0]);
    let mut page = application.page(&server, "1");
    assert_eq!(application.connected(&owner), ["1"]);
    application.tell(&client, &json!([1, 2]), &json!({ "a": 1 }));
    assert_eq!(page.json(), json!({ "a": 1 }));
    let path = format!("/operator/get/pushback/notifications?id={}", application.id);
    within(PATIENCE, "the ledger knows of the page", || {
        owner.get(&path).json()["notifications"][0]["accepted"] == json!(1)
    });
    let kept = owner.get(&path).json()["notifications"][0].clone();
    assert_eq!(
        (&kept["content"], &kept["users"], &kept["queued"]),
        (&json!({ "a": 1 }), &json!(2), &json!(1))
    );
    let missed = client
        .get(&format!(
            "/api/v1/messages/?app_token={}&user=2&since=0",
            application.token
        ))
        .json();
    assert_eq!(missed["messages"][0]["content"], json!({ "a": 1 }));
    assert_eq!(
        owner.get(&path).json()["notifications"][0]["queued"],
        json!(0)
    );
    assert_eq!(client.get(&path).status, 401);
}

#[test]
fn an_application_that_is_deleted_or_not_active_does_nothing_any_more() {
    for database in TestDatabase::each() {
        let site = Site::new(database);
        let (gone, paused) = (site.application("Gone"), site.application("Paused"));
        let server = site.serve();
        let client = server.root();
        for application in [&gone, &paused] {
            application.register(&client, &json!([1]));
        }
        let mut pages = [gone.page(&server, "1"), paused.page(&server, "1")];
        site.operate(&["pushback", "delete", &gone.id.to_string()]);
        site.operate(&[
            "pushback",
            "change",
            &paused.id.to_string(),
            "--active=false",
        ]);
        for page in &mut pages {
            assert_eq!(page.ended(), 1001);
        }
        for application in [&gone, &paused] {
            assert_eq!(application.register(&client, &json!([1])).status, 400);
            assert_eq!(
                application.notify(&client, &json!([1]), &json!(1)).status,
                400
            );
            let refused = Page::try_open(server.url(), &application.path("1"), &[]);
            assert_eq!(refused.err(), Some(403));
        }
        site.operate(&[
            "pushback",
            "change",
            &paused.id.to_string(),
            "--active=true",
        ]);
        let _page = paused.page(&server, "1");
    }
}

#[test]
fn pages_of_other_origins_may_post_where_the_endpoint_says_so() {
    let site = Site::new(TestDatabase::sqlite());
    let application = site.application("Shop");
    let server = site.serve();
    let asked = |origin: &str, path: &str| {
        let client = server
            .root()
            .with("Origin", origin)
            .with("Access-Control-Request-Method", "POST");
        let preflight = client.send("OPTIONS", path, None, b"");
        let post = application.register(&server.root().with("Origin", origin), &json!([1]));
        assert_eq!(post.status, 200);
        preflight
            .header("access-control-allow-origin")
            .map(str::to_owned)
    };
    let other = "https://other.example.org";
    assert_eq!(asked(other, "/api/v1/notify/").as_deref(), Some("*"));
    assert_eq!(asked(other, "/closed/api/v1/notify/"), None);
    let listed = "https://shop.example.org";
    assert_eq!(
        asked(listed, "/closed/api/v1/notify/").as_deref(),
        Some(listed)
    );
    let open = |origin| {
        let path = format!("/closed{}", application.path("1"));
        Page::try_open(server.url(), &path, &[("Origin", origin)])
            .map(drop)
            .err()
    };
    assert_eq!((open(other), open(listed)), (Some(401), None));
}

#[test]
fn a_key_with_a_daily_limit_is_counted_and_refused_and_logged() {
    for database in TestDatabase::each() {
        let site = Site::new(database);
        let application = site.application("Shop");
        let key = text(&site.operate(&["key", "create", "--daily", "2"])["key"]);
        let server = site.serve();
        application.register(&server.root(), &json!([1]));
        let mut page = application.page(&server, "1");
        let keyed = server.root().below("/keyed").with_key(&key);
        for content in [1, 2] {
            assert_eq!(
                application
                    .notify(&keyed, &json!([1]), &json!(content))
                    .status,
                200
            );
            assert_eq!(page.json(), json!(content));
        }
        let refused = application.notify(&keyed, &json!([1]), &json!(3));
        assert_eq!(
            (refused.status, refused.text().contains("REQ_AKL")),
            (429, true)
        );
        page.hears_nothing();
        let export = ["log", "export", "--format", "ndjson"];
        let exported = || site.setup.operator(&export).done().stdout;
        // The row of a call that is charged to nobody is written behind its answer.
        within(PATIENCE, "the refusal is in the log", || {
            exported().contains("REQ_AKL")
        });
        let rows = exported();
        assert!(
            rows.contains("/ws/notifications/subscribe/{token}/{user}"),
            "{rows}"
        );
        assert!(!rows.contains(&application.token), "a token is in the log");
        assert!(
            !server.log().contains(&application.token),
            "a token is in the log"
        );
    }
}
