//! Applications, installations and notifications over their routes.

use loggia_tests::client::escaped;
use loggia_tests::wait::soon;
use serde_json::{Value, json};

use super::lab::{Lab, token};

#[test]
fn an_application_is_registered_with_its_push_settings_and_shows_no_secret() {
    for lab in Lab::each("") {
        let settings = json!({
            "apns": { "production": false, "bundle": "b", "token": { "keyId": "k", "teamId": "t", "key": "SECRET-P8" } },
            "gcm": { "serverApiKey": "SECRET-GCM" },
        });
        let given =
            json!({ "name": "Shop", "owner": "u1", "description": "d", "pushSettings": settings });
        // The key is no `.p8` file, and said to be so.
        assert_eq!(lab.send("POST", "/applications", &given).status, 422);
        let token = lab.fakes.line()["credentials"]["apns"]["token"].clone();
        let mut given = given;
        given["pushSettings"]["apns"]["token"]["key"] = token["key"].clone();
        let made = lab.done("POST", "/applications", &given);
        let id = made["id"].as_str().expect("an id").to_owned();
        let read = lab.done("GET", &format!("/applications/{id}"), &Value::Null);
        assert_eq!(read["status"], "sandbox");
        for member in [
            "created",
            "modified",
            "clientKey",
            "javaScriptKey",
            "restApiKey",
            "windowsKey",
            "masterKey",
        ] {
            assert!(read[member].is_string(), "{member}: {read}");
            assert_eq!(read[member], made[member]);
        }
        assert_eq!(read["pushSettings"]["apns"]["bundle"], "b");
        let listed = lab.done("GET", "/applications", &Value::Null);
        for shown in [&made, &read, &listed] {
            let text = shown.to_string();
            assert!(
                !text.contains("PRIVATE KEY") && !text.contains("SECRET"),
                "{text}"
            );
        }
        let plain = lab.node.server().below(&lab.node.fact("/loopback/base"));
        let plain = plain.with_key(&lab.plain_key());
        assert_eq!(plain.get(&format!("/applications/{id}")).status, 403);
    }
}

#[test]
fn an_application_gets_other_keys_only_when_it_asks_and_is_known_by_them() {
    for lab in Lab::each("") {
        let made = lab.done("POST", "/applications", &json!({ "name": "Shop" }));
        let path = format!("/applications/{}", made["id"].as_str().expect("an id"));
        let saved = lab.done("PUT", &path, &json!({ "name": "Other" }));
        assert_eq!(
            saved["masterKey"], made["masterKey"],
            "a full save keeps them"
        );
        let asked = |key: &Value| {
            lab.done(
                "POST",
                &format!("{path}/authenticate"),
                &json!({ "key": key }),
            )
        };
        let known = asked(&made["restApiKey"]);
        assert_eq!(
            (&known["keyType"], &known["application"]["name"]),
            (&json!("restApiKey"), &json!("Other"))
        );
        assert_eq!(asked(&json!("none of them")), Value::Null);
        let reset = lab.done("POST", &format!("{path}/resetKeys"), &Value::Null);
        for name in [
            "clientKey",
            "javaScriptKey",
            "restApiKey",
            "windowsKey",
            "masterKey",
        ] {
            assert_eq!(reset[name].as_str().map(str::len), Some(40));
            assert_ne!(reset[name], made[name], "{name}");
        }
        assert_eq!(asked(&made["restApiKey"]), Value::Null);
        assert_eq!(asked(&reset["masterKey"])["keyType"], "masterKey");
        for (path, body) in [
            ("/applications/nobody/resetKeys", json!({})),
            ("/applications/nobody/authenticate", json!({ "key": "x" })),
        ] {
            assert_eq!(lab.send("POST", path, &body).status, 404);
        }
        assert_eq!(
            lab.send("POST", &format!("{path}/authenticate"), &json!({}))
                .status,
            400
        );
    }
}

#[test]
fn registering_an_application_again_changes_it_and_the_next_push_goes_by_that() {
    for lab in Lab::each("") {
        let count = || lab.done("GET", "/applications/count", &Value::Null)["count"].clone();
        let before = count();
        lab.configure(false);
        lab.configure(true);
        assert_eq!(count(), before, "it is one row");
        let id = lab.install(&token(1), "ios", "u1");
        lab.send("POST", &format!("/notify/{id}"), &json!({ "alert": "x" }));
        soon(|| lab.fakes.apns().book().counts().accepted == 1);
        assert_eq!(lab.sandbox().len(), 0);
    }
}

/// A record to add to a model, a member of it that can be changed, and two values of it.
fn kinds(lab: &Lab) -> [(&'static str, Value, &'static str, [Value; 2]); 3] {
    let installation = json!({
        "appId": lab.app(), "deviceToken": "abc", "deviceType": "ios", "badge": 1, "timeZone": "Europe/Vienna",
    });
    [
        (
            "/applications",
            json!({ "name": "Shop", "url": "a" }),
            "url",
            [json!("a"), json!("b")],
        ),
        (
            "/installations",
            installation,
            "badge",
            [json!(1), json!(2)],
        ),
        (
            "/notifications",
            json!({ "deviceType": "ios", "deviceToken": "t", "alert": "x", "badge": 1 }),
            "badge",
            [json!(1), json!(2)],
        ),
    ]
}

