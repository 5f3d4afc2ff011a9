//! Packages in a bucket, from publishing to withdrawal: a site must not see where they lie.

use std::fmt::Write as _;
use std::fs;

use loggia::service::files::testing::TestBucket;
use loggia::store::testing::TestDatabase;
use loggia_tests::client::Client;
use loggia_tests::product::{Ran, dist, loggia};
use loggia_tests::server::Setup;

use crate::joomla::Joomla;
use crate::package::{archive_of, component, write};

const PATH: &str = "/api/download/com_shelf_1_0_0/com_shelf-1.0.0.zip";
const OPERATION: &str = "/api/post/release/download/com_shelf";

/// A site with the release module whose files lie where the settings say.
fn site(files: &str) -> Setup {
    let setup = Setup::new(TestDatabase::sqlite());
    let library = dist().join("lib/loggia/modules/release.so");
    fs::copy(library, setup.library("release")).expect("the module can be copied");
    configure(&setup, files);
    setup
}

fn configure(setup: &Setup, files: &str) {
    setup.configure(&format!("routes = [\"release\"]\n\n{files}"));
}

fn publish(setup: &Setup, bytes: &[u8]) -> Ran {
    let file = write(setup.folder(), "package.zip", bytes);
    let file = file.to_str().expect("a plain path");
    setup.operator(&[
        "release",
        "publish",
        file,
        "--free",
        "true",
        "--platform",
        "4.0-6.*",
    ])
}

/// Everything that clients see of the package and that does not change from run to run.
fn seen(client: &Client) -> String {
    let whole = client.get(PATH);
    let etag = whole.header("etag").unwrap_or_default().to_owned();
    let date = whole.header("last-modified").unwrap_or_default().to_owned();
    let mut seen = String::new();
    for (method, headers) in [
        ("GET", vec![]),
        ("HEAD", vec![]),
        ("GET", vec![("Range", "bytes=0-99")]),
        ("GET", vec![("Range", "bytes=100-")]),
        ("GET", vec![("Range", "bytes=-7")]),
        ("GET", vec![("Range", "bytes=5-9,20-29")]),
        ("GET", vec![("Range", "bytes=999999999-")]),
        ("GET", vec![("Range", "bytes=9-5")]),
        ("HEAD", vec![("Range", "bytes=0-9")]),
        ("POST", vec![("Range", "bytes=0-9")]),
        ("GET", vec![("Range", "bytes=2-9"), ("If-Range", &etag)]),
        ("GET", vec![("Range", "bytes=2-9"), ("If-Range", &date)]),
        (
            "GET",
            vec![("Range", "bytes=2-9"), ("If-Range", "\"other\"")],
        ),
        ("GET", vec![("If-None-Match", &etag)]),
        ("GET", vec![("If-None-Match", "\"other\"")]),
        ("HEAD", vec![("If-None-Match", "*")]),
        ("GET", vec![("If-Modified-Since", &date)]),
        ("GET", vec![("If-Match", "\"other\"")]),
        (
            "GET",
            vec![("If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:01 GMT")],
        ),
        ("GET", vec![("Accept-Encoding", "gzip")]),
    ] {
        for path in [PATH, OPERATION] {
            let asking = headers
                .iter()
                .fold(client.clone(), |client, (name, value)| {
                    client.with(name, value)
                });
            let answer = asking.send(method, path, None, b"");
            let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
            let _ = write!(seen, "{method} {path} {names:?}: {}", answer.status);
            for name in [
                "content-length",
                "content-range",
                "content-type",
                "content-disposition",
                "accept-ranges",
                "etag",
                "content-encoding",
            ] {
                let _ = write!(seen, " {name}={:?}", answer.header(name));
            }
            let sum = answer.body.iter().fold(0_u64, |sum, byte| {
                sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
            });
            let _ = writeln!(seen, " body={}:{sum}", answer.body.len());
        }
    }
    seen
}

fn downloads(setup: &Setup) -> i64 {
    let list = setup.operator(&["release", "list", "--json"]).done().json();
    list["packages"][0]["downloads"]
        .as_i64()
        .unwrap_or_default()
}

