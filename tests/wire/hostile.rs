//! Input that no honest client sends: a clear refusal, within bounds, and the next request is served.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use loggia_tests::client::{Answer, Client};
use loggia_tests::site::{Node, Site};

use crate::contract::check_layer;
use crate::form::Form;
use crate::forms::assert_serves;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// No refusal takes as long.
const BOUND: Duration = Duration::from_secs(10);

/// A request that both kinds of endpoint refuse with this code.
fn refuses(node: &Node, code: &str, ask: impl Fn(&Client) -> Answer) {
    for (form, name) in [(Form::Rest, "free"), (Form::SemanticRest, "semantic")] {
        let start = Instant::now();
        let answer = ask(&node.endpoint(name));
        assert!(start.elapsed() < BOUND, "{code} took {:?}", start.elapsed());
        check_layer(form, &answer);
        let context = format!("{name}: {} {:.300}", answer.status, answer.text());
        assert_eq!(answer.error_code(), code, "{context}");
        assert!(
            form.is_compatible() || (400..500).contains(&answer.status),
            "{context}"
        );
        assert!(
            answer.body.len() < 2000,
            "a refusal does not repeat what it refuses: {context}"
        );
    }
}

fn post(media: &str, body: Vec<u8>) -> impl Fn(&Client) -> Answer {
    move |client| client.send("POST", "/post/user/login", Some(media), &body)
}

fn get(path: String) -> impl Fn(&Client) -> Answer {
    move |client| client.get(&path)
}

#[test]
fn bodies_that_cannot_be_read_are_refused_with_the_reason() {
    for site in Site::each() {
        let node = site.node();
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let objects = format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
        for body in [
            deep.into_bytes(),
            objects.into_bytes(),
            b"[1,2,3]".to_vec(),
            b"null".to_vec(),
            b"{\"username\":\"a\"".to_vec(),
            b"{\"username\":\"\xff\xfe\"}".to_vec(),
            b"{\"username\":\"\\ud800\"}".to_vec(),
            b"{\"a\":1e999}".to_vec(),
        ] {
            refuses(&node, "REQ_BNV", post(JSON, body));
        }
        refuses(
            &node,
            "REQ_BNV",
            post(FORM, b"username=%ff%fe&password=x".to_vec()),
        );
        refuses(&node, "REQ_BNV", post(FORM, b"username=\xff\xfe".to_vec()));
        refuses(
            &node,
            "REQ_BNV",
            post("multipart/form-data", b"no boundary".to_vec()),
        );
        refuses(
            &node,
            "REQ_BNV",
            post(
                "multipart/form-data; boundary=x",
                b"--x\r\nnonsense".to_vec(),
            ),
        );
        refuses(&node, "REQ_BNV", post("image/png", b"\x89PNG\r\n".to_vec()));
        let many = (0..20_000).fold(String::new(), |mut text, number| {
            let _ = write!(text, "a{number}=1&");
            text
        });
        refuses(&node, "REQ_BNV", post(FORM, many.into_bytes()));
        assert_serves(&node, &site);
    }
}

#[test]
fn a_body_beyond_the_bound_is_refused_whether_or_not_it_says_its_length() {
    let more = "\n[server.limits]\nmax_body_bytes = 65536\n";
    for site in crate::fixture::each(more) {
        let node = site.node();
        let large = format!("username={}", "x".repeat(1 << 20)).into_bytes();
        refuses(&node, "REQ_BTL", post(FORM, large));
        let json = format!("{{\"username\":\"{}\"}}", "x".repeat(1 << 20)).into_bytes();
        refuses(&node, "REQ_BTL", post(JSON, json));
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        let chunked = format!(
            "POST /api/free/post/user/login HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: {FORM}\r\n\
             Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
            chunk.repeat(8)
        );
        let answer = node
            .server()
            .exchange(chunked.as_bytes(), false)
            .expect("an answer");
        assert_eq!(answer.error_code(), "REQ_BTL");
        assert_serves(&node, &site);
    }
}

#[test]
fn paths_and_queries_that_cannot_be_read_are_refused() {
    for site in Site::each() {
        let node = site.node();
        for path in [
            "/get/user/status?a=%ff".to_owned(),
            "/get/user/status?%80=a".to_owned(),
            "/get/release/%ff".to_owned(),
            "/post/release/validate/%c3%28".to_owned(),
            format!("/get/user/status?a={}", "x".repeat(20_000)),
        ] {
            refuses(&node, "REQ_PNV", get(path));
        }
        let many = (0..2_000).fold(String::from("?"), |mut text, number| {
            let _ = write!(text, "a{number}&");
            text
        });
        let refused = node.endpoint("free").get(&many);
        assert!(
            matches!(refused.error_code().as_str(), "REQ_PNV" | "REQ_MNS"),
            "{}",
            refused.text()
        );
        assert_serves(&node, &site);
    }
}

