//! The layer below the grammar: methods, caching, ranges, cross-origin requests, lifecycle.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use loggia_tests::client::Client;
use loggia_tests::product::Ran;
use loggia_tests::site::Site;
use loggia_tests::wait::soon;

use crate::fixture;

#[test]
fn a_preflight_says_what_a_page_elsewhere_may_send() {
    for site in Site::each() {
        let node = site.node();
        let page = node
            .endpoint("semantic")
            .with("Origin", "https://app.example");
        let asked = page
            .with("Access-Control-Request-Method", "PUT")
            .with(
                "Access-Control-Request-Headers",
                "authorization, content-type",
            )
            .send("OPTIONS", "/user/profile", None, b"");
        assert!(matches!(asked.status, 200 | 204), "{}", asked.status);
        assert_eq!(asked.header("access-control-allow-origin"), Some("*"));
        assert!(
            asked
                .header("access-control-allow-methods")
                .unwrap_or_default()
                .contains("PUT")
        );
        let headers = asked
            .header("access-control-allow-headers")
            .unwrap_or_default();
        assert!(
            headers.to_ascii_lowercase().contains("authorization"),
            "{headers}"
        );
        let read = page.get("/user/status");
        assert_eq!(read.header("access-control-allow-origin"), Some("*"));
        let closed = node
            .endpoint("free")
            .with("Origin", "https://app.example")
            .get("/get/user/status");
        assert_eq!(closed.header("access-control-allow-origin"), None);
    }
}

#[test]
fn the_modern_form_knows_its_methods() {
    let site = Site::each().remove(0);
    let node = site.node();
    let semantic = node.endpoint("semantic");
    let wrong = semantic.send("DELETE", "/user/status", None, b"");
    assert_eq!(
        (wrong.status, wrong.error_code().as_str()),
        (405, "REQ_MNA")
    );
    let allowed = wrong
        .header("allow")
        .expect("the methods it has")
        .to_owned();
    assert!(
        allowed.contains("GET") && !allowed.contains("DELETE"),
        "{allowed}"
    );
    let options = semantic.send("OPTIONS", "/user/profile", None, b"");
    assert!(matches!(options.status, 200 | 204), "{}", options.status);
    let methods: BTreeSet<&str> = options
        .header("allow")
        .unwrap_or_default()
        .split(", ")
        .collect();
    for method in ["GET", "HEAD", "PUT", "PATCH", "OPTIONS"] {
        assert!(methods.contains(method), "{methods:?} lack {method}");
    }
    let unknown = semantic.send("PROPFIND", "/user/status", None, b"");
    assert_eq!(unknown.status, 405, "{}", unknown.text());
    for (path, status) in [
        ("/user/status?action=get", 200),
        ("/user/status?action=post", 400),
        ("/user/status?module=release", 400),
        ("/get/user/status?resource=status", 200),
    ] {
        assert_eq!(semantic.get(path).status, status, "{path}");
    }
}

#[test]
fn head_is_get_without_a_body() {
    let site = Site::each().remove(0);
    let node = site.node();
    for (client, path) in [
        (node.endpoint("free"), "/get/user/status"),
        (node.endpoint("semantic"), "/user/status"),
        (node.server(), "/healthz"),
        (node.server(), "/updates/extension/com_loggiademo.xml"),
    ] {
        let (get, head) = (client.get(path), client.send("HEAD", path, None, b""));
        assert_eq!(get.status, head.status, "{path}");
        assert!(head.body.is_empty(), "{path}: {}", head.text());
        assert_eq!(
            get.header("content-type"),
            head.header("content-type"),
            "{path}"
        );
        let length = get.body.len().to_string();
        assert_eq!(
            head.header("content-length"),
            Some(length.as_str()),
            "{path}"
        );
    }
}

#[test]
fn an_answer_that_has_not_changed_is_not_sent_again() {
    let site = Site::each().remove(0);
    let node = site.node();
    for (client, path) in [
        (node.endpoint("free"), "/get/user/status"),
        (node.endpoint("semantic"), "/user/status"),
    ] {
        let first = client.get(path);
        let etag = first.header("etag").expect("a validator").to_owned();
        let second = client.with("If-None-Match", &etag).get(path);
        assert_eq!((second.status, second.body.len()), (304, 0));
        assert_eq!(
            client.with("If-None-Match", "\"other\"").get(path).status,
            200
        );
    }
}

