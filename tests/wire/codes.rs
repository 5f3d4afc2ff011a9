//! Every documented error code of the core and of the modules user and release: produced by a request, with its
//! text where the answer is always 200, and with its status where statuses are real.

mod licences;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Barrier};
use std::thread;

use diesel::connection::SimpleConnection as _;
use loggia::store::testing::patience;
use loggia_tests::client::{Answer, Client};
use loggia_tests::site::{Node, Site};
use loggia_tests::wait::soon;

use crate::contract::check_layer;
use crate::fixture::{self, key, session};
use crate::form::Form;
use table::CODES;

const MORE: &str = r#"
[[endpoint]]
name = "small"
path = "/api/small"
access = "free"
[endpoint.limits]
max_body_bytes = 1024

[[endpoint]]
name = "semantic-small"
path = "/api/semantic-small"
access = "free"
status = "semantic"
[endpoint.limits]
max_body_bytes = 1024

[[endpoint]]
name = "hasty"
path = "/api/hasty"
access = "free"
[endpoint.limits]
deadline_ms = 20

[[endpoint]]
name = "semantic-hasty"
path = "/api/semantic-hasty"
access = "free"
status = "semantic"
[endpoint.limits]
deadline_ms = 20
"#;

/// Which codes were seen on which kind of endpoint.
#[derive(Default)]
struct Seen {
    compatible: BTreeSet<&'static str>,
    semantic: BTreeSet<&'static str>,
}

impl Seen {
    /// Takes the answers of both kinds of endpoint to one request.
    fn note(&mut self, code: &str, [compatible, semantic]: [Answer; 2]) {
        let known = CODES.iter().find(|(one, _, _)| *one == code);
        let (code, text, status) = *known.expect("a code of the table");
        for (form, answer, wanted) in [
            (Form::Rest, compatible, 200),
            (Form::SemanticRest, semantic, status),
        ] {
            let context = format!("{code}, {form:?}: {} {}", answer.status, answer.text());
            assert_eq!(answer.error_code(), code, "{context}");
            check_layer(form, &answer);
            assert_eq!(answer.status, wanted, "{context}");
            let description = answer.json()["error_description"]
                .as_str()
                .expect(&context)
                .to_owned();
            assert!(
                description == text || description.starts_with(&format!("{text}: ")),
                "{context}"
            );
            if form == Form::SemanticRest && matches!(status, 429 | 503) {
                assert!(
                    answer.header("retry-after").is_some(),
                    "{context}: no Retry-After"
                );
            }
        }
        self.compatible.insert(code);
        self.semantic.insert(code);
    }

    fn missing(&self) -> Vec<&'static str> {
        let codes = CODES.iter().map(|(code, _, _)| *code);
        codes
            .filter(|code| !self.compatible.contains(code) || !self.semantic.contains(code))
            .collect()
    }
}

/// The two clients of one kind of access.
fn pair(node: &Node, kind: &str) -> [Client; 2] {
    let semantic = if kind == "free" {
        "semantic".to_owned()
    } else {
        format!("semantic-{kind}")
    };
    [kind, &semantic].map(|name| node.server().below(&format!("/api/{name}")))
}

fn get(node: &Node, kind: &str, path: &str) -> [Answer; 2] {
    pair(node, kind).map(|client| client.get(path))
}

fn post(node: &Node, path: &str, form: &[(&str, &str)]) -> [Answer; 2] {
    pair(node, "free").map(|client| client.post_form(path, form))
}

#[test]
fn every_code_is_answered_with_its_text_and_its_status() {
    for site in fixture::each(MORE) {
        fixture::replace(
            &site,
            "login_failures_per_account = 20",
            "login_failures_per_account = 4",
        );
        let mut seen = Seen::default();
        let node = site.node();
        selectors_and_bodies(&node, &mut seen);
        keys(&site, &node, &mut seen);
        writing(&node, &mut seen);
        accounts(&site, &node, &mut seen);
        let licence = licences::produce(&site, &node, &mut seen);
        node.stop();
        closed_registration(&site, &mut seen);
        overload(&site, &mut seen);
        broken_tables(&site, &licence, &mut seen);
        assert_eq!(seen.missing(), Vec::<&str>::new(), "never produced");
    }
}

