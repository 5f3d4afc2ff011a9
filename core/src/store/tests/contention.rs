//! Many threads and several pools on one database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::result::Error;
use loggia_sql::{Connection, is_deadline, lock_rows};

use super::{create_tables, on_each, shelf};
use crate::store::testing::{TestDatabase, patience};
use crate::store::{Options, Pool};

fn add_one(connection: &mut Connection) -> QueryResult<()> {
    connection.transaction::<_, Error>(|connection| {
        let query = shelf::table
            .filter(shelf::label.eq("counter"))
            .select(shelf::weight);
        let weight: i64 = lock_rows(query).get_result(connection)?;
        std::thread::yield_now();
        diesel::update(shelf::table.filter(shelf::label.eq("counter")))
            .set(shelf::weight.eq(weight + 1))
            .execute(connection)?;
        Ok(())
    })
}

fn start_counter(pool: &Pool) {
    diesel::insert_into(shelf::table)
        .values(shelf::label.eq("counter"))
        .execute(&mut pool.write(patience()).unwrap())
        .unwrap();
}

fn counted(pool: &Pool) -> i64 {
    shelf::table
        .filter(shelf::label.eq("counter"))
        .select(shelf::weight)
        .get_result(&mut pool.read(patience()).unwrap())
        .unwrap()
}

fn count_in_parallel(pools: &[Pool], threads: usize, rounds: usize) {
    std::thread::scope(|scope| {
        for number in 0..threads {
            let pool = &pools[number % pools.len()];
            scope.spawn(move || {
                for _ in 0..rounds {
                    let mut connection = pool.write(patience()).unwrap();
                    add_one(&mut connection).unwrap();
                }
            });
        }
    });
}

#[test]
fn eight_threads_of_read_modify_writes_lose_nothing_and_meet_no_lock() {
    on_each(|pool| {
        start_counter(pool);
        count_in_parallel(std::slice::from_ref(pool), 8, 200);
        assert_eq!(counted(pool), 1_600);
    });
}

#[test]
fn several_processes_may_write_at_once() {
    for database in TestDatabase::each() {
        // Each pool stands for a process: it has a writer of its own and knows nothing of the others.
        let pools: Vec<Pool> = (0..4).map(|_| database.pool()).collect();
        create_tables(&mut pools[0].write(patience()).unwrap());
        start_counter(&pools[0]);
        count_in_parallel(&pools, 8, 50);
        assert_eq!(counted(&pools[1]), 400);
    }
}

#[test]
fn a_new_file_may_be_opened_by_many_at_once() {
    let database = TestDatabase::sqlite();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut connection = database.pool().write(patience()).unwrap();
                diesel::sql_query("CREATE TABLE IF NOT EXISTS t (a INTEGER)")
                    .execute(&mut connection)
                    .unwrap();
            });
        }
    });
}

#[test]
fn readers_do_not_wait_for_the_writer() {
    let database = TestDatabase::sqlite();
    let pool = database.pool();
    create_tables(&mut pool.write(patience()).unwrap());
    start_counter(&pool);
    let mut writer = pool.write(patience()).unwrap();
    writer
        .transaction::<_, Error>(|writer| {
            diesel::update(shelf::table)
                .set(shelf::weight.eq(9))
                .execute(writer)?;
            assert_eq!(counted(&pool), 0);
            Ok(())
        })
        .unwrap();
    assert_eq!(counted(&pool), 9);
}

#[test]
fn a_reader_of_sqlite_refuses_to_write_and_says_why() {
    let database = TestDatabase::sqlite();
    let pool = database.pool();
    create_tables(&mut pool.write(patience()).unwrap());
    let refused = diesel::delete(shelf::table).execute(&mut pool.read(patience()).unwrap());
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("acquired for reading")
    );
}

#[test]
fn whoever_waits_past_his_deadline_is_told() {
    for database in TestDatabase::each() {
        let pool = database.pool_with(Options {
            connections: 1,
            ..Options::default()
        });
        let held = pool.write(patience()).unwrap();
        let soon = Instant::now() + Duration::from_millis(20);
        let refused = pool.write(soon).err().expect("the only writer is out");
        assert!(is_deadline(&refused), "{refused:?}");
        drop(held);
        assert!(pool.write(patience()).is_ok());
    }
}

#[test]
fn a_foreign_writer_delays_and_does_not_fail_a_statement() {
    let database = TestDatabase::sqlite();
    let (ours, theirs) = (database.pool(), database.pool());
    create_tables(&mut ours.write(patience()).unwrap());
    start_counter(&ours);
    let held = Arc::new(AtomicBool::new(false));
    let rounds = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let begun = held.clone();
        scope.spawn(move || {
            let mut connection = theirs.write(patience()).unwrap();
            connection
                .transaction::<_, Error>(|connection| {
                    diesel::update(shelf::table)
                        .set(shelf::weight.eq(5))
                        .execute(connection)?;
                    begun.store(true, Ordering::Release);
                    // Longer than SQLite itself waits, so that the host's own patience is what counts.
                    std::thread::sleep(Duration::from_millis(1_500));
                    Ok(())
                })
                .unwrap();
        });
        while !held.load(Ordering::Acquire) {
            rounds.fetch_add(1, Ordering::Relaxed);
            std::thread::yield_now();
        }
        diesel::update(shelf::table)
            .set(shelf::weight.eq(shelf::weight + 1))
            .execute(&mut ours.write(patience()).unwrap())
            .unwrap();
    });
    assert_eq!(counted(&ours), 6);
}

#[test]
fn a_server_that_dropped_its_connections_is_found_again() {
    let Some(database) = TestDatabase::postgresql() else {
        return;
    };
    let pool = database.pool();
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let idle: Vec<_> = (0..4).map(|_| pool.read(patience()).unwrap()).collect();
    drop(idle);
    diesel::sql_query(others)
        .execute(&mut database.pool().read(patience()).unwrap())
        .unwrap();
    let answers = (0..4)
        .flat_map(|_| diesel::sql_query("SELECT 1").execute(&mut pool.read(patience()).unwrap()))
        .count();
    assert_eq!(
        answers, 3,
        "one call finds the first dead connection, and no other is tried"
    );
}