#[test]
fn a_large_answer_is_compressed_for_who_asks() {
    let site = Site::each().remove(0);
    let node = site.node();
    let plain = node.endpoint("free").get("/openapi.json");
    assert_eq!(plain.header("content-encoding"), None);
    let packed = node
        .endpoint("free")
        .with("Accept-Encoding", "gzip")
        .get("/openapi.json");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() < plain.body.len() / 2 && packed.body.starts_with(&[0x1f, 0x8b]));
}

#[test]
fn a_package_is_sent_in_ranges() {
    for site in Site::each() {
        let node = site.node();
        let client = node.endpoint("free");
        let path = format!(
            "/post/release/download/{}",
            node.fact("/release/free_package")
        );
        let whole = client.with("Accept-Encoding", "gzip").get(&path);
        assert_eq!(
            (whole.status, whole.header("accept-ranges")),
            (200, Some("bytes"))
        );
        assert!(
            whole.body.starts_with(b"PK"),
            "a package is never compressed again"
        );
        let size = whole.body.len();
        let part = client.with("Range", "bytes=2-9").get(&path);
        assert_eq!(part.status, 206);
        assert_eq!(part.body, whole.body[2..10]);
        let range = format!("bytes 2-9/{size}");
        assert_eq!(part.header("content-range"), Some(range.as_str()));
        let end = client.with("Range", "bytes=-4").get(&path);
        assert_eq!(
            (end.status, end.body.as_slice()),
            (206, &whole.body[size - 4..])
        );
        let beyond = client.with("Range", &format!("bytes={size}-")).get(&path);
        assert_eq!(beyond.status, 416);
        let etag = whole.header("etag").expect("a validator").to_owned();
        assert_eq!(client.with("If-None-Match", &etag).get(&path).status, 304);
        let stale = client
            .with("Range", "bytes=2-9")
            .with("If-Range", "\"other\"")
            .get(&path);
        assert_eq!((stale.status, stale.body.len()), (200, size));
        let head = client.send("HEAD", &path, None, b"");
        assert_eq!(
            head.header("content-length"),
            Some(size.to_string().as_str())
        );
    }
}

#[test]
fn every_answer_has_an_id_of_its_own() {
    let site = Site::each().remove(0);
    let node = site.node();
    let paths = [
        "/healthz",
        "/nothing",
        "/api/free",
        "/api/semantic/user/status",
        "/api/free/openapi.json",
    ];
    let ids: BTreeSet<String> = paths
        .iter()
        .map(|path| {
            let answer = node.server().get(path);
            answer
                .header("x-request-id")
                .unwrap_or_else(|| panic!("{path} has none"))
                .to_owned()
        })
        .collect();
    assert_eq!(ids.len(), paths.len());
}

#[test]
fn health_and_readiness_are_told() {
    for site in Site::each() {
        let node = site.node();
        assert_eq!(node.server().get("/healthz").text(), "ok\n");
        let ready = node.server().get("/readyz");
        assert_eq!((ready.status, &ready.json()["ready"]), (200, &true.into()));
        let metrics = node.server().get("/metrics");
        assert_eq!(metrics.status, 200);
    }
}

#[test]
fn plain_http_is_sent_to_https_where_the_endpoint_wants_it() {
    let more = "\n[server]\ntrusted_proxies = [\"127.0.0.1\"]\n\
                \n[[endpoint]]\nname = \"ssl\"\npath = \"/ssl\"\naccess = \"free\"\nforce_ssl = true\n";
    for site in fixture::each(more) {
        let node = site.node();
        let answer = node.server().below("/ssl").get("/get/user/status?a=b");
        assert_eq!(answer.status, 303, "{}", answer.text());
        let location = answer.header("location").unwrap_or_default();
        assert!(location.starts_with("https://127.0.0.1"), "{location}");
        assert!(location.ends_with("/ssl/get/user/status?a=b"), "{location}");
        let behind = node
            .server()
            .with("X-Forwarded-Proto", "https")
            .below("/ssl");
        assert_eq!(behind.get("/get/user/status").json()["status"], "ok");
    }
}

