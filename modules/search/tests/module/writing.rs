//! Found once it is written, in whatever order transactions end.

use std::time::{Duration, Instant};

use diesel::result::Error;
use loggia::store::search_entry::{self, Changes, Key};
use loggia_sql::Dialect;
use serde_json::{Value, json};

use crate::site::{Site, checked, document, total};

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

fn one(id: i64, text: &str) -> Changes {
    let key = Key {
        is_category: false,
        area: "content".to_owned(),
        id,
    };
    let content = document(id, &json!({ "text": text })).to_string();
    Changes::from([(key, Some(content))])
}

#[test]
fn what_is_written_changed_or_withdrawn_shows_in_the_next_search() {
    for site in Site::each() {
        for round in 0..30 {
            let (title, own) = (format!("Round {round}"), format!("word{round}x"));
            site.document(
                1,
                &json!({ "title": title, "text": format!("common {own}") }),
            );
            assert_eq!(site.titles(&own), [title]);
            assert_eq!(site.titles("common").len(), 1, "the former state is gone");
            site.document(1000 + round, &json!({ "text": "growing" }));
            assert_eq!(total(&checked(site.search("growing"))), round + 1);
        }
        site.write(&[(false, "content", 1, Value::Null)]);
        assert!(site.titles("common").is_empty());
        site.document(1, &json!({ "text": "common" }));
        assert_eq!(site.titles("common").len(), 1);
    }
}

#[test]
fn more_than_a_search_takes_itself_is_found_all_the_same() {
    for site in Site::each() {
        let entry = |id| {
            let text = format!("many number{id}x");
            (false, "content", id, document(id, &json!({ "text": text })))
        };
        site.write(&(0..7000).map(entry).collect::<Vec<_>>());
        assert_eq!(total(&checked(site.search("many"))), 7000);
        site.document(3, &json!({ "text": "many again" }));
        assert_eq!(total(&checked(site.search("many"))), 7000);
        assert_eq!(site.titles("again"), ["Title 3"]);
        let exact = site.search("number3x").with("searchphrase", "exact");
        assert_eq!(total(&checked(exact)), 0);
        assert_eq!(site.titles("number6999x"), ["Title 6999"]);
    }
}

#[test]
fn what_a_transaction_has_not_committed_is_not_found_and_is_afterwards() {
    for site in Site::each() {
        let pool = &site.host.house().pool;
        assert!(site.titles("common").is_empty());
        let mut first = pool.write(soon()).unwrap();
        let committed = first.transaction(|first| {
            search_entry::write(first, "content", &one(1, "common early"))?;
            if pool.dialect() == Dialect::Postgresql {
                // One that began later is committed earlier, several times.
                for id in 2..5 {
                    site.document(id, &json!({ "text": "common" }));
                    assert_eq!(total(&checked(site.search("common"))), id - 1);
                }
            }
            assert!(site.titles("early").is_empty());
            Ok::<(), Error>(())
        });
        committed.unwrap();
        drop(first);
        assert_eq!(site.titles("early"), ["Title 1"]);
        let mut second = pool.write(soon()).unwrap();
        let undone = second.transaction(|second| {
            search_entry::write(second, "content", &one(1, "common undone"))?;
            Err::<(), Error>(Error::RollbackTransaction)
        });
        assert!(undone.is_err());
        drop(second);
        assert!(site.titles("undone").is_empty());
        assert_eq!(site.titles("early"), ["Title 1"]);
    }
}

#[test]
fn nothing_is_lost_among_writers_that_commit_in_any_order() {
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    for site in Site::each() {
        let site = &site;
        let write = |writer: i64| {
            for step in 0..25_i64 {
                let id = writer * 100 + step;
                let mut connection = site.host.house().pool.write(soon()).unwrap();
                let committed = connection.transaction(|connection| {
                    let changes = one(id, &format!("common own{id}x"));
                    search_entry::write(connection, "content", &changes)?;
                    // Transactions of different lengths overlap.
                    let pause_ms = (seed + id.cast_unsigned() * 7) % 5;
                    std::thread::sleep(Duration::from_millis(pause_ms));
                    Ok::<(), Error>(())
                });
                committed.unwrap();
                drop(connection);
                assert_eq!(site.titles(&format!("own{id}x")), [format!("Title {id}")]);
            }
        };
        std::thread::scope(|scope| {
            (0..4).for_each(|writer| drop(scope.spawn(move || write(writer))));
        });
        assert_eq!(total(&checked(site.search("common"))), 100);
    }
}
