//! The script for pages, in a real browser.

use loggia::store::testing::TestDatabase;
use loggia_tests::server::Server;
use loggia_tests::wait::within;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fixture::{Application, PATIENCE, Site, stop};
use crate::tunnel::Tunnel;

/// A page that was written for PushBack.
const PAGE: &str = include_str!("page.html");

/// The page for a user, with a third argument of `init` and something to do when its connection closes.
fn page(application: &Application, options: &str, closing: &str) -> String {
    PAGE.replace("{token}", &application.token)
        .replace("{user}", "7")
        .replace("{options}", options)
        .replace("{closing}", closing)
}

/// Shows a page as if the server had sent it.
fn show(browser: &Browser, origin: &str, page: &str) {
    browser.open(&format!("{origin}/healthz"));
    let page = serde_json::to_string(page).unwrap();
    browser.run(&format!(
        "document.open(); document.write({page}); document.close();"
    ));
    within(PATIENCE, "the page is connected", || {
        browser.run("return !!window.PushBack && !!PushBack._chatSocket && PushBack._chatSocket.readyState === 1;") == json!(true)
    });
}

fn shown(browser: &Browser) -> Value {
    browser.run("return Array.from(document.querySelectorAll('li'), function (one) { return one.textContent; });")
}

fn shows(browser: &Browser, wanted: &[&str]) {
    within(PATIENCE, &format!("the page shows {wanted:?}"), || {
        shown(browser) == json!(wanted)
    });
}

fn restarted(site: &Site, server: Server, meanwhile: impl FnOnce(&Server)) -> Server {
    stop(server);
    let server = site.serve();
    meanwhile(&server);
    server
}

#[test]
fn a_page_of_pushbacks_receives_and_after_a_restart_misses_nothing() {
    let browser = Browser::start();
    // By the option of the script, and by a page that connects again by itself, as pages of the original had to.
    for (options, closing) in [
        (", {reconnect: true}", ""),
        ("", "setTimeout(connect, 300);"),
    ] {
        let site = Site::new(TestDatabase::sqlite());
        let application = site.application("Shop");
        let server = site.serve();
        let client = server.root();
        application.register(&client, &json!([7]));
        show(
            &browser,
            server.url(),
            &page(&application, options, closing),
        );
        application.tell(&client, &json!([7]), &json!("one"));
        application.tell(&client, &json!([7]), &json!("zwölf 🎈"));
        shows(&browser, &["one", "zwölf 🎈"]);
        // What is posted before the page is back waits for it.
        let server = restarted(&site, server, |server| {
            application.tell(&server.root(), &json!([7]), &json!("missed"));
        });
        application.tell(&server.root(), &json!([7]), &json!("two"));
        shows(&browser, &["one", "zwölf 🎈", "missed", "two"]);
        assert_eq!(browser.run("return codes[0];"), json!(1001));
        assert_eq!(browser.run("return owners.every(Boolean);"), json!(true));
        let process = server.process().to_string();
        std::process::Command::new("kill")
            .args(["-9", &process])
            .status()
            .unwrap();
        drop(server);
        let server = site.serve();
        application.tell(&server.root(), &json!([7]), &json!("after a crash"));
        shows(
            &browser,
            &["one", "zwölf 🎈", "missed", "two", "after a crash"],
        );
    }
}

#[test]
fn a_second_subscribe_closes_the_first_and_parts_of_the_address_are_encoded() {
    let site = Site::new(TestDatabase::sqlite());
    let application = site.application("Shop");
    let server = site.serve();
    application.register(&server.root(), &json!([7, "a/b ü"]));
    let browser = Browser::start();
    show(&browser, server.url(), &page(&application, "", ""));
    browser.run(
        "window.first = PushBack._chatSocket; window.heard = [];
         PushBack.init(PushBack._app_key, 'a/b ü');
         PushBack.subscribe(function (e) { window.heard.push(e.data); }, function () {});",
    );
    within(PATIENCE, "the first is closed and the second open", || {
        browser
            .run("return window.first.readyState === 3 && PushBack._chatSocket.readyState === 1;")
            == json!(true)
    });
    application.tell(&server.root(), &json!(["a/b ü"]), &json!({ "a": [1] }));
    within(PATIENCE, "the second hears it", || {
        browser.run("return window.heard;") == json!(["{\"a\":[1]}"])
    });
    assert_eq!(browser.run("return codes;"), json!([]));
    let address = browser.run("return PushBack._chatSocket.url;");
    let host = server.url().trim_start_matches("http://");
    let token = &application.token;
    let wanted = format!("ws://{host}/ws/notifications/subscribe/{token}/a%2Fb%20%C3%BC/");
    assert_eq!(address, json!(wanted));
}

#[test]
fn a_page_over_https_dials_wss() {
    let site = Site::new(TestDatabase::sqlite());
    let application = site.application("Shop");
    let server = site.serve();
    application.register(&server.root(), &json!([7]));
    let tunnel = Tunnel::before(server.url().trim_start_matches("http://"));
    let browser = Browser::start();
    let origin = format!("https://localhost:{}", tunnel.port);
    show(&browser, &origin, &page(&application, "", ""));
    let address = browser.run("return PushBack._chatSocket.url;");
    let wanted = format!("wss://localhost:{}/ws/", tunnel.port);
    assert!(
        address
            .as_str()
            .is_some_and(|address| address.starts_with(&wanted)),
        "{address}"
    );
    application.tell(&server.root(), &json!([7]), &json!("encrypted"));
    shows(&browser, &["encrypted"]);
}

#[test]
fn the_script_is_served_with_a_validator() {
    let site = Site::new(TestDatabase::sqlite());
    let server = site.serve();
    let script = server.root().get("/static/core/js/pusher.js");
    assert_eq!(script.status, 200);
    assert!(
        script
            .header("content-type")
            .unwrap()
            .starts_with("text/javascript")
    );
    let tag = script.header("etag").unwrap().to_owned();
    let again = server
        .root()
        .with("If-None-Match", &tag)
        .get("/static/core/js/pusher.js");
    assert_eq!(again.status, 304);
}
