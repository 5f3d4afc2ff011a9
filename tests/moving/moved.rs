//! A Joomla site is moved in, and the API answers what its rows say.

use loggia_tests::server::Server;
use serde_json::{Value, json};

use crate::database::Database;
use crate::fixture::{ACCOUNTS, KEY, PASSWORD, Version};
use crate::site::{Site, changed_nothing, joomla, line, numbers, same};

#[test]
fn a_site_of_each_version_is_moved_in_and_answers_what_its_rows_say() {
    for version in Version::ALL {
        for site in Site::each() {
            let Some(joomla) = joomla(version) else {
                return;
            };
            let report = site.import(&joomla.url(), &[]);
            told(&report);
            let server = site.setup.serve();
            accounts(&server);
            articles(&server, &joomla, version);
            categories(&server);
            keys(&server);
            endpoints(&site);
        }
    }
}

fn told(report: &Value) {
    assert_eq!(
        numbers(report, "category"),
        [4, 0, 0, 0, 0, 0],
        "{report:#}"
    );
    assert_eq!(numbers(report, "article"), [5, 0, 0, 0, 0, 0], "{report:#}");
    assert_eq!(numbers(report, "tag"), [2, 0, 0, 0, 0, 0]);
    assert_eq!(numbers(report, "account"), [4, 0, 0, 0, 0, 1]);
    let why = |kind: &str, place: usize| line(report, kind)["reasons"][place]["why"].clone();
    assert_eq!(
        why("account", 0),
        "another account has its user name or address"
    );
    assert_eq!(line(report, "account")["reasons"][0]["ids"], json!([624]));
    assert_eq!(
        why("group", 0),
        "another group has the same title, so the id was added"
    );
    let password = line(report, "password");
    let unknown = &password["reasons"][0];
    assert_eq!(
        unknown["why"],
        "a hash of an unknown kind: the account needs a new password"
    );
    assert_eq!(unknown["ids"], json!([623]));
    assert_eq!(numbers(report, "api_key"), [2, 0, 0, 0, 0, 0]);
    assert_eq!(
        why("api_key_secret", 0),
        "short or simple enough to be guessed: rotate it soon"
    );
    let notes = report["notes"].to_string();
    assert!(
        notes.contains("jbackend_logs: 2 rows stay behind"),
        "{notes}"
    );
}

/// Everybody logs in with the old password, whatever its hash, and has his id, groups and levels.
fn accounts(server: &Server) {
    for (id, username) in ACCOUNTS {
        let form = [("username", username), ("password", PASSWORD)];
        let answer = server.api().post_form("/post/user/login", &form).json();
        assert_eq!(answer["status"], "ok", "{username}: {answer}");
        assert_eq!(
            answer["userid"].to_string().trim_matches('"'),
            id.to_string()
        );
    }
    let blocked = [("username", "blocked"), ("password", "plain")];
    let answer = server.api().post_form("/post/user/login", &blocked).json();
    assert_eq!(answer["error_code"], "USR_LIF");
}

fn articles(server: &Server, joomla: &Database, version: Version) {
    let rows = joomla.texts(
        "SELECT JSON_OBJECT('id', CAST(c.id AS CHAR), 'title', c.title, 'alias', c.alias, \
         'content', CONCAT(c.introtext, c.`fulltext`), 'author', \
         IF(c.created_by_alias = '', u.name, c.created_by_alias), 'category_title', k.title, \
         'language', c.language, 'metadesc', c.metadesc, 'metakey', c.metakey) FROM jos_content c \
         JOIN jos_users u ON u.id = c.created_by JOIN jos_categories k ON k.id = c.catid WHERE c.id IN (1, 2)",
    );
    for row in rows {
        let row: Value = serde_json::from_str(&row).expect("a row");
        let id = row["id"].as_str().expect("an id");
        let answer = server
            .api()
            .get(&format!("/get/content/articles/{id}"))
            .json();
        for (member, value) in row.as_object().expect("an object") {
            assert_eq!(&answer[member], value, "{member} of {answer}");
        }
    }
    let first = server.api().get("/get/content/articles/1").json();
    assert_eq!(
        first["tags"].to_string().matches("\"id\"").count(),
        1,
        "{first}"
    );
    assert_eq!(first["published_date"], "2019-05-06 07:08:09");
    assert_eq!(first["images"]["image_intro_alt"], "A");
    assert!(
        first["images"]["image_intro"]
            .as_str()
            .expect("a URL")
            .ends_with("/images/a.png")
    );
    assert_eq!(first["metadata"]["rights"], "(c)");
    // Articles in the trash, for others, or over are not shown, nor counted.
    let list = server
        .api()
        .get("/get/content/articles?orderby=id&limit=10")
        .json();
    let ids: Vec<&str> = list["articles"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["id"].as_str())
        .collect();
    assert_eq!((ids, list["total"].clone()), (vec!["1", "2"], json!(2)));
    let featured = server
        .api()
        .get("/get/content/articles?featured=only")
        .json();
    assert_eq!(featured["total"], 1, "{version:?} {featured}");
    let reader = [("username", "Salted"), ("password", PASSWORD)];
    let session = server.api().post_form("/post/user/login", &reader).json()["session_id"].clone();
    let session = session.as_str().expect("a session");
    let path = format!("/get/content/articles/3?session_id={session}");
    assert_eq!(server.api().get(&path).json()["title"], "For readers");
    assert_eq!(
        server.api().get("/get/content/articles/3").json()["error_code"],
        "CNT_ANA"
    );
}

