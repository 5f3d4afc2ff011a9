//! Modules are replaced under load: no call fails, and nothing is left behind.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use loggia::store::testing::TestDatabase;
use loggia_tests::server::{Server, Setup};
use loggia_tests::{cc, rounds, source_tree};

use crate::check::built;

/// Swaps before the first look at memory: caches and allocators have their size by then.
const WARM_UP: u32 = 10;

fn setup() -> Setup {
    let setup = Setup::new(TestDatabase::sqlite());
    let hello = source_tree().join("sdk/include/example/hello.c");
    cc::shared_library(&hello, &setup.library("hello"));
    setup
}

/// Swaps the module and gives the generation that serves afterwards.
fn swap(setup: &Setup) -> u64 {
    let ran = setup
        .operator(&["module", "reload", "hello", "--json"])
        .done();
    ran.json()["generation"]
        .as_u64()
        .unwrap_or_else(|| panic!("{}", ran.stdout))
}

fn assert_served(server: &Server) {
    let inline = server.api().get("/get/hello/greeting?name=Ada");
    assert_eq!(
        inline.json()["greeting"],
        "Hello, Ada!",
        "{}",
        inline.text()
    );
    let pool = server
        .api()
        .post_form("/post/hello/visit", &[("name", "Ada")]);
    assert_eq!(pool.json()["status"], "ok", "{}", pool.text());
}

#[test]
fn swaps_under_load_lose_no_call_and_leave_nothing_behind() {
    let setup = setup();
    let server = setup.serve();
    let swaps = rounds(30, 1_000);
    let (done, calls) = (AtomicBool::new(false), AtomicU64::new(0));
    let (before, after) = thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    assert_served(&server);
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
                before = Some(Held::by(server.process()));
            }
            let next = swap(&setup);
            assert!(next > generation, "{next} does not follow {generation}");
            generation = next;
        }
        let after = Held::by(server.process());
        drop(ends_load);
        (before.unwrap(), after)
    });
    assert!(
        calls.into_inner() > u64::from(swaps),
        "there was no load to speak of"
    );
    assert!(
        after.files <= before.files + 16,
        "files: {} to {}",
        before.files,
        after.files
    );
    assert!(
        after.libraries <= 4,
        "{} libraries are still mapped",
        after.libraries
    );
    let grown = after.kilobytes.saturating_sub(before.kilobytes);
    assert!(grown < 8_192, "memory grew by {grown} kB in {swaps} swaps");
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
    assert_served(&server);
}

#[test]
fn a_module_that_is_disabled_ends_at_the_next_reload_and_comes_back_at_another() {
    let setup = setup();
    let server = setup.serve();
    assert_served(&server);
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
    assert_served(&server);
}

/// Tells the threads that make load to end.
struct EndsLoad<'a>(&'a AtomicBool);

impl Drop for EndsLoad<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What a process holds.
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
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = memory.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        let code = maps.lines().filter(|line| line.contains(" r-xp "));
        Held {
            files: fs::read_dir(about("fd")).unwrap().count(),
            libraries: code.filter(|line| line.contains("module-")).count(),
            kilobytes: memory.unwrap(),
        }
    }
}
