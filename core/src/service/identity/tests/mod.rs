//! The identity service on both databases.

mod administration;
mod keeping;
mod log_in;
mod person;
mod profile;
mod recovery;
mod registration;
mod sessions;

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::{
    AccountView, Caller, Connections, Identity, IdentityFault, NewUser, NewUserPassword, Outcome,
    SessionChange, SessionSlot,
};
use crate::service::password::Passwords;
use crate::settings::Settings;
use crate::store::testing::TestDatabase;
use crate::store::{Pool, mail_queue};

const PASSWORD: &str = "correct horse battery";

/// A service with a clock that the test moves.
struct World {
    identity: Identity,
    pool: Pool,
    clock: Arc<AtomicI64>,
    settings: String,
}

impl World {
    fn new(pool: Pool, settings: &str) -> Self {
        let clock = Arc::new(AtomicI64::new(1_700_000_000_000));
        let identity = node(&pool, settings, &clock);
        Self {
            identity,
            pool,
            clock,
            settings: settings.to_owned(),
        }
    }

    /// A second node on the same database.
    fn other_node(&self) -> Identity {
        node(&self.pool, &self.settings, &self.clock)
    }

    fn pass(&self, milliseconds: i64) {
        self.clock.fetch_add(milliseconds, Ordering::Relaxed);
    }

    fn operator(&self) -> Caller<'_> {
        self.identity.operator()
    }

    fn from<'a>(&'a self, address: &str, slot: &'a SessionSlot) -> Caller<'a> {
        Caller {
            connections: &self.pool,
            address: Some(address.parse::<IpAddr>().unwrap()),
            session: Some(slot),
        }
    }

    fn user(&self, username: &str) -> AccountView {
        let new = NewUser {
            username: username.to_owned(),
            email: format!(
                "{}@example.test",
                username.replace(|c: char| !c.is_ascii(), "")
            ),
            name: "Some Body".to_owned(),
            password: NewUserPassword::Plain(PASSWORD.to_owned()),
            groups: Vec::new(),
            blocked: false,
        };
        self.identity.create(&self.operator(), &new).unwrap()
    }

    fn log_in(&self, username: &str, password: &str) -> Outcome<AccountView> {
        self.identity
            .authenticate(&self.operator(), username, password)
    }

    /// A session of an account, opened by a client without one.
    fn session(&self, user: i64) -> String {
        let slot = SessionSlot::new(None);
        let caller = self.from("192.0.2.1", &slot);
        let id = self.identity.open_session(&caller, user).unwrap();
        let opened = SessionChange::Opened {
            id: id.clone(),
            user,
        };
        assert_eq!(slot.change(), Some(opened));
        id
    }

    /// The recipients, subjects and texts of all mails that wait, oldest first.
    fn mails(&self) -> Vec<(String, String, String)> {
        let mut mails = Vec::new();
        let mut connection = Connections::write(&self.pool).unwrap();
        let far = i64::MAX / 2;
        while let Some(mail) = mail_queue::claim(&mut connection, "test", far, far).unwrap() {
            let sent = mail_queue::Outcome::Sent;
            assert!(mail_queue::finish(&mut connection, &mail, far, sent).unwrap());
            mails.push((mail.recipient, mail.subject, mail.body));
        }
        mails
    }

    /// The token in the one mail that waits.
    fn mailed_token(&self) -> String {
        let mails = self.mails();
        let [(_, _, text)] = mails.as_slice() else {
            panic!("one mail was expected, not {mails:?}");
        };
        let indented = text.lines().find_map(|line| line.strip_prefix("    "));
        indented
            .expect("the token stands alone in its line")
            .to_owned()
    }
}

fn node(pool: &Pool, settings: &str, clock: &Arc<AtomicI64>) -> Identity {
    let text = format!("[mail]\nfrom = \"Example <noreply@example.test>\"\n[accounts]\n{settings}");
    let settings = Settings::parse(&text, Path::new("endpoints.toml")).unwrap();
    let clock = Arc::clone(clock);
    Identity {
        passwords: Passwords::quick(),
        now_ms: Box::new(move || clock.load(Ordering::Relaxed)),
        ..Identity::new(pool.clone(), &settings)
    }
}

/// Runs a test on each database.
fn on_each(settings: &str, test: impl Fn(&World)) {
    for database in TestDatabase::each() {
        test(&World::new(database.migrated_pool(), settings));
    }
}

/// The code of a refusal.
fn code<T: std::fmt::Debug>(outcome: Outcome<T>) -> &'static str {
    match outcome {
        Err(IdentityFault::Refused(refusal)) => refusal.code,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}
