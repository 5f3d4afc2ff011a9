//! Notifications and what is done with them by hand.

use loggia_push::application;
use loggia_push::notification::{self, Change, NewNotification, status};

use crate::support::{self, NOW, on_each};

#[test]
fn a_notification_is_due_at_its_time_unless_it_is_paused_or_aborted() {
    on_each(|connection| {
        let shop = support::application(connection, "shop");
        let new = NewNotification {
            scheduled_ms: NOW + 60,
            ..NewNotification::new(Some(shop.id), r#"{"all":true}"#, r#"{"title":"x"}"#, NOW)
        };
        let made = notification::create(connection, &new, NOW).unwrap();
        assert_eq!(
            (made.status, made.due_ms),
            (status::SCHEDULED, Some(NOW + 60))
        );
        for (word, due_ms) in [
            (status::PAUSED, None),
            (status::SCHEDULED, Some(NOW + 60)),
            (status::ABORTED, None),
        ] {
            let changed = notification::set_status(connection, made.id, word, NOW).unwrap();
            let changed = changed.unwrap();
            assert_eq!((changed.status, changed.due_ms), (word, due_ms));
        }
        let change = Change {
            scheduled_ms: Some(NOW + 90),
            ..Default::default()
        };
        notification::set_status(connection, made.id, status::SCHEDULED, NOW).unwrap();
        let changed = notification::change(connection, made.id, &change, NOW)
            .unwrap()
            .unwrap();
        assert_eq!(changed.due_ms, Some(NOW + 90));
        assert_eq!(changed.version, made.version + 6);
    });
}

#[test]
fn an_application_is_found_by_all_its_names() {
    on_each(|connection| {
        let new = application::NewApplication {
            code: "ShOp",
            token: Some("secret"),
            name: "Shop",
            ..Default::default()
        };
        let made = application::create(connection, &new, NOW).unwrap();
        assert_eq!(made.code, "shop");
        let found = [
            application::by_code(connection, "SHOP").unwrap(),
            application::by_public_id(connection, &made.public_id).unwrap(),
            application::by_token(connection, "secret").unwrap(),
        ];
        assert_eq!(found, [Some(made.clone()), Some(made.clone()), Some(made)]);
        let double = application::create(connection, &new, NOW).unwrap_err();
        assert!(loggia_sql::is_unique(&double), "{double}");
    });
}
