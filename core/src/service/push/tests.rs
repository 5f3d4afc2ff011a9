//! The engine with a sender that the tests play.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use loggia_push::claim;
use loggia_push::delivery::{self, State};
use loggia_push::notification::{self, NewNotification, Notification, status, unknown_policy};
use loggia_push::{Audience, Platform, Registration, alarm, application, device, registration};
use parking_lot::Mutex;

use super::carriers::Carriers;
use super::engine::Push;
use super::settings::PushSettings;
use super::vendor::{Answer, Batch, Outcome, Scope, Sender, Sending};
use crate::node::Membership;
use crate::store::Pool;
use crate::store::testing::{TestDatabase, patience};

/// A vendor that answers by the beginning of a token: `gone-`, `busy-`, `bad-`, `lost-`, and takes everything else.
#[derive(Default)]
struct Vendor {
    /// How often it took something for a token.
    taken: Mutex<HashMap<String, usize>>,
    /// The headlines it was given.
    titles: Mutex<Vec<String>>,
    batches: AtomicUsize,
    /// Whether it has become friendly to everybody.
    is_friendly: Mutex<bool>,
}

impl Vendor {
    fn answer(&self, token: &str) -> Outcome {
        let word = token.split('-').next().unwrap_or_default();
        let word = if *self.is_friendly.lock() { "" } else { word };
        match word {
            "gone" => Outcome::Gone {
                reason: "Unregistered".into(),
                since_ms: None,
            },
            "busy" => Outcome::Retry {
                after: Some(Duration::from_millis(1)),
                scope: Scope::Device,
                reason: "TooManyRequests".into(),
            },
            "bad" => Outcome::BadCredentials {
                reason: "InvalidProviderToken".into(),
            },
            "lost" => Outcome::Unanswered {
                reason: "the connection broke".into(),
            },
            _ => {
                *self.taken.lock().entry(token.to_owned()).or_default() += 1;
                Outcome::Accepted {
                    vendor_id: "theirs".into(),
                }
            }
        }
    }
}

impl Sender for Vendor {
    fn send(&self, batch: Batch) -> Sending<'_> {
        Box::pin(async move {
            self.batches.fetch_add(1, Ordering::Relaxed);
            self.titles.lock().extend(batch.message.title.clone());
            for target in &batch.targets {
                let outcome = if batch.permission.holds() {
                    self.answer(&target.token)
                } else {
                    Outcome::Withheld
                };
                let device_id = target.device_id;
                // Who waits for answers no more has no use for them.
                let _ = batch.answers.send(Answer { device_id, outcome });
            }
        })
    }
}

/// The vendor for endpoints alone, which need no credentials.
struct Carrier(Arc<Vendor>);

impl Carriers for Carrier {
    fn sender(&self, platform: Platform) -> Option<&dyn Sender> {
        (platform == Platform::Endpoint).then_some(&*self.0)
    }

    fn check(&self, application: &super::vendor::Application) -> Result<(), String> {
        let apns = application.credentials.apns.as_ref();
        let has_bundle = apns.is_none_or(|apns| apns.bundle.is_some());
        has_bundle
            .then_some(())
            .ok_or_else(|| "apns: `bundle` is missing".to_owned())
    }
}

/// An engine over a database of its own.
struct Site {
    pool: Pool,
    push: Push,
    vendor: Arc<Vendor>,
    application: i64,
    _folder: tempfile::TempDir,
    _database: TestDatabase,
}

impl Site {
    fn each() -> Vec<Self> {
        TestDatabase::each().into_iter().map(Self::on).collect()
    }

