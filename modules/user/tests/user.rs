//! The module as a client sees it, on both databases.

use std::time::{Duration, Instant};

use loggia_module_user::loggia_module_v1;
use loggia_testkit::TestHost;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

/// Runs a test on each kind of database.
fn on_each(test: impl Fn(&TestHost)) {
    for host in TestHost::each(loggia_module_v1) {
        test(&host);
    }
}

/// Logs in and gives the session.
fn session(host: &TestHost, username: &str, password: &str) -> String {
    let answer = host
        .call("post", "login")
        .with("username", username)
        .with("password", password)
        .json();
    assert_eq!(answer["status"], "ok", "{answer}");
    answer["session_id"].as_str().unwrap().to_owned()
}

/// The token in the last mail that was queued.
fn mailed_token(host: &TestHost) -> String {
    let mails = host.queued_mail();
    let (_, _, text) = mails.last().expect("a mail was queued");
    let indented = text.lines().find_map(|line| line.strip_prefix("    "));
    indented
        .expect("the token stands alone in its line")
        .to_owned()
}

fn fault(host: &TestHost, action: &str, resource: &str, members: &Value) -> String {
    let mut call = host.call(action, resource);
    for (name, value) in members.as_object().unwrap() {
        call = call.with(name, value.clone());
    }
    call.fault()
}

#[test]
fn a_log_in_opens_a_session_that_a_log_out_ends() {
    on_each(|host| {
        let user = host.account("Ada", PASSWORD, &[]);
        let answer = host
            .call("post", "login")
            .with("username", "ada")
            .with("password", PASSWORD)
            .json();
        let id = answer["session_id"].as_str().unwrap();
        let expected =
            json!({ "status": "ok", "userid": user, "username": "Ada", "session_id": id });
        assert_eq!(answer, expected);
        let status = |id: &str| host.call("get", "status").with_session(id).json();
        assert_eq!(status(id), json!({ "status": "ok", "user_id": user }));
        let out = host.call("get", "logout").with_session(id).json();
        assert_eq!(out, json!({ "status": "ok" }));
        assert_eq!(status(id), json!({ "status": "ok", "user_id": 0 }));
        assert_eq!(
            host.call("get", "logout").with_session(id).fault(),
            "USR_LOF"
        );
    });
}

#[test]
fn a_log_in_is_refused_by_the_documented_codes() {
    on_each(|host| {
        let user = host.account("ada", PASSWORD, &[]);
        let log_in = |username: &str, password: &str| {
            let members = json!({ "username": username, "password": password });
            fault(host, "post", "login", &members)
        };
        assert_eq!(log_in("ada", "wrong"), "USR_LIF");
        assert_eq!(log_in("nobody", PASSWORD), "USR_LIF");
        assert_eq!(log_in("", PASSWORD), "USR_UNR");
        assert_eq!(log_in("ada", ""), "USR_PWR");
        assert_eq!(fault(host, "post", "login", &json!({})), "USR_UNR");
        let again = host
            .call("post", "login")
            .with("username", "ada")
            .with("password", PASSWORD)
            .with_session(&session(host, "ada", PASSWORD))
            .fault();
        assert_eq!(again, "USR_ALI");
        let identity = &host.house().identity;
        identity.block(&identity.operator(), user).unwrap();
        assert_eq!(log_in("ada", PASSWORD), "USR_UNE");
        assert_eq!(log_in("ada", "wrong"), "USR_LIF");
    });
}

#[test]
fn who_guesses_too_often_is_told_when_to_come_back() {
    on_each(|host| {
        host.account("ada", PASSWORD, &[]);
        let guess = || {
            host.call("post", "login")
                .with("username", "ada")
                .with("password", "wrong")
                .send()
                .unwrap_err()
        };
        for _ in 0..10 {
            assert_eq!(guess().code, "USR_LIF");
        }
        let refused = guess();
        assert_eq!((&*refused.code, refused.status), ("REQ_RLM", 429));
        assert!(refused.retry_after_s.is_some_and(|seconds| seconds <= 901));
    });
}