#[test]
fn strange_selectors_are_unknown_and_nothing_worse() {
    for site in Site::each() {
        let node = site.node();
        for (code, path) in [
            ("REQ_MNF", "/get/%00/status"),
            ("REQ_RUN", "/get/user/%00"),
            ("REQ_MNF", "/get/User/status"),
            ("REQ_MNF", "/get/..%2fuser/status"),
            ("REQ_RUN", "/get/user/%E2%82%AC"),
            ("REQ_RUN", "?action=GET&module=user&resource=status"),
            ("REQ_RUN", "?action=get&module=user"),
            ("REQ_ANS", "?action=&module=user&resource=status"),
            ("REQ_MNS", "?action=get&module=&resource=status"),
        ] {
            refuses(&node, code, get(path.to_owned()));
        }
        // Five segments are none; the compatible endpoint knows no other reading.
        let free = node.endpoint("free");
        for path in ["/get/content/articles/2/response.json", "/get/user", "/get"] {
            assert_eq!(free.get(path).error_code(), "REQ_MNS", "{path}");
        }
        assert_serves(&node, &site);
    }
}

#[test]
fn texts_are_taken_as_they_are_or_refused_never_cut() {
    for site in Site::each() {
        let node = site.node();
        let free = node.endpoint("free");
        // PostgreSQL's texts cannot hold a NUL, so none gets as far as a module.
        for id in ["%00", "a%00b"] {
            let answer = free.get(&format!("/post/release/download/{id}"));
            assert_eq!(answer.error_code(), "REQ_PNV", "{id}");
        }
        for id in [
            "..%2f..%2fetc%2fpasswd",
            "%27%20OR%201%3D1--",
            "%F0%9F%98%80",
            "12-alias",
        ] {
            let answer = free.get(&format!("/post/release/download/{id}"));
            assert_eq!(answer.error_code(), "REL_PNF", "{id}");
        }
        for query in [
            "id[]=demo&email=a&key=b",
            "id[x]=demo&email=a&key=b",
            "id=demo&email[]=a&key=b",
        ] {
            let answer = free.get(&format!("/post/release/validate?{query}"));
            let code = answer.error_code();
            assert!(
                matches!(code.as_str(), "REQ_PNV" | "REL_GNS" | "REL_EMR"),
                "{query}: {}",
                answer.text()
            );
        }
        for body in [
            r#"{"id":{"a":1},"email":"a","key":"b"}"#,
            r#"{"id":["demo"],"email":"a","key":"b"}"#,
        ] {
            let answer = free.send(
                "POST",
                "/post/release/validate",
                Some(JSON),
                body.as_bytes(),
            );
            assert_eq!(answer.error_code(), "REQ_PNV", "{body}");
        }
        let null = free.send(
            "POST",
            "/post/release/validate",
            Some(JSON),
            br#"{"id":null,"email":"a","key":"b"}"#,
        );
        assert_eq!(null.error_code(), "REL_GNS", "{}", null.text());
        let keyed = node.endpoint("key").with_key(&node.fact("/keys/unlimited"));
        for devices in [
            r#"[{"token":"a\u0000","platform":"ios"}]"#,
            r#"[{"token":"a","platform":"ios","a\u0000":1}]"#,
        ] {
            let body = format!(r#"{{"app":"demo","devices":{devices}}}"#);
            let answer = keyed.send("POST", "/post/push/devices", Some(JSON), body.as_bytes());
            assert_eq!(answer.error_code(), "REQ_PNV", "{}", answer.text());
            assert!(
                answer.text().contains("devices: must not hold a NUL"),
                "{}",
                answer.text()
            );
        }
        let username = "n\u{0}ul";
        let form = [("username", username), ("password", "x")];
        let answer = free.post_form("/post/user/login", &form);
        assert!(
            matches!(answer.error_code().as_str(), "USR_LIF" | "REQ_PNV"),
            "{}",
            answer.text()
        );
        assert_serves(&node, &site);
    }
}

#[test]
fn credentials_that_make_no_sense_are_nobodys() {
    for site in Site::each() {
        let node = site.node();
        let key = node.endpoint("key");
        let long = "k".repeat(4_000);
        for (code, value) in [
            ("REQ_AKI", ""),
            ("REQ_AKI", "%00"),
            ("REQ_AKI", "lg_"),
            ("REQ_AKI", long.as_str()),
        ] {
            let answer = key.get(&format!("/get/user/status?api_key={value}"));
            assert_eq!(answer.error_code(), code, "{value:.20}");
        }
        assert_eq!(
            key.get("/get/user/status?api_key[]=x").error_code(),
            "REQ_AKI"
        );
        assert_eq!(
            key.with("Authorization", "Bearer x")
                .get("/get/user/status")
                .error_code(),
            "REQ_AKR"
        );
        for session in ["", "%00", "'", long.as_str()] {
            let answer = node
                .endpoint("free")
                .get(&format!("/get/user/status?session_id={session}"));
            assert_eq!(answer.json()["user_id"], 0, "{session:.20}");
        }
        assert_serves(&node, &site);
    }
}
