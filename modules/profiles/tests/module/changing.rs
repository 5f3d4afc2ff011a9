//! Changing profiles: who may, what is refused, and that nothing is done by half.

use serde_json::{Value, json};

use crate::partner::{PASSWORD, Partner, checked, with};

#[test]
fn an_account_and_its_fields_are_changed_together_or_not_at_all() {
    for site in Partner::each() {
        site.fields();
        let all = json!({
            "username": "lovelace", "email": "Countess@example.org", "name": "Ada Lovelace",
            "cb_city": "London", "cb_born": "1815-12-10", "cb_colours": ["red"],
        });
        let done = checked("put/comprofiler/profile", site.change(&all).json());
        assert_eq!(done, json!({ "status": "ok" }));
        let profile = site.profile(site.ada);
        for name in ["username", "email", "name", "cb_city", "cb_born"] {
            assert_eq!(profile[name], all[name], "{name}");
        }
        let kept = json!({ "username": "lovelace", "cb_born": null });
        site.change(&kept).json();
        let profile = site.profile(site.ada);
        assert_eq!(
            (&profile["cb_city"], &profile["cb_born"]),
            (&json!("London"), &json!(""))
        );
        let taken = json!({ "username": "grace", "cb_city": "Paris" });
        assert_eq!(site.change(&taken).fault(), "CBP_UAX");
        let taken =
            json!({ "username": "lovelace", "email": "GRACE@example.org", "cb_city": "Paris" });
        assert_eq!(site.change(&taken).fault(), "CBP_EAX");
        assert_eq!(site.profile(site.ada), profile);
    }
}

#[test]
fn a_mandatory_member_that_is_missing_or_blank_has_its_code() {
    for site in Partner::each() {
        for (name, code) in [
            ("id", "CBP_UNS"),
            ("username", "CBP_UNR"),
            ("email", "CBP_EMR"),
            ("name", "CBP_NMR"),
        ] {
            let mut members = json!({
                "id": site.ada, "username": "ada", "email": "ada@example.org", "name": "Ada",
            });
            members[name] = json!("");
            let blank = with(site.call("put", "profile"), &members);
            assert_eq!(blank.fault(), code);
            if name != "id" {
                members[name] = json!(" ");
                let blank = with(site.call("put", "profile"), &members);
                assert_eq!(blank.fault(), code);
            }
            members.as_object_mut().unwrap().remove(name);
            let missing = with(site.call("put", "profile"), &members);
            assert_eq!(missing.fault(), code);
        }
        let id_as_text = site.change(&json!({ "id": site.ada.to_string(), "name": "Countess" }));
        assert_eq!(id_as_text.json(), json!({ "status": "ok" }));
        assert_eq!(site.profile(site.ada)["name"], "Countess");
        let nobody = site.change(&json!({ "id": 99999 }));
        assert_eq!(nobody.fault(), "CBP_UNF");
    }
}

#[test]
fn an_unknown_or_forbidden_field_is_refused_by_name_and_a_wrong_value_by_its_rule() {
    for site in Partner::each() {
        site.fields();
        let before = site.profile(site.ada);
        let said = |more: &Value| {
            let answer = site.change(more).json();
            let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
            (text("error_code"), text("error_description"))
        };
        for name in [
            "cb_unknown",
            "cb_rank",
            "cb_note",
            "groups",
            "blocked",
            "password_hash",
        ] {
            let (code, text) = said(&json!({ "cb_city": "Paris", name: "x" }));
            assert_eq!(code, "CBP_FNA", "{name}");
            assert!(text.ends_with(&format!(": {name}")), "{text}");
        }
        for (name, value) in [
            ("cb_city", json!("")),
            ("cb_city", json!(null)),
            ("cb_city", json!("x".repeat(21))),
            ("cb_born", json!("yesterday")),
            ("cb_colours", json!(["red", "yellow"])),
            ("username", json!("a;b")),
            ("email", json!("nobody")),
            ("password", json!("short")),
        ] {
            let (code, text) = said(&json!({ name: value }));
            assert_eq!(code, "REQ_PNV", "{name} {text}");
            assert!(text.contains(name), "{name}: {text}");
        }
        assert_eq!(site.profile(site.ada), before);
    }
}