fn categories(server: &Server) {
    let tree = server
        .api()
        .get("/get/content/categories?recursive=true&countitems=true")
        .json();
    let rows: Vec<(&str, &str)> = tree["categories"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            (
                one["title"].as_str().expect("a title"),
                one["parent_id"].as_str().expect("a parent"),
            )
        })
        .collect();
    assert_eq!(rows.len(), 3, "{tree}");
    assert!(rows.contains(&("Events", "9")), "{tree}");
    let events = server.api().get("/get/content/categories/8").json();
    assert_eq!(events["metadata"]["robots"], "noindex, follow");
    assert_eq!(events["metadata"]["page_title"], "Events!");
    assert_eq!(events["metadesc"], "All events");
    assert_eq!(events["level"].to_string().trim_matches('"'), "2");
}

/// The old key works, three times a day.
fn keys(server: &Server) {
    let keyed = server.root().below("/key").with_key(&KEY.to_lowercase());
    for _ in 0..3 {
        assert_eq!(keyed.get("/get/content/articles/1").json()["status"], "ok");
    }
    assert_eq!(
        keyed.get("/get/content/articles/1").json()["error_code"],
        "REQ_AKL"
    );
    let expired = server.root().below("/key").with_key("short");
    assert_eq!(
        expired.get("/get/content/articles/1").json()["error_code"],
        "REQ_AKE"
    );
}

fn endpoints(site: &Site) {
    let proposed = std::fs::read_to_string(site.file("endpoints.joomla.toml")).expect("a proposal");
    let part = "[[endpoint]]\nname = \"api\"\npath = \"/services/api\"\naccess = \"user\"\n\
                modules = [\"user\", \"content\"]\ntrace = true\n";
    assert!(proposed.contains(part), "{proposed}");
    assert!(proposed.contains("# name = \"old\""), "{proposed}");
    std::fs::write(site.file("proposed.toml"), &proposed).expect("it can be written");
    let checked = site.operator(&["check"]);
    assert_eq!(checked.status, 0, "{}", checked.stderr);
}

#[test]
fn a_second_run_of_an_unchanged_site_changes_nothing() {
    for version in Version::ALL {
        for site in Site::each() {
            let Some(joomla) = joomla(version) else {
                return;
            };
            site.import(&joomla.url(), &[]);
            let before = site.content();
            let report = site.import(&joomla.url(), &[]);
            assert!(changed_nothing(&report), "{report:#}");
            assert_eq!(numbers(&report, "article"), [0, 0, 5, 0, 0, 0]);
            same(&site.content(), &before);
        }
    }
}

#[test]
fn a_dry_run_tells_the_same_and_writes_nothing_on_either_site() {
    for site in Site::each() {
        let Some(joomla) = joomla(Version::Five) else {
            return;
        };
        site.operator(&["migrate"]).done();
        let rows = "SELECT CONCAT_WS('|', id, title, modified, hits) FROM jos_content ORDER BY id";
        let (before, there) = (site.content(), joomla.texts(rows));
        let report = site.import(&joomla.url(), &["--dry-run"]);
        assert_eq!(report["dry_run"], true);
        assert_eq!(numbers(&report, "article"), [5, 0, 0, 0, 0, 0]);
        assert!(!site.file("endpoints.joomla.toml").exists());
        same(&site.content(), &before);
        site.import(&joomla.url(), &[]);
        assert_eq!(joomla.texts(rows), there);
    }
}
