//! How many keyed, charged and logged calls a second the ledger takes, without a server around it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;

async fn measure(access: &Arc<Access>, key: &str, clients: usize) -> f64 {
    let (stop, served) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (access, key) = (Arc::clone(access), key.to_owned());
            let (stop, served) = (Arc::clone(&stop), Arc::clone(&served));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    call(&access, &key).await.expect("the limit is far");
                    served.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (before, begun) = (served.load(Ordering::Relaxed), Instant::now());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let count = served.load(Ordering::Relaxed) - before;
    let seconds = begun.elapsed().as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.expect("no client panics");
    }
    f64::from(u32::try_from(count).expect("a small number")) / seconds
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it measures: run it with --release --ignored --nocapture on a quiet machine"]
async fn calls_a_second() {
    for database in TestDatabase::each() {
        for limit in [0, 100_000_000] {
            let pool = database.migrated_pool();
            let (_, key) = key(&pool, limit);
            let access = Arc::new(node(&pool, "a"));
            for clients in [1, 32, 256] {
                let rate = measure(&access, &key, clients).await;
                let database = database.dialect();
                println!(
                    "{database:?}, limit {limit}, {clients} clients: {rate:.0} calls a second"
                );
            }
            access.stop();
        }
    }
}
