//! Devices and their topics.

use loggia_push::device::{self, Registration};
use loggia_push::{Platform, topic};

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
        let first = device::register(connection, &new, NOW).unwrap();
        assert_eq!((first.token.as_str(), first.hits), ("abcd", 1));
        assert!(first.ios_alert && !first.ios_sound);
        new.user_ref = None;
        new.language = None;
        new.topics = None;
        new.ios_sound = None;
        new.token = "abcd";
        let second = device::register(connection, &new, NOW + 5).unwrap();
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
            device::register(connection, &new, NOW).unwrap().id,
            first.id
        );
    });
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
        let first = device::register_moving(connection, &new, NOW).unwrap();
        let mut found = |code, platform| {
            device::whereabouts(connection, code, platform, "token")
                .unwrap()
                .map(|found| (found.application_id, found.is_elsewhere))
        };
        assert_eq!(found("shop", Platform::Android), Some((shop.id, false)));
        assert_eq!(found("shop", Platform::Generic), Some((shop.id, true)));
        assert_eq!(found("forum", Platform::Android), Some((forum.id, true)));
        assert_eq!(found("nowhere", Platform::Android), None);
        let new = Registration::new(forum.id, Platform::Android, "token");
        let moved = device::register_moving(connection, &new, NOW).unwrap();
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
        let known = device::register(connection, &new, NOW).unwrap();
        let retired = device::Change {
            status: Some(device::status::RETIRED.to_owned()),
            retired_ms: Some(Some(NOW)),
            retired_reason: Some(Some("Unregistered".to_owned())),
            ..Default::default()
        };
        device::change(connection, known.id, &retired, NOW)
            .unwrap()
            .unwrap();
        let again = device::register(connection, &new, NOW).unwrap();
        assert_eq!(
            (again.id, again.status.as_str()),
            (known.id, device::status::ACTIVE)
        );
        assert_eq!((again.retired_ms, again.retired_reason), (None, None));
        assert_eq!(device::delete(connection, &[known.id]).unwrap(), 1);
        assert_eq!(device::by_token(connection, None, new.token).unwrap(), []);
    });
}
