//! Both sites live on: what changes on one, on the other, or on both, and what is deleted.

use serde_json::{Value, json};

use crate::fixture::Version;
use crate::site::{Site, joomla, line, numbers};

/// The titles of articles here, by id.
fn titles(site: &Site) -> Vec<(i64, String)> {
    let lines = site
        .operator(&["export", "ndjson", "--module", "content"])
        .done()
        .stdout;
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let articles = lines.filter(|line| line["kind"] == "article").map(|line| {
        let record = &line["record"];
        let title = record["title"].as_str().expect("a title").to_owned();
        (record["id"].as_i64().expect("an id"), title)
    });
    articles.collect()
}

fn title(site: &Site, id: i64) -> Option<String> {
    titles(site)
        .into_iter()
        .find(|one| one.0 == id)
        .map(|one| one.1)
}

fn change_here(site: &Site, id: i64, title: &str) {
    let id = id.to_string();
    site.operator(&["content", "article", "--id", &id, "--title", title])
        .done();
}

#[test]
fn what_changed_on_one_side_wins_and_where_both_did_the_owner() {
    for owner in ["joomla", "loggia"] {
        for site in Site::each() {
            let Some(joomla) = joomla(Version::Five) else {
                return;
            };
            site.configure(&format!("[import.owners]\ncontent = \"{owner}\"\n"));
            site.import(&joomla.url(), &[]);
            joomla.run("UPDATE jos_content SET title = 'There' WHERE id IN (1, 3)");
            joomla.run("UPDATE jos_content SET hits = hits + 100");
            change_here(&site, 2, "Here");
            change_here(&site, 3, "Here");
            let report = site.import(&joomla.url(), &[]);
            let both = if owner == "joomla" { "There" } else { "Here" };
            assert_eq!(title(&site, 1).as_deref(), Some("There"));
            assert_eq!(title(&site, 2).as_deref(), Some("Here"));
            assert_eq!(title(&site, 3).as_deref(), Some(both), "{report:#}");
            let wanted = match owner {
                "joomla" => [0, 2, 2, 1, 0, 0],
                _ => [0, 1, 2, 2, 0, 0],
            };
            assert_eq!(numbers(&report, "article"), wanted, "{report:#}");
            let again = site.import(&joomla.url(), &[]);
            assert_eq!(title(&site, 2).as_deref(), Some("Here"));
            assert_eq!(title(&site, 3).as_deref(), Some(both), "{again:#}");
        }
    }
}

#[test]
fn a_character_that_no_database_here_holds_holds_nothing_up() {
    for site in Site::each() {
        let Some(joomla) = joomla(Version::Five) else {
            return;
        };
        joomla.run("UPDATE jos_content SET title = CONCAT('a', CHAR(0), 'b') WHERE id = 1");
        site.import(&joomla.url(), &[]);
        assert_eq!(title(&site, 1).as_deref(), Some("a\u{fffd}b"));
    }
}

#[test]
fn what_is_gone_there_goes_here_where_joomla_owns_and_what_is_new_comes() {
    for owner in ["joomla", "loggia"] {
        for site in Site::each() {
            let Some(joomla) = joomla(Version::Five) else {
                return;
            };
            site.configure(&format!("[import]\nowner = \"{owner}\"\n"));
            site.import(&joomla.url(), &[]);
            let own = site.operator(&[
                "content",
                "article",
                "--category",
                "9",
                "--title",
                "Ours",
                "--json",
            ]);
            let own = own.done().json()["id"]
                .as_str()
                .and_then(|id| id.parse().ok())
                .expect("an id");
            joomla.run(
                "DELETE FROM jos_content WHERE catid IN (8, 10);\nDELETE FROM jos_categories WHERE id IN (8, 10);\n\
                 DELETE FROM jos_users WHERE id = 622;\nDELETE FROM jos_jbackend_keys WHERE id = 3;\n\
                 INSERT INTO jos_tags VALUES (5, 1, 5, 'New', 'new', 1, 1);\n",
            );
            let report = site.import(&joomla.url(), &[]);
            let ids: Vec<i64> = titles(&site).into_iter().map(|one| one.0).collect();
            assert_eq!(numbers(&report, "tag"), [1, 0, 2, 0, 0, 0]);
            if owner == "joomla" {
                assert_eq!(ids, [1, 4, 7, own], "{report:#}");
                assert_eq!(numbers(&report, "category"), [0, 0, 2, 0, 2, 0]);
                assert_eq!(numbers(&report, "account"), [0, 0, 3, 0, 1, 1]);
                let left = site.operator(&["user", "list", "--json"]).done().stdout;
                assert!(!left.contains("Salted") && left.contains("md5"), "{left}");
                let key = site.operator(&["key", "show", "3", "--json"]).done().json();
                assert_eq!(key["state"], "revoked");
            } else {
                assert_eq!(ids, [1, 2, 3, 4, 7, own], "{report:#}");
                assert_eq!(numbers(&report, "category"), [0, 0, 2, 2, 0, 0]);
                assert_eq!(
                    line(&report, "category")["reasons"][0]["why"],
                    "gone there, kept here"
                );
            }
            let again = site.import(&joomla.url(), &[]);
            assert_eq!(line(&again, "article")["deleted"], 0);
        }
    }
}

#[test]
fn an_account_that_was_here_before_is_never_given_to_another_person() {
    for site in Site::each() {
        let Some(joomla) = joomla(Version::Five) else {
            return;
        };
        let words = [
            "user",
            "create",
            "operator",
            "--email",
            "operator@example.org",
            "--group",
            "8",
            "--json",
        ];
        let own = site.operator(&words).done().json();
        joomla.run(&format!(
            "UPDATE jos_users SET id = {} WHERE id = 620",
            own["id"]
        ));
        let report = site.import(&joomla.url(), &[]);
        let reasons = line(&report, "account")["reasons"].to_string();
        assert!(
            reasons.contains("the id belongs to another account here"),
            "{reasons}"
        );
        let left = site.operator(&["user", "list", "--json"]).done().json();
        let left = left.as_array().expect("a list");
        let mine = left.iter().find(|one| one["id"] == own["id"]);
        assert_eq!(mine.expect("the account")["email"], "operator@example.org");
    }
}

#[test]
fn a_new_password_here_stays_and_a_new_one_there_comes() {
    for site in Site::each() {
        let Some(joomla) = joomla(Version::Five) else {
            return;
        };
        site.import(&joomla.url(), &[]);
        let server = site.setup.serve();
        let log_in = |password: &str| {
            let form = [("username", "md5"), ("password", password)];
            server.api().post_form("/post/user/login", &form).json()["status"].clone()
        };
        assert_eq!(
            log_in("test12345"),
            "ok",
            "the hash is a new one from here on"
        );
        let report = site.import(&joomla.url(), &[]);
        assert_eq!(numbers(&report, "password")[3], 1, "{report:#}");
        assert_eq!(log_in("test12345"), "ok");
        // The hash of `secret`.
        joomla.run(
            "UPDATE jos_users SET password = '5ebe2294ecd0e0f08eab7690d2a6ee69' WHERE id = 621",
        );
        site.import(&joomla.url(), &[]);
        assert_eq!(
            (log_in("secret"), log_in("test12345")),
            (json!("ok"), json!("ko"))
        );
    }
}
