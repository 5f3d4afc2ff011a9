//! Audiences: each finds its devices, each once, in their order, however many there are at a time.

use loggia_push::claim::{self, Verdict};
use loggia_push::device::Device;
use loggia_push::notification::{self, NewNotification};
use loggia_push::{Audience, Condition, Operator, Platform, Registration, delivery, registration};
use loggia_sql::Connection;
use serde_json::json;

use crate::support::{NOW, application, on_each};

/// Six devices of two applications, by their tokens: `a1` to `a4` and `b1`, `b2`.
fn devices(connection: &mut Connection) -> Vec<Device> {
    let first = application(connection, "first").id;
    let second = application(connection, "second").id;
    let rows = [
        (
            first,
            Platform::Ios,
            "a1",
            "ann",
            1,
            "news",
            r#"{"level":3,"city":"Rom"}"#,
        ),
        (
            first,
            Platform::Android,
            "a2",
            "bob",
            2,
            "sales",
            r#"{"level":7}"#,
        ),
        (
            first,
            Platform::Ios,
            "a3",
            "ann",
            1,
            "sales",
            r#"{"level":"7"}"#,
        ),
        (
            first,
            Platform::Web,
            "a4",
            "cat",
            3,
            "news",
            r#"{"city":"Romont"}"#,
        ),
        (second, Platform::Ios, "b1", "ann", 1, "news", "{}"),
        (second, Platform::Android, "b2", "dan", 4, "old", "{}"),
    ];
    rows.into_iter()
        .map(
            |(application, platform, token, person, account, topic, details)| {
                let new = Registration {
                    user_ref: Some(person),
                    user_id: Some(account),
                    topics: Some(vec![topic, "every"]),
                    badge: Some(account),
                    details: Some(details),
                    ..Registration::new(application, platform, token)
                };
                registration::register(connection, &new, NOW).unwrap()
            },
        )
        .collect()
}

/// The tokens of the devices that a notification to an audience takes, two at a time.
fn told(
    connection: &mut Connection,
    application: Option<i64>,
    platform: Option<Platform>,
    audience: &Audience,
) -> String {
    audience.check().unwrap();
    let text = audience.text();
    let new = NewNotification {
        platform,
        ..NewNotification::new(application, &text, "{}", NOW)
    };
    let id = notification::create(connection, &new, NOW).unwrap().id;
    let mut tokens = Vec::new();
    loop {
        let claim = claim::claim(connection, (id, 1), 2, NOW, &mut |_, _| Verdict::Send);
        let claim = claim.unwrap().unwrap();
        tokens.extend(claim.devices.into_iter().map(|one| one.target.token));
        if !claim.has_more {
            break;
        }
    }
    tokens.join(" ")
}

#[test]
fn an_audience_is_found_within_its_application_and_platform() {
    on_each(|connection| {
        let devices = devices(connection);
        let (first, every) = (Some(devices[0].application_id), None);
        let ids = devices.iter().map(|device| device.id).collect();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let cases = [
            (first, None, Audience::All, "a1 a2 a3 a4"),
            (every, None, Audience::All, "a1 a2 a3 a4 b1 b2"),
            (first, Some(Platform::Ios), Audience::All, "a1 a3"),
            (every, None, Audience::Users(vec![1, 4]), "a1 a3 b1 b2"),
            (
                first,
                None,
                Audience::People(names(&["ann", "cat"])),
                "a1 a3 a4",
            ),
            (first, None, Audience::Devices(ids), "a1 a2 a3 a4"),
            (
                every,
                None,
                Audience::Topics(names(&["news", "sales"])),
                "a1 a2 a3 a4 b1",
            ),
            (
                first,
                None,
                Audience::Topics(names(&["every", "news"])),
                "a1 a2 a3 a4",
            ),
            (
                first,
                Some(Platform::Ios),
                Audience::Topics(names(&["every"])),
                "a1 a3",
            ),
            (first, None, Audience::Topics(names(&["old"])), ""),
        ];
        for (application, platform, audience, tokens) in cases {
            assert_eq!(
                told(connection, application, platform, &audience),
                tokens,
                "{audience:?}"
            );
        }
    });
}

#[test]
fn a_group_means_the_accounts_in_it_and_below_it() {
    use diesel::connection::SimpleConnection as _;
    on_each(|connection| {
        devices(connection);
        connection
            .batch_execute(
                "INSERT INTO \"account\" (\"id\", \"username\", \"username_key\", \"name\", \"email\", \"email_key\", \
                 \"password_hash\", \"blocked\", \"language\", \"created_ms\") \
                 VALUES (1, 'ann', 'ann', 'Ann', 'a', 'a', '', FALSE, '', 0), \
                 (2, 'bob', 'bob', 'Bob', 'b', 'b', '', FALSE, '', 0); \
                 INSERT INTO \"account_group\" VALUES (1, 4), (2, 6)",
            )
            .unwrap();
        let told = |connection: &mut Connection, group| {
            told(connection, None, None, &Audience::Groups(vec![group]))
        };
        assert_eq!(told(connection, 2), "a1 a3 b1");
        assert_eq!(told(connection, 6), "a2");
        assert_eq!(told(connection, 1), "a1 a2 a3 b1");
    });
}

