//! Everything leaves one Loggia as lines, and comes into another.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::fixture::{KEY, PASSWORD, Version};
use crate::site::{Site, joomla, same};

/// Without the notes of the import, which are the old site's own.
fn content(site: &Site) -> String {
    let all = site.content();
    let lines = all.lines().filter(|line| {
        let own = [
            "core_import ",
            "session ",
            "access_log ",
            "quota_node ",
            "api_key_share ",
        ];
        !own.iter().any(|table| line.starts_with(table))
    });
    // How often a key was changed is the site's own too.
    let lines = lines.map(|line| match line.rsplit_once(" | ") {
        Some((facts, _)) if line.starts_with("api_key ") => facts,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_leaves_one_site_comes_into_another_on_either_database() {
    for old in Site::each() {
        let Some(joomla) = joomla(Version::Five) else {
            return;
        };
        old.import(&joomla.url(), &[]);
        let file = old.file("site.ndjson");
        let file = file.to_str().expect("a plain path");
        old.operator(&["export", "ndjson", "--with-secrets", "--output", file])
            .done();
        let mode = fs::metadata(file)
            .expect("the file is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        for new in Site::each() {
            let report = new
                .operator(&["import", "ndjson", file, "--json"])
                .done()
                .json();
            assert!(
                report["tables"].as_array().expect("tables").len() >= 9,
                "{report:#}"
            );
            same(&content(&new), &content(&old));
            new.operator(&["import", "ndjson", file]).done();
            same(&content(&new), &content(&old));
            let server = new.setup.serve();
            let form = [("username", "phpass"), ("password", PASSWORD)];
            let answer = server.api().post_form("/post/user/login", &form).json();
            assert_eq!(answer["userid"].to_string().trim_matches('"'), "620");
            let keyed = server.root().below("/key").with_key(KEY);
            assert_eq!(keyed.get("/get/content/articles/1").json()["status"], "ok");
        }
    }
}

#[test]
fn hashes_stay_unless_they_are_asked_for() {
    let site = Site::each().remove(0);
    let Some(joomla) = joomla(Version::Five) else {
        return;
    };
    site.import(&joomla.url(), &[]);
    let ran = site.operator(&["export", "ndjson"]).done();
    for secret in [
        "$P$9IQR",
        "password",
        "digest",
        "c06db68e819be6ec3d26c6038d8e8d1f",
    ] {
        assert!(!ran.stdout.contains(secret), "{secret}");
    }
    assert!(
        ran.stderr
            .contains("core password stay here without --with-secrets"),
        "{}",
        ran.stderr
    );
    let modules: Vec<Value> = site
        .operator(&["export", "ndjson", "--module", "content"])
        .done()
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON")["module"].clone())
        .collect();
    assert!(!modules.is_empty() && modules.iter().all(|module| module == "content"));
    assert_eq!(
        site.operator(&["export", "ndjson", "--module", "k2"])
            .status,
        1
    );
}

#[test]
fn lines_that_cannot_be_taken_are_told_and_the_others_are_taken() {
    for site in Site::each() {
        let file = site.file("mixed.ndjson");
        let tag = |id: i64, alias: &str| {
            format!(
                "{{\"module\":\"content\",\"kind\":\"tag\",\"record\":{{\"id\":{id},\"title\":\"T\",\"alias\":\"{alias}\",\
                 \"state\":1,\"view_level_id\":1,\"version\":1}}}}\n"
            )
        };
        fs::write(&file, tag(1, "a") + &tag(2, "a") + &tag(3, "c"))
            .expect("the file can be written");
        let ran = site.operator(&[
            "import",
            "ndjson",
            file.to_str().expect("a plain path"),
            "--json",
        ]);
        assert_eq!(ran.status, 1);
        let report = ran.json();
        assert_eq!(
            (
                &report["tables"][0]["taken"],
                &report["tables"][0]["skipped"]
            ),
            (&2.into(), &1.into())
        );
        fs::write(&file, tag(4, "d") + "{\"module\":\"content\"}\n")
            .expect("the file can be written");
        let ran = site.operator(&["import", "ndjson", file.to_str().expect("a plain path")]);
        assert!(
            ran.stderr.contains("line 2 is none of this format"),
            "{}",
            ran.stderr
        );
    }
}
