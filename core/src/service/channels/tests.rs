//! Publishing, handing out, coming back, on both databases.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::form::{Form, Kind};
use super::outlet::Next;
use super::{Channels, Place, Wanted};
use crate::settings::{self, Settings};
use crate::store::channel::{self, Target};
use crate::store::notices::{Bell, Hearer, Notices};
use crate::store::testing::{TestDatabase, patience};
use crate::store::{Pool, core_migrations, migration, nodes};

/// One node of a site.
struct Node {
    channels: Arc<Channels>,
    pool: Pool,
    /// What hears other nodes.
    _notices: Option<Notices>,
}

impl Node {
    fn start(pool: &Pool, name: &str) -> Self {
        let settings = Settings::parse("", "endpoints.toml".as_ref()).unwrap();
        Self::with(pool, name, &settings.channels)
    }

    fn with(pool: &Pool, name: &str, settings: &settings::Channels) -> Self {
        let (id, _) = nodes::join(&mut pool.write(patience()).unwrap(), name, "1").unwrap();
        let channels = Arc::new(Channels::new(pool.clone(), settings));
        channels.begin(id).unwrap();
        let heard = Arc::clone(&channels);
        let hearer = Hearer {
            notice: channel::NOTICE,
            hear: Box::new(move || heard.hear()),
        };
        let defaults = Settings::parse("", "endpoints.toml".as_ref()).unwrap();
        let bell = Bell::default();
        let notices = Notices::begin(pool, &defaults.notices, &bell, vec![hearer]).unwrap();
        let pool = pool.clone();
        Node {
            channels,
            pool,
            _notices: notices,
        }
    }

    fn open(&self, channel: &str, since: Option<i64>, has_envelope: bool) -> Place {
        let wanted = Wanted {
            form: Form {
                kind: Kind::Websocket,
                has_envelope,
                is_typed: false,
            },
            channel: channel.to_owned(),
            member: "ada".to_owned(),
            protocol: None,
            since,
            wants_position: false,
        };
        self.channels.open(&wanted).unwrap().unwrap()
    }

    fn publish(&self, channels: &[&str], content: &str) -> i64 {
        let targets: Vec<Target> = channels
            .iter()
            .map(|channel| Target {
                channel: (*channel).to_owned(),
                delivery: None,
            })
            .collect();
        let mut connection = self.pool.write(patience()).unwrap();
        let published = connection.transaction(|connection| {
            channel::publish(connection, content, &targets, 1_700_000_000_000)
        });
        drop(connection);
        self.channels.catch_up();
        published.unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.channels.close();
    }
}

/// What waits for a page, each without the head of its frame.
fn waiting(place: &Place) -> Vec<String> {
    let mut texts = Vec::new();
    let context = Context::from_waker(Waker::noop());
    while let Poll::Ready(Next::Send(bytes)) = place.outlet.poll_next(&context) {
        let head = if bytes[1] < 126 { 2 } else { 4 };
        texts.push(String::from_utf8(bytes[head..].to_vec()).unwrap());
    }
    texts
}

fn sites() -> Vec<(TestDatabase, Pool)> {
    let made = TestDatabase::each().into_iter().map(|database| {
        let pool = database.pool();
        migration::migrate(&pool, &core_migrations()).unwrap();
        (database, pool)
    });
    made.collect()
}

