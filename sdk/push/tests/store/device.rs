//! Devices and their topics.

use std::thread;

use loggia::store::testing::{TestDatabase, patience};
use loggia_push::whereabouts::{self, Token};
use loggia_push::{
    Device, Platform, Preference, Registration, device, preference, registration, topic,
};

use crate::support::{NOW, application, on_each};

#[test]
fn a_token_that_registers_again_is_the_same_device() {
    on_each(|connection| {
        let shop = application(connection, "Shop");
        let mut new = Registration {
            user_ref: Some("7"),
            language: Some("fr"),
            topics: Some(vec!["news", "sales"]),
            ios_sound: Some(false),
            ..Registration::new(shop.id, Platform::Ios, "<ab cd>")
        };
        let first = registration::register(connection, &new, NOW).unwrap();
        assert_eq!((first.token.as_str(), first.hits), ("abcd", 1));
        assert!(first.ios_alert && !first.ios_sound);
        new.user_ref = None;
        new.language = None;
        new.topics = None;
        new.ios_sound = None;
        new.token = "abcd";
        let second = registration::register(connection, &new, NOW + 5).unwrap();
        assert_eq!((second.id, second.hits), (first.id, 2));
        assert_eq!(
            (second.user_ref.as_deref(), second.language.as_deref()),
            (None, Some("fr"))
        );
        assert!(!second.ios_sound);
        assert_eq!(
            topic::of_devices(connection, &[first.id]).unwrap(),
            [
                (first.id, "news".to_owned()),
                (first.id, "sales".to_owned())
            ]
        );
        assert_eq!(
            topic::list(connection, shop.id, "news", 10).unwrap(),
            [("sales".to_owned(), 1)]
        );
        new.platform = Platform::Android;
        assert_ne!(
            registration::register(connection, &new, NOW).unwrap().id,
            first.id
        );
    });
}

#[test]
fn devices_that_register_together_are_what_each_would_be_alone() {
    on_each(|connection| {
        let (shop, forum) = (
            application(connection, "shop").id,
            application(connection, "forum").id,
        );
        preference::set_of_person(connection, (shop, "7"), &Preference::default(), NOW).unwrap();
        let tokens: Vec<String> = (0..250).map(|at| format!("token-{at}")).collect();
        let mut those: Vec<_> = tokens
            .iter()
            .map(|token| Registration::new(shop, Platform::Android, token))
            .collect();
        those[3].user_ref = Some("7");
        those[4] = Registration {
            application_id: forum,
            user_ref: Some("7"),
            topics: Some(vec!["news"]),
            ..those[4].clone()
        };
        those[5].ios_alert = Some(false);
        those.push(Registration {
            language: Some("fr"),
            platform: Platform::Generic,
            ..those[9].clone()
        });
        those.push(those[9].clone());
        let devices = registration::register_all(connection, &those, NOW).unwrap();
        let came: Vec<_> = devices.iter().map(|one| one.token.as_str()).collect();
        let asked: Vec<_> = those.iter().map(|one| one.token).collect();
        assert_eq!(came, asked);
        let spared = |at: usize| devices[at].preferences.is_some();
        assert_eq!([3, 4, 5].map(spared), [true, false, false]);
        assert_eq!(
            (devices[4].application_id, devices[3].application_id),
            (forum, shop)
        );
        assert_eq!(
            [4, 5, 6].map(|at: usize| devices[at].ios_alert),
            [true, false, true]
        );
        assert_eq!(
            topic::of_devices(connection, &[devices[4].id])
                .unwrap()
                .len(),
            1
        );
        let (twice, other) = (&devices[251], &devices[250]);
        assert_eq!((twice.id, twice.hits), (devices[9].id, 2));
        assert_ne!(other.id, twice.id);
        assert_eq!(other.language.as_deref(), Some("fr"));
        let again = registration::register_all(connection, &those[..250], NOW + 1).unwrap();
        let ids = |devices: &[Device]| devices.iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(ids(&again), ids(&devices[..250]));
        assert_eq!(
            [4, 5, 6].map(|at: usize| again[at].ios_alert),
            [true, false, true]
        );
        assert_eq!(again[5].hits, 2);
    });
}

#[test]
fn lists_of_the_same_devices_in_other_orders_never_wait_for_each_other() {
    for database in TestDatabase::each() {
        let pool = database.migrated_pool();
        let shop = application(&mut pool.write(patience()).unwrap(), "shop").id;
        let mut tokens: Vec<String> = (0..300).map(|at| format!("token-{at}")).collect();
        let forwards = tokens.clone();
        tokens.reverse();
        thread::scope(|scope| {
            for tokens in [&forwards, &tokens] {
                let pool = &pool;
                scope.spawn(move || {
                    let those = (tokens.iter())
                        .map(|token| Registration::new(shop, Platform::Ios, token))
                        .collect::<Vec<_>>();
                    for _ in 0..20 {
                        let connection = &mut pool.write(patience()).unwrap();
                        let entered = connection.transaction(|connection| {
                            registration::register_all(connection, &those, NOW)
                        });
                        assert_eq!(entered.unwrap().len(), 300);
                    }
                });
            }
        });
    }
}

#[test]
fn a_token_that_is_unique_over_all_applications_moves_with_its_topics() {
    on_each(|connection| {
        let (shop, forum) = (
            application(connection, "shop"),
            application(connection, "forum"),
        );
        let new = Registration {
            topics: Some(vec!["news"]),
            ..Registration::new(shop.id, Platform::Android, "token")
        };
        let first = whereabouts::register_moving(connection, &new, NOW).unwrap();
        let mut found = |code, platform| {
            let token = "token";
            let asked = [Token {
                code,
                platform,
                token,
            }];
            let found = whereabouts::whereabouts(connection, &asked).unwrap()[0];
            found.map(|found| (found.application_id, found.is_elsewhere))
        };
        assert_eq!(found("shop", Platform::Android), Some((shop.id, false)));
        assert_eq!(found("shop", Platform::Generic), Some((shop.id, true)));
        assert_eq!(found("forum", Platform::Android), Some((forum.id, true)));
        assert_eq!(found("nowhere", Platform::Android), None);
        let new = Registration::new(forum.id, Platform::Android, "token");
        let moved = whereabouts::register_moving(connection, &new, NOW).unwrap();
        assert_eq!(
            (moved.id, moved.application_id, moved.hits),
            (first.id, forum.id, 2)
        );
        assert_eq!(topic::list(connection, shop.id, "", 10).unwrap(), []);
        assert_eq!(topic::list(connection, forum.id, "", 10).unwrap().len(), 1);
    });
}

#[test]
fn a_retired_device_lives_again_when_it_registers() {
    on_each(|connection| {
        let shop = application(connection, "shop");
        let new = Registration::new(shop.id, Platform::Web, r#"{"endpoint":"https://a"}"#);
        let known = registration::register(connection, &new, NOW).unwrap();
        let retired = device::Change {
            status: Some(device::status::RETIRED.to_owned()),
            retired_ms: Some(Some(NOW)),
            retired_reason: Some(Some("Unregistered".to_owned())),
            ..Default::default()
        };
        device::change(connection, known.id, &retired, NOW)
            .unwrap()
            .unwrap();
        let again = registration::register(connection, &new, NOW).unwrap();
        assert_eq!(
            (again.id, again.status.as_str()),
            (known.id, device::status::ACTIVE)
        );
        assert_eq!((again.retired_ms, again.retired_reason), (None, None));
        assert_eq!(device::delete(connection, &[known.id]).unwrap(), 1);
        assert_eq!(device::by_token(connection, None, new.token).unwrap(), []);
    });
}
