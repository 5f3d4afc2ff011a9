//! Backup and restore, within one database and across the two, with every table compared.

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use loggia_sql::Dialect;
use tempfile::TempDir;

use crate::service::files::FileStore;
use crate::store::archive::{ArchiveError, Progress, Summary, backup, restore};
use crate::store::migration::{Migration, migrate, status};
use crate::store::testing::{TestDatabase, content, patience, schema};
use crate::store::{Pool, core_migrations};

const UP: &str = "
    CREATE TABLE library_shelf (
        id {id}, cover {bytes}, open {bool} NOT NULL, facts {json}, ratio DOUBLE PRECISION, label TEXT NOT NULL
    );
    CREATE TABLE library_book (
        id {id}, shelf_id BIGINT NOT NULL REFERENCES library_shelf (id),
        sequel_of BIGINT REFERENCES library_book (id), title TEXT NOT NULL
    );
    INSERT INTO library_shelf (open, label) VALUES (TRUE, 'made by the migration')";

fn migrations() -> Vec<Migration> {
    let mut migrations = core_migrations();
    migrations.push(Migration {
        owner: Cow::Borrowed("library"),
        name: Cow::Borrowed("0001_library"),
        up: Cow::Borrowed(UP),
        down: Cow::Borrowed("DROP TABLE library_book; DROP TABLE library_shelf"),
    });
    migrations
}

/// Fills the tables with what is easily lost: empty and NULL, bytes, numbers at the edge, rows that name a
/// later row, and a last number that no row has any more.
fn fill(pool: &Pool) {
    let mut connection = pool.write(patience()).unwrap();
    let bytes = match connection.dialect() {
        Dialect::Sqlite => "X'00FF27'",
        Dialect::Postgresql => "'\\x00ff27'::bytea",
    };
    let mut sql = format!(
        "UPDATE library_shelf SET label = 'changed since' WHERE id = 1;
         INSERT INTO library_shelf (cover, open, facts, ratio, label)
             VALUES ({bytes}, FALSE, '{{\"a\": [1, \"x\"]}}', 0.1, 'a ''quoted'' \"label\" ü');
         INSERT INTO library_shelf (cover, open, facts, ratio, label) VALUES (NULL, TRUE, NULL, 3, '');"
    );
    for number in 1..=1_200 {
        sql += "INSERT INTO library_book (shelf_id, title) VALUES (1, 'volume ";
        sql += &number.to_string();
        sql += "');";
    }
    sql += "UPDATE library_book SET sequel_of = 1200 WHERE id = 1;
            INSERT INTO library_book (shelf_id, title) VALUES (1, 'lost');
            DELETE FROM library_book WHERE title = 'lost'";
    connection.batch_execute(&sql).unwrap();
}

fn silent(_: Progress<'_>) {}

fn stored(folder: &Path) -> FileStore {
    FileStore::folder(folder).unwrap()
}

/// A filled database, a folder with files, and the archive of both.
struct Original {
    database: TestDatabase,
    pool: Pool,
    folder: TempDir,
    summary: Summary,
}

impl Original {
    fn new(database: TestDatabase) -> Self {
        let (pool, folder) = (database.pool(), TempDir::new().unwrap());
        migrate(&pool, &migrations()).unwrap();
        fill(&pool);
        let packages = folder.path().join("files/release");
        fs::create_dir_all(&packages).unwrap();
        fs::write(packages.join("a.zip"), [0, 1, 2, 255]).unwrap();
        fs::write(folder.path().join("files/empty"), []).unwrap();
        fs::create_dir_all(folder.path().join("files/.uploads")).unwrap();
        fs::write(folder.path().join("files/.uploads/half"), [1]).unwrap();
        let mut original = Original {
            database,
            pool,
            folder,
            summary: Summary::default(),
        };
        original.summary = backup(
            &original.pool,
            &stored(&original.files()),
            &original.archive(),
            &mut silent,
        )
        .unwrap();
        original
    }

    fn files(&self) -> std::path::PathBuf {
        self.folder.path().join("files")
    }

    fn archive(&self) -> std::path::PathBuf {
        self.folder.path().join("site.loggia")
    }
}

fn next_id(pool: &Pool) -> i64 {
    diesel::table! { library_book (id) { id -> BigInt, shelf_id -> BigInt, title -> Text, } }
    diesel::insert_into(library_book::table)
        .values((library_book::shelf_id.eq(1), library_book::title.eq("next")))
        .returning(library_book::id)
        .get_result(&mut pool.write(patience()).unwrap())
        .unwrap()
}

fn assert_restores(original: &Original, target: &TestDatabase) {
    let (pool, folder) = (target.pool(), TempDir::new().unwrap());
    let restored = restore(
        &pool,
        &stored(folder.path()),
        &original.archive(),
        &mut silent,
    )
    .unwrap();
    assert_eq!(restored, original.summary);
    assert_eq!(content(&pool), content(&original.pool));
    if target.dialect() == original.database.dialect() {
        assert_eq!(schema(&pool), schema(&original.pool));
    }
    let files = |folder: &Path| {
        let package = fs::read(folder.join("release/a.zip")).unwrap();
        (package, fs::read(folder.join("empty")).unwrap())
    };
    assert_eq!(files(folder.path()), files(&original.files()));
    let all_ran = status(&pool, &migrations()).unwrap();
    assert!(
        all_ran
            .iter()
            .all(|migration| migration.applied_ms.is_some())
    );
    assert_eq!(
        next_id(&pool),
        1_202,
        "a number that was given out is not given again"
    );
}

#[test]
fn a_restored_database_has_every_row_of_every_table() {
    for database in TestDatabase::each() {
        let original = Original::new(database);
        assert_eq!(
            (original.summary.files, original.summary.files_bytes),
            (2, 4)
        );
        for target in TestDatabase::each() {
            assert_restores(&original, &target);
        }
    }
}

/// Ends the writing thread however the test ends.
struct Ended<'e>(&'e AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[test]
fn an_archive_may_lie_in_the_folder_that_it_takes_in() {
    let original = Original::new(TestDatabase::sqlite());
    let path = original.files().join("site.loggia");
    let summary = backup(
        &original.pool,
        &stored(&original.files()),
        &path,
        &mut silent,
    )
    .unwrap();
    assert_eq!(summary, original.summary);
    assert!(fs::metadata(path).unwrap().len() < 1_000_000);
}

#[test]
fn writers_go_on_during_a_backup_and_it_shows_one_moment() {
    for database in TestDatabase::each() {
        let pool = database.pool();
        migrate(&pool, &migrations()).unwrap();
        fill(&pool);
        let (folder, done) = (TempDir::new().unwrap(), AtomicBool::new(false));
        let path = folder.path().join("site.loggia");
        let write = || {
            // A shelf and its book are always added together.
            pool.write(patience()).unwrap().batch_execute(
                "INSERT INTO library_shelf (open, label) VALUES (TRUE, 'pair');
                 INSERT INTO library_book (shelf_id, title) VALUES (1, 'pair')",
            )
        };
        let mut written_meanwhile = 0;
        std::thread::scope(|scope| {
            let _ended = Ended(&done);
            scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    write().unwrap();
                }
            });
            backup(&pool, &stored(folder.path()), &path, &mut |_| {
                write().unwrap();
                written_meanwhile += 1;
            })
            .unwrap();
        });
        assert!(written_meanwhile > 0);
        let target = TestDatabase::sqlite();
        let restored = target.pool();
        restore(
            &restored,
            &stored(&folder.path().join("new")),
            &path,
            &mut silent,
        )
        .unwrap();
        let text = content(&restored);
        let pairs = |table: &str| {
            let lines = text.lines();
            lines
                .filter(|line| line.starts_with(table) && line.contains("pair"))
                .count()
        };
        assert_eq!(pairs("library_shelf"), pairs("library_book"));
    }
}