fn until(what: impl Fn() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(20);
    while !what() {
        assert!(Instant::now() < give_up, "it did not come true");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn who_listens_gets_what_is_published_for_him_and_nothing_else() {
    for (_database, pool) in sites() {
        let node = Node::start(&pool, "one");
        node.publish(&["m/a"], "0");
        let (first, second, other) = (
            node.open("m/a", None, false),
            node.open("m/a", None, false),
            node.open("m/b", None, false),
        );
        node.publish(&["m/a", "m/c"], "1");
        node.publish(&["m/b"], "2");
        assert_eq!(waiting(&first), ["1"]);
        assert_eq!(waiting(&second), ["1"]);
        assert_eq!(waiting(&other), ["2"]);
        drop(first);
        node.publish(&["m/a"], "3");
        assert_eq!(waiting(&second), ["3"]);
        assert_eq!(node.channels.count(), 2);
    }
}

#[test]
fn who_comes_back_gets_what_he_missed_once_and_in_order() {
    for (_database, pool) in sites() {
        let node = Node::start(&pool, "one");
        let first = node.publish(&["m/a"], "1");
        node.publish(&["m/b"], "2");
        node.publish(&["m/a"], "3");
        let place = node.open("m/a", Some(first), false);
        node.publish(&["m/a"], "4");
        assert_eq!(waiting(&place), ["3", "4"]);
        let everything = node.open("m/a", Some(0), true);
        let texts = waiting(&everything);
        assert_eq!(texts.len(), 3);
        assert!(
            texts[0].starts_with(&format!("{{\"id\":{first},\"content\":1,")),
            "{texts:?}"
        );
        assert!(!texts[0].contains("gap"));
        let ahead = node.open("m/a", Some(first + 1_000), false);
        node.publish(&["m/a"], "5");
        assert_eq!(waiting(&ahead), ["5"]);
    }
}

#[test]
fn who_comes_too_late_is_told_of_the_gap() {
    for (_database, pool) in sites() {
        let node = Node::start(&pool, "one");
        let first = node.publish(&["m/a"], "1");
        node.publish(&["m/a"], "2");
        let forget =
            |connection: &mut loggia_sql::Connection| channel::forget(connection, i64::MAX);
        let (gone, _) = pool.write(patience()).unwrap().transaction(forget).unwrap();
        assert_eq!(gone, 2);
        let third = node.publish(&["m/a"], "3");
        assert!(third > first + 1, "ids rise also behind what was forgotten");
        let texts = waiting(&node.open("m/a", Some(first), true));
        assert_eq!(texts.len(), 1);
        assert!(texts[0].ends_with("\"gap\":true}"), "{texts:?}");
        let texts = waiting(&node.open("m/b", Some(first), true));
        assert_eq!(texts, [format!("{{\"id\":{first},\"gap\":true}}")]);
        assert!(!waiting(&node.open("m/a", Some(third - 1), true))[0].contains("gap"));
    }
}

#[test]
fn streams_of_a_prefix_end_and_their_messages_are_forgotten() {
    for (_database, pool) in sites() {
        let node = Node::start(&pool, "one");
        let (ended, stays) = (
            node.open("m/a.1", None, false),
            node.open("m/ab.1", None, false),
        );
        node.publish(&["m/a.1"], "1");
        let mut connection = pool.write(patience()).unwrap();
        connection
            .transaction(|connection| channel::end(connection, "m/a.", 1))
            .unwrap();
        drop(connection);
        node.channels.catch_up();
        let context = Context::from_waker(Waker::noop());
        assert_eq!(waiting(&ended), ["1"]);
        assert!(matches!(
            ended.outlet.poll_next(&context),
            Poll::Ready(Next::End(1001))
        ));
        assert!(stays.outlet.poll_next(&context).is_pending());
        assert_eq!(waiting(&node.open("m/a.1", Some(0), false)), [""; 0]);
    }
}

#[test]
fn who_does_not_read_or_answer_is_given_up() {
    let database = TestDatabase::sqlite();
    let pool = database.pool();
    migration::migrate(&pool, &core_migrations()).unwrap();
    let text = "[channels]\nmax_waiting_bytes = 1024\nping_ms = 100\nping_timeout_ms = 100\n";
    let settings = Settings::parse(text, "endpoints.toml".as_ref()).unwrap();
    let node = Node::with(&pool, "one", &settings.channels);
    let lazy = node.open("m/a", None, false);
    let content = format!("\"{}\"", "x".repeat(1_000));
    node.publish(&["m/a"], &content);
    node.publish(&["m/a"], &content);
    let context = Context::from_waker(Waker::noop());
    assert!(matches!(
        lazy.outlet.poll_next(&context),
        Poll::Ready(Next::Send(_))
    ));
    assert!(matches!(
        lazy.outlet.poll_next(&context),
        Poll::Ready(Next::End(1013))
    ));
    let silent = node.open("m/b", None, false);
    until(|| matches!(silent.outlet.poll_next(&context), Poll::Ready(Next::End(_))));
    drop(lazy);
    assert_eq!(node.channels.count(), 0);
}

#[test]
fn nodes_that_share_a_database_know_and_serve_each_others_pages() {
    for (_database, pool) in sites() {
        if pool.dialect() == loggia_sql::Dialect::Sqlite {
            continue;
        }
        let (here, there) = (Node::start(&pool, "here"), Node::start(&pool, "there"));
        let place = there.open("m/a", None, false);
        let present = |node: &Node| {
            let mut connection = pool.read(patience()).unwrap();
            let asked = ["m/a".to_owned(), "m/b".to_owned()];
            node.channels.present(&mut connection, &asked).unwrap()
        };
        let seat = ("m/a".to_owned(), "ada".to_owned());
        let here_too = std::slice::from_ref(&seat);
        assert_eq!(present(&there), here_too);
        until(|| present(&here) == here_too);
        let started = Instant::now();
        here.publish(&["m/a"], "1");
        let context = Context::from_waker(Waker::noop());
        until(|| matches!(place.outlet.poll_next(&context), Poll::Ready(Next::Send(_))));
        // By NOTIFY, and not by the look that comes once a second anyway.
        assert!(
            started.elapsed() < Duration::from_millis(900),
            "{:?}",
            started.elapsed()
        );
        drop(place);
        until(|| present(&here).is_empty());
    }
}