#[test]
fn a_key_without_the_scope_changes_nobody_and_a_users_key_only_him() {
    for site in Partner::each() {
        let members = json!({
            "id": site.ada, "username": "ada", "email": "ada@example.org", "name": "Countess",
        });
        let put = || with(site.host.call("put", "profile"), &members);
        assert_eq!(put().fault(), "REQ_AKR");
        assert_eq!(put().as_user(site.ada).fault(), "REQ_AKR");
        assert_eq!(put().with_key(1, &["profiles.manage"]).fault(), "REQ_AKN");
        let scope = ["profiles.write"];
        let of_grace = put().as_user(site.grace).with_key(1, &scope);
        assert_eq!(of_grace.fault(), "CBP_ANA");
        let nobodys = put()
            .as_user(site.grace)
            .with_key(1, &scope)
            .with("id", 99999);
        assert_eq!(nobodys.fault(), "CBP_ANA", "nothing is learnt of others");
        assert_eq!(site.profile(site.ada)["name"], "ada");
        let of_ada = put().as_user(site.ada).with_key(1, &scope).json();
        assert_eq!(of_ada, json!({ "status": "ok" }));
        assert_eq!(site.profile(site.ada)["name"], "Countess");
    }
}

#[test]
fn administrators_are_changed_by_nobody_here() {
    for site in Partner::each() {
        for id in [site.administrator, site.root] {
            let before = site.profile(id);
            let members = json!({ "id": id, "username": "mine", "email": "mine@example.org" });
            assert_eq!(site.change(&members).fault(), "CBP_ANA");
            let own = site.change(&members).as_user(id);
            let own = own.with_key(1, &["profiles.write"]);
            assert_eq!(own.fault(), "CBP_ANA");
            assert_eq!(site.change(&members).as_operator().fault(), "CBP_ANA");
            assert_eq!(site.profile(id), before);
        }
    }
    let manager_too = json!({ "administrator_groups": [2] });
    for site in Partner::each_with(&manager_too) {
        assert_eq!(site.change(&json!({})).fault(), "CBP_ANA");
        let root = site.change(&json!({ "id": site.root }));
        assert_eq!(root.fault(), "CBP_ANA", "super users never are");
    }
}

#[test]
fn a_new_password_ends_the_sessions_and_an_empty_one_keeps_the_old() {
    for site in Partner::each() {
        let identity = &site.host.house().identity;
        let operator = identity.operator();
        let log_in = |password: &str| identity.authenticate(&operator, "ada", password).is_ok();
        site.change(&json!({ "password": "" })).json();
        assert!(log_in(PASSWORD));
        let changed = site.change(&json!({ "password": "another long password" }));
        assert_eq!(changed.json(), json!({ "status": "ok" }));
        assert!(log_in("another long password") && !log_in(PASSWORD));
        assert_eq!(site.host.queued_mail().len(), 1, "she is told");
    }
}

#[test]
fn a_picture_is_a_file_of_the_module_media_and_comes_back_as_it_was_shown() {
    for site in Partner::each() {
        site.field("avatar", &json!({ "type": "image" }));
        let url = "http://localhost/test/get/media/files/12";
        for given in ["media:12", url] {
            let changed = site.change(&json!({ "avatar": given })).json();
            assert_eq!(changed, json!({ "status": "ok" }));
            assert_eq!(site.profile(site.ada)["avatar"], url);
            let record = site.host.call("get", "records").with("kind", "profile");
            let record = record.as_operator().json();
            assert_eq!(record["records"][0]["values"]["avatar"], "media:12");
        }
        for wrong in ["images/a.png", "media:x", "javascript:alert(1)"] {
            let refused = site.change(&json!({ "avatar": wrong })).json();
            assert_eq!(refused["error_code"], "REQ_PNV", "{refused}");
        }
    }
}
