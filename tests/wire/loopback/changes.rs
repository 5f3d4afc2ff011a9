//! Changes of records, as they happen.

use std::io::{BufRead, BufReader, Lines, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use super::lab::{Lab, token};

/// A stream of events, as a browser reads it.
struct Events(Lines<BufReader<TcpStream>>);

impl Events {
    fn open(lab: &Lab, method: &str, path: &str, key: &str) -> Result<Self, String> {
        let url = lab.node.fact("/url");
        let host = url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(host).expect("the server is there");
        let patience = Some(Duration::from_secs(30));
        stream.set_read_timeout(patience).expect("a patience");
        let path = lab.node.fact("/loopback/base") + path;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: api_key {key}\r\nContent-Length: 0\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("it can be asked");
        let mut lines = BufReader::new(stream).lines();
        let read = |line: Option<std::io::Result<String>>| line.expect("a line").expect("a text");
        let status = read(lines.next());
        let headers: Vec<String> = lines
            .by_ref()
            .map(|line| line.expect("a text"))
            .take_while(|line| !line.is_empty())
            .collect();
        let is_stream =
            |line: &String| line.eq_ignore_ascii_case("content-type: text/event-stream");
        if status.contains(" 200 ") && headers.iter().any(is_stream) {
            Ok(Events(lines))
        } else {
            Err(status)
        }
    }

    /// The next event, which must be of the type that LoopBack's clients listen to.
    fn next(&mut self) -> Value {
        let mut lines = self.0.by_ref().map(|line| line.expect("an event comes"));
        let kind = lines.find(|line| line.starts_with("event: "));
        assert_eq!(kind.as_deref(), Some("event: data"));
        let data = lines
            .find(|line| line.starts_with("data: "))
            .expect("its data");
        serde_json::from_str(&data["data: ".len()..]).expect("it is JSON")
    }
}

#[test]
fn who_listens_to_a_model_is_told_what_is_made_changed_and_deleted() {
    for lab in Lab::each("") {
        let key = lab.node.fact("/keys/unlimited");
        // Nobody is told of this one, for nobody listens yet.
        lab.install(&token(1), "ios", "u1");
        let mut listening = ["GET", "POST"].map(|method| {
            Events::open(&lab, method, "/installations/change-stream", &key).expect("a stream")
        });
        let id = lab.install(&token(2), "ios", "u1");
        lab.install(&token(2), "ios", "u2");
        lab.done(
            "PATCH",
            &format!("/installations/{id}"),
            &json!({ "badge": 4 }),
        );
        lab.done("DELETE", &format!("/installations/{id}"), &Value::Null);
        for events in &mut listening {
            let made = events.next();
            assert_eq!(
                (&made["type"], &made["target"]),
                (&json!("create"), &json!(id))
            );
            assert_eq!(made["data"]["deviceToken"], token(2));
            for (member, value) in [("userId", json!("u2")), ("badge", json!(4))] {
                let changed = events.next();
                assert_eq!(
                    (&changed["type"], &changed["target"]),
                    (&json!("update"), &json!(id))
                );
                assert_eq!(changed["data"][member], value, "{changed}");
            }
            let gone = events.next();
            assert_eq!(
                (&gone["type"], &gone["where"]),
                (&json!("remove"), &json!({ "id": id }))
            );
        }
    }
}

#[test]
fn installations_that_sending_makes_and_that_another_takes_the_place_of_are_told_too() {
    for lab in Lab::each("") {
        lab.configure(false);
        let key = lab.node.fact("/keys/unlimited");
        let kept = lab.install(&token(1), "ios", "u1");
        let given_up = lab.install(&token(2), "ios", "u1");
        let mut events =
            Events::open(&lab, "GET", "/installations/change-stream", &key).expect("a stream");
        let given = json!({
            "appId": lab.app(), "deviceType": "ios", "deviceTokens": [token(1), token(3), token(3)],
            "notification": { "alert": "x" },
        });
        assert_eq!(lab.done("POST", "/notify", &given)["count"], 2);
        let made = events.next();
        let whole = json!({ "appId": lab.app(), "deviceToken": token(3), "deviceType": "ios" });
        assert_eq!(made["type"], "create");
        for (name, value) in whole.as_object().expect("an object") {
            assert_eq!(&made["data"][name], value, "{made}");
        }
        // The vendor has given the device the token that another one had.
        let renamed = json!({ "deviceToken": token(2) });
        lab.done("PATCH", &format!("/installations/{kept}"), &renamed);
        let gone = events.next();
        let whole = json!({ "type": "remove", "target": given_up, "where": { "id": given_up } });
        assert_eq!(gone, whole);
        let changed = events.next();
        assert_eq!(
            (&changed["type"], &changed["target"]),
            (&json!("update"), &json!(kept))
        );
        assert_eq!(changed["data"]["deviceToken"], token(2));
    }
}

#[test]
fn the_keys_of_an_application_are_told_to_nobody_who_listens() {
    for lab in Lab::each("") {
        let key = lab.node.fact("/keys/unlimited");
        let mut events =
            Events::open(&lab, "GET", "/applications/change-stream", &key).expect("a stream");
        let made = lab.done("POST", "/applications", &json!({ "name": "Other" }));
        let id = made["id"].as_str().expect("an id");
        let reset = lab.done("POST", &format!("/applications/{id}/resetKeys"), &json!({}));
        for answered in [&made, &reset] {
            let told = events.next();
            assert_eq!(told["data"]["name"], "Other");
            for name in [
                "clientKey",
                "javaScriptKey",
                "restApiKey",
                "windowsKey",
                "masterKey",
            ] {
                let secret = answered[name].as_str().expect("the answer has it");
                assert_eq!(secret.len(), 40);
                assert!(!told.to_string().contains(secret), "{name}: {told}");
                assert_eq!(told["data"].get(name), None);
            }
        }
    }
}

#[test]
fn applications_and_notifications_are_listened_to_by_who_may_see_them() {
    for lab in Lab::each("") {
        let key = lab.node.fact("/keys/unlimited");
        let plain = lab.plain_key();
        for (path, given) in [
            ("/applications", json!({ "name": "Other" })),
            (
                "/notifications",
                json!({ "deviceType": "ios", "deviceToken": "t", "alert": "x" }),
            ),
        ] {
            let stream = format!("{path}/change-stream");
            let refused = Events::open(&lab, "GET", &stream, &plain).err();
            assert!(
                refused.is_some_and(|status| status.contains(" 403 ")),
                "{path}"
            );
            let mut events = Events::open(&lab, "GET", &stream, &key).expect("a stream");
            let made = lab.done("POST", path, &given);
            assert_eq!(events.next()["data"]["id"], made["id"]);
        }
    }
}
