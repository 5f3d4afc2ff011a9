//! The service worker of `docs/push.md`, in a real browser: it shows what the server sent.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use loggia::store::testing::TestDatabase;
use loggia_fakes::Fakes;
use loggia_tests::wait::within;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fixture::{PATIENCE, Site};

const GUIDE: &str = include_str!("../../docs/push.md");

/// The worker, as the guide has it.
fn worker() -> String {
    let (_, behind) = GUIDE
        .split_once("   self.addEventListener(\"push\"")
        .expect("the guide has a worker");
    let (code, _) = behind.split_once("```").expect("its code ends");
    format!("self.addEventListener(\"push\"{code}")
}

/// Serves a page and its worker, as an application's own server would; gives the origin.
fn application(worker: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port can be had");
    let address = listener.local_addr().expect("it has an address");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let worker = worker.clone();
            // A browser opens connections before it needs them, and wants no answer where it goes away.
            thread::spawn(move || drop(answer(stream, &worker)));
        }
    });
    format!("http://{address}")
}

fn answer(mut stream: TcpStream, worker: &str) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let (kind, body) = if first.contains("/worker.js") {
        ("text/javascript", worker)
    } else {
        ("text/html", "<!doctype html><title>Shop</title>")
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// What the server sends to a browser, as the browser opens it.
fn sent(site: &Site, fakes: &Fakes) -> Value {
    let file = |name: &str, content: &Value| {
        let path = site.setup.folder().join(name);
        std::fs::write(&path, content.to_string()).expect("a file can be written");
        path.display().to_string()
    };
    site.operate(&["push", "app", "shop"]);
    let keys = json!({ "web_push": { "subject": "mailto:push@example.org" } });
    let keys = file("credentials.json", &keys);
    site.operate(&["push", "credentials", "shop", "--file", &keys]);
    let token = fakes.web_push().subscription("one").to_string();
    let devices = file(
        "devices.ndjson",
        &json!({ "token": token, "platform": "web" }),
    );
    site.operate(&["push", "import", &devices, "--app", "shop"]);
    let words = [
        "push",
        "send",
        "--app",
        "shop",
        "--title",
        "Hello",
        "--body",
        "We open at nine.",
    ];
    let more = json!({ "click_action": "https://shop.example.org/hours", "tag": "hours" });
    let data = json!({ "page": 3 });
    let (more, data) = (more.to_string(), data.to_string());
    site.operate(&[&words[..], &["--content", &more, "--data", &data]].concat());
    let book = fakes.web_push().book();
    within(PATIENCE, "it was sent", || !book.seen().is_empty());
    book.seen()[0].body.clone()
}

#[test]
fn the_worker_of_the_guide_shows_what_a_browser_is_sent() {
    let fakes = Fakes::start().expect("the fakes start");
    let more = format!(
        "[outgoing]\nallow = [\"127.0.0.1\"]\n\n{}",
        fakes.settings()
    );
    let site = Site::with(TestDatabase::sqlite(), "0", &more);
    let _server = site.serve();
    let sent = sent(&site, &fakes);
    let origin = application(worker());
    let browser = Browser::start();
    let granted = json!({ "origin": origin, "permissions": ["notifications"] });
    browser.order("Browser.grantPermissions", &granted);
    browser.open(&format!("{origin}/"));
    let ready =
        "navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready)";
    assert_eq!(
        browser.ask(&format!("{ready}.then(() => Notification.permission)")),
        "granted"
    );
    browser.order("ServiceWorker.enable", &json!({}));
    // The first registration of a new profile has this id.
    let push = json!({ "origin": origin, "registrationId": "0", "data": sent.to_string() });
    let shown = "navigator.serviceWorker.ready.then(one => one.getNotifications())\
                 .then(all => all.map(one => ({ title: one.title, body: one.body, tag: one.tag, data: one.data })))";
    let mut seen = json!([]);
    within(PATIENCE, "the browser shows it", || {
        // A worker that is not quite active yet is passed over; what comes twice has one tag and is shown once.
        browser.order("ServiceWorker.deliverPushMessage", &push);
        seen = browser.ask(shown);
        seen != json!([])
    });
    assert_eq!(
        seen,
        json!([{
            "title": "Hello", "body": "We open at nine.", "tag": "hours",
            "data": { "page": 3, "url": "https://shop.example.org/hours", "id": sent["id"] },
        }])
    );
}
