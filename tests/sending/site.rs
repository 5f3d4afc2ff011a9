//! Several nodes on one database, a vendor that counts, and the ledger as it stands.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use loggia::service::outgoing::Guard;
use loggia::service::push::vendor::{VendorSettings, Vendors};
use loggia::service::push::{Push, PushSettings};
use loggia::settings::Settings;
use loggia::store::Pool;
use loggia::store::testing::{TestDatabase, patience};
use loggia_fakes::Fakes;
use loggia_push::notification::{self, NewNotification, Notification};
use loggia_push::schema::push_delivery;
use loggia_push::{Audience, Platform, Registration, application, registration};
use loggia_sql::Connection;
use loggia_tests::server::{Server, Setup};

/// How long a notification may take, dead nodes included.
const PATIENCE: Duration = Duration::from_mins(5);

/// A site whose nodes send to the fake of Apple's service.
pub(crate) struct Site {
    setup: Setup,
    pool: Pool,
    fakes: Fakes,
    application: i64,
    tokens: Vec<(i64, String)>,
}

impl Site {
    /// With so many devices.
    pub(crate) fn new(database: TestDatabase, devices: usize) -> Self {
        let pool = database.migrated_pool();
        let fakes = Fakes::start().expect("the fakes start");
        fakes.apns_sandbox().book().behave(|manner| {
            manner.latency_ms = 20;
            manner.max_streams = 20;
            manner.keep = 1;
        });
        let setup = Setup::new(database);
        let outgoing = "[outgoing]\nallow = [\"127.0.0.0/8\"]\n\n";
        setup.configure(&(outgoing.to_owned() + fakes.settings()));
        let mut site = Site {
            setup,
            pool,
            fakes,
            application: 0,
            tokens: Vec::new(),
        };
        site.enter(devices);
        site
    }

    /// Enters the application with its credentials, and the devices.
    fn enter(&mut self, devices: usize) {
        let settings = Settings::load(&self.setup.configuration()).expect("the settings are good");
        let values = settings.module("push").values.json();
        let vendors = VendorSettings::read(values, PATIENCE).expect("the addresses are good");
        let vendors = Vendors::new(vendors, &Guard::new(&settings.outgoing));
        let push = Push::new(
            self.pool.clone(),
            PushSettings::read(values).expect("the settings are good"),
            Box::new(vendors.expect("the certificates are good")),
            self.setup.folder().to_owned(),
        );
        let mut connection = self.pool.write(patience()).expect("a connection is free");
        let new = application::NewApplication {
            code: "shop",
            name: "Shop",
            ..Default::default()
        };
        let made = application::create(&mut connection, &new, 1).expect("it is new");
        let credentials = self.fakes.line()["credentials"].to_string();
        push.set_credentials(&mut connection, made.id, &credentials)
            .expect("the credentials are good");
        self.application = made.id;
        let entered = connection.transaction(|connection| {
            (0..devices)
                .map(|at| {
                    let token = format!("{at:064x}");
                    let new = Registration::new(made.id, Platform::Ios, &token);
                    Ok((registration::register(connection, &new, 1)?.id, token))
                })
                .collect::<QueryResult<Vec<_>>>()
        });
        self.tokens = entered.expect("devices can be entered");
    }

    /// One node more.
    pub(crate) fn node(&self) -> Server {
        self.setup.serve()
    }

    /// How many devices there are.
    pub(crate) fn devices(&self) -> i64 {
        i64::try_from(self.tokens.len()).expect("there are not so many")
    }

    /// A notification to all, to a vendor that has forgotten what it took before.
    pub(crate) fn notify(&self, policy: &str) -> i64 {
        self.fakes.apns_sandbox().book().forget();
        let mut connection = self.connection();
        let audience = Audience::All.text();
        let new = NewNotification {
            unknown_policy: policy,
            ..NewNotification::new(Some(self.application), &audience, r#"{"title":"Hello"}"#, 1)
        };
        notification::create(&mut connection, &new, 1)
            .expect("a notification can be entered")
            .id
    }

    /// The notification as it stands.
    pub(crate) fn read(&self, id: i64) -> Notification {
        let found = notification::by_id(&mut self.connection(), id);
        found.expect("it can be read").expect("it is there")
    }

    /// Waits until the notification is so.
    pub(crate) fn wait(&self, id: i64, is_so: impl Fn(&Notification) -> bool) -> Notification {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let one = self.read(id);
            if is_so(&one) {
                return one;
            }
            assert!(Instant::now() < give_up, "{one:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// How often the vendor took something for each device, with the state that the ledger has of it.
    pub(crate) fn compared(&self, id: i64) -> Vec<(u32, String)> {
        let states: std::collections::HashMap<i64, String> = push_delivery::table
            .filter(push_delivery::notification_id.eq(id))
            .select((push_delivery::device_id, push_delivery::state))
            .load::<(i64, String)>(&mut self.connection())
            .expect("the ledger can be read")
            .into_iter()
            .collect();
        let tokens: Vec<String> = self.tokens.iter().map(|(_, token)| token.clone()).collect();
        let taken = self.fakes.apns_sandbox().book().taken(&tokens);
        let pairs = self.tokens.iter().zip(taken);
        pairs
            .map(|((device, _), times)| (times, states.get(device).cloned().unwrap_or_default()))
            .collect()
    }

    /// How often the vendor took something.
    pub(crate) fn accepted(&self) -> i64 {
        let counts = self.fakes.apns_sandbox().book().counts();
        i64::try_from(counts.accepted).expect("there are not so many")
    }

    fn connection(&self) -> Connection {
        self.pool.write(patience()).expect("a connection is free")
    }
}
