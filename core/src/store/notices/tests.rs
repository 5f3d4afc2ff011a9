use std::sync::atomic::AtomicUsize;
use std::time::Instant;

use loggia_push::notification::{self, NewNotification};

use super::*;
use crate::settings::Settings;
use crate::store::channel;
use crate::store::testing::{TestDatabase, patience};

/// A hearer that counts.
fn counted(notice: &'static str) -> (Arc<AtomicUsize>, Hearer) {
    let count = Arc::<AtomicUsize>::default();
    let own = Arc::clone(&count);
    let hear = Box::new(move || {
        own.fetch_add(1, Ordering::SeqCst);
    });
    (count, Hearer { notice, hear })
}

fn until(count: &AtomicUsize, least: usize) {
    let give_up = Instant::now() + Duration::from_secs(30);
    while count.load(Ordering::SeqCst) < least {
        assert!(Instant::now() < give_up, "nothing was heard");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_notification_of_another_node_is_heard_once_it_is_committed_and_nothing_else() {
    let Some(database) = TestDatabase::postgresql() else {
        println!("NOT RUN: nodes share a PostgreSQL database, and LOGGIA_TEST_POSTGRES names none");
        return;
    };
    let pool = database.migrated_pool();
    let (push, hears_push) = counted(loggia_push::wake::NOTICE);
    let (pages, hears_pages) = counted(channel::NOTICE);
    let hearers = vec![hears_push, hears_pages];
    let defaults = Settings::parse("", "endpoints.toml".as_ref()).unwrap();
    let _notices = Notices::begin(&pool, &defaults.notices, &Bell::default(), hearers);
    until(&push, 1);
    until(&pages, 1);
    let mut connection = pool.write(patience()).unwrap();
    let mut enter = |scheduled_ms| {
        let new = NewNotification {
            scheduled_ms,
            ..NewNotification::new(None, r#""all""#, "{}", 5)
        };
        notification::create(&mut connection, &new, 5).unwrap();
    };
    enter(9);
    enter(5);
    until(&push, 2);
    drop(connection);
    channel::publish(&mut pool.write(patience()).unwrap(), "1", &[], 5).unwrap();
    until(&pages, 2);
    assert_eq!(
        push.load(Ordering::SeqCst),
        2,
        "what is due later wakes nobody"
    );
}
