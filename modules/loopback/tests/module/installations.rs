//! Installations over LoopBack's routes.

use serde_json::{Value, json};

use crate::console::{Console, answer, error, escaped, with_body};

fn ids(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    let mut tokens: Vec<String> = list
        .iter()
        .map(|one| one["deviceToken"].as_str().unwrap_or_default().to_owned())
        .collect();
    tokens.sort();
    tokens
}

/// Six installations over two applications, two users, two subscriptions.
fn six(console: &Console) {
    console.application("one");
    console.application("two");
    for (token, app, kind, user, subscription, version) in [
        ("a", "one", "ios", "u1", "news", "1.0"),
        ("b", "one", "ios", "u2", "sport", "1.1"),
        ("c", "one", "android", "u1", "news", "1.0"),
        ("d", "two", "ios", "u1", "sport", "1.0"),
        ("e", "two", "android", "u2", "news", "2.0"),
        ("f", "two", "android", "u2", "sport", "2.0"),
    ] {
        console.installation(&json!({
            "appId": app, "deviceToken": token, "deviceType": kind, "userId": user, "appVersion": version,
            "subscriptions": [subscription], "status": "Active", "badge": 3, "colour": token,
        }));
    }
}

#[test]
fn an_installation_is_registered_and_what_is_missing_is_named() {
    for console in Console::each() {
        console.application("demo");
        let whole = json!({
            "appId": "demo", "userId": "raymond", "deviceToken": "<7562 4450>", "deviceType": "ios",
            "status": "Active", "timeZone": "America/Vancouver", "badge": 1, "subscriptions": ["a"], "own": { "x": 1 },
        });
        let made = console.done("POST", "/installations", &whole);
        assert_eq!(made["deviceToken"], "75624450", "{made}");
        for member in [
            "appId",
            "userId",
            "deviceType",
            "status",
            "timeZone",
            "badge",
            "subscriptions",
            "own",
        ] {
            assert_eq!(made[member], whole[member], "{member}");
        }
        assert!(
            made["created"].is_string() && made["modified"].is_string(),
            "{made}"
        );
        for member in ["appId", "deviceToken", "deviceType"] {
            let mut short = whole.clone();
            short.as_object_mut().expect("an object").remove(member);
            let (status, body) = console.ask("POST", "/installations", &short);
            assert_eq!(status, 422, "{body}");
            assert_eq!(
                error(&body, "details")["codes"],
                json!({ member: ["presence"] })
            );
            assert_eq!(error(&body, "details")["context"], "Installation");
        }
    }
}

#[test]
fn an_unknown_application_or_type_is_told_at_once() {
    for console in Console::each() {
        console.application("demo");
        let (status, body) = console.ask(
            "POST",
            "/installations",
            &json!({ "appId": "x", "deviceToken": "t", "deviceType": "ios" }),
        );
        assert_eq!(
            (status, error(&body, "details")),
            (404, &json!({ "appId": "x" }))
        );
        assert_eq!(
            error(&body, "message"),
            "Cannot configure push notifications - unknown application id \"x\""
        );
        let (status, body) = console.ask(
            "POST",
            "/installations",
            &json!({ "appId": "demo", "deviceToken": "t", "deviceType": "mpns" }),
        );
        assert_eq!(
            (status, &error(&body, "details")["codes"]),
            (422, &json!({ "deviceType": ["inclusion"] }))
        );
    }
}

#[test]
fn the_same_token_is_one_installation_and_another_type_another() {
    for console in Console::each() {
        console.application("demo");
        let member = |kind: &str, badge: i64| json!({ "appId": "demo", "deviceToken": "t", "deviceType": kind, "badge": badge });
        let first = console.installation(&member("ios", 1));
        assert_eq!(console.installation(&member("ios", 2)), first);
        assert_ne!(console.installation(&member("android", 2)), first);
        assert_eq!(
            console.done("GET", "/installations/count", &Value::Null),
            json!({ "count": 2 })
        );
        let read = console.done("GET", &format!("/installations/{first}"), &Value::Null);
        assert_eq!(read["badge"], 2);
    }
}

