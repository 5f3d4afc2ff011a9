//! Apple's certificates, whose keys have a password as jBackend knows it.

use loggia::store::testing::patience;
use loggia_push::application;
use loggia_tests::client::Answer;
use loggia_tests::wait::until;
use serde_json::{Value, json};

use super::lab::{Lab, ios};

/// The certificate that the fakes take, with the key behind its password.
fn protected(lab: &Lab) -> Value {
    lab.fakes.line()["apns_protected"].clone()
}

fn set(lab: &Lab, apns: &Value) -> Answer {
    let given = json!({ "app": "shop", "credentials": { "apns": apns } });
    lab.send("PUT", "/put/push/credentials", &given)
}

#[test]
fn a_certificate_whose_key_has_a_password_proves_the_application() {
    for lab in Lab::each("") {
        let apns = protected(&lab);
        let own = |name: &str| apns[name].as_str().expect("a text").to_owned();
        let joined = json!({
            "certificate": format!("{}{}", own("certificate"), own("key")),
            "password": own("password"), "bundle": own("bundle"),
        });
        let device = lab.devices(&ios(1..=1))[0].0;
        let mut shown = String::new();
        // As two texts, and as the one file that jBackend has.
        for apns in [&apns, &joined] {
            let kept = set(&lab, apns);
            assert_eq!(kept.status, 200, "{}", kept.text());
            let (id, _) = lab.notify(&json!({ "app": "shop", "title": "Hello" }));
            lab.settled(id, device, "accepted");
            shown += &kept.text();
        }
        let seen = lab.fakes.apns_sandbox().book().seen();
        assert_eq!(seen.len(), 2);
        for one in seen {
            assert_eq!(one.headers.get("authorization"), None, "no token speaks");
        }
        // The password is shown nowhere, and not even kept.
        shown += &lab.get("/get/push/apps?app=shop").to_string();
        shown += &lab.server().log();
        let connection = &mut lab.pool.read(patience()).expect("a connection is free");
        let row = application::by_code(connection, "shop").expect("it can be read");
        let row = format!("{row:?}");
        shown += &row;
        assert!(!shown.contains(&own("password")), "{shown}");
        assert!(!shown.contains("PRIVATE KEY"), "{shown}");
    }
}

#[test]
fn a_key_that_does_not_open_is_refused_when_it_is_set_and_what_was_there_stays() {
    for lab in Lab::each("") {
        let mut wrong = protected(&lab);
        wrong["password"] = json!("something else");
        let mut none = protected(&lab);
        none["password"] = Value::Null;
        let mut number = protected(&lab);
        number["password"] = json!(7);
        let mut old = protected(&lab);
        old["key"] = json!(
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,AB\n\nAAAA\n\
             -----END RSA PRIVATE KEY-----\n"
        );
        for (apns, rule) in [
            (wrong, "`apns.password` does not open `apns.key`"),
            (
                none,
                "`apns.key` is encrypted, and `apns.password` is missing",
            ),
            (number, "`apns.password` is not a text"),
            (old, "openssl pkcs8 -topk8"),
        ] {
            let refused = set(&lab, &apns);
            assert_eq!(refused.error_code(), "PSH_CNV", "{}", refused.text());
            assert!(refused.text().contains(rule), "{}", refused.text());
            assert!(!refused.text().contains("something else"));
        }
        let device = lab.devices(&ios(1..=1))[0].0;
        let (id, _) = lab.notify(&json!({ "app": "shop", "title": "Hello" }));
        lab.settled(id, device, "accepted");
        until(|| lab.fakes.apns_sandbox().book().counts().accepted == 1);
    }
}