#[test]
fn a_node_that_is_told_to_stop_does_not_wait_for_idle_connections() {
    for site in Site::each() {
        let node = site.node();
        let url = node.fact("/url");
        let address = url.strip_prefix("http://").expect("an address");
        let mut idle: Vec<TcpStream> = Vec::new();
        for _ in 0..8 {
            let mut stream = TcpStream::connect(address).expect("a connection");
            stream
                .set_read_timeout(Some(Duration::from_secs(10)))
                .expect("a timeout");
            stream
                .write_all(b"GET /api/free/get/user/status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                .expect("a request");
            assert!(stream.read(&mut [0; 1024]).expect("an answer") > 0);
            idle.push(stream);
        }
        idle.push(TcpStream::connect(address).expect("a connection that never asks"));
        let (status, took) = node.stop();
        assert!(status.success(), "{status}");
        assert!(took < Duration::from_secs(2), "{took:?}");
        drop(idle);
    }
}

#[test]
fn a_reload_of_a_bad_file_changes_nothing_and_says_why() {
    for site in fixture::each("") {
        let node = site.node();
        let good = std::fs::read_to_string(site.configuration()).expect("settings");
        fixture::append(
            &site,
            "\n[[endpoint]]\nname = \"late\"\npath = \"/late\"\naccess = \"fre\"\n",
        );
        let refused = fixture::refused(site.operator(&["reload"]));
        assert!(
            refused.stderr.contains("endpoints.toml") && refused.stderr.contains("free"),
            "{}",
            refused.stderr
        );
        hang_up(node.process());
        assert_eq!(
            node.endpoint("free").get("/get/user/status").json()["status"],
            "ok"
        );
        assert_eq!(node.server().get("/late/get/user/status").status, 404);
        std::fs::write(site.configuration(), good).expect("settings");
        fixture::append(
            &site,
            "\n[[endpoint]]\nname = \"late\"\npath = \"/late\"\naccess = \"free\"\n",
        );
        site.operator(&["reload"]).done();
        let late = node.server().below("/late");
        soon(|| late.get("/get/user/status").status == 200);
        let (status, _) = node.stop();
        assert!(status.success(), "{status}");
    }
}

fn hang_up(process: u32) {
    Ran::command(Command::new("kill").args(["-HUP", &process.to_string()])).done();
}

#[test]
fn every_endpoint_describes_itself() {
    let site = fixture::each("").remove(0);
    let node = site.node();
    for name in ["free", "user", "key", "semantic"] {
        let document = node.endpoint(name).get("/openapi.json");
        assert_eq!(document.status, 200, "{name}");
        let document = document.json();
        assert!(
            document["openapi"]
                .as_str()
                .unwrap_or_default()
                .starts_with("3.1"),
            "{name}"
        );
        let paths = document["paths"].as_object().expect("paths");
        for operation in crate::contract::operations() {
            if operation["access"] == "key" && name != "key" {
                continue;
            }
            // A document names each module once, by its own name.
            let text = |member: &str| operation[member].as_str().expect("a text");
            let rest: Vec<&str> = text("rest").split('/').collect();
            let rest = format!("/{}/{}/{}", rest[0], text("module"), rest[2..].join("/"));
            // An id that has to be given is described as a part of the path, wherever it may stand besides.
            let with_id = format!("{rest}/{{id}}");
            assert!(
                paths.contains_key(&rest) || paths.contains_key(&with_id),
                "{name} does not describe {rest}: {:?}",
                paths.keys()
            );
        }
        for (path, methods) in paths {
            for (method, described) in methods.as_object().expect("methods") {
                if method != "parameters" {
                    assert!(described["summary"].is_string(), "{name}: {method} {path}");
                }
            }
        }
        let page = node.endpoint(name).get("/docs");
        assert_eq!(page.status, 200);
        assert!(
            !page.text().contains("src=\"http"),
            "the page works offline"
        );
    }
    let modern = node.endpoint("semantic").get("/openapi.json").json();
    assert!(
        modern["paths"]
            .as_object()
            .is_some_and(|paths| paths.contains_key("/user/profile"))
    );
}

#[test]
fn a_torn_or_nonsensical_request_is_answered_or_dropped_and_the_next_is_served() {
    let site = Site::each().remove(0);
    let node = site.node();
    let url = node.fact("/url");
    let client = Client::new(&url);
    for bytes in [
        &b"GARBAGE\r\n\r\n"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /api/free HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/free HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        // An answer that can be read is a refusal; none is as good.
        if let Ok(answer) = client.exchange(bytes, false) {
            assert!((400..500).contains(&answer.status) || answer.status == 200, "{}", answer.status);
        }
    }
    assert_eq!(client.get("/healthz").status, 200);
}
