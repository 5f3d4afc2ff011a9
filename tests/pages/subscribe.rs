//! Who may listen, what he is sent, and what he missed.

use loggia::store::testing::TestDatabase;
use loggia_tests::client::Client;
use loggia_tests::events::Events;
use serde_json::json;
use tungstenite::Message;

use crate::fixture::{Application, Site, stop};
use crate::socket::Page;

/// A ticket as a site's back end makes it.
fn ticket(application: &Application, user: &str, expires_s: i64) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let key = loggia_push::identity::digest(&application.token);
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(format!("{user}\n{expires_s}").as_bytes());
    format!("{expires_s}.{}", hex::encode(mac.finalize().into_bytes()))
}

#[test]
fn only_known_users_of_known_applications_may_listen() {
    let site = Site::new(TestDatabase::sqlite());
    let application = site.application("Shop");
    let server = site.serve();
    application.register(&server.root(), &json!([1, "ada lovelace"]));
    let status = |path: &str| Page::try_open(server.url(), path, &[]).map(drop).err();
    let path = "/ws/notifications/subscribe";
    assert_eq!(status(&application.path("1")), None);
    assert_eq!(status(application.path("1").trim_end_matches('/')), None);
    assert_eq!(status(&application.path("ada%20lovelace")), None);
    assert_eq!(status(&application.path("2")), Some(403));
    assert_eq!(status(&format!("{path}/nobody/1/")), Some(403));
    assert_eq!(status("/ws/notifications/other/"), Some(404));
    assert_eq!(
        status(&format!("{}?since=x", application.path("1"))),
        Some(400)
    );
    let plain = server.root().get(&application.path("1"));
    assert_eq!(plain.status, 426);
    let origin = [("Origin", "https://anywhere.example.org")];
    assert!(Page::try_open(server.url(), &application.path("1"), &origin).is_ok());
}

#[test]
fn a_subscribe_key_only_listens_and_a_ticket_is_for_one_user_and_some_time() {
    let site = Site::new(TestDatabase::sqlite());
    let closed = Application::of(&site.operate(&["pushback", "create", "Closed"]));
    let signed = site.operate(&["pushback", "create", "Signed", "--tickets-only=true"]);
    let signed = Application::of(&signed);
    let server = site.serve();
    for application in [&closed, &signed] {
        application.register(&server.root(), &json!([1, 2]));
    }
    let status = |token: &str, user: &str, ticket: Option<String>| {
        let query = ticket
            .map(|ticket| format!("?ticket={ticket}"))
            .unwrap_or_default();
        let path = format!("/ws/notifications/subscribe/{token}/{user}/{query}");
        Page::try_open(server.url(), &path, &[]).map(drop).err()
    };
    assert_eq!(status(&closed.token, "1", None), Some(403));
    assert_eq!(status(&closed.key, "1", None), None);
    let as_key = Application {
        token: closed.key.clone(),
        ..closed.clone()
    };
    assert_eq!(
        as_key.notify(&server.root(), &json!([1]), &json!(1)).status,
        400
    );
    assert_eq!(status(&signed.key, "1", None), Some(403));
    let later = 32_503_680_000;
    assert_eq!(
        status(&signed.key, "1", Some(ticket(&signed, "1", later))),
        None
    );
    assert_eq!(
        status(&signed.key, "2", Some(ticket(&signed, "1", later))),
        Some(403)
    );
    assert_eq!(
        status(&signed.key, "1", Some(ticket(&signed, "1", 1_000))),
        Some(403)
    );
    assert_eq!(
        status(&signed.key, "1", Some(ticket(&closed, "1", later))),
        Some(403)
    );
    let renewed = site.operate(&[
        "pushback",
        "change",
        &closed.id.to_string(),
        "--renew-subscribe-key=true",
    ]);
    assert_eq!(status(&closed.key, "1", None), Some(403));
    assert_eq!(
        status(renewed["subscribe_key"].as_str().unwrap(), "1", None),
        None
    );
}

