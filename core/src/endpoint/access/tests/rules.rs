//! What a key may do, and how changes reach a running node.

use super::*;
use crate::store::keys::{Change, Rights, State, change, import, revoke, rotate};

fn draft(rights: Rights) -> Draft {
    Draft {
        rights,
        ..Draft::default()
    }
}

fn create(pool: &Pool, draft: &Draft) -> (i64, String) {
    let mut connection = pool.write(patience()).expect("a connection is free");
    let (key, secret) = keys::create(&mut connection, draft).expect("the key is made");
    (key.id, secret.expose().to_owned())
}

#[tokio::test]
async fn keys_are_refused_in_the_documented_order() {
    for database in TestDatabase::each() {
        let pool = database.migrated_pool();
        let expired = Draft {
            expires_ms: Some(1),
            user_id: 7,
            daily_requests: 1,
            ..draft(Rights {
                endpoints: Some(vec!["other".to_owned()]),
                ..Rights::default()
            })
        };
        let (id, text) = create(&pool, &expired);
        let access = node(&pool, "a");
        let asked = AdmissionRequest {
            session_user: 8,
            ..request(Some(&text))
        };
        assert_eq!(refused(&access, &request(None)), Req::KeyRequired);
        assert_eq!(refused(&access, &request(Some(""))), Req::KeyInvalid);
        assert_eq!(refused(&access, &request(Some("wrong"))), Req::KeyInvalid);
        let set = |new: Change| {
            let mut connection = pool.write(patience()).expect("a connection is free");
            change(&mut connection, id, &new).expect("the key is changed");
            access.refresh().expect("the keys can be read");
        };
        set(Change {
            state: Some(State::Archived),
            ..Change::default()
        });
        assert_eq!(refused(&access, &asked), Req::KeyInvalid);
        set(Change {
            state: Some(State::Published),
            ..Change::default()
        });
        assert_eq!(refused(&access, &asked), Req::KeyExpired);
        set(Change {
            expires_ms: Some(None),
            ..Change::default()
        });
        assert_eq!(refused(&access, &asked), Req::KeyNotEnabled);
        set(Change {
            rights: Some(Rights::default()),
            ..Change::default()
        });
        assert_eq!(refused(&access, &asked), Req::KeyOfAnotherUser);
        assert_eq!(call(&access, &text).await, Ok(()));
        assert_eq!(call(&access, &text).await, Err(Req::KeyLimitExceeded));
        let usage = listed(&pool, id).usage;
        assert_eq!(
            (usage.hits, usage.current_hits),
            (1, 1),
            "refused calls change nothing"
        );
    }
}

#[tokio::test]
async fn rights_narrow_a_key_to_endpoints_modules_and_operations() {
    for database in TestDatabase::each() {
        let pool = database.migrated_pool();
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        let (_, everywhere) = create(&pool, &draft(Rights::default()));
        let (_, module) = create(
            &pool,
            &draft(Rights {
                modules: names(&["user"]),
                ..Rights::default()
            }),
        );
        let operations = names(&["get/release/validate", "post/release/*"]);
        let (_, operation) = create(
            &pool,
            &draft(Rights {
                operations,
                ..Rights::default()
            }),
        );
        let default = Rights {
            endpoints: Some(Vec::new()),
            default_request: true,
            scopes: names(&["release.manage"]),
            ..Rights::default()
        };
        let (_, default_only) = create(&pool, &draft(default));
        let access = node(&pool, "a");
        let on_default = |key| AdmissionRequest {
            is_default_request: true,
            ..request(Some(key))
        };
        assert!(admit(&access, &everywhere).await.is_ok());
        assert_eq!(
            refused(&access, &on_default(everywhere.as_str())),
            Req::KeyNotEnabled
        );
        assert_eq!(
            refused(&access, &request(Some(&module))),
            Req::KeyNotEnabled
        );
        assert!(admit(&access, &operation).await.is_ok());
        let put = AdmissionRequest {
            action: "put",
            ..request(Some(&operation))
        };
        assert_eq!(refused(&access, &put), Req::KeyNotEnabled);
        assert_eq!(
            refused(&access, &request(Some(&default_only))),
            Req::KeyNotEnabled
        );
        let grant = access.admit(&on_default(&default_only)).decided().await;
        assert_eq!(
            &**grant.expect("it is good here").scopes(),
            ["release.manage"]
        );
    }
}

#[tokio::test]
async fn imported_keys_keep_working_whatever_their_case() {
    for database in TestDatabase::each() {
        let pool = database.migrated_pool();
        let access = node(&pool, "a");
        let text = "0A1B2C3D4E5F6G7H8I9J";
        let mut connection = pool.write(patience()).expect("a connection is free");
        import(&mut connection, &Draft::default(), text).expect("the key is imported");
        let again = import(&mut connection, &Draft::default(), "0a1b2c3d4e5f6g7h8i9j");
        assert_eq!(
            again.expect_err("it is here").to_string(),
            "this key is here already"
        );
        let new_form = keys::Secret::generate();
        assert!(import(&mut connection, &Draft::default(), new_form.expose()).is_err());
        drop(connection);
        access.refresh().expect("the keys can be read");
        assert_eq!(call(&access, "0a1B2c3D4e5f6G7H8I9j").await, Ok(()));
        let row = rows(&pool).pop().expect("the call is in the log");
        assert_eq!(row.key_prefix, "0A1B");
    }
}