#[test]
fn a_package_is_served_from_a_bucket_as_from_a_folder() {
    let Some(bucket) = TestBucket::new() else {
        return;
    };
    let bytes = component("shelf", "1.0.0");
    let served = |files: &str| {
        let setup = site(files);
        publish(&setup, &bytes).done();
        let again = publish(&setup, &bytes);
        assert_eq!(again.status, 1, "{}", again.stdout);
        let server = setup.serve();
        let feed = server.root().get("/api/extension/com_shelf.xml").text();
        let feed = feed.replace(server.url(), "HOST");
        let joomla = Joomla::new(&format!("{}/api/extension/com_shelf.xml", server.url()));
        assert_eq!(joomla.update()["installs"]["verified"], true);
        assert_eq!(server.root().get(PATH).body, bytes);
        let seen = seen(&server.root());
        let count = downloads(&setup);
        let yank = [
            "release",
            "yank",
            "com_shelf_1_0_0",
            "--reason",
            "It breaks.",
        ];
        setup.operator(&yank).done();
        let gone = server.root().get(PATH);
        assert_eq!(
            (gone.status, gone.text().as_str()),
            (410, "Package withdrawn\n")
        );
        (feed, seen, count)
    };
    let (from_folder, from_bucket) = (served(""), served(&bucket.settings()));
    assert!(from_folder.1.contains(" 206 ") && from_folder.1.contains(" 416 "));
    assert_eq!(from_bucket, from_folder);
}

#[test]
fn nodes_share_a_bucket_and_no_folder() {
    let Some(bucket) = TestBucket::new() else {
        return;
    };
    let files = |scratch: &str| {
        let line = format!("[files]\nscratch = \"{scratch}\"\n");
        bucket.settings().replace("[files]\n", &line)
    };
    let setup = site(&files("first"));
    publish(&setup, &component("shelf", "1.0.0")).done();
    configure(&setup, &files("second"));
    let server = setup.serve();
    assert_eq!(server.root().get(PATH).body, component("shelf", "1.0.0"));
    let first: Vec<_> = fs::read_dir(setup.folder().join("first/.uploads"))
        .expect("the folder of uploads is there")
        .collect();
    assert!(
        first.is_empty(),
        "an upload that was stored is gone here: {first:?}"
    );
}

#[test]
fn a_large_package_passes_through_little_memory() {
    const LENGTH: usize = 64 << 20;
    let Some(bucket) = TestBucket::new() else {
        return;
    };
    let setup = site(&bucket.settings());
    let manifest =
        "<extension type=\"component\"><name>com_shelf</name><version>1.0.0</version></extension>";
    // Bytes that no compression shortens, from a generator that gives the same each time.
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(LENGTH)
    .collect();
    let bytes = archive_of(&[("shelf.xml", manifest.as_bytes()), ("noise.bin", &noise)]);
    publish(&setup, &bytes).done();
    let server = setup.serve();
    let client = server.root();
    // What the first answers need is not the file's.
    assert_eq!(client.with("Range", "bytes=0-99999").get(PATH).status, 206);
    let before = peak_memory_kib(server.process());
    let answer = client.get(PATH);
    assert!(
        answer.body == bytes,
        "{} of {}",
        answer.body.len(),
        bytes.len()
    );
    let after = peak_memory_kib(server.process());
    // Buffers on the way and what the allocator keeps of them are much less than the file.
    let most_kib = u64::try_from(LENGTH / 2 / 1024).expect("a small number");
    assert!(after - before < most_kib, "{before} KiB became {after} KiB");
}

fn peak_memory_kib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the process lives");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    number.expect("the kernel counts memory")
}

