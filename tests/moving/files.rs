//! The files that a Joomla site's rows refer to are moved in with it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use loggia_tests::client::Client;
use loggia_tests::png::png;
use loggia_tests::server::Server;
use serde_json::{Value, json};

use crate::fixture::{KEY, PASSWORD, ROWS, TYPE, Version, extension_tables, rows, tables};
use crate::site::{Site, changed_nothing, line, numbers, same};

/// Articles with images: one for members, a draft, and some whose images cannot be had.
const ARTICLES: &str = r#"
INSERT INTO "jos_content" VALUES
    (30, 'For members', 'for-members', 'x', '', 1, 9, '2019-05-08 00:00:00', 621, '', NULL, 0, NULL, NULL,
     '{"image_intro":"images/only%20members.png#joomlaImage://local-images/only members.png?width=100&height=80","image_fulltext":"/images/a.png"}',
     6, '', '', 2, 0, '{}', 0, '*'),
    (31, 'Draft', 'draft', 'x', '', 0, 9, '2019-05-08 00:00:00', 621, '', NULL, 0, NULL, NULL,
     '{"image_intro":"images/draft.png"}', 7, '', '', 1, 0, '{}', 0, '*'),
    (32, 'Outside', 'outside', 'x', '', 1, 9, '2019-05-08 00:00:00', 621, '', NULL, 0, NULL, NULL,
     '{"image_intro":"images/../../outside.png","image_fulltext":"images/link.png"}', 8, '', '', 1, 0, '{}', 0, '*'),
    (33, 'Lost', 'lost', 'x', '', 1, 9, '2019-05-08 00:00:00', 621, '', NULL, 0, NULL, NULL,
     '{"image_intro":"images/none.png","image_fulltext":"images/page.png"}', 9, '', '', 1, 0, '{}', 0, '*'),
    (34, 'Elsewhere', 'elsewhere', 'x', '', 1, 9, '2019-05-08 00:00:00', 621, '', NULL, 0, NULL, NULL,
     '{"image_intro":"configuration.php","image_fulltext":"https://b.org/x.png"}', 10, '', '', 1, 0, '{}', 0, '*');
INSERT INTO "jos_kunena_attachments" VALUES
    (6, 102, 620, 'abcdef', 1234, 'media/kunena/attachments/620', 'image/png', '50% off? #1 Grüße%20.png',
     'Grüße? #1 100%.png', 'Odd');
INSERT INTO "jos_comprofiler" VALUES (623, 623, 'Blocked', 'Rome', NULL, NULL, 'blocked.png', 1);
"#;
/// The images of people: one with an odd name, one that nobody has approved, and one that is not there.
const PEOPLE: [(&str, &str); 3] = [
    ("'a.png', 0)", "'620 ä#1?.png', 1)"),
    (
        "(621, 621, 'Grace', '', NULL, NULL, NULL, 1)",
        "(621, 621, 'Grace', 'Oslo', NULL, NULL, 'b.png', 0)",
    ),
    (
        "(622, 622, NULL, NULL, NULL, '', NULL, 1)",
        "(622, 622, NULL, 'Bonn', NULL, '', 'gone.png', 1)",
    ),
];

/// A dump of the site and its folder, in which some files are not what they should be.
fn joomla(site: &Site) -> (String, String) {
    let version = Version::Five;
    let basic = [tables(version, false), rows(version, false)].concat();
    let mut extensions = [&extension_tables(false), ROWS, ARTICLES].concat();
    for (before, after) in PEOPLE {
        assert!(extensions.contains(before), "{before}");
        extensions = extensions.replace(before, after);
    }
    let dump = site.file("joomla.sql");
    fs::write(&dump, basic.replace("\\\\", "\\") + &extensions).expect("the dump can be written");
    let folder = site.file("joomla");
    let image = png();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        let parent = path.parent().expect("a folder");
        fs::create_dir_all(parent).expect("a folder can be made");
        fs::write(path, bytes).expect("a file can be written");
    };
    for name in [
        "images/a.png",
        "images/only members.png",
        "images/draft.png",
        "images/l.png",
        "images/nobody-refers-to-it.png",
        "media/kunena/attachments/621/a1.png",
        "media/kunena/attachments/620/50% off? #1 Grüße%20.png",
        "images/comprofiler/620 ä#1?.png",
        "images/comprofiler/b.png",
        "images/comprofiler/blocked.png",
    ] {
        write(name, &image);
    }
    write("images/page.png", b"<script>alert(1)</script>");
    write("configuration.php", b"a secret");
    let types = "media/zoo/applications/product/types/product.config";
    write(types, TYPE.as_bytes());
    fs::write(site.file("outside.png"), &image).expect("a file can be written");
    symlink("../../outside.png", folder.join("images/link.png")).expect("a link can be made");
    let text = |path: &Path| path.to_str().expect("a plain path").to_owned();
    (text(&dump), text(&folder))
}

