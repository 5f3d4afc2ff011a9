//! Menus, Kunena, Community Builder and ZOO are moved in, and the API answers what their rows say.

use std::fs;

use loggia_tests::server::Server;
use serde_json::{Value, json};

use crate::fixture::{KEY, ROWS, TYPE, Version, extension_tables};
use crate::site::{Site, changed_nothing, joomla, line, numbers, same};

/// A text of an answer, which has numbers as texts.
fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The members of these names, as texts.
fn texts(value: &Value, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| text(&value[*name])).collect()
}

#[test]
fn menus_forum_profiles_and_catalog_are_moved_in_and_answer_what_their_rows_say() {
    for site in Site::each() {
        let Some(joomla) = joomla(Version::Three) else {
            return;
        };
        joomla.run(&extension_tables(true));
        joomla.run(ROWS);
        let folder = site.file("joomla");
        let types = folder.join("media/zoo/applications/product/types");
        fs::create_dir_all(&types).expect("a folder can be made");
        fs::write(types.join("product.config"), TYPE).expect("a file can be written");
        let folder = folder.to_str().expect("a plain path");
        let report = site.import(&joomla.url(), &["--files", folder]);
        told(&report);
        let server = site.setup.serve();
        menus(&server);
        forum(&server);
        profiles(&server);
        catalog(&server);
        drop(server);
        let before = site.content();
        let again = site.import(&joomla.url(), &["--files", folder]);
        assert!(changed_nothing(&again), "{again:#}");
        same(&site.content(), &before);
        goes_on(&site, &joomla, folder);
    }
}

fn told(report: &Value) {
    let of = |module: &str, kind: &str| {
        let tables = report["tables"].as_array().expect("tables");
        let found = tables
            .iter()
            .find(|line| line["module"] == module && line["kind"] == kind);
        let line = found.unwrap_or_else(|| panic!("no {module} {kind} in {report:#}"));
        (line["taken"].as_u64(), line["skipped"].as_u64())
    };
    for (module, kind, taken, skipped) in [
        ("menu", "menu", 2, 0),
        ("menu", "item", 3, 0),
        ("forum", "category", 4, 0),
        ("forum", "moderator", 2, 0),
        ("forum", "topic", 2, 1),
        ("forum", "message", 3, 1),
        ("forum", "thanks", 3, 0),
        ("forum", "attachment", 1, 0),
        ("forum", "subscription", 3, 0),
        ("profiles", "field", 4, 1),
        ("profiles", "profile", 1, 0),
        ("catalog", "application", 1, 0),
        ("catalog", "type", 1, 0),
        ("catalog", "category", 3, 0),
        ("catalog", "item", 2, 0),
    ] {
        assert_eq!(
            of(module, kind),
            (Some(taken), Some(skipped)),
            "{module} {kind}: {report:#}"
        );
    }
    assert_eq!(numbers(report, "thanks"), [3, 0, 0, 0, 0, 0]);
    assert!(line(report, "profile")["reasons"].is_null());
}

fn menus(server: &Server) {
    let answer = server.api().get("/get/menu/menus?orderby=id").json();
    let found: Vec<_> = answer["menus"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|menu| texts(menu, &["id", "menutype", "title", "count_published"]))
        .collect();
    assert_eq!(
        found,
        [
            ["1", "mainmenu", "Main Menu", "1"],
            ["2", "api", "API", "1"]
        ]
    );
    let answer = server.api().get("/get/menu/items?menutype=mainmenu").json();
    let names = ["id", "title", "alias", "link", "home", "parent_id"];
    let home = texts(&answer["items"][0], &names);
    assert_eq!(
        home[..4],
        [
            "103",
            "Home",
            "home",
            "index.php?option=com_content&view=featured"
        ]
    );
}

fn forum(server: &Server) {
    let api = server.api();
    let tree = api.get("/get/kunena/categories?levels=0").json();
    let found: Vec<_> = tree["categories"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            texts(
                one,
                &["id", "name", "parent_id", "level", "numTopics", "numPosts"],
            )
        })
        .collect();
    let wanted = [
        ["1", "Main", "0", "0", "0", "0"],
        ["3", "Talk", "1", "1", "0", "0"],
        ["2", "Inside", "3", "2", "2", "3"],
    ];
    assert_eq!(found, wanted, "the team's is for its group: {tree}");
    let topics = api.get("/get/kunena/topics?catid=2&limit=10").json();
    let found: Vec<_> = topics["topics"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            texts(
                one,
                &[
                    "id",
                    "subject",
                    "posts",
                    "hits",
                    "attachments",
                    "locked",
                    "last_post_id",
                ],
            )
        })
        .collect();
    let wanted = [
        ["11", "Sticky", "1", "0", "0", "1", "103"],
        ["10", "Hello", "2", "7", "1", "0", "102"],
    ];
    assert_eq!(found, wanted);
    let topic = api.get("/get/kunena/topics/10").json();
    let messages = topic["messages"].as_array().expect("a list");
    let found: Vec<_> = messages
        .iter()
        .map(|one| {
            texts(
                one,
                &[
                    "id", "parent", "thread", "catid", "name", "userid", "time", "message",
                ],
            )
        })
        .collect();
    let first = ["101", "0", "10", "2", "md5", "621", "1400000100"];
    assert_eq!(found[0][..7], first, "{topic}");
    assert!(found[0][7].starts_with("It's"), "{topic}");
    assert_eq!(found[1][..6], ["102", "101", "10", "2", "phpass", "620"]);
    let words = topic.to_string();
    assert!(words.contains("\"Salted\""), "thanks: {words}");
    assert!(
        !words.contains("192.0.2.7") && !words.contains("grace@example.org"),
        "{words}"
    );
}

