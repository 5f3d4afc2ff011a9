//! Migrations up and down, by one process and by several, and databases from the future.

use std::borrow::Cow;

use diesel::connection::SimpleConnection as _;

use crate::store::migration::{Migration, MigrationError, Status, migrate, revert, status};
use crate::store::testing::{TestDatabase, patience, schema};
use crate::store::{Pool, core_migrations};

fn step(
    owner: &'static str,
    name: &'static str,
    up: &'static str,
    down: &'static str,
) -> Migration {
    Migration {
        owner: Cow::Borrowed(owner),
        name: Cow::Borrowed(name),
        up: Cow::Borrowed(up),
        down: Cow::Borrowed(down),
    }
}

fn library() -> Vec<Migration> {
    vec![
        step(
            "library",
            "0001_shelf",
            "CREATE TABLE library_shelf (id {id}, cover {bytes}, open {bool} NOT NULL, facts {json})",
            "DROP TABLE library_shelf",
        ),
        step(
            "library",
            "0002_label",
            "ALTER TABLE library_shelf ADD COLUMN label TEXT;
             CREATE INDEX library_shelf_by_label ON library_shelf (label)",
            "DROP INDEX library_shelf_by_label; ALTER TABLE library_shelf DROP COLUMN label",
        ),
    ]
}

fn names(done: &[Status]) -> Vec<&str> {
    done.iter().map(|status| status.name.as_str()).collect()
}

fn on_each_empty(test: impl Fn(&Pool)) {
    for database in TestDatabase::each() {
        test(&database.pool());
    }
}

#[test]
fn what_is_missing_runs_once_and_in_order() {
    on_each_empty(|pool| {
        let all = library();
        assert_eq!(names(&migrate(pool, &all[..1]).unwrap()), ["0001_shelf"]);
        let before = status(pool, &all).unwrap();
        assert!(before[0].applied_ms.is_some() && before[1].applied_ms.is_none());
        assert_eq!(names(&migrate(pool, &all).unwrap()), ["0002_label"]);
        assert!(migrate(pool, &all).unwrap().is_empty());
    });
}

#[test]
fn an_untouched_database_can_be_asked_for_its_state() {
    on_each_empty(|pool| {
        let state = status(pool, &library()).unwrap();
        assert!(state.iter().all(|status| status.applied_ms.is_none()));
    });
}

#[test]
fn down_and_up_again_give_the_same_schema() {
    on_each_empty(|pool| {
        for migrations in [library(), core_migrations()] {
            let empty = schema(pool);
            migrate(pool, &migrations).unwrap();
            let full = schema(pool);
            assert_ne!(empty, full);
            revert(pool, &migrations).unwrap();
            migrate(pool, &migrations).unwrap();
            assert_eq!(schema(pool), full);
        }
    });
}

#[test]
fn each_step_of_the_host_can_be_taken_back_alone() {
    on_each_empty(|pool| {
        let migrations = core_migrations();
        for count in 0..migrations.len() {
            migrate(pool, &migrations[..count]).unwrap();
            let before = schema(pool);
            migrate(pool, &migrations[..=count]).unwrap();
            revert(pool, &migrations[count..=count]).unwrap();
            if count > 0 {
                assert_eq!(schema(pool), before, "{}", migrations[count].name);
            }
        }
    });
}

#[test]
fn a_failure_leaves_the_database_as_it_was() {
    on_each_empty(|pool| {
        let before = schema(pool);
        let mut broken = library();
        broken.push(step("library", "0003_broken", "CREATE NONSENSE", ""));
        let error = migrate(pool, &broken).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the migration `0003_broken` of library failed:")
        );
        assert_eq!(schema(pool), before);
    });
}

#[test]
fn a_database_from_the_future_is_refused_by_name() {
    on_each_empty(|pool| {
        let all = library();
        migrate(pool, &all).unwrap();
        for error in [
            migrate(pool, &all[..1]).unwrap_err(),
            status(pool, &all[..1]).unwrap_err(),
        ] {
            assert!(matches!(error, MigrationError::Newer { .. }));
            let text = error.to_string();
            for part in [
                "0002_label",
                "library",
                "0001_shelf",
                env!("CARGO_PKG_VERSION"),
            ] {
                assert!(text.contains(part), "{text}");
            }
        }
        assert!(
            migrate(pool, &core_migrations()).is_ok(),
            "other owners are left alone"
        );
    });
}

#[test]
fn names_without_a_number_and_numbers_given_twice_are_refused() {
    on_each_empty(|pool| {
        let unnumbered = [step("library", "shelf", "", "")];
        assert!(matches!(
            migrate(pool, &unnumbered),
            Err(MigrationError::Name { .. })
        ));
        let twice = [
            step("library", "01_a", "", ""),
            step("library", "1_b", "", ""),
        ];
        assert!(matches!(
            migrate(pool, &twice),
            Err(MigrationError::Twice { .. })
        ));
    });
}

#[test]
fn of_several_processes_that_start_at_once_one_migrates() {
    for database in TestDatabase::each() {
        let ran: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6)
                .map(|_| scope.spawn(|| migrate(&database.pool(), &library()).unwrap().len()))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert_eq!(ran, 2);
        let mut connection = database.pool().write(patience()).unwrap();
        connection
            .batch_execute("INSERT INTO library_shelf (open, label) VALUES (TRUE, 'a')")
            .unwrap();
    }
}

#[test]
fn every_folder_of_the_hosts_migrations_is_listed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/core");
    let mut folders: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let listed: Vec<String> = core_migrations()
        .iter()
        .map(|migration| migration.name.to_string())
        .collect();
    assert_eq!(listed, folders);
}