fn logged_in(server: &Server, name: &str) -> String {
    let form = [("username", name), ("password", PASSWORD)];
    let answer = server.api().post_form("/post/user/login", &form).json();
    let session = answer["session_id"].as_str();
    session.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// The path of a file that an answer shows by the address of this endpoint.
fn path_of(client: &Client, shown: &Value) -> String {
    let shown = shown.as_str().expect("an address");
    let path = shown.strip_prefix(client.address("").as_str());
    let path = path.filter(|path| path.starts_with("/get/media/files/"));
    path.unwrap_or_else(|| panic!("{shown} is no file's"))
        .to_owned()
}

#[test]
fn files_that_rows_refer_to_are_moved_in_once_for_those_who_see_the_rows() {
    for site in Site::each() {
        let (dump, folder) = joomla(&site);
        let files = ["--files", folder.as_str()];
        let report = site.import(&dump, &files);
        told(&report);
        let server = site.setup.serve();
        articles(&server);
        extensions(&server);
        people(&server);
        drop(server);
        let of_blocked = site.operator(&["media", "list", "--user", "623", "--json"]);
        let of_blocked = of_blocked.done().json()["items"][0].clone();
        assert_eq!(of_blocked["name"], "blocked.png", "{of_blocked}");
        assert_eq!(of_blocked["access"], "0", "nobody sees him: {of_blocked}");
        let before = site.content();
        let again = site.import(&dump, &files);
        assert!(changed_nothing(&again), "{again:#}");
        same(&site.content(), &before);
        let without = site.import(&dump, &[]);
        for (kind, unchanged) in [("article", 10), ("attachment", 2), ("item", 2)] {
            let wanted = [0, 0, unchanged, 0, 0, 0];
            assert_eq!(numbers(&without, kind), wanted, "{kind}: {without:#}");
        }
    }
}

fn told(report: &Value) {
    assert_eq!(numbers(report, "file"), [8, 0, 0, 0, 0, 4], "{report:#}");
    let reasons = |kind: &str| line(report, kind)["reasons"].to_string();
    let files = reasons("file");
    for why in [
        "a path leaves the folder",
        "a file is not in the folder",
        "it is of no type that is taken here",
    ] {
        assert!(files.contains(why), "{why}: {files}");
    }
    assert_eq!(numbers(report, "article"), [10, 0, 0, 0, 0, 0]);
    let articles = reasons("article");
    for why in [
        "image_intro keeps its address: a path leaves the folder",
        "image_fulltext keeps its address: a path leaves the folder",
        "image_intro keeps its address: a file is not in the folder",
        "image_fulltext keeps its address: it is of no type that is taken here",
        "image_intro keeps its address: a file is neither below images nor below media",
    ] {
        assert!(articles.contains(why), "{why}: {articles}");
    }
    assert_eq!(line(report, "attachment")["reasons"], Value::Null);
    assert_eq!(numbers(report, "profile"), [4, 0, 0, 0, 0, 0]);
    let why = "avatar is left out: a file is not in the folder";
    assert!(reasons("profile").contains(why), "{report:#}");
}

fn people(server: &Server) {
    let keyed = server.root().below("/key").with_key(KEY);
    let avatar = |id: i64| {
        let path = format!("/get/comprofiler/profile/{id}");
        keyed.get(&path).json()["avatar"].clone()
    };
    let ada = path_of(&keyed, &avatar(620));
    let sent = server.api().get(&ada);
    assert_eq!(sent.body, png());
    let name = sent.header("content-disposition").unwrap_or_default();
    assert!(
        name.ends_with("filename*=UTF-8''620%2D%C3%A4%2D1.png"),
        "{name}"
    );
    assert_eq!(avatar(621), "", "nobody has approved it");
    assert_eq!(avatar(622), "", "it is not there");
    let api = server.api();
    let owner = logged_in(server, "md5");
    let list = api.get(&format!("/get/media/items?session_id={owner}"));
    assert!(!list.text().contains("b.png"), "{}", list.text());
}

fn articles(server: &Server) {
    let api = server.api();
    let images = |id: i64, session: &str| {
        let path = format!("/get/content/articles/{id}?session_id={session}");
        api.get(&path).json()["images"].clone()
    };
    let (owner, reader) = (logged_in(server, "md5"), logged_in(server, "Salted"));
    let open = path_of(&api, &images(1, "")["image_intro"]);
    assert_eq!(api.get(&open).body, png());
    assert!(
        api.get(&format!("{open}?width=50"))
            .body
            .starts_with(b"\xff\xd8\xff")
    );
    let of_members = images(30, &reader);
    assert_eq!(
        path_of(&api, &of_members["image_fulltext"]),
        open,
        "each once"
    );
    let closed = path_of(&api, &of_members["image_intro"]);
    assert_ne!(closed, open);
    assert_eq!(api.get(&closed).error_code(), "MED_FNF");
    let as_reader = format!("{closed}?session_id={reader}");
    assert_eq!(api.get(&as_reader).body, png());
    let name = api.get(&as_reader);
    let name = name.header("content-disposition").unwrap_or_default();
    assert!(name.contains("only-members.png"), "{name}");
    let mine = format!("/get/media/items?session_id={owner}");
    let mine = api.get(&mine).json();
    let draft = mine["items"].as_array().expect("a list").iter();
    let draft = draft.filter(|file| file["name"] == "draft.png");
    let draft: Vec<String> = draft.map(|file| path_of(&api, &file["url"])).collect();
    assert_eq!(draft.len(), 1, "{mine}");
    let with = |session: &str| api.get(&format!("{}?session_id={session}", draft[0]));
    assert_eq!(with(&owner).body, png());
    for other in ["", &reader] {
        assert_eq!(with(other).error_code(), "MED_FNF", "a draft's file");
    }
    for (id, member, end) in [
        (32, "image_fulltext", "/images/link.png"),
        (33, "image_intro", "/images/none.png"),
        (33, "image_fulltext", "/images/page.png"),
        (34, "image_intro", "/configuration.php"),
        (34, "image_fulltext", "https://b.org/x.png"),
    ] {
        let shown = images(id, "")[member].clone();
        let shown = shown.as_str().expect("an address");
        assert!(shown.ends_with(end), "{id} {member}: {shown}");
    }
}

fn extensions(server: &Server) {
    let api = server.api();
    let post = api.get("/get/kunena/posts/101").json();
    let attached = &post["post"]["attachments"][0];
    let path = path_of(&api, &attached["url"]);
    assert_eq!(attached["filename"], "me.png");
    let file = api.get(&path);
    assert_eq!(file.body, png(), "{post}");
    let name = file.header("content-disposition").unwrap_or_default();
    assert!(name.contains("me.png"), "{name}");
    let odd = api.get("/get/kunena/posts/102").json();
    let odd = &odd["post"]["attachments"][0];
    assert_eq!(odd["filename"], "Grüße? #1 100%.png");
    let file = api.get(&path_of(&api, &odd["url"]));
    assert_eq!(file.body, png(), "{odd}");
    let name = file.header("content-disposition").unwrap_or_default();
    let wanted =
        "attachment; filename=\"Gr__e-1-100.png\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%2D1%2D100.png";
    assert_eq!(name, wanted);
    let lamp = api.get("/get/zoo/items/20?app=1").json();
    let elements = lamp["elements"].as_array().expect("a list").iter();
    let image = elements.filter(|element| element["type"] == "image");
    let image: Vec<&Value> = image.map(|element| &element["data"]).collect();
    assert_eq!(image[0]["title"], json!("L"));
    assert_eq!(api.get(&path_of(&api, &image[0]["file"])).body, png());
}

#[test]
fn without_the_folder_no_file_is_moved_and_addresses_stay() {
    for site in Site::each() {
        let (dump, _) = joomla(&site);
        let report = site.import(&dump, &[]);
        let tables = report["tables"].as_array().expect("tables");
        assert!(tables.iter().all(|line| line["module"] != "media"));
        assert_eq!(line(&report, "article")["reasons"], Value::Null);
        let server = site.setup.serve();
        let article = server.api().get("/get/content/articles/1").json();
        let shown = article["images"]["image_intro"].as_str();
        assert!(shown.is_some_and(|shown| shown.ends_with("/images/a.png")));
    }
}

#[test]
fn a_file_follows_its_row_and_a_changed_one_its_bytes() {
    for site in Site::each() {
        let (dump, folder) = joomla(&site);
        let files = ["--files", folder.as_str()];
        let dry = site.import(&dump, &[&files[..], &["--dry-run"]].concat());
        assert_eq!(numbers(&dry, "file"), [9, 0, 0, 0, 0, 3], "{dry:#}");
        site.import(&dump, &files);
        let text = fs::read_to_string(&dump).expect("the dump is there");
        let published = text.replace(
            "(31, 'Draft', 'draft', 'x', '', 0,",
            "(31, 'Draft', 'draft', 'x', '', 1,",
        );
        let published = published.replace("images/only%20members.png", "");
        fs::write(&dump, published).expect("the dump can be written");
        let other = [png(), vec![0]].concat();
        fs::write(Path::new(&folder).join("images/a.png"), &other).expect("a file can be written");
        let report = site.import(&dump, &files);
        assert_eq!(numbers(&report, "file"), [0, 2, 5, 0, 1, 4], "{report:#}");
        let server = site.setup.serve();
        let api = server.api();
        let image = |id: i64| {
            let article = api.get(&format!("/get/content/articles/{id}")).json();
            api.get(&path_of(&api, &article["images"]["image_intro"]))
        };
        assert_eq!(image(31).body, png(), "it is published now");
        assert_eq!(image(1).body, other);
    }
}
