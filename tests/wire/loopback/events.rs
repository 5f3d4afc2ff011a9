//! Texts in the languages of those who have subscribed.

use std::collections::HashMap;

use loggia_tests::client::escaped;
use loggia_tests::wait::soon;
use serde_json::{Value, json};

use super::lab::{Lab, token};

fn subscriber(lab: &Lab, number: u32, language: Option<&str>, subscription: &str) {
    let given = json!({
        "appId": lab.app(), "deviceToken": token(number), "deviceType": "ios", "userId": "u1",
        "subscriptions": [subscription], "language": language,
    });
    let made = lab.done("POST", "/installations", &given);
    assert_eq!(made["language"], json!(language), "{made}");
}

#[test]
fn an_event_is_told_to_its_subscribers_in_their_languages_with_its_variables() {
    for lab in Lab::each("") {
        lab.configure(false);
        let languages = [
            Some("fr_CA"),
            Some("fr_BE"),
            Some("fr"),
            Some("de_AT"),
            None,
        ];
        for (number, language) in (1..).zip(languages) {
            subscriber(&lab, number, language, "score");
        }
        subscriber(&lab, 9, Some("fr"), "weather");
        let given = json!({
            "title": "${event.name}", "msg": "${var.team} leads ${data.goals}", "sound": "ping.aiff",
            "title.fr": "but", "msg.fr": "${var.team} mène ${data.goals}", "msg.fr_CA": "${var.team} est en avant",
            "var.team": "Ajax", "data.goals": "2:1",
        });
        assert_eq!(lab.done("POST", "/event/score", &given), json!({}));
        soon(|| lab.sandbox().len() >= languages.len());
        let seen = lab.sandbox().into_iter();
        let said: HashMap<String, Value> = seen.map(|seen| (seen.target, seen.body)).collect();
        assert_eq!(said.len(), languages.len(), "only its subscribers");
        let texts = [
            ("but", "Ajax est en avant"),
            ("but", "Ajax mène 2:1"),
            ("but", "Ajax mène 2:1"),
            ("score", "Ajax leads 2:1"),
            ("score", "Ajax leads 2:1"),
        ];
        for (number, (title, body)) in (1..).zip(texts) {
            let alert = json!({ "title": title, "body": body });
            let whole = json!({ "aps": { "alert": alert, "sound": "ping.aiff" }, "goals": "2:1" });
            assert_eq!(said[&token(number)], whole);
        }
    }
}

#[test]
fn an_event_may_be_told_to_some_subscribers_and_a_faulty_one_is_told_to_none() {
    for lab in Lab::each("") {
        lab.configure(false);
        subscriber(&lab, 1, Some("fr"), "score");
        subscriber(&lab, 2, Some("de"), "score");
        for (given, member) in [
            (json!({ "msg": "${var.team}" }), "${var.team}"),
            (json!({ "msg": "x", "text": "y" }), "text"),
            (json!({ "msg": ["x"] }), "msg"),
            (json!({ "var.team": "Ajax" }), "msg"),
        ] {
            let refused = lab.send("POST", "/event/score", &given);
            assert_eq!(refused.status, 422, "{given}");
            let codes = refused.json()["error"]["details"]["codes"].clone();
            assert!(codes.get(member).is_some(), "{given}: {codes}");
        }
        let query = escaped(&json!({ "language": "de" }).to_string());
        let path = format!("/event/score?deviceQuery={query}");
        lab.done("POST", &path, &json!({ "data.goals": "3", "msg": "x" }));
        let seen = lab.apple(1);
        assert_eq!((seen.target, lab.sandbox().len()), (token(2), 1));
        assert_eq!(
            seen.body,
            json!({ "aps": { "alert": { "body": "x" } }, "goals": "3" })
        );
    }
}
