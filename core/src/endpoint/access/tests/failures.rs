//! What happens when the database fails or a node dies: unavailable perhaps, too many never.

use diesel::connection::SimpleConnection as _;

use super::*;
use crate::store::ledger::take_over_all;

fn execute(pool: &Pool, sql: &str) {
    let mut connection = pool.write(patience()).expect("a connection is free");
    connection.batch_execute(sql).expect("the statement runs");
}

async fn call_until_served(access: &Access, key: &str) {
    let begun = Instant::now();
    while let Err(code) = call(access, key).await {
        assert_eq!(code, Req::KeyGenericError);
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "the ledger does not recover"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Calls until the limit is reached; how many calls were served.
async fn serve_all(access: &Access, key: &str) -> i64 {
    let mut served = 0;
    loop {
        match call(access, key).await {
            Ok(()) => served += 1,
            Err(code) => {
                assert_eq!(code, Req::KeyLimitExceeded);
                return served;
            }
        }
    }
}

#[tokio::test]
async fn a_failing_database_makes_keys_unavailable_and_costs_no_calls() {
    for database in TestDatabase::each() {
        let pool = database.migrated_pool();
        let (id, key) = key(&pool, 160);
        let access = node(&pool, "a");
        for _ in 0..10 {
            assert_eq!(call(&access, &key).await, Ok(()));
        }
        execute(&pool, r#"ALTER TABLE "access_log" RENAME TO "hidden""#);
        // Both are under way when the database fails.
        let grants = [admit(&access, &key).await, admit(&access, &key).await];
        for grant in grants {
            let grant = grant.expect("the limit is far");
            let finished = grant.finish(Some(entry(None))).await;
            assert_eq!(
                finished.expect_err("nothing can be written").code,
                "REQ_AKG"
            );
        }
        assert_eq!(refused(&access, &request(Some(&key))), Req::KeyGenericError);
        execute(&pool, r#"ALTER TABLE "hidden" RENAME TO "access_log""#);
        call_until_served(&access, &key).await;
        let served = 11 + serve_all(&access, &key).await;
        assert_eq!(served, 160, "calls that failed are not charged");
        access.stop();
        assert_eq!(listed(&pool, id).usage.current_hits, 160);
        let failed = rows(&pool)
            .into_iter()
            .filter(|row| row.error_code == "REQ_AKG")
            .count();
        assert_eq!(failed, 2, "they are in the log all the same");
    }
}

#[tokio::test]
async fn a_call_that_was_charged_before_it_ran_and_could_not_be_written_is_given_back() {
    for database in TestDatabase::each() {
        let pool = database.migrated_pool();
        // So few are left of so small a limit that each call is charged before it runs.
        let (id, key) = key(&pool, 3);
        let access = node(&pool, "a");
        for _ in 0..2 {
            assert_eq!(call(&access, &key).await, Ok(()));
        }
        let last = admit(&access, &key).await.expect("one is left");
        assert_eq!(call(&access, &key).await, Err(Req::KeyLimitExceeded));
        execute(&pool, r#"ALTER TABLE "access_log" RENAME TO "hidden""#);
        assert!(last.finish(Some(entry(None))).await.is_err());
        execute(&pool, r#"ALTER TABLE "hidden" RENAME TO "access_log""#);
        call_until_served(&access, &key).await;
        assert_eq!(serve_all(&access, &key).await, 0);
        access.stop();
        assert_eq!(listed(&pool, id).usage.current_hits, 3);
    }
}

#[tokio::test]
async fn what_a_dead_node_had_taken_and_not_used_is_served_by_others() {
    let Some(database) = TestDatabase::postgresql() else {
        return;
    };
    let pool = database.migrated_pool();
    let (id, key) = key(&pool, 200);
    let access = node(&pool, "a");
    let day = access.now_ms().div_euclid(keys::DAY_MS);
    let dead = format!(
        r#"INSERT INTO "quota_node" ("id", "expires_ms") VALUES (900, {expires});
        INSERT INTO "api_key_share" VALUES ({id}, 900, {day}, 150, 30, FALSE, 1)"#,
        expires = access.now_ms() + 1_500,
    );
    execute(&pool, &dead);
    assert_eq!(
        serve_all(&access, &key).await,
        170,
        "the thirty that the dead node had charged count"
    );
    access.stop();
    assert_eq!(listed(&pool, id).usage.current_hits, 200);
}

#[tokio::test]
async fn what_a_dead_node_had_paid_in_advance_is_never_served() {
    for database in TestDatabase::each() {
        let pool = database.migrated_pool();
        let (id, key) = key(&pool, 200);
        let access = node_in(QuotaMode::Lease, &pool, "a");
        let day = access.now_ms().div_euclid(keys::DAY_MS);
        let expires = access.now_ms() + 1_500;
        let dead = format!(
            r#"INSERT INTO "quota_node" ("id", "expires_ms") VALUES (900, {expires});
            INSERT INTO "api_key_share" VALUES ({id}, 900, {day}, 150, 0, TRUE, 1)"#,
        );
        execute(&pool, &dead);
        assert_eq!(serve_all(&access, &key).await, 50);
        access.stop();
        assert_eq!(listed(&pool, id).usage.current_hits, 200);
    }
}

#[tokio::test]
async fn a_node_that_lost_its_share_never_lets_a_call_too_many_through() {
    let Some(database) = TestDatabase::postgresql() else {
        return;
    };
    for rest in [0, 3, 30] {
        let pool = database.migrated_pool();
        let (id, key) = key(&pool, 400);
        let slow = node(&pool, "slow");
        let mut under_way = Vec::new();
        for _ in 0..10 {
            under_way.push(admit(&slow, &key).await.expect("the limit is far"));
        }
        let mut connection = pool.write(patience()).expect("a connection is free");
        take_over_all(&mut connection).expect("the shares are added up");
        drop(connection);
        let used = format!(
            r#"UPDATE "api_key_usage" SET "current_day" = {day}, "current_hits" = {hits}
            WHERE "key_id" = {id}"#,
            day = slow.now_ms().div_euclid(keys::DAY_MS),
            hits = 400 - rest
        );
        execute(&pool, &used);
        let mut served = 0;
        for grant in under_way {
            served += i64::from(grant.finish(None).await.is_ok());
        }
        assert_eq!(served, rest.min(10));
        served += serve_all(&slow, &key).await;
        assert_eq!(served, rest);
    }
}

#[tokio::test]
async fn a_stopped_ledger_has_written_everything_and_takes_nothing_more() {
    for database in TestDatabase::each() {
        let pool = database.migrated_pool();
        let (_, key) = key(&pool, 0);
        let access = node(&pool, "a");
        for _ in 0..300 {
            access.record(entry(None)).await;
        }
        let late = admit(&access, &key).await.expect("the key is good");
        access.stop();
        assert_eq!(rows(&pool).len(), 300);
        assert!(late.finish(Some(entry(None))).await.is_err());
        assert_eq!(call(&access, &key).await, Err(Req::KeyGenericError));
        access.record(entry(None)).await;
        assert_eq!(access.dropped_rows(), 1);
    }
}

#[tokio::test]
async fn a_full_queue_drops_rows_and_counts_them_where_it_is_set_so() {
    let database = TestDatabase::sqlite();
    let pool = database.migrated_pool();
    let options = Options {
        ledger: ledger::Options {
            queue: 10,
            overflow: crate::settings::Overflow::Drop,
            ..ledger::Options::default()
        },
        retention_days: 0,
    };
    let access = Access::start(&pool, options).expect("the node starts");
    let writing = pool.write(patience()).expect("a connection is free");
    for _ in 0..25 {
        access.record(entry(None)).await;
    }
    assert_eq!(access.dropped_rows(), 15);
    drop(writing);
    access.stop();
    assert_eq!(rows(&pool).len(), 10);
}