fn selectors_and_bodies(node: &Node, seen: &mut Seen) {
    seen.note("REQ_MNS", get(node, "free", ""));
    seen.note("REQ_ANS", get(node, "free", "?module=user&resource=status"));
    seen.note("REQ_MNF", get(node, "free", "/get/nothing/status"));
    seen.note("REQ_RUN", get(node, "free", "/get/user/nothing"));
    seen.note(
        "REQ_MNA",
        get(node, "free", "/post/user/confirm?token=t&password=p"),
    );
    seen.note("REQ_PNV", get(node, "free", "/get/user/status?a=%ff"));
    let torn = pair(node, "free").map(|client| {
        client.send(
            "POST",
            "/post/user/login",
            Some("application/json"),
            b"{\"username\":",
        )
    });
    seen.note("REQ_BNV", torn);
    let large = format!("username={}", "x".repeat(4096));
    let large = pair(node, "small").map(|client| {
        let media = "application/x-www-form-urlencoded";
        client.send("POST", "/post/user/login", Some(media), large.as_bytes())
    });
    seen.note("REQ_BTL", large);
    let slow = "/post/user/login?username=latecomer&password=wrong";
    seen.note("REQ_TMO", get(node, "hasty", slow));
}

fn keys(site: &Site, node: &Node, seen: &mut Seen) {
    let with = |key: &str| {
        let path = format!("/get/user/status?api_key={key}");
        get(node, "key", &path)
    };
    seen.note("REQ_AKR", get(node, "key", "/get/user/status"));
    seen.note("REQ_AKI", with("nobody-knows-this"));
    seen.note("REQ_AKE", with(&node.fact("/keys/expired")));
    seen.note("REQ_AKN", with(&node.fact("/keys/other_endpoint")));
    let once = key(site, &["--daily", "1"]);
    let of_member = key(site, &["--user", "member"]);
    // A node knows a new key within a second.
    let status = |key: &str| get(node, "key", &format!("/get/user/status?api_key={key}"));
    soon(|| status(&once)[0].error_code() != "REQ_AKI");
    seen.note("REQ_AKL", with(&once));
    soon(|| status(&of_member)[0].error_code() != "REQ_AKI");
    let outsider = session(node, "outsider");
    seen.note(
        "REQ_AKU",
        with(&format!("{of_member}&session_id={outsider}")),
    );
}

fn writing(node: &Node, seen: &mut Seen) {
    let key = node.fact("/keys/unlimited");
    let article = node.fact("/content/article");
    let send = |path: &str, header: (&str, &str), form: &[(&str, &str)]| {
        pair(node, "free").map(|client| {
            let client = client.with_key(&key).with(header.0, header.1);
            client.post_form(path, form)
        })
    };
    let put = |version: &str| {
        let path = format!("/put/content/articles/{article}");
        send(&path, ("If-Match", version), &[("metakey", "new")])
    };
    seen.note("REQ_PCF", put("\"99-x\""));
    let add = |title: &str| {
        let category = node.fact("/content/category");
        let form = [("category", category.as_str()), ("title", title)];
        send("/post/content/articles", ("Idempotency-Key", "k"), &form)
    };
    add("Once");
    seen.note("REQ_IKU", add("Twice"));
}

fn accounts(site: &Site, node: &Node, seen: &mut Seen) {
    seen.note("REQ_AUR", get(node, "user", "/get/user/status"));
    let member = node.fact("/users/member/email");
    let password = node.fact("/users/outsider/password");
    seen.note(
        "USR_LIF",
        post(
            node,
            "/post/user/login",
            &[("username", "nobody"), ("password", "x")],
        ),
    );
    for _ in 0..4 {
        post(
            node,
            "/post/user/login",
            &[("username", "admin"), ("password", "wrong")],
        );
    }
    seen.note(
        "REQ_RLM",
        post(
            node,
            "/post/user/login",
            &[("username", "admin"), ("password", "wrong")],
        ),
    );
    let session = session(node, "member");
    let again = format!("/post/user/login?username=member&password=x&session_id={session}");
    seen.note("USR_ALI", get(node, "free", &again));
    seen.note("USR_LOF", get(node, "free", "/get/user/logout"));
    seen.note(
        "USR_UNR",
        post(node, "/post/user/login", &[("password", "x")]),
    );
    seen.note(
        "USR_PWR",
        post(node, "/post/user/login", &[("username", "x")]),
    );
    seen.note("USR_EMR", get(node, "free", "/get/user/remind"));
    seen.note(
        "USR_RRF",
        get(node, "free", "/get/user/reset?email=no-address"),
    );
    let register = |username: &str, password: &str, email: &str, firstname: &str| {
        let form = [
            ("username", username),
            ("password", password),
            ("email", email),
            ("firstname", firstname),
        ];
        post(node, "/post/user/register", &form)
    };
    let good = "a-Long-enough-1-password";
    seen.note("USR_NMR", register("fresh", good, "fresh@example.org", ""));
    seen.note(
        "USR_UAX",
        register("member", good, "fresh@example.org", "Fresh"),
    );
    seen.note("USR_EAX", register("fresh", good, &member, "Fresh"));
    seen.note(
        "USR_EDR",
        register("fresh", "x", "fresh@example.org", "Fresh"),
    );
    site.operator(&["user", "block", "outsider"]).done();
    let blocked = [("username", "outsider"), ("password", password.as_str())];
    seen.note("USR_UNE", post(node, "/post/user/login", &blocked));
}

