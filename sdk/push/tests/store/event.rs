//! Events for webhooks: entered for who wants them, kept until they are taken, told with the same id each time.

use std::collections::BTreeSet;

use diesel::{QueryDsl as _, RunQueryDsl as _};
use loggia_push::event::{self, Happened, Kind};
use loggia_push::hook::{self, Hook, NewHook};
use loggia_push::letter::{self, Letter};
use loggia_push::notification::{self, NewNotification};
use loggia_push::schema::push_hook;
use loggia_push::{Audience, Platform, Registration, application, registration};
use loggia_sql::Connection;
use serde_json::Value;

use crate::support::{NOW, application, on_each};

/// Two applications with a device each, and a notification to both; only the first has a webhook.
struct Site {
    hooked: i64,
    devices: [i64; 2],
    notification: i64,
}

impl Site {
    fn new(connection: &mut Connection, kinds: &[Kind]) -> Self {
        let [hooked, other] = ["hooked", "other"].map(|code| application(connection, code).id);
        let devices = [hooked, other].map(|application| {
            let new = Registration::new(application, Platform::Ios, "token");
            registration::register(connection, &new, NOW).unwrap().id
        });
        let audience = Audience::All.text();
        let new = NewNotification::new(None, &audience, "{}", NOW);
        let notification = notification::create(connection, &new, NOW).unwrap().id;
        let kinds: BTreeSet<Kind> = kinds.iter().copied().collect();
        let new = NewHook {
            url: "https://example.org/",
            secret: "sealed",
            kinds: &kinds,
        };
        hook::put(connection, hooked, &new, NOW).unwrap();
        Site {
            hooked,
            devices,
            notification,
        }
    }

    fn tell(&self, connection: &mut Connection, kind: Kind) {
        let happened = self.devices.map(|device| Happened::plain(device, kind));
        event::enter(connection, self.notification, &happened, NOW).unwrap();
    }

    fn take(&self, connection: &mut Connection, now_ms: i64) -> Option<Letter> {
        let taken = letter::take(connection, self.hooked, now_ms, now_ms + 100).unwrap();
        taken.map(|(_, letter)| letter)
    }
}

fn kinds(letter: &Letter) -> Vec<String> {
    let events: Vec<Value> = serde_json::from_str(&letter.content).unwrap();
    let words = events
        .iter()
        .map(|one| one["type"].as_str().unwrap_or_default().to_owned());
    words.collect()
}

#[test]
fn events_are_entered_for_who_wants_them_and_go_together() {
    on_each(|connection| {
        let site = Site::new(connection, &[Kind::Gone, Kind::Opened]);
        assert!(hook::due(connection, NOW).unwrap().is_empty());
        for kind in [Kind::Accepted, Kind::Gone, Kind::Opened] {
            site.tell(connection, kind);
        }
        assert_eq!(hook::due(connection, NOW).unwrap(), [site.hooked]);
        let letter = site.take(connection, NOW).unwrap();
        assert_eq!(kinds(&letter), ["gone", "opened"]);
        assert_eq!((letter.size, letter.attempts), (2, 1));
        assert_eq!(
            site.take(connection, NOW),
            None,
            "it is in somebody's hands"
        );
        letter::taken(connection, &letter, NOW).unwrap();
        let counts = letter::counts(connection, site.hooked).unwrap();
        assert_eq!((counts.waiting, counts.given_up), (0, 0));
        let known = hook::of(connection, site.hooked).unwrap().unwrap();
        assert_eq!(known.last_success_ms, Some(NOW));
    });
}

#[test]
fn what_nobody_answers_for_comes_back_the_same_and_alone() {
    on_each(|connection| {
        let site = Site::new(connection, &Kind::ALL);
        site.tell(connection, Kind::Gone);
        let first = site.take(connection, NOW).unwrap();
        site.tell(connection, Kind::Opened);
        let other = site.take(connection, NOW + 50).unwrap();
        assert_eq!(kinds(&other), ["opened"]);
        // Whoever had it has died.
        let again = site.take(connection, NOW + 100).unwrap();
        assert_eq!(
            (&again.public_id, &again.content, again.attempts),
            (&first.public_id, &first.content, 2)
        );
    });
}

