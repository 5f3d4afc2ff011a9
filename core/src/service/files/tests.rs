//! Both kinds of store, held to the same.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use tempfile::TempDir;

use super::testing::TestBucket;
use super::{FileStore, Place, Refusal, Stored};
use crate::settings::Settings;
use crate::store::archive::Files as _;

/// A store in a folder of its own, and what keeps it.
struct Site {
    store: FileStore,
    _folder: TempDir,
}

impl Site {
    fn new(settings: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let settings = Settings::parse(settings, &folder.path().join("endpoints.toml"));
        let settings = settings.unwrap_or_else(|errors| panic!("{errors}"));
        Site {
            store: FileStore::open(&settings.files).unwrap(),
            _folder: folder,
        }
    }

    /// One of each kind: a folder always, a bucket where the environment names a server.
    fn each() -> Vec<Self> {
        let bucket = TestBucket::new().map(|bucket| bucket.settings());
        let settings = [Some(String::new()), bucket].into_iter().flatten();
        settings.map(|settings| Site::new(&settings)).collect()
    }
}

fn content(stored: &Stored) -> Vec<u8> {
    let mut bytes = Vec::new();
    stored.reader().unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// Bytes that show where they were cut.
fn long(length: usize) -> Vec<u8> {
    let numbers = 0_u32..;
    let mut bytes: Vec<u8> = numbers
        .take(length / 4 + 1)
        .flat_map(u32::to_be_bytes)
        .collect();
    bytes.truncate(length);
    bytes
}

fn kind<T: std::fmt::Debug>(result: std::io::Result<T>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn a_file_is_stored_once_and_read_until_it_is_removed() {
    for site in Site::each() {
        let store = &site.store;
        assert_eq!(kind(store.find("a", "one")), ErrorKind::NotFound);
        store.put("a", "one", b"first").unwrap();
        assert_eq!(
            kind(store.put("a", "one", b"other")),
            ErrorKind::AlreadyExists
        );
        store.put("b", "one", b"another module's").unwrap();
        store.put("a", "empty", b"").unwrap();
        let found = store.find("a", "one").unwrap();
        assert_eq!((found.size, content(&found)), (5, b"first".to_vec()));
        assert_eq!(store.size("a", "empty").unwrap(), 0);
        assert_eq!(content(&store.find("a", "empty").unwrap()), b"");
        store.remove("a", "one").unwrap();
        store.remove("a", "one").unwrap();
        assert_eq!(kind(store.size("a", "one")), ErrorKind::NotFound);
        store.put("a", "one", b"again").unwrap();
        assert_eq!(content(&store.find("a", "one").unwrap()), b"again");
    }
}

#[test]
fn an_upload_is_adopted_as_it_is() {
    for site in Site::each() {
        let store = &site.store;
        let mut upload = store.upload().unwrap();
        upload.write_all(b"package").unwrap();
        let name = upload.path().file_name().unwrap().to_str().unwrap();
        assert_eq!(store.size("a", name).unwrap(), 7);
        store.adopt("a", name, "x/1.zip").unwrap();
        assert_eq!(
            kind(store.adopt("a", name, "x/1.zip")),
            ErrorKind::AlreadyExists
        );
        assert_eq!(
            kind(store.adopt("a", "upload-gone", "x/2.zip")),
            ErrorKind::NotFound
        );
        assert_eq!(content(&store.find("a", "x/1.zip").unwrap()), b"package");
    }
}

#[test]
fn a_key_cannot_leave_its_module() {
    for site in Site::each() {
        for key in [
            "",
            "../b/one",
            "a//b",
            "/etc/passwd",
            ".hidden",
            "x/.y",
            "a b",
            "ä",
            "a\\b",
            &"x".repeat(256),
        ] {
            assert_eq!(
                kind(site.store.put("a", key, b"")),
                ErrorKind::InvalidInput,
                "{key}"
            );
            assert_eq!(
                kind(site.store.find("a", key)),
                ErrorKind::InvalidInput,
                "{key}"
            );
        }
    }
}

#[test]
fn a_long_file_arrives_whole_and_leaves_nothing_beside_it() {
    for site in Site::each() {
        let bytes = long((17 << 20) + 3);
        site.store.put("a", "long", &bytes).unwrap();
        assert!(content(&site.store.find("a", "long").unwrap()) == bytes);
        let again = site.store.put("a", "long", &long(9 << 20));
        assert_eq!(kind(again), ErrorKind::AlreadyExists);
        assert!(content(&site.store.find("a", "long").unwrap()) == bytes);
        assert_eq!(site.store.paths(Path::new("")).unwrap(), ["a/long"]);
        assert_eq!(site.store.store.everything().unwrap(), 1);
    }
}

#[test]
fn of_many_who_add_under_one_key_one_succeeds() {
    const WRITERS: u8 = 8;
    for site in Site::each() {
        for length in [1_000, 9 << 20] {
            let (start, key) = (Barrier::new(usize::from(WRITERS)), format!("key-{length}"));
            let (start, key, store) = (&start, key.as_str(), &site.store);
            let results: Vec<_> = thread::scope(|scope| {
                let writers = (0..WRITERS).map(|number| {
                    scope.spawn(move || {
                        start.wait();
                        store.put("a", key, &vec![number; length])
                    })
                });
                let writers: Vec<_> = writers.collect();
                writers.into_iter().map(|one| one.join().unwrap()).collect()
            });
            let winners: Vec<_> = (0..WRITERS)
                .filter(|number| results[usize::from(*number)].is_ok())
                .collect();
            let losers = results.into_iter().filter_map(Result::err);
            assert!(
                losers
                    .into_iter()
                    .all(|error| error.kind() == ErrorKind::AlreadyExists)
            );
            assert_eq!(winners.len(), 1);
            let stored = content(&store.find("a", key).unwrap());
            assert!(stored == vec![winners[0]; length]);
        }
    }
}

#[test]
fn a_module_opens_a_stored_file_by_a_path() {
    for site in Site::each() {
        site.store.put("a", "one", b"first").unwrap();
        let path = site.store.local_path("a", "one").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        assert_eq!(site.store.local_path("a", "one").unwrap(), path);
        site.store.remove("a", "one").unwrap();
        assert_eq!(kind(site.store.local_path("a", "one")), ErrorKind::NotFound);
        site.store.put("a", "one", b"second").unwrap();
        let path = site.store.local_path("a", "one").unwrap();
        assert_eq!(std::fs::read(path).unwrap(), b"second");
    }
}

#[test]
fn a_store_is_brought_into_another_of_either_kind() {
    for source in Site::each() {
        for target in Site::each() {
            source.store.remove("a", "one").unwrap();
            source.store.put("a", "one", b"first").unwrap();
            if source.store.find("b", "x/two").is_err() {
                source.store.put("b", "x/two", b"second").unwrap();
            }
            let paths = source.store.paths(Path::new("")).unwrap();
            assert_eq!(paths, ["a/one", "b/x/two"]);
            for path in &paths {
                let (_, mut bytes) = source.store.open(path).unwrap();
                target.store.restore(path, &mut bytes).unwrap();
            }
            assert_eq!(target.store.paths(Path::new("")).unwrap(), paths);
            assert_eq!(
                content(&target.store.find("b", "x/two").unwrap()),
                b"second"
            );
            let outside = target.store.restore("../x", &mut &b""[..]);
            assert_eq!(kind(outside), ErrorKind::InvalidInput);
        }
    }
}

#[test]
fn a_part_of_an_object_is_read_without_the_rest() {
    let Some(bucket) = TestBucket::new() else {
        return;
    };
    let site = Site::new(&bucket.settings());
    let bytes = long(1 << 20);
    site.store.put("a", "one", &bytes).unwrap();
    let Place::Object(object) = site.store.find("a", "one").unwrap().place else {
        panic!("a bucket has objects")
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let part = runtime.block_on(async {
        use futures_util::TryStreamExt as _;
        let pieces = object.read(1_000..70_000).await.unwrap();
        let pieces: Vec<_> = pieces.try_collect().await.unwrap();
        pieces.concat()
    });
    assert!(part == bytes[1_000..70_000]);
}

#[test]
fn wrong_settings_are_told_apart_from_a_server_that_is_away() {
    let Some(bucket) = TestBucket::new() else {
        return;
    };
    let check = |settings: &TestBucket| Site::new(&settings.settings()).store.check();
    assert!(check(&bucket).is_ok());
    let mut wrong = bucket.clone();
    wrong.bucket = "no-such-bucket-here".to_owned();
    assert!(matches!(check(&wrong), Err(Refusal::Bucket)));
    for (access_key, secret_key, reason) in [
        (
            bucket.access_key.as_str(),
            "hunter2",
            "SignatureDoesNotMatch",
        ),
        ("AKIANOBODY", "hunter2", "InvalidAccessKeyId"),
    ] {
        let mut wrong = bucket.clone();
        wrong.access_key = access_key.to_owned();
        wrong.secret_key = secret_key.to_owned();
        let refusal = check(&wrong).unwrap_err();
        let Refusal::Keys(text) = refusal else {
            panic!("the server knows its keys, but said {refusal:?}")
        };
        assert_eq!(text, format!("the server refused by {reason}"));
        let error = Site::new(&wrong.settings())
            .store
            .put("a", "one", b"")
            .unwrap_err();
        assert!(!error.to_string().contains(access_key), "{error}");
    }
}

#[test]
fn a_server_that_is_away_or_silent_may_be_asked_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let settings = |timeout_ms: u32| {
        format!(
            "[files]\nurl = \"s3://bucket/loggia\"\n[files.s3]\nendpoint = \"http://{address}\"\n\
             access_key = \"a\"\nsecret_key = \"hunter2\"\ntimeout_ms = {timeout_ms}\n"
        )
    };
    // It takes connections and says nothing.
    let site = Site::new(&settings(300));
    let error = site.store.put("a", "one", b"x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResourceBusy, "{error}");
    assert!(matches!(site.store.check(), Err(Refusal::Silent(_))));
    drop(listener);
    let site = Site::new(&settings(5_000));
    let error = site.store.find("a", "one").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResourceBusy, "{error}");
    assert_eq!(
        error.to_string(),
        "the bucket: the server cannot be reached"
    );
}