#[test]
fn every_route_of_a_model_answers_as_loopback_does() {
    for lab in Lab::each("") {
        for (path, given, member, [old, new]) in kinds(&lab) {
            let at = |rest: &str| format!("{path}{rest}");
            let count = |value: &Value| {
                let query = escaped(&json!({ member: value }).to_string());
                lab.done("GET", &at(&format!("/count?where={query}")), &Value::Null)["count"]
                    .clone()
            };
            let made = lab.done("POST", path, &given);
            let id = made["id"].as_str().expect("an id").to_owned();
            assert_eq!((count(&old), count(&new)), (json!(1), json!(0)), "{path}");
            assert_eq!(
                lab.done("GET", &at(&format!("/{id}")), &Value::Null)["id"],
                json!(id)
            );
            let fields = lab.done(
                "GET",
                &at(&format!("/{id}?filter[fields]=id")),
                &Value::Null,
            );
            assert_eq!(fields, json!({ "id": id }));
            assert_eq!(
                lab.send("HEAD", &at(&format!("/{id}")), &Value::Null)
                    .status,
                200
            );
            assert_eq!(lab.send("HEAD", &at("/nobody"), &Value::Null).status, 404);
            assert_eq!(
                lab.done("GET", &at(&format!("/{id}/exists")), &Value::Null),
                json!({ "exists": true })
            );
            assert_eq!(
                lab.done("GET", &at("/nobody/exists"), &Value::Null),
                json!({ "exists": false })
            );
            let query = escaped(&json!({ "where": { "id": id }, "limit": 1 }).to_string());
            let found = lab.done("GET", &at(&format!("?filter={query}")), &Value::Null);
            assert_eq!(
                (found.as_array().map(Vec::len), &found[0]["id"]),
                (Some(1), &json!(id))
            );
            let found = lab.done(
                "GET",
                &at(&format!("/findOne?filter={query}")),
                &Value::Null,
            );
            assert_eq!(found["id"], json!(id));
            assert_eq!(
                lab.send("GET", &at("?filter=%7Bx"), &Value::Null).status,
                400
            );
            let changed = lab.done("PATCH", &at(&format!("/{id}")), &json!({ member: new }));
            assert_eq!(changed[member], new);
            let whole = lab.done("PATCH", path, &json!({ "id": id, member: old }));
            assert_eq!(whole[member], old);
            for (method, rest) in [
                ("PUT", format!("/{id}")),
                ("POST", format!("/{id}/replace")),
            ] {
                let mut replaced = given.clone();
                replaced[member] = new.clone();
                assert_eq!(
                    lab.done(method, &at(&rest), &replaced)[member],
                    new,
                    "{method} {rest}"
                );
            }
            for (method, rest) in [("PUT", ""), ("POST", "/replaceOrCreate")] {
                let mut replaced = given.clone();
                replaced["id"] = json!(id);
                let saved = lab.done(method, &at(rest), &replaced);
                assert_eq!(
                    (&saved["id"], &saved[member]),
                    (&json!(id), &old),
                    "{method} {rest}"
                );
            }
            let query = escaped(&json!({ "id": id }).to_string());
            let saved = lab.done(
                "POST",
                &at(&format!("/upsertWithWhere?where={query}")),
                &json!({ member: new }),
            );
            assert_eq!(saved[member], new);
            let many = lab.done(
                "POST",
                &at(&format!("/update?where={query}")),
                &json!({ member: old }),
            );
            assert_eq!(many, json!({ "count": 1 }));
            for (method, rest) in [
                ("GET", "/nobody"),
                ("PATCH", "/nobody"),
                ("PUT", "/nobody"),
                ("POST", "/nobody/replace"),
            ] {
                assert_eq!(
                    lab.send(method, &at(rest), &given).status,
                    404,
                    "{method} {path}{rest}"
                );
            }
            assert_eq!(
                lab.done("DELETE", &at(&format!("/{id}")), &Value::Null),
                json!({ "count": 1 })
            );
            assert_eq!(
                lab.done("DELETE", &at(&format!("/{id}")), &Value::Null),
                json!({ "count": 0 })
            );
            assert_eq!(count(&old), json!(0));
        }
    }
}

#[test]
fn each_finder_of_installations_gives_exactly_its_set() {
    for lab in Lab::each("") {
        lab.done(
            "POST",
            "/applications",
            &json!({ "id": "other", "name": "Other" }),
        );
        let demo = lab.app();
        for (token, app, kind, user, version, subscriptions) in [
            ("a", demo.as_str(), "ios", "u1", "1.0", json!(["news"])),
            ("b", &demo, "ios", "u2", "1.1", json!(["sport"])),
            ("c", &demo, "android", "u1", "1.0", json!(["news"])),
            ("d", "other", "ios", "u1", "1.0", json!(["sport", "news"])),
            ("e", "other", "android", "u2", "1.0", json!([])),
            ("f", "other", "ios", "u2", "1.0", json!(["weather"])),
        ] {
            let given = json!({
                "appId": app, "deviceToken": token, "deviceType": kind, "userId": user, "appVersion": version,
                "subscriptions": subscriptions,
            });
            lab.done("POST", "/installations", &given);
        }
        let found = |path: String| {
            let list = lab.done("GET", &format!("/installations/{path}"), &Value::Null);
            let tokens = list.as_array().expect("a list").iter();
            let mut tokens: Vec<String> = tokens
                .map(|one| one["deviceToken"].as_str().expect("a text").to_owned())
                .collect();
            tokens.sort();
            tokens
        };
        assert_eq!(
            found(format!("byApp?deviceType=ios&appId={demo}")),
            ["a", "b"]
        );
        assert_eq!(
            found(format!("byApp?deviceType=ios&appId={demo}&appVersion=1.1")),
            ["b"]
        );
        assert_eq!(
            found("byUser?deviceType=ios&userId=u1".to_owned()),
            ["a", "d"]
        );
        assert_eq!(
            found("bySubscriptions?deviceType=ios&subscriptions=sport,%20weather".to_owned()),
            ["b", "d", "f"]
        );
        assert_eq!(
            found("bySubscriptions?deviceType=android&subscriptions=sport".to_owned()),
            [""; 0]
        );
    }
}
