//! A running server with a bad module in it: what fails is that module's call, nothing else.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use loggia::store::testing::TestDatabase;
use loggia_tests::server::{Server, Setup};
use loggia_tests::{cc, source_tree};

use crate::check::built;

/// The library of the crate `loggia-faulty`, which cargo puts beside this program.
fn faulty() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    program.parent().unwrap().join("libloggia_faulty.so")
}

/// A site with the module that fails on demand and the good one in C.
fn setup(more: &str) -> Setup {
    let setup = Setup::new(TestDatabase::sqlite());
    fs::copy(faulty(), setup.library("faulty")).unwrap();
    let hello = source_tree().join("sdk/include/example/hello.c");
    cc::shared_library(&hello, &setup.library("hello"));
    setup.configure(more);
    setup
}

fn assert_others_are_served(server: &Server) {
    let answer = server.api().get("/get/hello/greeting?name=Ada");
    assert_eq!(answer.json()["greeting"], "Hello, Ada!");
}

#[test]
fn a_panic_fails_its_own_call_and_names_the_module_in_the_log() {
    let setup = setup("");
    let server = setup.serve();
    assert_eq!(
        server.api().get("/get/faulty/panic").error_code(),
        "REQ_GER"
    );
    assert_eq!(server.api().get("/get/faulty/fine").json()["status"], "ok");
    assert_others_are_served(&server);
    let log = server.log();
    let line = log.lines().find(|line| line.contains("as it was told to"));
    assert!(line.is_some_and(|line| line.contains("faulty")), "{log}");
}

#[test]
fn five_panics_in_a_minute_quarantine_the_module_until_it_is_reloaded() {
    let setup = setup("");
    let server = setup.serve();
    for _ in 0..5 {
        server.api().get("/get/faulty/panic");
    }
    assert_eq!(server.api().get("/get/faulty/fine").error_code(), "REQ_OVL");
    assert_others_are_served(&server);
    let ready = server.root().get("/readyz").text();
    assert!(
        ready.contains("faulty") && ready.contains("panics"),
        "{ready}"
    );

    setup
        .operator(&["module", "reload", "faulty", "--json"])
        .done();
    assert_eq!(server.api().get("/get/faulty/fine").json()["status"], "ok");
}

#[test]
fn a_call_over_its_deadline_is_answered_in_time_while_others_are_served() {
    let setup = setup("[module.faulty]\ndeadline_ms = 300\n");
    let server = setup.serve();
    let start = Instant::now();
    let answer = server.api().get("/get/faulty/slow?milliseconds=5000");
    assert_eq!(answer.error_code(), "REQ_TMO");
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    assert_others_are_served(&server);
    assert_eq!(server.api().get("/get/faulty/fine").json()["status"], "ok");
}

#[test]
fn calls_that_never_return_cost_their_module_and_nobody_else() {
    let setup = setup("[module.faulty]\ndeadline_ms = 200\nthreads = 2\nqueue = 4\n");
    let server = setup.serve();
    for _ in 0..2 {
        assert_eq!(
            server.api().get("/get/faulty/never").error_code(),
            "REQ_TMO"
        );
    }
    let refused = server.api().get("/get/faulty/slow?milliseconds=1");
    assert_eq!(refused.error_code(), "REQ_OVL");
    assert_others_are_served(&server);
}

#[test]
fn an_answer_that_is_too_large_fails_and_is_named_in_the_log() {
    let setup = setup("");
    let server = setup.serve();
    let answer = server.api().get("/get/faulty/oversize?bytes=300000000");
    assert_eq!(answer.error_code(), "REQ_GER");
    assert_others_are_served(&server);
    let log = server.log();
    let line = log
        .lines()
        .find(|line| line.contains("larger than the host allows"));
    assert!(line.is_some_and(|line| line.contains("faulty")), "{log}");
}

#[test]
fn a_slow_module_keeps_nobody_else_waiting() {
    let setup = setup("[module.faulty]\nthreads = 2\nqueue = 2\n");
    let server = setup.serve();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| server.api().get("/get/faulty/slow?milliseconds=1500"));
        }
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(1) {
            let asked = Instant::now();
            assert_others_are_served(&server);
            assert!(
                asked.elapsed() < Duration::from_millis(500),
                "{:?}",
                asked.elapsed()
            );
        }
    });
}

#[test]
fn a_library_that_cannot_be_loaded_leaves_the_others_serving_and_says_why() {
    for name in [
        "no_symbol",
        "start_refuses",
        "undeclared_service",
        "crash_on_open",
    ] {
        let setup = setup("");
        built(name, setup.library("bad").parent().unwrap());
        let server = setup.serve();
        assert_others_are_served(&server);
        let code = server.api().get("/get/bad/answer").error_code();
        assert!(
            ["REQ_OVL", "REQ_MNF"].contains(&code.as_str()),
            "{name}: {code}"
        );
        assert!(server.log().contains("bad"), "{name}: {}", server.log());
        let ready = server.root().get("/readyz");
        assert_eq!(ready.status, 503, "{name}");
        assert!(ready.text().contains("bad"), "{name}: {}", ready.text());
    }
}
