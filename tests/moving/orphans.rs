//! Rows whose parents are gone, or are themselves: nobody sees more of them than on the old site, and the report names
//! them.

use std::fs;

use loggia_tests::client::Client;
use loggia_tests::png::png;
use serde_json::Value;

use crate::fixture::{ROWS, Version, extension_tables, rows, tables};
use crate::site::{Site, changed_nothing, line, numbers, same};

/// What hangs on nothing (77, 88), on itself, or on what another component keeps; all of it says that it is published
/// and for everybody.
const ORPHANS: &str = r#"
INSERT INTO "jos_categories" VALUES
    (20, 77, 30, 33, 2, 'com_content', 'Lost', 'lost', '', 1, 1, '{}', '', '', '', '*'),
    (21, 20, 31, 32, 3, 'com_content', 'Below', 'below', '', 1, 1, '{}', '', '', '', '*'),
    (22, 23, 34, 35, 2, 'com_content', 'Ring', 'ring', '', 1, 1, '{}', '', '', '', '*'),
    (23, 22, 36, 37, 2, 'com_content', 'Rung', 'rung', '', 1, 1, '{}', '', '', '', '*'),
    (24, 11, 38, 39, 2, 'com_content', 'Strange', 'strange', '', 1, 1, '{}', '', '', '', '*');
INSERT INTO "jos_content" VALUES
    (40, 'In lost', 'in-lost', 'x', '', 1, 20, '2019-05-08 00:00:00', 621, '', NULL, 0, NULL, NULL,
     '{"image_intro":"images/lost.png"}', 1, '', '', 1, 0, '{}', 0, '*'),
    (41, 'In below', 'in-below', 'x', '', 1, 21, '2019-05-08 00:00:00', 621, '', NULL, 0, NULL, NULL, '{}', 1, '', '', 1,
     0, '{}', 1, '*'),
    (42, 'In ring', 'in-ring', 'x', '', 1, 22, '2019-05-08 00:00:00', 621, '', NULL, 0, NULL, NULL, '{}', 1, '', '', 1,
     0, '{}', 0, '*'),
    (43, 'In strange', 'in-strange', 'x', '', 1, 24, '2019-05-08 00:00:00', 621, '', NULL, 0, NULL, NULL, '{}', 1, '', '',
     1, 0, '{}', 0, '*'),
    (44, 'In nothing', 'in-nothing', 'x', '', 1, 88, '2019-05-08 00:00:00', 621, '', NULL, 0, NULL, NULL, '{}', 1, '', '',
     1, 0, '{}', 0, '*');
INSERT INTO "jos_menu" VALUES
    (110, 'mainmenu', 'Astray', 'astray', '', 'astray', 'index.php', 'component', 1, 777, 2, 22, 1, '{}', 7, 8, 0, '*', 0,
     0, '');
INSERT INTO "jos_kunena_categories" VALUES
    (5, 77, 'Lost', 'lost', '', 0, 0, 'joomla.level', 1, 1, 1, 1, 1, 0, 0, 0, 0, '', 0, 'lastpost', 0, 0, 0, 0, 0),
    (6, 5, 'Below', 'below', '', 0, 0, 'joomla.level', 1, 1, 1, 1, 1, 0, 0, 0, 0, '', 0, 'lastpost', 0, 0, 0, 0, 0),
    (7, 0, 'Circle', 'circle', '', 0, 0, 'jomsocial', 1, 1, 1, 1, 1, 0, 0, 0, 0, '', 0, 'lastpost', 0, 0, 0, 0, 0),
    (8, 0, 'Nobody', 'nobody', '', 0, 0, 'joomla.level', 0, 1, 1, 1, 1, 0, 0, 0, 0, '', 0, 'lastpost', 0, 0, 0, 0, 0);
