//! The list of people, and single profiles.

use loggia_testkit::TestCall;
use serde_json::{Value, json};

use crate::partner::{Partner, checked};

fn users(call: TestCall<'_>) -> Value {
    checked("get/comprofiler/users", call.json())
}

fn names(list: &Value) -> String {
    let users = list["users"].as_array().expect("a list").iter();
    let names = users.map(|user| user["username"].as_str().expect("a name"));
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn limit_and_offset_stand_in_the_answer_only_where_they_were_given() {
    for site in Partner::each() {
        let all = users(site.call("get", "users"));
        assert_eq!(names(&all), "ada grace boss root");
        let members: Vec<_> = all.as_object().unwrap().keys().collect();
        assert_eq!(members, ["status", "total", "users"]);
        let page = |limit: &str, offset: &str| {
            let call = site.call("get", "users").with("limit", limit);
            users(call.with("offset", offset))
        };
        let first = page("2", "1");
        assert_eq!(names(&first), "grace boss");
        let numbers = ["total", "limit", "offset"].map(|name| first[name].as_i64());
        assert_eq!(numbers, [Some(4), Some(2), Some(1)]);
        let unlimited = users(site.call("get", "users").with("offset", 3));
        assert_eq!(names(&unlimited), "ada grace boss root");
        assert!(unlimited.get("limit").is_none());
        assert_eq!(names(&page("0", "3")), "ada grace boss root");
        assert_eq!(names(&page("-1", "0")), "");
        assert_eq!(names(&page("2", "-5")), "ada grace");
        let beyond = page("2", "100");
        assert_eq!(
            (names(&beyond), &beyond["total"]),
            (String::new(), &json!(4))
        );
        assert!(page("2", "").get("offset").is_none());
    }
}

#[test]
fn a_profile_shows_the_account_and_every_field_that_is_published() {
    for site in Partner::each() {
        site.fields();
        let said = json!({ "cb_city": "Köln", "cb_colours": ["green", "red"] });
        assert_eq!(site.change(&said).json(), json!({ "status": "ok" }));
        let profile = site.profile(site.ada);
        let created = profile["created"].as_str().expect("a time").to_owned();
        let wanted = json!({
            "status": "ok", "id": site.ada.to_string(), "username": "ada", "name": "ada",
            "email": "ada@example.org", "language": "*", "created": created, "cb_city": "Köln",
            "cb_born": "", "cb_colours": ["red", "green"], "cb_rank": "none",
        });
        assert_eq!(profile, wanted);
        let asked = format!("{}-ada", site.ada);
        let same = site.call("get", "profile").with("id", asked.as_str());
        assert_eq!(same.json(), wanted);
        for unknown in ["0", "abc", "-1", "99999"] {
            let call = site.call("get", "profile").with("id", unknown);
            assert_eq!(call.fault(), "CBP_UNF", "{unknown}");
        }
        assert_eq!(site.call("get", "profile").fault(), "CBP_UNS");
        assert_eq!(
            site.call("get", "profile").with("id", "").fault(),
            "CBP_UNS"
        );
    }
}

#[test]
fn addresses_are_shown_where_the_endpoint_says_so_and_to_their_owners() {
    for site in Partner::each() {
        let of = |call: TestCall<'_>| call.with("id", site.ada).json()["email"].clone();
        let profile = || site.host.call("get", "profile");
        assert_eq!(of(profile()), Value::Null);
        assert_eq!(of(profile().shown(&["ip"])), Value::Null);
        assert_eq!(of(profile().shown(&["email"])), "ada@example.org");
        assert_eq!(of(profile().as_user(site.ada)), "ada@example.org");
        assert_eq!(of(profile().as_user(site.grace)), Value::Null);
        let list = users(site.host.call("get", "users"));
        assert!(!list.to_string().contains("example.org"), "{list}");
        let list = users(site.call("get", "users"));
        assert_eq!(list["users"][0]["email"], "ada@example.org");
    }
}

#[test]
fn the_settings_say_which_fields_an_endpoint_shows_and_whether_lists_have_them() {
    let settings = json!({
        "fields": ["cb_born"], "endpoint_fields": { "direct": ["cb_city", "cb_note"] },
        "fields_in_lists": true,
    });
    for site in Partner::each_with(&settings) {
        site.fields();
        site.change(&json!({ "cb_city": "Köln" })).json();
        let profile = site.profile(site.ada);
        assert_eq!(profile["cb_city"], "Köln");
        assert!(profile.get("cb_born").is_none() && profile.get("cb_note").is_none());
        let list = users(site.call("get", "users"));
        let cities = [0, 1].map(|place| list["users"][place]["cb_city"].clone());
        assert_eq!(cities, [json!("Köln"), json!("")]);
        let hidden = site.change(&json!({ "cb_born": "1815-12-10" }));
        assert_eq!(hidden.fault(), "CBP_FNA");
        let fields = site.call("get", "fields").json();
        assert_eq!(fields["fields"].as_array().unwrap().len(), 1, "{fields}");
    }
    let none = json!({ "endpoint_fields": { "direct": [] } });
    for site in Partner::each_with(&none) {
        site.fields();
        assert!(site.profile(site.ada).get("cb_city").is_none());
    }
}

#[test]
fn blocked_accounts_are_shown_only_where_the_settings_say_so() {
    for (shown, total) in [(false, 3), (true, 4)] {
        for site in Partner::each_with(&json!({ "show_blocked": shown })) {
            let identity = &site.host.house().identity;
            identity.block(&identity.operator(), site.ada).unwrap();
            let profile = site.call("get", "profile").with("id", site.ada).json();
            let changed = site.change(&json!({})).json();
            for answer in [profile, changed] {
                assert_eq!(answer["status"] == "ok", shown, "{answer}");
                assert_eq!(answer["error_code"] == "CBP_UNF", !shown, "{answer}");
            }
            assert_eq!(users(site.call("get", "users"))["total"], total);
        }
    }
}