#[test]
fn a_deadline_that_passes_while_the_call_waits_for_its_connection_is_told_as_such() {
    for host in TestHost::each_within(loggia_module_v1, Duration::from_millis(100)) {
        let soon = || Instant::now() + Duration::from_millis(10);
        let taken: Vec<_> = std::iter::from_fn(|| host.house().pool.write(soon()).ok()).collect();
        assert!(!taken.is_empty());
        let remind = || host.call("get", "remind").with("email", "ada@example.org");
        let late = remind().send().unwrap_err();
        assert_eq!((&*late.code, late.status), ("REQ_TMO", 504));
        drop(taken);
        assert_eq!(remind().json()["status"], "ok");
    }
}

#[test]
fn a_registration_is_enabled_by_the_token_of_its_mail() {
    on_each(|host| {
        let answer = host
            .call("post", "register")
            .with("username", "grace")
            .with("password", PASSWORD)
            .with("email", "grace@example.org")
            .with("firstname", "Grace")
            .with("lastname", "Hopper")
            .json();
        assert_eq!(answer, json!({ "status": "ok" }));
        let members = json!({ "username": "grace", "password": PASSWORD });
        assert_eq!(fault(host, "post", "login", &members), "USR_UNE");
        let token = mailed_token(host);
        let wrong = json!({ "token": "made up" });
        assert_eq!(fault(host, "post", "activate", &wrong), "USR_EDR");
        let activated = host
            .call("get", "activate")
            .with("token", token.as_str())
            .json();
        assert_eq!(activated, json!({ "status": "ok", "standing": "enabled" }));
        assert_eq!(
            fault(host, "post", "activate", &json!({ "token": token })),
            "USR_EDR"
        );
        let id = session(host, "grace", PASSWORD);
        let profile = host.call("get", "profile").with_session(&id).json();
        assert_eq!(profile["name"], "Grace Hopper");
    });
}

#[test]
fn a_registration_is_refused_by_the_documented_codes() {
    on_each(|host| {
        host.account("ada", PASSWORD, &[]);
        let good = json!({
            "username": "grace", "password": PASSWORD, "email": "grace@example.org", "firstname": "Grace",
        });
        let with = |name: &str, value: &str| {
            let mut members = good.clone();
            members[name] = value.into();
            fault(host, "post", "register", &members)
        };
        assert_eq!(with("username", ""), "USR_UNR");
        assert_eq!(with("password", ""), "USR_PWR");
        assert_eq!(with("email", ""), "USR_EMR");
        assert_eq!(with("firstname", ""), "USR_NMR");
        assert_eq!(with("firstname", "  "), "USR_NMR");
        assert_eq!(with("username", "ADA"), "USR_UAX");
        assert_eq!(with("email", "ADA@example.org"), "USR_EAX");
        assert_eq!(with("email", "nonsense"), "USR_EDR");
        assert_eq!(with("password", "short"), "USR_EDR");
        for (name, code) in [
            ("username", "USR_UNR"),
            ("password", "USR_PWR"),
            ("email", "USR_EMR"),
            ("firstname", "USR_NMR"),
        ] {
            let mut members = good.clone();
            members.as_object_mut().unwrap().remove(name);
            assert_eq!(fault(host, "post", "register", &members), code);
        }
    });
}

#[test]
fn a_forgotten_password_is_replaced_by_the_token_of_a_mail() {
    on_each(|host| {
        host.account("ada", PASSWORD, &[]);
        let old = session(host, "ada", PASSWORD);
        let reset = |email: &str| host.call("get", "reset").with("email", email).json();
        assert_eq!(reset("nobody@example.org"), json!({ "status": "ok" }));
        assert_eq!(host.queued_mail().len(), 0);
        assert_eq!(reset("Ada@example.org"), json!({ "status": "ok" }));
        let token = mailed_token(host);
        let confirm = |token: &str, password: &str| {
            let members = json!({ "token": token, "password": password });
            fault(host, "post", "confirm", &members)
        };
        assert_eq!(confirm("made up", "another long password"), "USR_RRF");
        assert_eq!(confirm(&token, "short"), "USR_EDR");
        assert_eq!(confirm(&token, ""), "USR_PWR");
        assert_eq!(confirm("", "another long password"), "REQ_PNV");
        let answer = host
            .call("post", "confirm")
            .with("token", token.as_str())
            .with("password", "another long password")
            .json();
        assert_eq!(answer, json!({ "status": "ok" }));
        assert_eq!(confirm(&token, "another long password"), "USR_RRF");
        let status = host.call("get", "status").with_session(&old).json();
        assert_eq!(status["user_id"], 0);
        session(host, "ada", "another long password");
    });
}