fn profiles(server: &Server) {
    let keyed = server.root().below("/key").with_key(KEY);
    let ada = keyed.get("/get/comprofiler/profile/620").json();
    assert_eq!(
        texts(&ada, &["cb_city", "cb_born"]),
        ["London", "1815-12-10"],
        "{ada}"
    );
    assert_eq!(ada["cb_likes"], json!(["Maths", "Poems"]), "{ada}");
    assert_eq!(ada["avatar"], "", "nobody has approved it: {ada}");
}

fn catalog(server: &Server) {
    let api = server.api();
    let tree = api.get("/get/zoo/categories?app=1").json();
    let found: Vec<_> = tree["categories"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| texts(one, &["id", "name", "alias", "description", "parent"]))
        .collect();
    let wanted = [
        ["8", "Lamps", "lamps", "All lamps", "0"],
        ["7", "Small lamps", "small", "", "8"],
    ];
    assert_eq!(found, wanted);
    let lamps = api.get("/get/zoo/categories/8?app=1").json();
    let names = ["content_subtitle", "metadata_title", "metadata_robots"];
    assert_eq!(texts(&lamps, &names), ["Bright", "Lamps!", "index"]);
    let lamp = api.get("/get/zoo/items/20?app=1").json();
    let names = [
        "name",
        "alias",
        "type",
        "priority",
        "created",
        "modified",
        "created_by",
        "primary_category",
        "enable_comments",
    ];
    let wanted = [
        "A lamp",
        "a-lamp",
        "product",
        "3",
        "2018-01-01 10:00:00",
        "2018-02-01 10:00:00",
        "621",
        "7",
        "1",
    ];
    assert_eq!(texts(&lamp, &names), wanted);
    let words = lamp["elements"].to_string();
    for part in [
        "<p>Bright</p>",
        "images/l.png",
        "\"red\"",
        "\"blue\"",
        "\"21\"",
        "aaaa-4",
    ] {
        assert!(words.contains(part), "{part} in {words}");
    }
    let list = api.get("/get/zoo/items?app=1&category=8").json();
    assert_eq!(list["items"][0]["name"], "A bulb", "{list}");
}

/// The old forum lives on: what is written there comes over, what goes there goes here.
fn goes_on(site: &Site, joomla: &crate::database::Database, folder: &str) {
    joomla.run(
        r#"INSERT INTO "jos_kunena_messages" VALUES (105, 101, 10, 2, 'md5', 621, '', 'Re: Hello', 1400000400, '', 0, 0, 0, 0, 0, NULL, NULL, NULL);
INSERT INTO "jos_kunena_messages_text" VALUES (105, 'Once more');
UPDATE "jos_kunena_topics" SET "posts" = 3, "last_post_id" = 105, "last_post_time" = 1400000400 WHERE "id" = 10;
DELETE FROM "jos_kunena_thankyou" WHERE "postid" = 102;
DELETE FROM "jos_zoo_item" WHERE "id" = 21;
UPDATE "jos_comprofiler" SET "cb_city" = 'Paris' WHERE "user_id" = 620;
"#,
    );
    let report = site.import(&joomla.url(), &["--files", folder]);
    assert_eq!(
        numbers(&report, "message"),
        [1, 0, 3, 0, 0, 1],
        "{report:#}"
    );
    assert_eq!(numbers(&report, "thanks"), [0, 0, 2, 0, 1, 0], "{report:#}");
    assert_eq!(
        numbers(&report, "profile"),
        [0, 1, 0, 0, 0, 0],
        "{report:#}"
    );
    let server = site.setup.serve();
    let topics = server.api().get("/get/kunena/topics/10").json();
    assert_eq!(texts(&topics, &["posts", "last_post_id"]), ["3", "105"]);
    let gone = server.api().get("/get/zoo/items/21?app=1").json();
    assert_eq!(gone["error_code"], "ZOO_INF");
}

#[test]
fn types_of_items_are_made_of_what_they_hold_where_their_files_are_not_at_hand() {
    let site = Site::each().remove(0);
    let Some(joomla) = joomla(Version::Three) else {
        return;
    };
    joomla.run(&extension_tables(true));
    joomla.run(ROWS);
    let dump = site.file("joomla.sql");
    fs::write(&dump, joomla.dump()).expect("the dump can be written");
    let report = site.import(dump.to_str().expect("a plain path"), &[]);
    let why = line(&report, "type")["reasons"][0]["why"].to_string();
    assert!(why.contains("--files"), "{why}");
    let server = site.setup.serve();
    let lamp = server.api().get("/get/zoo/items/20?app=1").json()["elements"].to_string();
    for part in [
        "<p>Bright</p>",
        "images/l.png",
        "\"red\"",
        "\"select\"",
        "\"image\"",
        "\"relation\"",
    ] {
        assert!(lamp.contains(part), "{part} in {lamp}");
    }
}