    fn on(database: TestDatabase) -> Self {
        let pool = database.migrated_pool();
        let new = application::NewApplication {
            code: "shop",
            name: "Shop",
            ..Default::default()
        };
        let made = application::create(&mut pool.write(patience()).unwrap(), &new, 0).unwrap();
        let (vendor, folder) = (Arc::<Vendor>::default(), tempfile::tempdir().unwrap());
        let settings = PushSettings::read(&serde_json::Map::new()).unwrap();
        let carrier = Box::new(Carrier(Arc::clone(&vendor)));
        let push = Push::new(pool.clone(), settings, carrier, folder.path().to_owned());
        Self {
            pool,
            push,
            vendor,
            application: made.id,
            _folder: folder,
            _database: database,
        }
    }

    /// Has the engine send by itself until the membership is dropped.
    fn begin(&self) -> Membership {
        let mut membership = Membership::join(&self.pool, "one").unwrap();
        membership.begin(|_| Ok(()), Vec::new).unwrap();
        self.push.begin(membership.id, membership.pulse()).unwrap();
        membership
    }

    fn device(&self, platform: Platform, token: &str, language: Option<&str>) -> i64 {
        let mut connection = self.pool.write(patience()).unwrap();
        let new = Registration {
            language,
            ..Registration::new(self.application, platform, token)
        };
        registration::register(&mut connection, &new, 1).unwrap().id
    }

    fn notify(&self, message: &str, policy: &str) -> i64 {
        let mut connection = self.pool.write(patience()).unwrap();
        let audience = Audience::All.text();
        let new = NewNotification {
            unknown_policy: policy,
            ..NewNotification::new(Some(self.application), &audience, message, 1)
        };
        notification::create(&mut connection, &new, 1).unwrap().id
    }

    fn read(&self, id: i64) -> Notification {
        let mut connection = self.pool.read(patience()).unwrap();
        notification::by_id(&mut connection, id).unwrap().unwrap()
    }

