//! Settings of an application while the server runs: a change is used at once, whoever makes it.

use loggia_tests::product::Ran;
use loggia_tests::wait::soon;
use serde_json::{Value, json};

use super::lab::{Lab, token};

fn notify(lab: &Lab, id: &str) {
    let answer = lab.send("POST", &format!("/notify/{id}"), &json!({ "alert": "x" }));
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn what_another_process_changes_is_used_by_the_next_push() {
    for lab in Lab::each("") {
        lab.configure(false);
        let id = lab.install(&token(1), "ios", "u1");
        notify(&lab, &id);
        soon(|| lab.sandbox().len() == 1);
        let words = [
            "push",
            "app",
            "loopback-demo",
            "--state",
            "production",
            "--json",
        ];
        let changed: Ran = lab.site.operator(&words).done();
        assert_eq!(
            changed.json()["app"]["code"],
            "loopback-demo",
            "{}",
            changed.stdout
        );
        notify(&lab, &id);
        soon(|| lab.fakes.apns().book().counts().accepted == 1);
        assert_eq!(lab.sandbox().len(), 1);
    }
}

#[test]
fn an_application_without_a_word_of_production_goes_to_the_sandbox() {
    for lab in Lab::each("") {
        let credentials = lab.fakes.line()["credentials"].clone();
        let key = &credentials["apns"]["token"];
        let apns = json!({
            "bundle": credentials["apns"]["bundle"],
            "token": { "keyId": key["key_id"], "teamId": key["team_id"], "key": key["key"] },
            // What is of no use any more is taken without a word.
            "pushOptions": { "port": "2197" }, "feedbackOptions": { "batchFeedback": true, "interval": 300 },
        });
        lab.set(&json!({ "apns": apns, "gcm": { "serverApiKey": "legacy" } }));
        let id = lab.install(&token(1), "ios", "u1");
        notify(&lab, &id);
        soon(|| lab.sandbox().len() == 1);
        assert_eq!(lab.fakes.apns().book().counts().seen, 0);
        let android = lab.install("t", "android", "u1");
        let refused = lab.send(
            "POST",
            &format!("/notify/{android}"),
            &json!({ "alert": "x" }),
        );
        assert_eq!(refused.status, 422);
        assert!(
            refused.text().contains("fcm.serviceAccount"),
            "{}",
            refused.text()
        );
    }
}

#[test]
fn an_inactive_installation_and_a_disabled_application_get_nothing() {
    for lab in Lab::each("") {
        lab.configure(false);
        let id = lab.install(&token(1), "ios", "u1");
        lab.install(&token(2), "ios", "u1");
        lab.done(
            "PATCH",
            &format!("/installations/{id}"),
            &json!({ "status": "Inactive" }),
        );
        lab.tell("u1", &json!({ "alert": "x" }));
        assert_eq!(lab.apple(1).target, token(2));
        let app = format!("/applications/{}", lab.app());
        lab.done("PATCH", &app, &json!({ "status": "disabled" }));
        let other = lab.done(
            "GET",
            "/installations?filter[where][status][neq]=Inactive",
            &Value::Null,
        );
        let path = format!("/notify/{}", other[0]["id"].as_str().expect("an id"));
        assert_eq!(
            lab.send("POST", &path, &json!({ "alert": "x" })).status,
            422
        );
        assert_eq!(lab.sandbox().len(), 1);
    }
}
