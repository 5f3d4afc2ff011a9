//! Modules are replaced under load: no call fails, and nothing is left behind.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use loggia::store::testing::TestDatabase;
use loggia_tests::client::Client;
use loggia_tests::product::Ran;
use loggia_tests::server::Setup;
use loggia_tests::site::Site;
use loggia_tests::{cc, rounds, source_tree};

use crate::check::built;

/// Swaps before the first look at memory: caches and allocators have their size by then.
const WARM_UP: u32 = 10;

/// How many threads make load, each over one connection that it keeps.
const SENDERS: usize = 3;

/// What a process may hold more after all swaps than before.
const FILES_MORE: usize = 16;
const KILOBYTES_MORE: u64 = 8_192;

fn setup() -> Setup {
    let setup = Setup::new(TestDatabase::sqlite());
    let hello = source_tree().join("sdk/include/example/hello.c");
    cc::shared_library(&hello, &setup.library("hello"));
    setup
}

fn assert_served(api: &Client) {
    let inline = api.get("/get/hello/greeting?name=Ada");
    assert_eq!(
        inline.json()["greeting"],
        "Hello, Ada!",
        "{}",
        inline.text()
    );
    let pool = api.post_form("/post/hello/visit", &[("name", "Ada")]);
    assert_eq!(pool.json()["status"], "ok", "{}", pool.text());
}

/// The generation that serves after a reload.
fn generation(reload: &Ran) -> u64 {
    reload.json()["generation"]
        .as_u64()
        .unwrap_or_else(|| panic!("{}", reload.stdout))
}

/// Swaps while calls are made, and sees that none fails and that the process holds no more afterwards.
#[expect(
    clippy::print_stdout,
    reason = "whoever runs the long rounds has to see what they came to"
)]
fn swap_under_load(swaps: u32, process: u32, swap: impl Fn(u32) -> u64, serves: impl Fn() + Sync) {
    let (done, calls) = (AtomicBool::new(false), AtomicU64::new(0));
    let (before, after) = thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    serves();
                    calls.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        // Also where an assertion fails, or the threads would be waited for without end.
        let ends_load = EndsLoad(&done);
        let mut generation = 0;
        let mut before = None;
        for number in 0..WARM_UP + swaps {
            if number == WARM_UP {
                before = Some(Held::by(process));
            }
            let next = swap(number);
            assert!(next > generation, "{next} does not follow {generation}");
            generation = next;
        }
        let after = Held::by(process);
        drop(ends_load);
        (before.unwrap(), after)
    });
    let calls = calls.into_inner();
    println!("{swaps} swaps, {calls} rounds of calls: {before:?}, then {after:?}");
    assert!(calls > u64::from(swaps), "there was no load to speak of");
    assert!(
        after.files <= before.files + FILES_MORE,
        "files: {} to {}",
        before.files,
        after.files
    );
    let grown = after.kilobytes.saturating_sub(before.kilobytes);
    assert!(
        grown < KILOBYTES_MORE,
        "memory grew by {grown} kB in {swaps} swaps"
    );
}

#[test]
fn swaps_under_load_lose_no_call_and_leave_nothing_behind() {
    let setup = setup();
    let server = setup.serve();
    let api = server.api().keeping();
    let swap = |_| {
        let words = ["module", "reload", "hello", "--json"];
        generation(&setup.operator(&words).done())
    };
    swap_under_load(rounds(30, 1_000), server.process(), swap, || {
        assert_served(&api);
    });
    let mapped = Held::by(server.process()).libraries;
    assert!(mapped <= 4, "{mapped} libraries are still mapped");
    assert_eq!(setup.litter(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn loggias_own_modules_are_swapped_under_load_and_unmapped() {
    const OWN: [&str; 11] = [
        "catalog", "content", "forum", "loopback", "media", "menu", "profiles", "push", "pushback",
        "release", "user",
    ];
    for site in Site::each() {
        let node = site.node();
        let key = node.fact("/keys/unlimited");
        let group = node.fact("/release/group");
        let api = node.endpoint("key").with_key(&key).keeping();
        let validate = format!("/post/release/validate/{group}?email=nobody@example.org&key=none");
        let topics = format!(
            "/get/forum/topics/{}?format=html",
            node.fact("/forum/topic")
        );
        let item = format!(
            "/get/catalog/items/{}?app={}",
            node.fact("/catalog/item"),
            node.fact("/catalog/app")
        );
        let wanted = api.get(&validate).error_code();
        assert!(wanted.starts_with("REL_"), "{wanted}");
        let swap = |number: u32| {
            let name = OWN[number as usize % OWN.len()];
            generation(&site.operator(&["module", "reload", name, "--json"]).done())
        };
        swap_under_load(rounds(10, 1_000), node.process(), swap, || {
            let status = api.get("/get/user/status");
            assert_eq!(status.json()["status"], "ok", "{}", status.text());
            let validated = api.get(&validate);
            assert_eq!(validated.error_code(), wanted, "{}", validated.text());
            let articles = api.get("/get/content/articles?limit=1");
            assert_eq!(articles.json()["status"], "ok", "{}", articles.text());
            let item = api.get(&item);
            assert_eq!(item.json()["status"], "ok", "{}", item.text());
            let topics = api.get(&topics);
            assert_eq!(topics.json()["status"], "ok", "{}", topics.text());
        });
        let mapped = Held::by(node.process()).libraries;
        assert!(
            mapped <= OWN.len() + 2,
            "{mapped} libraries are still mapped"
        );
    }
}

#[test]
fn a_version_that_does_not_start_leaves_the_old_one_serving() {
    let setup = setup();
    let server = setup.serve();
    let bad = built("no_symbol", setup.folder());
    fs::rename(bad, setup.library("hello")).unwrap();
    let ran = setup.operator(&["module", "reload", "hello", "--json"]);
    assert_eq!(ran.status, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("loggia_module_v1"), "{}", ran.stderr);
    assert_served(&server.api());
}

#[test]
fn a_module_that_is_disabled_ends_at_the_next_reload_and_comes_back_at_another() {
    let setup = setup();
    let server = setup.serve();
    assert_served(&server.api());
    let reload = || setup.operator(&["reload"]).done();
    let greet = || server.api().get("/get/hello/greeting?name=Ada");
    setup.configure("[module.hello]\nenabled = false\n");
    reload();
    assert_eq!(greet().error_code(), "REQ_MNF");
    let ran = setup.operator(&["module", "reload", "hello"]);
    assert_eq!(ran.status, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("enabled = false"), "{}", ran.stderr);
    assert_eq!(greet().error_code(), "REQ_MNF");
    assert_eq!(server.root().get("/readyz").status, 200);
    setup.configure("");
    reload();
    assert_served(&server.api());
}

/// Tells the threads that make load to end.
struct EndsLoad<'a>(&'a AtomicBool);

impl Drop for EndsLoad<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What a process holds.
#[derive(Debug)]
struct Held {
    files: usize,
    libraries: usize,
    kilobytes: u64,
}

impl Held {
    fn by(process: u32) -> Self {
        let about = |what: &str| format!("/proc/{process}/{what}");
        let status = fs::read_to_string(about("status")).unwrap();
        let maps = fs::read_to_string(about("maps")).unwrap();
        // Pages of files come and go as code is used and given back; what is lost is among the others.
        let memory = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"));
        let memory = memory.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        let code = maps.lines().filter(|line| line.contains(" r-xp "));
        Held {
            files: fs::read_dir(about("fd")).unwrap().count(),
            libraries: code.filter(|line| line.contains("module-")).count(),
            kilobytes: memory.unwrap(),
        }
    }
}
