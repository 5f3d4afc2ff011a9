//! N a day is exactly N, whoever asks where and how often.

use std::sync::atomic::{AtomicUsize, Ordering};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::*;
use crate::store::keys::{Change, DAY_MS, change};

/// The seed of this run; it is printed with every failure, and can be given by the environment.
fn seed() -> u64 {
    let given = std::env::var("LOGGIA_TEST_SEED").ok();
    let seed = given.and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or_else(|| rand::rng().random());
    println!("LOGGIA_TEST_SEED={seed}");
    seed
}

/// Both ways of counting on each database.
fn each_mode() -> Vec<(QuotaMode, TestDatabase)> {
    [QuotaMode::Strict, QuotaMode::Lease]
        .into_iter()
        .flat_map(|mode| {
            TestDatabase::each()
                .into_iter()
                .map(move |database| (mode, database))
        })
        .collect()
}

/// Many clients on some nodes, who share a number of tries; how many were served.
struct Load {
    nodes: Vec<Arc<Access>>,
    key: String,
    clients: usize,
    tries: usize,
    seed: u64,
}

impl Load {
    async fn run(&self) -> usize {
        let tries = Arc::new(AtomicUsize::new(self.tries));
        let clients: Vec<_> = (0..self.clients)
            .map(|number| {
                let access = Arc::clone(&self.nodes[number % self.nodes.len()]);
                let seed = self
                    .seed
                    .wrapping_add(u64::try_from(number).expect("a small number"));
                tokio::spawn(client(access, self.key.clone(), Arc::clone(&tries), seed))
            })
            .collect();
        let mut served = 0;
        for client in clients {
            served += client.await.expect("no client panics");
        }
        served
    }
}