INSERT INTO "jos_kunena_topics" VALUES
    (20, 5, 'In lost', 0, 0, 0, 0, 1, 0, 1, 0, 201, 1400000100, 621, 201, 1400000100, 621),
    (21, 6, 'In below', 0, 0, 0, 0, 1, 0, 0, 0, 202, 1400000100, 621, 202, 1400000100, 621),
    (22, 7, 'In circle', 0, 0, 0, 0, 1, 0, 0, 0, 203, 1400000100, 621, 203, 1400000100, 621),
    (23, 8, 'In nobody', 0, 0, 0, 0, 1, 0, 0, 0, 204, 1400000100, 621, 204, 1400000100, 621),
    (24, 88, 'In nothing', 0, 0, 0, 0, 1, 0, 0, 0, 205, 1400000100, 621, 205, 1400000100, 621);
INSERT INTO "jos_kunena_messages" VALUES
    (201, 0, 20, 5, 'md5', 621, '', 'In lost', 1400000100, '', 0, 0, 0, 0, 0, NULL, NULL, NULL),
    (202, 0, 21, 6, 'md5', 621, '', 'In below', 1400000100, '', 0, 0, 0, 0, 0, NULL, NULL, NULL),
    (203, 0, 22, 7, 'md5', 621, '', 'In circle', 1400000100, '', 0, 0, 0, 0, 0, NULL, NULL, NULL),
    (204, 0, 23, 8, 'md5', 621, '', 'In nobody', 1400000100, '', 0, 0, 0, 0, 0, NULL, NULL, NULL),
    (205, 0, 24, 88, 'md5', 621, '', 'In nothing', 1400000100, '', 0, 0, 0, 0, 0, NULL, NULL, NULL),
    (206, 0, 99, 2, 'md5', 621, '', 'No topic', 1400000100, '', 0, 0, 0, 0, 0, NULL, NULL, NULL),
    (207, 999, 10, 2, 'md5', 621, '', 'No answered one', 1400000500, '', 0, 0, 1, 0, 0, NULL, NULL, NULL);
INSERT INTO "jos_kunena_messages_text" VALUES (201, 'x'), (202, 'x'), (203, 'x'), (204, 'x'), (205, 'x'), (206, 'x'),
    (207, 'x');
INSERT INTO "jos_zoo_category" VALUES
    (10, 1, 'Lost', 'lost', '', 77, 1, 1, '{}');
INSERT INTO "jos_zoo_item" VALUES
    (30, 1, 'product', 'In lost', 'in-lost', '2018-01-02 10:00:00', NULL, 0, NULL, NULL, 0, 0, 1, 1, 620, '', 1, '{}', '{}'),
    (31, 1, 'product', 'In nothing', 'in-nothing', '2018-01-02 10:00:00', NULL, 0, NULL, NULL, 0, 0, 1, 1, 620, '', 1,
     '{}', '{}'),
    (32, 1, 'product', 'In one of two', 'in-one-of-two', '2018-01-02 10:00:00', NULL, 0, NULL, NULL, 0, 0, 1, 1, 620, '',
     1, '{}', '{}');
INSERT INTO "jos_zoo_category_item" VALUES (10, 30), (88, 31), (8, 32), (88, 32);
"#;

fn dump(site: &Site) -> String {
    let version = Version::Five;
    let basic = [tables(version, false), rows(version, false)].concat();
    let all = basic.replace("\\\\", "\\") + &[&extension_tables(false), ROWS, ORPHANS].concat();
    let dump = site.file("joomla.sql");
    fs::write(&dump, all).expect("the dump can be written");
    dump.to_str().expect("a plain path").to_owned()
}

#[test]
fn what_hangs_on_nothing_is_shown_to_nobody_and_told() {
    for site in Site::each() {
        let dump = dump(&site);
        let folder = site.file("joomla");
        fs::create_dir_all(folder.join("images")).expect("a folder can be made");
        fs::write(folder.join("images/lost.png"), png()).expect("a file can be written");
        let files = ["--files", folder.to_str().expect("a plain path")];
        told(&site.import(&dump, &files));
        let media = site.operator(&["media", "list", "--json"]).done().json();
        assert_eq!(media["items"][0]["name"], "lost.png", "{media}");
        assert_eq!(media["items"][0]["access"], "0", "of what nobody sees");
        let server = site.setup.serve();
        nobody_sees(&server.api());
        drop(server);
        let before = site.content();
        let again = site.import(&dump, &files);
        assert!(changed_nothing(&again), "{again:#}");
        same(&site.content(), &before);
    }
}