#[test]
fn the_routes_of_a_model_do_what_they_say() {
    for console in Console::each() {
        console.application("demo");
        let member = json!({ "appId": "demo", "deviceToken": "t", "deviceType": "ios", "appVersion": "1", "own": 1 });
        let id = console.installation(&member);
        let path = format!("/installations/{id}");
        assert_eq!(
            console.done("GET", &format!("{path}/exists"), &Value::Null),
            json!({ "exists": true })
        );
        assert_eq!(
            console.done("GET", "/installations/x/exists", &Value::Null),
            json!({ "exists": false })
        );
        assert_eq!(console.ask("HEAD", &path, &Value::Null).0, 200);
        assert_eq!(console.ask("HEAD", "/installations/x", &Value::Null).0, 404);
        let (status, body) = console.ask("GET", "/installations/x", &Value::Null);
        assert_eq!(
            (status, error(&body, "code")),
            (404, &json!("MODEL_NOT_FOUND"))
        );
        assert_eq!(
            error(&body, "message"),
            "Unknown \"installation\" id \"x\"."
        );

        let patched = console.done("PATCH", &path, &json!({ "badge": 5 }));
        assert_eq!(
            (&patched["badge"], &patched["appVersion"], &patched["own"]),
            (&json!(5), &json!("1"), &json!(1))
        );
        let renamed = console.done("PATCH", &path, &json!({ "deviceToken": "u" }));
        assert_eq!(
            (&renamed["deviceToken"], &renamed["id"]),
            (&json!("u"), &json!(id))
        );
        let replaced = console.done("PUT", &path, &member);
        assert_eq!(
            (&replaced["badge"], &replaced["deviceToken"]),
            (&Value::Null, &json!("t")),
            "{replaced}"
        );
        let other = console.done(
            "POST",
            &format!("{path}/replace"),
            &json!({ "appId": "demo", "deviceToken": "t", "deviceType": "ios" }),
        );
        assert_eq!(
            (&other["own"], &other["id"]),
            (&Value::Null, &json!(id)),
            "{other}"
        );
        assert_eq!(
            console
                .ask("PATCH", "/installations/x", &json!({ "badge": 1 }))
                .0,
            404
        );
        assert_eq!(
            console.ask("PATCH", &path, &json!({ "id": "other" })).0,
            400
        );
        assert_eq!(
            console.ask("PATCH", &path, &json!({ "badge": "many" })).0,
            422
        );

        let mut with_id = member.clone();
        with_id["id"] = json!(id);
        with_id["badge"] = json!(8);
        assert_eq!(
            console.done("PATCH", "/installations", &with_id)["badge"],
            8
        );
        assert_eq!(
            console.done("POST", "/installations/replaceOrCreate", &with_id)["id"],
            json!(id)
        );
        let fresh = console.done(
            "PUT",
            "/installations",
            &json!({ "appId": "demo", "deviceToken": "v", "deviceType": "ios" }),
        );
        assert_ne!(fresh["id"], json!(id));
        assert_eq!(
            console.done("DELETE", &path, &Value::Null),
            json!({ "count": 1 })
        );
        assert_eq!(
            console.done("DELETE", &path, &Value::Null),
            json!({ "count": 0 })
        );
    }
}