#[test]
fn only_empty_databases_and_folders_are_restored_into() {
    let original = Original::new(TestDatabase::sqlite());
    for target in TestDatabase::each() {
        let pool = target.pool();
        let refused = restore(
            &pool,
            &stored(&original.files()),
            &original.archive(),
            &mut silent,
        );
        assert!(matches!(refused, Err(ArchiveError::FilesNotEmpty(_))));
        migrate(&pool, &migrations()).unwrap();
        let before = content(&pool);
        let empty = original.folder.path().join("none");
        let refused =
            restore(&pool, &stored(&empty), &original.archive(), &mut silent).unwrap_err();
        assert!(matches!(refused, ArchiveError::DatabaseNotEmpty(_)));
        assert_eq!(content(&pool), before);
    }
}

#[test]
fn a_damaged_archive_changes_nothing() {
    let original = Original::new(TestDatabase::sqlite());
    let whole = fs::read(original.archive()).unwrap();
    let path = original.folder.path().join("damaged");
    for target in TestDatabase::each() {
        let pool = target.pool();
        for damaged in [
            &whole[..whole.len() / 2],
            b"not an archive",
            &flipped(&whole),
        ] {
            fs::write(&path, damaged).unwrap();
            let folder = TempDir::new().unwrap();
            let files = stored(folder.path());
            assert!(restore(&pool, &files, &path, &mut silent).is_err());
            assert_eq!(content(&pool), "");
        }
    }
}

/// Changes one byte in the middle of a table's rows.
fn flipped(whole: &[u8]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    let name = b"tables/library_book.ndjson";
    let start = bytes.windows(name.len()).position(|window| window == name);
    bytes[start.expect("the table is in the archive") + name.len() + 200] ^= 0xff;
    bytes
}

#[test]
fn an_archive_of_a_newer_version_is_refused_by_name() {
    let database = TestDatabase::sqlite();
    let (pool, folder) = (database.pool(), TempDir::new().unwrap());
    let mut newer = core_migrations();
    newer.push(Migration {
        owner: Cow::Borrowed("core"),
        name: Cow::Borrowed("9999_future"),
        up: Cow::Borrowed(""),
        down: Cow::Borrowed(""),
    });
    migrate(&pool, &newer).unwrap();
    let path = folder.path().join("site.loggia");
    backup(&pool, &stored(folder.path()), &path, &mut silent).unwrap();
    let target = TestDatabase::sqlite();
    let refused = restore(
        &target.pool(),
        &stored(&folder.path().join("new")),
        &path,
        &mut silent,
    )
    .unwrap_err();
    assert!(refused.to_string().contains("9999_future"));
}

#[test]
fn a_backup_that_fails_leaves_no_file() {
    let database = TestDatabase::sqlite();
    let (pool, folder) = (database.pool(), TempDir::new().unwrap());
    let path = folder.path().join("missing/site.loggia");
    assert!(backup(&pool, &stored(folder.path()), &path, &mut silent).is_err());
    fs::create_dir(folder.path().join("missing")).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(backup(&pool, &stored(folder.path()), &path, &mut silent).is_err());
    let left = fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "only the folder that stood in the way is there");
}