#[test]
fn what_is_wrong_with_the_bucket_is_said_at_the_start() {
    let Some(bucket) = TestBucket::new() else {
        return;
    };
    let (mut keys, mut name) = (bucket.clone(), bucket.clone());
    keys.secret_key = "hunter2hunter2".to_owned();
    name.bucket = "no-such-bucket-here".to_owned();
    for (settings, line, texts) in [
        (
            &keys,
            "access_key",
            ["SignatureDoesNotMatch", "write the keys of an account"],
        ),
        (
            &name,
            "url",
            ["the server has no such bucket", "make the bucket"],
        ),
    ] {
        let setup = site(&settings.settings());
        let ran = setup.operator(&["serve"]);
        assert_eq!(ran.status, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains("endpoints.toml:"), "{}", ran.stderr);
        let place = format!("| {line} = ");
        assert!(ran.stderr.contains(&place), "{}", ran.stderr);
        for text in texts {
            assert!(ran.stderr.contains(text), "{}", ran.stderr);
        }
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    }
}

#[test]
fn a_bucket_that_is_away_is_told_as_overload_and_nothing_is_lost() {
    let Some(bucket) = TestBucket::new() else {
        return;
    };
    let setup = site(&bucket.settings());
    publish(&setup, &component("shelf", "1.0.0")).done();
    let mut away = bucket.clone();
    // The discard port of the loopback: nobody answers there.
    away.endpoint = "http://127.0.0.1:9".to_owned();
    configure(&setup, &away.settings());
    let server = setup.serve();
    assert!(
        server.log().contains("the server cannot be reached"),
        "{}",
        server.log()
    );
    let answer = server.root().get(PATH);
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (503, Some("1"))
    );
    let answer = server.root().get(OPERATION);
    assert_eq!(
        (answer.status, answer.error_code().as_str()),
        (200, "REQ_OVL")
    );
    drop(server);
    configure(&setup, &bucket.settings());
    assert_eq!(setup.serve().root().get(PATH).status, 200);
}

#[test]
fn a_backup_of_a_bucket_is_restored_into_a_folder_and_into_another_bucket() {
    let (Some(source), Some(target)) = (TestBucket::new(), TestBucket::new()) else {
        return;
    };
    let setup = site(&source.settings());
    let bytes = component("shelf", "1.0.0");
    publish(&setup, &bytes).done();
    let archive = setup.folder().join("site.zip");
    let archive = archive.to_str().expect("a plain path");
    let made = setup.operator(&["backup", archive, "--json"]).done().json();
    assert_eq!(
        (made["files"].as_u64(), made["files_bytes"].as_u64()),
        (Some(1), Some(bytes.len() as u64))
    );
    for files in [String::new(), target.settings()] {
        let other = site(&files);
        let restored = other
            .operator(&["restore", archive, "--json"])
            .done()
            .json();
        assert_eq!(restored, made);
        assert_eq!(other.serve().root().get(PATH).body, bytes);
    }
    let again = site(&target.settings());
    let refused = again.operator(&["restore", archive]);
    assert_eq!(refused.status, 1);
    assert!(
        refused.stderr.contains("the file store is not empty"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_command_finds_the_keys_in_the_environment() {
    let Some(bucket) = TestBucket::new() else {
        return;
    };
    let settings = bucket
        .settings()
        .replace(
            &format!("\"{}\"", bucket.access_key),
            "{ env = \"TEST_ACCESS_KEY\" }",
        )
        .replace(
            &format!("\"{}\"", bucket.secret_key),
            "{ file = \"secret\" }",
        );
    let setup = site(&settings);
    fs::write(setup.folder().join("secret"), &bucket.secret_key).expect("a file can be written");
    let file = write(setup.folder(), "package.zip", &component("shelf", "1.0.0"));
    let mut command = loggia();
    command
        .args([
            "release",
            "publish",
            "--free",
            "true",
            "--platform",
            "4.0-6.*",
        ])
        .arg(file)
        .arg("--config")
        .arg(setup.configuration())
        .env("TEST_ACCESS_KEY", &bucket.access_key);
    let ran = Ran::command(&mut command).done();
    assert!(!ran.stdout.contains(&bucket.secret_key));
    let checked = Ran::command(
        loggia()
            .args(["check", "--settings", "--config"])
            .arg(setup.configuration())
            .env("TEST_ACCESS_KEY", &bucket.access_key),
    );
    let shown = checked.done().stdout;
    assert!(
        shown.contains("s3://") && !shown.contains(&bucket.secret_key),
        "{shown}"
    );
}