#[test]
fn filters_conditions_and_counts_select_what_they_say() {
    for console in Console::each() {
        six(&console);
        let list = |filter: &Value| {
            ids(&console.done(
                "GET",
                &format!("/installations?filter={}", escaped(filter)),
                &Value::Null,
            ))
        };
        assert_eq!(
            list(&json!({ "where": { "appId": "one" } })),
            ["a", "b", "c"]
        );
        assert_eq!(
            list(&json!({ "where": { "appId": { "neq": "one" }, "userId": "u2" } })),
            ["e", "f"]
        );
        assert_eq!(
            list(&json!({ "where": { "userId": { "inq": ["u2", "u3"] } } })),
            ["b", "e", "f"]
        );
        assert_eq!(
            list(&json!({ "where": { "subscriptions": "news", "deviceType": "android" } })),
            ["c", "e"]
        );
        assert_eq!(
            list(
                &json!({ "where": { "or": [{ "deviceToken": "a" }, { "appVersion": { "gt": "1.5" } }] } })
            ),
            ["a", "e", "f"]
        );
        assert_eq!(
            list(&json!({ "where": { "colour": { "nin": ["a", "b"] }, "appId": "one" } })),
            ["c"]
        );
        assert_eq!(
            list(&json!({ "where": { "badge": { "between": [2, 4] }, "status": "Active" } })).len(),
            6
        );
        assert_eq!(
            list(&json!({ "where": { "created": { "gt": "2001-01-01T00:00:00Z" } }, "limit": 2 })),
            ["a", "b"]
        );
        assert_eq!(
            list(&json!({ "order": "created DESC", "limit": 1, "skip": 5 })).len(),
            1
        );
        assert_eq!(
            list(&json!({ "order": ["colour DESC"], "limit": 1 })),
            ["f"]
        );
        assert_eq!(
            list(&json!({ "order": "id DESC", "limit": 2, "offset": 1 })),
            ["d", "e"]
        );
        let brackets = console.done(
            "GET",
            "/installations?filter[where][appId]=one&filter[where][badge]=3&filter[limit]=2",
            &Value::Null,
        );
        assert_eq!(ids(&brackets), ["a", "b"]);
        let fields = console.done(
            "GET",
            "/installations?filter[fields]=badge&filter[limit]=1",
            &Value::Null,
        );
        assert_eq!(fields, json!([{ "badge": 3 }]));
        let one = console.done(
            "GET",
            "/installations/findOne?filter[where][deviceToken]=d",
            &Value::Null,
        );
        assert_eq!(one["appId"], "two");
        let count = console.done(
            "GET",
            &format!(
                "/installations/count?where={}",
                escaped(&json!({ "userId": "u1" }))
            ),
            &Value::Null,
        );
        assert_eq!(count, json!({ "count": 3 }));
        assert_eq!(
            console
                .ask("GET", "/installations?filter=%7B", &Value::Null)
                .0,
            400
        );
        assert_eq!(
            console
                .ask(
                    "GET",
                    "/installations/findOne?filter[where][deviceToken]=z",
                    &Value::Null
                )
                .0,
            404
        );
    }
}

#[test]
fn many_are_changed_by_a_condition_and_one_by_upsert() {
    for console in Console::each() {
        six(&console);
        let condition = escaped(&json!({ "appId": "one" }));
        let changed = console.done(
            "POST",
            &format!("/installations/update?where={condition}"),
            &json!({ "timeZone": "UTC" }),
        );
        assert_eq!(changed, json!({ "count": 3 }));
        let count = console.done(
            "GET",
            "/installations/count?where[timeZone]=UTC",
            &Value::Null,
        );
        assert_eq!(count, json!({ "count": 3 }));
        let one = escaped(&json!({ "deviceToken": "d" }));
        let saved = console.done(
            "POST",
            &format!("/installations/upsertWithWhere?where={one}"),
            &json!({ "badge": 9 }),
        );
        assert_eq!(
            (&saved["badge"], &saved["deviceToken"]),
            (&json!(9), &json!("d"))
        );
        let (status, _) = console.ask(
            "POST",
            &format!("/installations/upsertWithWhere?where={condition}"),
            &json!({ "badge": 9 }),
        );
        assert_eq!(status, 422);
    }
}