fn closed_registration(site: &Site, seen: &mut Seen) {
    fixture::replace(site, "registration = true", "registration = false");
    let node = site.node();
    let form = [
        ("username", "late"),
        ("password", "a-Long-enough-1-password"),
        ("email", "late@example.org"),
        ("firstname", "Late"),
    ];
    seen.note("USR_RNA", post(&node, "/post/user/register", &form));
    node.stop();
}

/// With one place to answer and one to wait, most of many log-ins at once are turned away.
fn overload(site: &Site, seen: &mut Seen) {
    fixture::append(site, "\n[module.user]\nthreads = 1\nqueue = 1\n");
    let node = site.node();
    let start = Arc::new(Barrier::new(16));
    let ask = |place: usize| {
        let client = pair(&node, "free")[place % 2].clone();
        let start = Arc::clone(&start);
        thread::spawn(move || {
            start.wait();
            client.get("/post/user/login?username=nobody&password=wrong")
        })
    };
    let asked: Vec<_> = (0..16).map(ask).collect();
    let mut turned_away = [None, None];
    for (place, answer) in asked.into_iter().enumerate() {
        let answer = answer.join().expect("an answer");
        if answer.error_code() == "REQ_OVL" {
            turned_away[place % 2] = Some(answer);
        }
    }
    let answers = turned_away.map(|answer| answer.expect("somebody was turned away"));
    seen.note("REQ_OVL", answers);
    node.stop();
}

/// What a client sees when a table is not what it was; `licence` is a key that has to be looked up.
fn broken_tables(site: &Site, licence: &str, seen: &mut Seen) {
    let node = site.node();
    let everywhere = node.fact("/keys/unlimited");
    let group = node.fact("/release/group");
    let away = |table: &str| {
        sql(
            site,
            &format!("ALTER TABLE \"{table}\" RENAME TO \"{table}_away\""),
        );
    };
    away("mail_queue");
    seen.note(
        "USR_RRE",
        get(&node, "free", "/get/user/remind?email=member@example.org"),
    );
    away("session");
    seen.note(
        "REQ_UCA",
        get(
            &node,
            "free",
            "/get/user/status?session_id=0123456789abcdef0123456789abcdef",
        ),
    );
    away("release_licence");
    let path = format!("/post/release/validate/{group}?email=a@example.org&key={licence}");
    let answers = get(&node, "free", &path);
    seen.note("REQ_GER", answers);
    away("access_log");
    seen.note(
        "REQ_AKG",
        get(
            &node,
            "key",
            &format!("/get/user/status?api_key={everywhere}"),
        ),
    );
    node.kill();
}

fn sql(site: &Site, text: &str) {
    let pool = site.database().pool();
    let mut connection = pool.write(patience()).expect("a connection");
    connection.batch_execute(text).expect("the statement runs");
}

#[test]
fn the_table_holds_every_code_of_the_core_once() {
    let mut texts = BTreeMap::new();
    for (code, text, status) in CODES {
        assert!(texts.insert(code, (text, status)).is_none(), "{code} twice");
    }
    for code in loggia::fault::Req::ALL {
        assert_eq!(
            texts.get(code.code()),
            Some(&(code.text(), code.status())),
            "{code:?}"
        );
    }
}