/// Calls until the tries are used up; some calls take a moment.
async fn client(access: Arc<Access>, key: String, tries: Arc<AtomicUsize>, seed: u64) -> usize {
    let mut random = StdRng::seed_from_u64(seed);
    let mut served = 0;
    while tries
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(1)
        })
        .is_ok()
    {
        let grant = match admit(&access, &key).await {
            Ok(grant) => grant,
            Err(refusal) => {
                assert_eq!(refusal.code, Req::KeyLimitExceeded);
                continue;
            }
        };
        match random.random_range(0..20) {
            0 => tokio::time::sleep(Duration::from_millis(random.random_range(0..30))).await,
            1..5 => tokio::task::yield_now().await,
            _ => {}
        }
        grant
            .finish(Some(entry(None)))
            .await
            .expect("it is charged");
        served += 1;
    }
    served
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_clients_get_exactly_the_limit_on_one_node() {
    for (mode, database) in each_mode() {
        let pool = database.migrated_pool();
        let (id, key) = key(&pool, 1_000);
        let access = Arc::new(node_in(mode, &pool, "a"));
        let load = Load {
            nodes: vec![Arc::clone(&access)],
            key,
            clients: 64,
            tries: 1_200,
            seed: seed(),
        };
        assert_eq!(load.run().await, 1_000);
        access.stop();
        let usage = listed(&pool, id).usage;
        assert_eq!((usage.hits, usage.current_hits), (1_000, 1_000));
        assert_eq!(rows(&pool).len(), 1_000);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_share_a_database_serve_exactly_the_limit_together() {
    let Some(database) = TestDatabase::postgresql() else {
        return;
    };
    let pools = [database.migrated_pool(), database.pool(), database.pool()];
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    for round in 0..12 {
        let mode = if round % 3 == 2 {
            QuotaMode::Lease
        } else {
            QuotaMode::Strict
        };
        let limit: i64 = match round {
            0 => 1_000,
            1 => 1,
            2 => 50,
            _ => random.random_range(1..4_000),
        };
        let (id, key) = key(&pools[0], limit);
        let count = if round == 0 {
            2
        } else {
            random.random_range(2..=3)
        };
        let nodes: Vec<_> = pools[..count]
            .iter()
            .map(|pool| Arc::new(node_in(mode, pool, "n")))
            .collect();
        let limit = usize::try_from(limit).expect("a small number");
        let load = Load {
            nodes: nodes.clone(),
            key,
            clients: if round == 0 {
                64
            } else {
                random.random_range(2..=64)
            },
            tries: limit + random.random_range(0..=limit / 5 + 1),
            seed,
        };
        let tries = load.tries;
        let served = load.run().await;
        assert_eq!(
            served,
            tries.min(limit),
            "round {round}, {mode:?}, {count} nodes, {tries} tries"
        );
        for node in &nodes {
            node.stop();
        }
        let usage = listed(&pools[0], id).usage;
        let expected = i64::try_from(served).expect("a small number");
        assert_eq!((usage.hits, usage.current_hits), (expected, expected));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_day_has_the_whole_limit_again() {
    for (mode, database) in each_mode() {
        let pool = database.migrated_pool();
        let (id, key) = key(&pool, 300);
        let nodes = match database.dialect() {
            loggia_sql::Dialect::Sqlite => 1,
            loggia_sql::Dialect::Postgresql => 2,
        };
        let nodes: Vec<_> = (0..nodes)
            .map(|_| Arc::new(node_in(mode, &pool, "n")))
            .collect();
        let mut load = Load {
            nodes: nodes.clone(),
            key,
            clients: 16,
            tries: 200,
            seed: seed(),
        };
        assert_eq!(load.run().await, 200);
        for node in &nodes {
            node.ledger().clock().shift(DAY_MS);
        }
        load.tries = 400;
        assert_eq!(load.run().await, 300);
        for node in &nodes {
            node.ledger().clock().shift(DAY_MS);
        }
        assert_eq!(load.run().await, 300);
        for node in &nodes {
            node.stop();
        }
        let usage = listed(&pool, id).usage;
        assert_eq!((usage.hits, usage.current_hits), (800, 300));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_count_of_a_day_survives_a_restart() {
    for (mode, database) in each_mode() {
        let pool = database.migrated_pool();
        let (_, key) = key(&pool, 500);
        let mut served = 0;
        for _ in 0..4 {
            let access = Arc::new(node_in(mode, &pool, "a"));
            let load = Load {
                nodes: vec![Arc::clone(&access)],
                key: key.clone(),
                clients: 8,
                tries: 150,
                seed: seed(),
            };
            served += load.run().await;
            access.stop();
        }
        assert_eq!(served, 500);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_limit_that_changes_while_clients_call_holds_from_then_on() {
    for database in TestDatabase::each() {
        let pool = database.migrated_pool();
        let (id, key) = key(&pool, 100);
        let access = Arc::new(node(&pool, "a"));
        let mut load = Load {
            nodes: vec![Arc::clone(&access)],
            key,
            clients: 16,
            tries: 150,
            seed: seed(),
        };
        let set = |daily_requests| {
            let change_it = Change {
                daily_requests: Some(daily_requests),
                ..Change::default()
            };
            let mut connection = pool.write(patience()).expect("a connection is free");
            change(&mut connection, id, &change_it).expect("the key is changed");
            access.refresh().expect("the keys can be read");
        };
        assert_eq!(load.run().await, 100);
        set(1_000);
        load.tries = 500;
        assert_eq!(load.run().await, 500);
        set(650);
        assert_eq!(load.run().await, 50);
        set(0);
        assert_eq!(load.run().await, 500);
        set(1_200);
        assert_eq!(load.run().await, 50);
        access.stop();
        let usage = listed(&pool, id).usage;
        assert_eq!((usage.hits, usage.current_hits), (1_200, 1_200));
    }
}

#[tokio::test]
async fn a_call_that_is_given_up_counts_as_it_was_admitted() {
    for database in TestDatabase::each() {
        let pool = database.migrated_pool();
        let (id, key) = key(&pool, 20);
        let access = node(&pool, "a");
        for _ in 0..5 {
            drop(admit(&access, &key).await.expect("the limit is far"));
        }
        for _ in 0..15 {
            assert_eq!(call(&access, &key).await, Ok(()));
        }
        assert_eq!(call(&access, &key).await, Err(Req::KeyLimitExceeded));
        access.stop();
        assert_eq!(listed(&pool, id).usage.hits, 20);
    }
}