    /// Waits until the notification is so.
    fn wait(&self, id: i64, is_so: impl Fn(&Notification) -> bool) -> Notification {
        let give_up = Instant::now() + Duration::from_secs(30);
        loop {
            let one = self.read(id);
            if is_so(&one) {
                return one;
            }
            assert!(Instant::now() < give_up, "{one:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn state(&self, id: i64, device: i64) -> (String, Option<String>) {
        let mut connection = self.pool.read(patience()).unwrap();
        let row = delivery::find(&mut connection, id, device)
            .unwrap()
            .unwrap();
        (row.state, row.reason)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.push.close(Duration::from_secs(5));
    }
}

#[test]
fn a_notification_reaches_everybody_in_their_language_and_the_ledger_knows() {
    for site in Site::each() {
        let plain = site.device(Platform::Endpoint, "a", None);
        site.device(Platform::Endpoint, "b", Some("fr"));
        let gone = site.device(Platform::Endpoint, "gone-c", Some("en"));
        let generic = site.device(Platform::Generic, "d", None);
        let ios = site.device(Platform::Ios, "e", None);
        let message = r#"{"title":"Hello","localised":{"fr":{"title":"Bonjour"}}}"#;
        let id = site.notify(message, unknown_policy::RESEND);
        let _membership = site.begin();
        let one = site.wait(id, |one| one.status == status::COMPLETED);
        assert_eq!(
            (one.accepted, one.gone, one.skipped, one.attempts),
            (2, 1, 2, 3)
        );
        let mut titles = site.vendor.titles.lock().clone();
        titles.sort();
        titles.dedup();
        assert_eq!(titles, ["Bonjour", "Hello"]);
        assert_eq!(site.state(id, plain), ("accepted".to_owned(), None));
        let told = |reason: &str| ("skipped".to_owned(), Some(reason.to_owned()));
        assert_eq!(
            site.state(id, generic),
            told("nobody carries messages to this platform")
        );
        assert_eq!(
            site.state(id, ios),
            told("nobody carries messages to this platform")
        );
        let mut connection = site.pool.read(patience()).unwrap();
        let retired = device::by_id(&mut connection, gone).unwrap().unwrap();
        assert_eq!(retired.status, device::status::RETIRED);
    }
}

#[test]
fn what_is_busy_or_lost_is_sent_again_and_what_is_held_is_not() {
    for site in Site::each() {
        site.device(Platform::Endpoint, "busy-a", None);
        site.device(Platform::Endpoint, "lost-b", None);
        let _membership = site.begin();
        let resent = site.notify("{}", unknown_policy::RESEND);
        let one = site.wait(resent, |one| one.attempts >= 4 && one.unknowns >= 1);
        assert_eq!(one.status, status::RUNNING);
        *site.vendor.is_friendly.lock() = true;
        let one = site.wait(resent, |one| one.status == status::COMPLETED);
        assert_eq!(one.accepted, 2);
        *site.vendor.is_friendly.lock() = false;
        let held = site.notify("{}", unknown_policy::HOLD);
        let one = site.wait(held, |one| one.unknown == 1);
        assert_eq!((one.unknowns, one.accepted), (1, 0));
    }
}

#[test]
fn what_this_node_has_taken_without_hearing_of_it_is_unknown_and_sent_again() {
    for site in Site::each() {
        let device = site.device(Platform::Endpoint, "a", None);
        let id = site.notify("{}", unknown_policy::RESEND);
        let mut membership = Membership::join(&site.pool, "one").unwrap();
        membership.begin(|_| Ok(()), Vec::new).unwrap();
        // As when the connection breaks after the commit of a claim and before its answer.
        let mut connection = site.pool.write(patience()).unwrap();
        let key = (id, membership.id);
        let say = &mut |_: &_, _: &_| claim::Verdict::Send;
        let taken = claim::claim(&mut connection, key, 10, 2, say).unwrap();
        assert_eq!(taken.unwrap().devices.len(), 1);
        drop(connection);
        site.push.begin(membership.id, membership.pulse()).unwrap();
        let one = site.wait(id, |one| one.status == status::COMPLETED);
        assert_eq!((one.accepted, one.unknowns), (1, 1));
        assert_eq!(site.state(id, device).0, State::Accepted.word());
    }
}

#[test]
fn bad_credentials_stop_the_platform_until_somebody_ends_the_alarm() {
    for site in Site::each() {
        let device = site.device(Platform::Endpoint, "bad-a", None);
        let _membership = site.begin();
        let first = site.notify("{}", unknown_policy::RESEND);
        site.wait(first, |one| one.queued == 1 && one.attempts == 1);
        let alarms = || {
            let mut connection = site.pool.read(patience()).unwrap();
            let row = application::by_id(&mut connection, site.application);
            row.unwrap().unwrap().alarms()
        };
        let give_up = Instant::now() + Duration::from_secs(10);
        while alarms().is_empty() {
            assert!(Instant::now() < give_up);
        }
        assert_eq!(alarms()[&Platform::Endpoint].reason, "InvalidProviderToken");
        let second = site.notify("{}", unknown_policy::RESEND);
        site.wait(second, |one| one.queued == 1);
        assert_eq!(site.read(second).attempts, 0);
        assert_eq!(site.read(second).due_ms, Some(alarm::PARKED_MS));
        *site.vendor.is_friendly.lock() = true;
        let mut connection = site.pool.write(patience()).unwrap();
        assert!(alarm::end(&mut connection, site.application, None, 5).unwrap());
        drop(connection);
        site.push.wake();
        for id in [first, second] {
            site.wait(id, |one| one.status == status::COMPLETED);
            assert_eq!(site.state(id, device).0, State::Accepted.word());
        }
    }
}

#[test]
fn a_run_sends_to_so_many_and_goes_on_where_it_stopped() {
    for site in Site::each() {
        for at in 0..5 {
            site.device(Platform::Endpoint, &format!("token{at}"), None);
        }
        let id = site.notify("{}", unknown_policy::RESEND);
        let run = |most| site.push.run(Some(most), None).unwrap();
        let first = run(2);
        assert_eq!((first.sent, first.accepted), (2, 2));
        assert_eq!(site.read(id).status, status::RUNNING);
        assert_eq!(run(3).sent, 3);
        assert_eq!(run(3).sent, 0);
        assert_eq!(site.read(id).status, status::COMPLETED);
        assert_eq!(site.vendor.taken.lock().len(), 5);
        let mut connection = site.pool.read(patience()).unwrap();
        let nodes = crate::store::nodes::live(&mut connection).unwrap();
        assert_eq!(nodes.len(), 0, "a command is a node only while it sends");
    }
}

#[test]
fn a_node_that_may_be_held_for_dead_sends_nothing_until_it_is_heard_of() {
    for site in Site::each() {
        let membership = Membership::join(&site.pool, "one").unwrap();
        membership.pulse().age_for_tests(Duration::from_mins(1));
        site.device(Platform::Endpoint, "a", None);
        let id = site.notify("{}", unknown_policy::RESEND);
        site.push.begin(membership.id, membership.pulse()).unwrap();
        site.push.wake();
        std::thread::sleep(Duration::from_millis(600));
        assert_eq!(site.read(id).attempts, 0);
        let mut membership = membership;
        membership.begin(|_| Ok(()), Vec::new).unwrap();
        site.wait(id, |one| one.status == status::COMPLETED);
    }
}

#[test]
fn a_thousand_devices_cost_few_batches_and_the_same_for_the_last_as_for_the_first() {
    for site in Site::each() {
        for at in 0..2_500 {
            site.device(Platform::Endpoint, &format!("token{at}"), None);
        }
        let id = site.notify("{}", unknown_policy::RESEND);
        let _membership = site.begin();
        let one = site.wait(id, |one| one.status == status::COMPLETED);
        assert_eq!(one.accepted, 2_500);
        assert_eq!(site.vendor.batches.load(Ordering::Relaxed), 3);
        assert!(site.vendor.taken.lock().values().all(|times| *times == 1));
    }
}

#[test]
fn credentials_are_checked_sealed_and_opened_by_the_engine_alone() {
    for site in Site::each() {
        let mut connection = site.pool.write(patience()).unwrap();
        let mut set = |json: &str| {
            let kept = site
                .push
                .set_credentials(&mut connection, site.application, json);
            kept.map_err(|fault| fault.to_string())
        };
        let unknown = set(r#"{"apn":{}}"#).unwrap_err();
        assert!(unknown.contains("`apn`"), "{unknown}");
        let missing = set(r#"{"apns":{}}"#).unwrap_err();
        assert_eq!(missing, "`credentials`: apns: `bundle` is missing");
        let json = r#"{"apns":{"bundle":"org.example","key":"very secret"}}"#;
        assert_eq!(set(json).unwrap().platforms, [Platform::Ios]);
        let row = application::by_id(&mut connection, site.application)
            .unwrap()
            .unwrap();
        assert!(!row.credentials.clone().unwrap().contains("secret"));
        assert_eq!(row.platforms(), [Platform::Ios]);
        let known = site
            .push
            .depot
            .applications
            .of(&mut connection, Some(row.id))
            .unwrap();
        let apns = known[&row.id].sender.credentials.apns.clone().unwrap();
        assert_eq!(apns.key.unwrap().expose(), "very secret");
        let json = r#"{"web_push":{}}"#;
        let kept = site
            .push
            .set_credentials(&mut connection, row.id, json)
            .unwrap();
        assert_eq!(kept.platforms, [Platform::Web]);
        assert_eq!(kept.web_push_public_key.unwrap().len(), 87);
        site.push
            .set_credentials(&mut connection, row.id, "")
            .unwrap();
        let row = application::by_id(&mut connection, row.id)
            .unwrap()
            .unwrap();
        assert_eq!((row.credentials, row.platforms.as_str()), (None, "[]"));
        let nowhere = site.push.set_credentials(&mut connection, 99, "");
        assert!(matches!(nowhere, Err(super::CredentialsFault::NotFound)));
    }
}
