//! The index is derived: it survives, is compared, repaired, and built anew while searches go on.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use loggia::service::search::audit::Differences;
use serde_json::{Value, json};

use crate::site::{Site, checked, document, total};

fn filled() -> Vec<Site> {
    let sites = Site::each();
    for site in &sites {
        let entry = |id| {
            (
                false,
                "content",
                id,
                document(id, &json!({ "text": "common" })),
            )
        };
        site.write(&(0..50).map(entry).collect::<Vec<_>>());
        site.category(1, &json!({}));
        assert_eq!(total(&checked(site.search("common"))), 50);
        // What is written later replaces what is on the disk, or takes it away.
        site.document(3, &json!({ "title": "Later", "text": "common again" }));
        site.write(&[(false, "content", 4, Value::Null)]);
        assert_eq!(total(&checked(site.search("common"))), 49);
    }
    sites
}

fn sql(site: &Site, text: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut connection = site.host.house().pool.write(deadline).unwrap();
    connection.batch_execute(text).unwrap();
}

/// What differs between the table and the one index.
fn differences(site: &Site, repairs: bool) -> Differences {
    let all = site.host.house().search.check_indexes(repairs).unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all.into_values().next().unwrap()
}

/// Waits for something that a thread of the host does.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let give_up = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < give_up, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn all_files(site: &Site) -> Vec<PathBuf> {
    let place = site.host.folder().join("files/.search/0");
    let folders = fs::read_dir(place)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let folders = folders.filter(|path| path.is_dir());
    folders
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect()
}

#[test]
fn an_index_that_is_closed_and_opened_again_has_everything() {
    for site in filled() {
        for _ in 0..3 {
            site.host.house().search.close();
            assert_eq!(total(&checked(site.search("common"))), 49);
            assert_eq!(site.titles("again"), ["Later"]);
        }
        // The host hands in the one account of the site.
        let none = Differences {
            entries: 50,
            ..Differences::default()
        };
        site.host.house().search.close();
        assert_eq!(differences(&site, false), none);
    }
}

#[test]
fn an_index_that_cannot_be_read_is_built_anew() {
    for site in filled() {
        let search = &site.host.house().search;
        search.close();
        for file in all_files(&site) {
            fs::write(&file, "damaged").unwrap();
        }
        assert_eq!(total(&checked(site.search("common"))), 49);
        search.close();
        fs::remove_dir_all(site.host.folder().join("files/.search")).unwrap();
        assert_eq!(total(&checked(site.search("common"))), 49);
    }
}

#[test]
fn what_differs_is_counted_and_repaired() {
    for site in filled() {
        let search = &site.host.house().search;
        search.close();
        sql(
            &site,
            "UPDATE search_entry SET epoch = 0 WHERE entry_id IN (10, 11) AND is_category = FALSE",
        );
        sql(
            &site,
            "UPDATE search_entry SET is_present = FALSE, epoch = 0 WHERE entry_id = 12",
        );
        let found = differences(&site, false);
        assert_eq!((found.different, found.missing, found.surplus), (2, 0, 1));
        assert!(differences(&site, true).any());
        assert_eq!(total(&checked(site.search("common"))), 48);
        search.close();
        assert!(!differences(&site, false).any());
        // A row that is gone can tell nobody: the index is built anew.
        sql(&site, "DELETE FROM search_entry WHERE entry_id = 13");
        assert_eq!(differences(&site, true).surplus, 1);
        wait_until("the row is gone from the index", || {
            total(&checked(site.search("common"))) == 47
        });
        search.close();
        assert!(!differences(&site, false).any());
    }
}

#[test]
fn an_index_is_built_anew_while_searches_and_writes_go_on() {
    for site in filled() {
        let search = &site.host.house().search;
        let generation = search.renew().unwrap();
        let mut written = 49;
        wait_until("the index is of the new generation", || {
            site.document(1000 + written, &json!({ "text": "common" }));
            written += 1;
            assert_eq!(total(&checked(site.search("common"))), written);
            search.is_of(generation)
        });
        assert_eq!(total(&checked(site.search("common"))), written);
        search.close();
        assert!(!differences(&site, false).any());
        assert_eq!(total(&checked(site.search("common"))), written);
    }
}