#[test]
fn who_was_away_gets_what_he_missed_once_in_order_and_who_does_not_ask_only_what_is_new() {
    for database in TestDatabase::each() {
        let site = Site::new(database);
        let application = site.application("Shop");
        let server = site.serve();
        let client = server.root();
        application.register(&client, &json!([1, 2]));
        let first = application.tell(&client, &json!([1]), &json!("seen"));
        for content in ["one", "two"] {
            application.tell(&client, &json!([1, 2]), &json!(content));
        }
        application.tell(&client, &json!([2]), &json!("not for 1"));
        let mut back = Page::open(
            server.url(),
            &format!("{}?since={first}", application.path("1")),
        );
        let mut fresh = application.page(&server, "1");
        for content in ["one", "two"] {
            let frame = back.json();
            assert_eq!(frame["content"], json!(content));
            assert!(frame["id"].as_i64().unwrap() > first && frame["sent"].is_string());
            assert_eq!(frame.get("gap"), None);
        }
        let last = application.tell(&client, &json!([1]), &json!("live"));
        assert_eq!(back.json()["id"], json!(last));
        assert_eq!(fresh.text(), "\"live\"");
        back.hears_nothing();
        stop(server);
        let server = site.serve();
        let client = server.root();
        application.tell(&client, &json!([1]), &json!("while away"));
        let mut back = Page::open(
            server.url(),
            &format!("{}?since={last}", application.path("1")),
        );
        assert_eq!(back.json()["content"], json!("while away"));
        back.hears_nothing();
        let path = format!("/api/v1/messages/?app_token={}&user=1", application.token);
        let missed = client.get(&format!("{path}&since={first}")).json();
        let contents: Vec<_> = missed["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["content"].clone())
            .collect();
        assert_eq!(contents, ["one", "two", "live", "while away"]);
        assert_eq!(missed["gap"], json!(false));
        let now = client.get(&path).json();
        assert_eq!(
            (&now["messages"], &now["last"]),
            (&json!([]), &missed["last"])
        );
        let some = client.get(&format!("{path}&since={first}&limit=1")).json();
        assert_eq!(some["messages"].as_array().unwrap().len(), 1);
        assert_eq!(some["last"], some["messages"][0]["id"]);
    }
}

#[test]
fn nothing_is_lost_or_doubled_while_pages_come_and_messages_are_published() {
    for database in TestDatabase::each() {
        let site = Site::new(database);
        let application = site.application("Shop");
        let server = site.serve();
        let client = server.root();
        application.register(&client, &json!([1]));
        let before = application.tell(&client, &json!([1]), &json!(0));
        let publisher = {
            let (application, client) = (application.clone(), client.clone());
            std::thread::spawn(move || {
                for number in 1..=200 {
                    application.tell(&client, &json!([1]), &json!(number));
                }
            })
        };
        let mut seen = before;
        let mut next = 1;
        while next <= 200 {
            let mut page = Page::open(
                server.url(),
                &format!("{}?since={seen}", application.path("1")),
            );
            for _ in 0..20.min(201 - next) {
                let frame = page.json();
                assert_eq!(frame["content"], json!(next));
                seen = frame["id"].as_i64().unwrap();
                next += 1;
            }
        }
        publisher.join().unwrap();
    }
}

#[test]
fn what_a_page_says_is_ignored_however_long_and_a_ping_is_answered() {
    let site = Site::new(TestDatabase::sqlite());
    let application = site.application("Shop");
    let server = site.serve();
    let client = server.root();
    application.register(&client, &json!([1]));
    let mut page = application.page(&server, "1");
    page.say(Message::text("subscribe please"));
    page.say(Message::binary(vec![1, 2, 3]));
    page.say(Message::Ping(vec![7].into()));
    application.tell(&client, &json!([1]), &json!(1));
    assert_eq!(page.text(), "1");
    // However long it is, it is ignored.
    page.say(Message::text("x".repeat(100_000)));
    page.say(Message::binary(vec![7; 3_000_000]));
    application.tell(&client, &json!([1]), &json!(2));
    assert_eq!(page.text(), "2");
    assert_eq!(client.get("/healthz").status, 200);
}

#[test]
fn a_server_that_ends_says_good_bye_and_does_not_wait_for_its_pages() {
    let site = Site::new(TestDatabase::sqlite());
    let application = site.application("Shop");
    let server = site.serve();
    application.register(&server.root(), &json!([1]));
    let mut pages: Vec<Page> = (0..20).map(|_| application.page(&server, "1")).collect();
    let start = std::time::Instant::now();
    stop(server);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    for page in &mut pages {
        assert_eq!(page.ended(), 1001);
    }
}

#[test]
fn events_are_sent_with_their_ids_and_go_on_where_a_browser_stopped() {
    let site = Site::new(TestDatabase::sqlite());
    let application = site.application("Shop");
    let server = site.serve();
    let client: Client = server.root();
    application.register(&client, &json!([1]));
    let first = application.tell(&client, &json!([1]), &json!("first"));
    let second = application.tell(&client, &json!([1]), &json!({ "a": "second" }));
    let path = format!("/events/notifications/subscribe/{}/1/", application.token);
    let first = first.to_string();
    let headers = [
        ("Accept-Encoding", "gzip"),
        ("Last-Event-ID", first.as_str()),
    ];
    let mut events = Events::open(server.url(), ("GET", &path), &headers).unwrap();
    let mut next = || {
        let event = events.event();
        (event.id, event.data)
    };
    assert_eq!(
        next(),
        (second.to_string(), "{\"a\":\"second\"}".to_owned())
    );
    let third = application.tell(&client, &json!([1]), &json!("third"));
    assert_eq!(next(), (third.to_string(), "\"third\"".to_owned()));
}