#[test]
fn a_query_finds_what_its_words_say() {
    on_each(|connection| {
        let devices = devices(connection);
        let first = devices[0].application_id;
        let cases = [
            (json!({"and": []}), "a1 a2 a3 a4 b1 b2"),
            (json!({"or": []}), ""),
            (
                json!({"field": "user_ref", "operator": "eq", "value": "ann"}),
                "a1 a3 b1",
            ),
            (
                json!({"field": "user_ref", "operator": "inq", "value": ["ann", "dan"]}),
                "a1 a3 b1 b2",
            ),
            (
                json!({"field": "user_ref", "operator": "nin", "value": ["ann", "dan"]}),
                "a2 a4",
            ),
            (
                json!({"field": "platform", "operator": "neq", "value": "ios"}),
                "a2 a4 b2",
            ),
            (
                json!({"field": "badge", "operator": "gt", "value": 2}),
                "a4 b2",
            ),
            (
                json!({"field": "badge", "operator": "lte", "value": "2"}),
                "a1 a2 a3 b1",
            ),
            (
                json!({"field": "badge", "operator": "between", "value": [2, 3]}),
                "a2 a4",
            ),
            (
                json!({"field": "token", "operator": "inq", "value": ["a2", "b1"]}),
                "a2 b1",
            ),
            (
                json!({"field": "token", "operator": "neq", "value": "a2"}),
                "a1 a3 a4 b1 b2",
            ),
            (
                json!({"field": "topic", "operator": "inq", "value": ["news", "old"]}),
                "a1 a4 b1 b2",
            ),
            (
                json!({"field": "topic", "operator": "neq", "value": "news"}),
                "a2 a3 b2",
            ),
            (
                json!({"field": "language", "operator": "eq", "value": null}),
                "a1 a2 a3 a4 b1 b2",
            ),
            (
                json!({"field": "ios_alert", "operator": "eq", "value": false}),
                "",
            ),
            (
                json!({"field": "user_ref", "operator": "like", "value": "%a%"}),
                "a1 a3 a4 b1 b2",
            ),
            (
                json!({"field": "details.level", "operator": "eq", "value": 7}),
                "a2",
            ),
            (
                json!({"field": "details.level", "operator": "eq", "value": "7"}),
                "a3",
            ),
            (
                json!({"field": "details.level", "operator": "neq", "value": 7}),
                "a1 a3 a4 b1 b2",
            ),
            (
                json!({"field": "details.level", "operator": "eq", "value": null}),
                "a4 b1 b2",
            ),
            (
                json!({"field": "details.city", "operator": "like", "value": "Rom%"}),
                "a1 a4",
            ),
            (
                json!({"field": "details.city", "operator": "inq", "value": ["Rom", 3]}),
                "a1",
            ),
            (
                json!({"and": [
                    {"field": "application_id", "operator": "eq", "value": first},
                    {"or": [
                        {"field": "user_id", "operator": "eq", "value": 2},
                        {"field": "topic", "operator": "eq", "value": "news"},
                    ]},
                ]}),
                "a1 a2 a4",
            ),
        ];
        for (condition, tokens) in cases {
            let shown = condition.to_string();
            let condition: Condition = serde_json::from_value(condition).unwrap();
            let audience = Audience::Query(condition);
            assert_eq!(told(connection, None, None, &audience), tokens, "{shown}");
        }
    });
}

#[test]
fn a_condition_that_is_none_is_refused_with_its_member() {
    let fault = |field, operator, value: serde_json::Value| {
        let condition = Condition::compare(field, operator, value);
        condition
            .filter(loggia_sql::Dialect::Sqlite)
            .unwrap_err()
            .to_string()
    };
    let cannot = |field, word| format!("`{field}` cannot be compared with this value by `{word}`");
    assert_eq!(
        fault("badge", Operator::Eq, json!("many")),
        cannot("badge", "eq")
    );
    assert_eq!(
        fault("badge", Operator::Between, json!([1])),
        cannot("badge", "between")
    );
    assert_eq!(
        fault("user_ref", Operator::Inq, json!("ann")),
        cannot("user_ref", "inq")
    );
    assert_eq!(
        fault("user_ref", Operator::Eq, json!({})),
        cannot("user_ref", "eq")
    );
    for field in ["token_digest", "details.a\"b", "details.", "details.a'b"] {
        let told = format!("`{field}` is no member of a device that can be asked for");
        assert_eq!(fault(field, Operator::Eq, json!(1)), told);
    }
}

#[test]
fn why_a_device_got_nothing_is_told() {
    on_each(|connection| {
        let devices = devices(connection);
        let (first, a2, b1) = (&devices[0], &devices[1], &devices[4]);
        let audience = Audience::People(vec!["ann".to_owned()]).text();
        let new = NewNotification::new(Some(first.application_id), &audience, "{}", NOW);
        let made = notification::create(connection, &new, NOW).unwrap();
        let why = |connection: &mut Connection, device| {
            delivery::why(connection, &made, device)
                .unwrap()
                .explanation
        };
        assert_eq!(
            why(connection, b1),
            "the notification is for another application"
        );
        assert_eq!(
            why(connection, a2),
            "the device is not in the notification's audience"
        );
        assert_eq!(
            why(connection, first),
            "the notification's sending has not begun"
        );
    });
}