#[test]
fn a_failure_pauses_all_and_what_is_old_is_given_up_until_it_is_retried() {
    on_each(|connection| {
        let site = Site::new(connection, &Kind::ALL);
        site.tell(connection, Kind::Gone);
        let letter = site.take(connection, NOW).unwrap();
        let until = (NOW + 1_000, NOW - 1);
        let given_up = letter::failed(connection, &letter, "500", until, NOW).unwrap();
        assert_eq!(given_up, 0);
        site.tell(connection, Kind::Opened);
        assert!(hook::due(connection, NOW + 999).unwrap().is_empty());
        assert_eq!(site.take(connection, NOW + 999), None);
        // What was never tried comes first, so that one bad letter holds up no other.
        let next = site.take(connection, NOW + 1_000).unwrap();
        assert_eq!(kinds(&next), ["opened"]);
        let until = (NOW + 3_000, NOW);
        let given_up = letter::failed(connection, &next, "500", until, NOW + 1_000).unwrap();
        assert_eq!(given_up, 2);
        let list = |connection: &mut Connection, state| {
            let found = letter::list(connection, site.hooked, state, (0, 9)).unwrap();
            found.len()
        };
        assert_eq!(list(connection, Some(true)), 2);
        assert_eq!(list(connection, Some(false)), 0);
        let id = Some(&*next.public_id);
        assert_eq!(
            letter::retry(connection, site.hooked, id, NOW + 3_000).unwrap(),
            1
        );
        assert_eq!(letter::prune(connection, NOW + 9_999).unwrap(), 1);
        assert!(site.take(connection, NOW + 3_000).is_some());
    });
}

#[test]
fn what_waits_for_a_webhook_that_stopped_or_is_gone_is_forgotten_in_the_end() {
    on_each(|connection| {
        let site = Site::new(connection, &Kind::ALL);
        let waiting =
            |connection: &mut Connection| letter::counts(connection, site.hooked).unwrap().waiting;
        site.tell(connection, Kind::Gone);
        let hook = hook::of(connection, site.hooked).unwrap().unwrap();
        assert_eq!(letter::prune(connection, NOW + 9_999).unwrap(), 0);
        hook::stop(connection, &hook, "410", NOW + 1_000).unwrap();
        assert_eq!(letter::prune(connection, NOW + 1_000).unwrap(), 0);
        assert_eq!(letter::prune(connection, NOW + 1_001).unwrap(), 1);
        let kinds: BTreeSet<Kind> = Kind::ALL.into();
        let new = NewHook {
            url: "https://example.org/",
            secret: "sealed",
            kinds: &kinds,
        };
        // Who entered it saw the webhook, and came after who took it away.
        let leave = |connection: &mut Connection| {
            hook::put(connection, site.hooked, &new, NOW).unwrap();
            site.tell(connection, Kind::Gone);
            let row = push_hook::table.find(site.hooked);
            diesel::delete(row).execute(connection).unwrap();
        };
        leave(connection);
        assert_eq!(waiting(connection), 1);
        assert_eq!(letter::prune(connection, 0).unwrap(), 1);
        leave(connection);
        hook::put(connection, site.hooked, &new, NOW).unwrap();
        assert_eq!(waiting(connection), 0, "it is another webhook");
        hook::delete(connection, site.hooked, NOW).unwrap();
    });
}

#[test]
fn a_stopped_webhook_gets_nothing_and_goes_with_its_application() {
    on_each(|connection| {
        let site = Site::new(connection, &Kind::ALL);
        let version = |connection: &mut Connection| {
            application::by_id(connection, site.hooked)
                .unwrap()
                .unwrap()
                .version
        };
        let before = version(connection);
        let hook = hook::of(connection, site.hooked).unwrap().unwrap();
        let older = Hook {
            modified_ms: hook.modified_ms - 1,
            ..hook.clone()
        };
        hook::stop(connection, &older, "410", NOW).unwrap();
        assert!(
            hook::is_listening(connection, site.hooked).unwrap(),
            "what an older one's receiver answers is nothing to it"
        );
        let before = version(connection).max(before);
        hook::stop(connection, &hook, "410", NOW).unwrap();
        assert_eq!(
            version(connection),
            before + 1,
            "the engine looks at it again"
        );
        assert!(!hook::is_listening(connection, site.hooked).unwrap());
        site.tell(connection, Kind::Gone);
        assert_eq!(letter::counts(connection, site.hooked).unwrap().waiting, 0);
        let letters = hook::delete(connection, site.hooked, NOW).unwrap();
        assert!(letters.is_some());
        let letters = hook::delete(connection, site.hooked, NOW).unwrap();
        assert!(letters.is_none());
    });
}