#[tokio::test]
async fn a_rotated_key_works_by_both_secrets_until_the_overlap_ends() {
    for database in TestDatabase::each() {
        let pool = database.migrated_pool();
        let (id, old) = key(&pool, 3);
        let access = node(&pool, "a");
        let rotated = |overlap_ms| {
            let mut connection = pool.write(patience()).expect("a connection is free");
            let rotated = rotate(&mut connection, id, overlap_ms).expect("the key is rotated");
            access.refresh().expect("the keys can be read");
            rotated.expect("the key is there").1.expose().to_owned()
        };
        let new = rotated(60_000);
        assert_eq!(call(&access, &old).await, Ok(()));
        assert_eq!(call(&access, &new).await, Ok(()));
        let newest = rotated(0);
        for gone in [&old, &new] {
            let expected = if gone == &old { 60_001 } else { 0 };
            access.ledger().clock().shift(expected);
            assert_eq!(call(&access, gone).await, Err(Req::KeyExpired));
        }
        assert_eq!(call(&access, &newest).await, Ok(()));
        let both_count = call(&access, &newest).await;
        assert_eq!(
            both_count,
            Err(Req::KeyLimitExceeded),
            "the secrets share one limit"
        );
    }
}

#[tokio::test]
async fn a_change_by_another_process_reaches_a_running_node_within_a_second() {
    for database in TestDatabase::each() {
        let pool = database.migrated_pool();
        let (id, text) = key(&pool, 0);
        let access = node(&pool, "a");
        assert_eq!(call(&access, &text).await, Ok(()));
        let elsewhere = database.pool();
        let mut connection = elsewhere.write(patience()).expect("a connection is free");
        revoke(&mut connection, id).expect("the key is revoked");
        let changed = Instant::now();
        while call(&access, &text).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(changed.elapsed() < Duration::from_secs(1));
        assert_eq!(call(&access, &text).await, Err(Req::KeyInvalid));
    }
}

#[tokio::test]
async fn a_row_holds_what_the_specification_lists_and_no_key() {
    for database in TestDatabase::each() {
        let pool = database.migrated_pool();
        let (id, text) = key(&pool, 0);
        let options = Options {
            ledger: ledger::Options {
                anonymise_addresses: true,
                node: "north".into(),
                ..ledger::Options::default()
            },
            retention_days: 0,
        };
        let access = Access::start(&pool, options).expect("the node starts");
        let grant = admit(&access, &text).await.expect("the key is good");
        let row = AccessEntry {
            key: Some(grant.mark()),
            user_id: 42,
            resource: "quoted \"\\ {x},\0 and longer than the fifty characters of the column"
                .into(),
            client_address: Some("203.0.113.77".parse().expect("an address")),
            http_status: 404,
            ..entry(Some("REL_PNF"))
        };
        grant.finish(Some(row)).await.expect("it is written");
        let free = AccessEntry {
            access: AccessKind::Free,
            client_address: Some("2001:db8:1:2::3".parse().expect("an address")),
            ..entry(None)
        };
        access.record(free).await;
        access.stop();
        let [keyed, free]: [Stored; 2] = rows(&pool).try_into().expect("two rows");
        assert_eq!(
            (keyed.access_type, keyed.error, keyed.error_code.as_str()),
            (2, 1, "REL_PNF")
        );
        assert_eq!(
            (keyed.key_id, keyed.user_id, keyed.duration_us),
            (id, 42, 250)
        );
        assert_eq!((keyed.request_day, keyed.http_status), (19_675, 404));
        assert_eq!(keyed.client_address, "203.0.113.0");
        assert_eq!(
            keyed.resource,
            "quoted \"\\ {x},\u{fffd} and longer than the fifty characte"
        );
        assert_eq!(
            (keyed.node.as_str(), keyed.request_id.as_str()),
            ("north", "r-1")
        );
        assert!(text.starts_with(&keyed.key_prefix) && keyed.key_prefix.len() == 11);
        assert_eq!((free.access_type, free.error, free.key_id), (0, 0, 0));
        assert_eq!(free.client_address, "2001:db8:1::");
    }
}

#[test]
fn one_sqlite_file_has_one_serving_process() {
    let database = TestDatabase::sqlite();
    let pool = database.migrated_pool();
    let first = node(&pool, "a");
    let second = Access::start(&database.pool(), Options::default());
    let refusal = second.err().expect("the file is served").to_string();
    assert!(refusal.contains("another process serves from"), "{refusal}");
    drop(first);
    drop(node(&pool, "b"));
}
