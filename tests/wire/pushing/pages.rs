//! Open pages as devices: reached by what reaches every other device, with their rows of the ledger.

use loggia::service::clock::now_ms;
use loggia_tests::events::Events;
use loggia_tests::wait::until;
use serde_json::{Value, json};

use super::lab::Lab;
use super::receiver::Receiver;

/// A page that reads server-sent events.
struct Page(Events);

impl Page {
    fn open(lab: &Lab, path: &str) -> Self {
        let path = format!("/pages{path}");
        let headers = [("Accept", "text/event-stream")];
        let events = Events::open(lab.server().url(), ("GET", &path), &headers);
        Page(events.unwrap_or_else(|status| panic!("{path}: {status}")))
    }

    /// The data of the next event.
    fn event(&mut self) -> Value {
        let data = self.0.event().data;
        serde_json::from_str(&data).unwrap_or_else(|error| panic!("{error}: {data}"))
    }
}

#[test]
fn pages_get_what_other_devices_get_when_they_are_open_and_the_ledger_knows() {
    for lab in Lab::each("") {
        let receiver = Receiver::start();
        let hook = json!({ "app": "shop", "url": receiver.url(), "events": ["accepted"] });
        lab.done("PUT", "/put/push/webhooks", &hook);
        let pages = lab.devices(&json!([
            { "token": "ada", "platform": "page", "user": "ada", "language": "fr" },
            { "token": "bob", "platform": "page", "user": "bob" },
            { "token": format!("{:064x}", 1), "platform": "ios" },
        ]));
        let mut ada = Page::open(&lab, &format!("/push/page/{}/events", pages[0].1));
        let given = json!({
            "app": "shop", "title": "Hello", "data": { "order": 7 },
            "content": { "localised": { "fr": { "title": "Bonjour" } }, "click_action": "/orders/7" },
        });
        let (id, public) = lab.notify(&given);
        let told = ada.event();
        assert_eq!(
            told,
            json!({ "id": public, "title": "Bonjour", "url": "/orders/7", "data": { "order": 7 } })
        );
        let row = lab.settled(id, pages[0].0, "accepted");
        assert_eq!(
            (&row["attempts"], &row["reason"]),
            (&json!(1), &Value::Null)
        );
        lab.settled(id, pages[2].0, "accepted");
        // Who is not there gets it when he comes; until then the notification is not at its end.
        let row = lab.settled(id, pages[1].0, "queued");
        assert_eq!(row["reason"], "no page has taken it yet");
        assert_eq!(lab.notification(id)["state"], "running");
        let why = lab.operate(&["push", "why", &pages[1].0.to_string()]);
        let because = why["notifications"][0]["because"]
            .as_str()
            .unwrap_or_default();
        assert!(because.contains("no page has taken it yet"), "{why}");
        let mut bob = Page::open(&lab, &format!("/push/page/{}/events?since=0", pages[1].1));
        assert_eq!(bob.event()["title"], "Hello");
        lab.settled(id, pages[1].0, "accepted");
        until(|| lab.notification(id)["state"] == "completed");
        assert_eq!(lab.notification(id)["deliveries"]["accepted"], 3);
        until(|| receiver.count("accepted") == 3);
        let nobody = lab.server().root().get("/pages/push/page/1/events");
        assert_eq!(nobody.status, 404, "a number can be guessed");
    }
}

#[test]
fn a_page_of_pushback_gets_ordinary_notifications_too() {
    for lab in Lab::each("") {
        let made = lab.operate(&["pushback", "create", "Shop", "--open-subscribe=true"]);
        let token = made["app_token"].as_str().expect("a token").to_owned();
        let users = json!({ "app_token": token, "users": [1] });
        let root = lab.server().root();
        assert_eq!(
            root.post_json("/pages/api/v1/register/", &users).status,
            200
        );
        let path = format!("/events/notifications/subscribe/{token}/1/");
        let mut page = Page::open(&lab, &path);
        let apps = lab.get("/get/push/apps");
        let apps = apps["apps"].as_array().expect("apps").iter();
        let code = apps
            .filter_map(|app| app["code"].as_str())
            .find(|code| code.starts_with("pushback-"))
            .expect("the application")
            .to_owned();
        let (id, _) = lab.notify(&json!({ "app": code, "title": "Hello", "people": ["1"] }));
        assert_eq!(page.event()["title"], "Hello");
        until(|| lab.notification(id)["state"] == "completed");
        // What PushBack itself sends comes over the same stream.
        let told = json!({ "app_token": token, "users": [1], "content": "quick" });
        assert_eq!(root.post_json("/pages/api/v1/notify/", &told).status, 200);
        assert_eq!(page.event(), "quick");
    }
}

#[test]
fn what_expires_before_a_page_is_open_is_expired() {
    for lab in Lab::each("") {
        let page = lab.devices(&json!([{ "token": "ada", "platform": "page" }]))[0].0;
        let soon = now_ms() + 2_000;
        let given = json!({ "app": "shop", "title": "Hello", "content": { "expires_ms": soon } });
        let (id, _) = lab.notify(&given);
        lab.settled(id, page, "expired");
        until(|| lab.notification(id)["state"] == "completed");
    }
}
