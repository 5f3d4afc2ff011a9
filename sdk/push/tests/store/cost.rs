//! What sending costs: as many statements for the last devices as for the first, and none that reads what was sent.

use std::sync::{Arc, Mutex};

use diesel::connection::{Connection as _, InstrumentationEvent};
use diesel::prelude::*;
use diesel::sql_types::Text;
use loggia_push::claim::{self, Verdict};
use loggia_push::delivery::State;
use loggia_push::notification::{self, NewNotification};
use loggia_push::settle::{self, Settled};
use loggia_push::{Audience, Platform, Registration, registration};
use loggia_sql::{Connection, Dialect};

use crate::support::{NOW, application, on_each};

/// The statements that a connection has run, since they were last taken.
#[derive(Clone, Default)]
struct Watched(Arc<Mutex<Vec<String>>>);

impl Watched {
    fn on(connection: &mut Connection) -> Self {
        let watched = Self::default();
        let seen = watched.clone();
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                seen.0.lock().unwrap().push(query.to_string());
            }
        });
        watched
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(loggia_sql::Backend))]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// A statement with a number in each of its places, so that its plan can be asked for.
fn filled(sql: &str) -> String {
    let mut filled = String::new();
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once('$') {
        filled += before;
        filled.push('1');
        rest = after.trim_start_matches(|sign: char| sign.is_ascii_digit());
    }
    filled + rest
}

/// The steps of a statement that read a whole table of devices or deliveries, or all deliveries of a notification.
fn scans(connection: &mut Connection, sql: &str) -> Vec<String> {
    // Diesel shows the values behind the text.
    let text = sql.split(" -- binds").next().unwrap_or_default();
    let plan = format!("EXPLAIN QUERY PLAN {}", filled(text));
    let steps: Vec<Step> = diesel::sql_query(plan).load(connection).unwrap();
    let details = steps.into_iter().map(|step| step.detail);
    let tables = [
        "push_device",
        "push_delivery",
        "push_claim",
        "push_notification",
    ];
    details
        .filter(|detail| {
            let mut words = detail.split(' ');
            let reads_all = words.next() == Some("SCAN")
                && words.next().is_some_and(|name| tables.contains(&name));
            reads_all
                || detail.contains("autoindex_push_delivery")
                    && detail.ends_with("(notification_id=?)")
        })
        .collect()
}

#[test]
fn a_statement_that_reads_a_table_through_is_noticed() {
    on_each(|connection| {
        if connection.dialect() == Dialect::Sqlite {
            let sql = "SELECT \"id\" FROM \"push_device\" WHERE \"token\" = $1";
            assert_eq!(scans(connection, sql), ["SCAN push_device"]);
            let sql = "SELECT \"token\" FROM \"push_device\" WHERE \"id\" > $1 LIMIT $2";
            assert_eq!(scans(connection, sql), [""; 0]);
            let sql =
                "SELECT max(\"attempts\") FROM \"push_delivery\" WHERE \"notification_id\" = $1";
            assert_eq!(scans(connection, sql).len(), 1);
        }
    });
}

/// Takes ten devices and settles them; the statements that it took.
fn ten(connection: &mut Connection, id: i64, watched: &Watched) -> Vec<String> {
    watched.take();
    let taken = claim::claim(connection, (id, 1), 10, NOW, &mut |_, _| Verdict::Send);
    let taken = taken.unwrap().unwrap();
    let outcomes: Vec<_> = taken
        .devices
        .iter()
        .map(|one| Settled {
            device_id: one.target.id,
            state: State::Accepted,
            reason: None,
            vendor_id: None,
            next_attempt_ms: None,
            was_sent: true,
        })
        .collect();
    assert_eq!(outcomes.len(), 10);
    settle::settle(connection, (id, taken.fence), &outcomes, true, NOW).unwrap();
    watched.take()
}

#[test]
fn the_last_devices_cost_what_the_first_did_and_nothing_is_read_through() {
    on_each(|connection| {
        let shop = application(connection, "shop").id;
        for at in 0..100 {
            let token = format!("token-{at}");
            let new = Registration {
                user_id: Some(at),
                topics: Some(vec!["news"]),
                ..Registration::new(shop, Platform::Ios, &token)
            };
            registration::register(connection, &new, NOW).unwrap();
        }
        let watched = Watched::on(connection);
        let audiences = [
            Audience::All,
            Audience::Topics(vec!["news".to_owned()]),
            Audience::Users((0..100).collect()),
        ];
        for audience in audiences {
            let text = audience.text();
            let new = NewNotification::new(Some(shop), &text, "{}", NOW);
            let id = notification::create(connection, &new, NOW).unwrap().id;
            let first = ten(connection, id, &watched);
            for _ in 0..8 {
                ten(connection, id, &watched);
            }
            let last = ten(connection, id, &watched);
            assert_eq!(first, last, "{audience:?}");
            assert!(first.len() <= 16, "{}: {first:#?}", first.len());
            if connection.dialect() == Dialect::Sqlite {
                for sql in &first {
                    assert_eq!(scans(connection, sql), [""; 0], "{sql}");
                }
            }
        }
    });
}