fn nobody_sees(api: &Client) {
    for (path, code) in [
        ("/get/content/categories/20", "CNT_CNF"),
        ("/get/content/categories/21", "CNT_CNF"),
        ("/get/content/categories/22", "CNT_CNF"),
        ("/get/content/categories/24", "CNT_CNF"),
        ("/get/content/articles/40", "CNT_ANF"),
        ("/get/content/articles/41", "CNT_ANF"),
        ("/get/content/articles/42", "CNT_ANF"),
        ("/get/content/articles/43", "CNT_ANF"),
        ("/get/content/articles/44", "CNT_ANF"),
        ("/get/kunena/categories/5", "KUN_CNF"),
        ("/get/kunena/categories/6", "KUN_CNF"),
        ("/get/kunena/categories/7", "KUN_CNF"),
        ("/get/kunena/categories/8", "KUN_CNF"),
        ("/get/kunena/topics/20", "KUN_TNF"),
        ("/get/kunena/topics/21", "KUN_TNF"),
        ("/get/kunena/topics/22", "KUN_TNF"),
        ("/get/kunena/topics/23", "KUN_TNF"),
        ("/get/kunena/topics/24", "KUN_TNF"),
        ("/get/kunena/posts/206", "KUN_PNF"),
        ("/get/kunena/posts/207", "KUN_PNF"),
        ("/get/zoo/categories/10?app=1", "ZOO_CNF"),
        ("/get/zoo/items/30?app=1", "ZOO_INF"),
        ("/get/zoo/items/31?app=1", "ZOO_INF"),
    ] {
        let answer = api.get(path);
        assert_eq!(answer.error_code(), code, "{path}: {}", answer.text());
    }
    for path in [
        "/get/content/categories?recursive=1",
        "/get/content/articles",
        "/get/kunena/categories?levels=0",
        "/get/menu/items?menutype=mainmenu",
        "/get/zoo/categories?app=1",
        "/get/zoo/items?app=1&category=0",
    ] {
        let answer = api.get(path);
        let text = answer.text().to_lowercase();
        assert_eq!(answer.json()["status"], "ok", "{path}: {text}");
        for word in [
            "lost", "in below", "\"ring\"", "in ring", "strange", "circle", "nobody", "nothing",
            "astray",
        ] {
            assert!(!text.contains(word), "{path} shows {word}: {text}");
        }
    }
    let item = api.get("/get/zoo/items/32?app=1").json();
    assert_eq!(item["name"], "In one of two", "{item}");
}

fn told(report: &Value) {
    let of = |module: &str, kind: &str| {
        let tables = report["tables"].as_array().expect("tables").iter();
        let mut lines = tables.filter(|line| line["module"] == module && line["kind"] == kind);
        let line = lines.next().unwrap_or_else(|| panic!("no {module} {kind}"));
        line["reasons"].to_string()
    };
    let lost = "what it belongs to, 77, is not there: it stands at the top and is not published";
    for (module, kind, why) in [
        ("content", "category", lost),
        ("content", "category", "it lies below itself"),
        (
            "content",
            "category",
            "what it belongs to, 11, is not there",
        ),
        ("menu", "item", "what it belongs to, 777, is not there"),
        ("forum", "category", lost),
        (
            "forum",
            "category",
            "nothing here knows the access type jomsocial",
        ),
        ("forum", "topic", "its category is not there"),
        ("forum", "message", "its topic is not there"),
        ("catalog", "category", lost),
        (
            "catalog",
            "item",
            "none of its categories is there: it is not published",
        ),
    ] {
        let reasons = of(module, kind);
        assert!(reasons.contains(why), "{module} {kind}: {why}: {reasons}");
    }
    let skipped = |kind: &str| numbers(report, kind)[5];
    assert_eq!(skipped("article"), 1, "{:#}", line(report, "article"));
    // Of each one says only where it was moved.
    assert_eq!((skipped("topic"), skipped("message")), (2, 3));
}