#[test]
fn each_finder_returns_exactly_its_set() {
    for console in Console::each() {
        six(&console);
        let found =
            |path: &str| ids(&console.done("GET", &format!("/installations/{path}"), &Value::Null));
        assert_eq!(found("byApp?deviceType=ios&appId=one"), ["a", "b"]);
        assert_eq!(
            found("byApp?deviceType=ios&appId=one&appVersion=1.1"),
            ["b"]
        );
        assert_eq!(found("byUser?deviceType=android&userId=u2"), ["e", "f"]);
        assert_eq!(
            found("bySubscriptions?deviceType=ios&subscriptions=sport"),
            ["b", "d"]
        );
        assert_eq!(
            found("bySubscriptions?deviceType=android&subscriptions=sport,%20news"),
            ["c", "e", "f"]
        );
        let (status, body) = console.ask("GET", "/installations/byApp?appId=one", &Value::Null);
        assert_eq!(status, 400);
        assert!(
            error(&body, "message")
                .as_str()
                .is_some_and(|text| text.contains("deviceType")),
            "{body}"
        );
    }
}

#[test]
fn an_application_registers_its_device_and_sees_no_others() {
    for console in Console::each() {
        console.application("demo");
        let member = json!({ "appId": "demo", "deviceToken": "t", "deviceType": "ios" });
        let post = |member: &Value| {
            answer(with_body(
                console.request(&[], "POST", "/installations"),
                member,
            ))
        };
        let (status, made) = post(&member);
        assert_eq!(status, 200, "{made}");
        let path = format!("/installations/{}", made["id"].as_str().expect("an id"));
        assert_eq!(
            answer(console.request(&[], "GET", &path)).0,
            200,
            "it knows its own id"
        );
        for path in [
            "/installations",
            "/installations/count",
            "/installations/byApp?deviceType=ios&appId=demo",
        ] {
            assert_eq!(answer(console.request(&[], "GET", path)).0, 403, "{path}");
        }
        let mut of_user = member.clone();
        of_user["userId"] = json!("someone");
        assert_eq!(post(&of_user).0, 403, "it may not say whose it is");
        let user = console.host.account("ada", "correct horse battery", &[2]);
        of_user["userId"] = json!(user.to_string());
        let own = console.host.route("POST", "/installations").as_user(user);
        let (status, own) = answer(with_body(own, &of_user));
        assert_eq!(status, 200, "{own}");
        let path = format!("/installations/{}", own["id"].as_str().expect("an id"));
        assert_eq!(
            answer(console.host.route("GET", &path)).0,
            404,
            "now it is the account's"
        );
        assert_eq!(
            answer(console.host.route("GET", &path).as_user(user)).0,
            200
        );
    }
    for console in Console::each_with(&json!({ "user_ids": "any" })) {
        console.application("demo");
        let member = json!({ "appId": "demo", "deviceToken": "t", "deviceType": "ios", "userId": "someone" });
        let post = with_body(console.request(&[], "POST", "/installations"), &member);
        assert_eq!(answer(post).0, 200);
    }
}

#[test]
fn several_are_made_with_one_request_and_a_form_is_taken() {
    for console in Console::each() {
        console.application("demo");
        let member =
            |token: &str| json!({ "appId": "demo", "deviceToken": token, "deviceType": "ios" });
        let made = console.done("POST", "/installations", &json!([member("a"), member("b")]));
        assert_eq!(ids(&made), ["a", "b"]);
        let (status, _) = console.ask(
            "POST",
            "/installations",
            &json!([member("c"), { "appId": "demo" }]),
        );
        assert_eq!(status, 422);
        assert_eq!(
            console.done("GET", "/installations/count", &Value::Null),
            json!({ "count": 2 }),
            "all or none"
        );
        let form = console
            .request(&[], "POST", "/installations")
            .header("content-type", "application/x-www-form-urlencoded");
        let (status, made) =
            answer(form.body(b"appId=demo&deviceToken=f&deviceType=ios&api_key=K"));
        assert_eq!((status, &made["api_key"]), (200, &Value::Null), "{made}");
        let broken = console
            .request(&[], "POST", "/installations")
            .header("content-type", "application/json");
        assert_eq!(answer(broken.body(b"{")).0, 400);
    }
}