#[test]
fn a_reminder_is_mailed_and_a_malformed_address_is_told() {
    on_each(|host| {
        host.account("ada", PASSWORD, &[]);
        let answer = host
            .call("get", "remind")
            .with("email", "ada@example.org")
            .json();
        assert_eq!(answer, json!({ "status": "ok" }));
        let mails = host.queued_mail();
        assert_eq!((mails.len(), mails[0].0.as_str()), (1, "ada@example.org"));
        for resource in ["remind", "reset"] {
            let malformed = json!({ "email": "nonsense" });
            assert_eq!(fault(host, "get", resource, &malformed), "USR_RRF");
            assert_eq!(fault(host, "get", resource, &json!({})), "USR_EMR");
        }
    });
}

#[test]
fn a_profile_is_its_owners_and_he_changes_it() {
    on_each(|host| {
        let user = host.account("ada", PASSWORD, &[4]);
        let id = session(host, "ada", PASSWORD);
        assert_eq!(host.call("get", "profile").fault(), "REQ_AUR");
        assert_eq!(
            host.call("put", "profile").with("name", "x").fault(),
            "REQ_AUR"
        );
        let profile = host.call("get", "profile").with_session(&id).json();
        assert_eq!(
            profile,
            json!({
                "status": "ok", "userid": user, "username": "ada", "name": "ada", "email": "ada@example.org",
                "language": "*", "groups": [1, 2, 3, 4], "fields": [],
            })
        );
        let change = |members: Value| {
            let mut call = host.call("put", "profile").with_session(&id);
            for (name, value) in members.as_object().unwrap() {
                call = call.with(name, value.clone());
            }
            call.json()
        };
        assert_eq!(change(json!({ "name": "Ada L." }))["name"], "Ada L.");
        assert_eq!(
            change(json!({ "email": "new@example.org" }))["error_code"],
            "USR_LIF"
        );
        let moved = change(json!({ "email": "new@example.org", "password": PASSWORD }));
        assert_eq!(
            (&moved["email"], &moved["name"]),
            (&json!("new@example.org"), &json!("Ada L."))
        );
        let refused = change(json!({ "fields": { "unknown": "x" } }));
        assert_eq!(refused["error_code"], "REQ_PNV");
    });
}

#[test]
fn a_new_password_ends_every_session_and_opens_one() {
    on_each(|host| {
        host.account("ada", PASSWORD, &[]);
        let (here, there) = (
            session(host, "ada", PASSWORD),
            session(host, "ada", PASSWORD),
        );
        let change = |id: &str, old: &str, new: &str| {
            host.call("put", "password")
                .with_session(id)
                .with("password", old)
                .with("new_password", new)
                .json()
        };
        assert_eq!(
            change(&here, "wrong", "another long password")["error_code"],
            "USR_LIF"
        );
        assert_eq!(change(&here, PASSWORD, "short")["error_code"], "USR_EDR");
        let answer = change(&here, PASSWORD, "another long password");
        let fresh = answer["session_id"].as_str().unwrap();
        let user_of =
            |id: &str| host.call("get", "status").with_session(id).json()["user_id"].clone();
        assert_eq!((user_of(&here), user_of(&there)), (json!(0), json!(0)));
        assert_ne!(user_of(fresh), json!(0));
    });
}

#[test]
fn what_is_not_offered_is_unknown() {
    on_each(|host| {
        assert_eq!(host.call("get", "login").fault(), "REQ_RUN");
        assert_eq!(host.call("delete", "profile").fault(), "REQ_RUN");
    });
}
