//! What a vendor does by command, as sites come to see it.

use loggia::store::testing::TestDatabase;
use loggia_sql::Dialect;
use loggia_tests::client::{Answer, Client};
use loggia_tests::site::{Node, Site};

use crate::joomla::Joomla;
use crate::package::{archive, component, write};

const FREE: &str = "/updates/extension/com_loggiafree.xml";

fn offered(node: &Node) -> Option<String> {
    Joomla::new(&(node.fact("/url") + FREE)).offered()
}

fn downloads(site: &Site, version: &str) -> i64 {
    let list = site.operator(&["release", "list", "--json"]).done().json();
    let packages = list["packages"].as_array().expect("packages").clone();
    packages
        .iter()
        .filter(|package| package["version"] == version && package["product"] == "com_loggiafree")
        .filter_map(|package| package["downloads"].as_i64())
        .sum()
}

#[test]
fn what_is_published_is_offered_by_every_node_and_what_is_yanked_by_none() {
    for database in TestDatabase::each() {
        // SQLite serves one node, PostgreSQL any number.
        let count = if database.dialect() == Dialect::Sqlite {
            1
        } else {
            2
        };
        let site = Site::new(database);
        let nodes: Vec<Node> = (0..count).map(|_| site.node()).collect();
        for node in &nodes {
            assert_eq!(offered(node).as_deref(), Some("1.0.0"));
        }
        let file = write(site.folder(), "new.zip", &component("loggiafree", "1.1.0"));
        let file = file.to_str().expect("a plain path");
        let published = site.operator(&[
            "release",
            "publish",
            file,
            "--platform",
            "4.0-6.*",
            "--json",
        ]);
        let published = published.done().json();
        assert_eq!(published["version"], "1.1.0");
        let package = published["package"].as_str().expect("an id").to_owned();
        for node in &nodes {
            let report = Joomla::new(&(node.fact("/url") + FREE)).update();
            assert_eq!(report["installs"]["version"], "1.1.0", "{report}");
            assert_eq!(report["installs"]["verified"], true);
        }
        assert_eq!(downloads(&site, "1.1.0"), i64::from(count));
        let yank = site.operator(&["release", "yank", &package, "--reason", "It breaks."]);
        assert_eq!(yank.done().status, 0);
        for node in &nodes {
            assert_eq!(offered(node).as_deref(), Some("1.0.0"));
        }
        let gone = nodes[0]
            .server()
            .get(&format!("/updates/download/{package}/x.zip"));
        assert_eq!(
            (gone.status, gone.text().as_str()),
            (410, "Package withdrawn\n")
        );
    }
}

#[test]
fn a_file_that_sites_could_not_take_changes_nothing() {
    for site in Site::each() {
        let node = site.node();
        for (name, bytes, rule) in [
            ("text.zip", b"no archive".to_vec(), "zip:"),
            ("empty.zip", archive(&[("readme.txt", "x")]), "manifest:"),
            ("older.zip", component("loggiafree", "0.9.0"), "superseded:"),
            (
                "word.zip",
                component("loggiafree", "1.1.0-Beta"),
                "version:",
            ),
        ] {
            let file = write(site.folder(), name, &bytes);
            let file = file.to_str().expect("a plain path");
            let ran = site.operator(&[
                "release",
                "publish",
                file,
                "--platform",
                "4.0-6.*",
                "--php",
                "8.1",
            ]);
            assert_eq!(ran.status, 1, "{name}: {}", ran.stdout);
            assert!(ran.stderr.contains(rule), "{name}: {}", ran.stderr);
        }
        assert_eq!(offered(&node).as_deref(), Some("1.0.0"));
    }
}

#[test]
fn downloads_have_ranges_and_validators_and_count_once() {
    for site in Site::each() {
        let node = site.node();
        let path = "/updates/download/loggiafree_1_0_0/com_loggiafree-1.0.0.zip";
        let server = node.server();
        let get = |client: &Client| -> Answer { client.get(path) };
        let head = server.send("HEAD", path, None, b"");
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(downloads(&site, "1.0.0"), 0, "HEAD does not count");

        let whole = get(&server);
        assert_eq!(whole.status, 200);
        assert_eq!(
            head.header("content-length"),
            Some(whole.body.len().to_string().as_str())
        );
        let disposition = whole.header("content-disposition").expect("a file name");
        assert_eq!(
            disposition,
            "attachment; filename=\"com_loggiafree-1.0.0.zip\""
        );
        assert_eq!(downloads(&site, "1.0.0"), 1);

        let etag = whole.header("etag").expect("an entity tag").to_owned();
        let known = get(&server.with("If-None-Match", &etag));
        assert_eq!((known.status, known.body.len()), (304, 0));
        assert_eq!(downloads(&site, "1.0.0"), 1, "what is known is not sent");

        let start = get(&server.with("Range", "bytes=0-99"));
        assert_eq!((start.status, &start.body[..]), (206, &whole.body[..100]));
        assert_eq!(downloads(&site, "1.0.0"), 2);
        let rest = server.with("Range", "bytes=100-").with("If-Range", &etag);
        let rest = get(&rest);
        assert_eq!((rest.status, &rest.body[..]), (206, &whole.body[100..]));
        assert_eq!(
            downloads(&site, "1.0.0"),
            2,
            "the rest of a download is no other one"
        );
        assert_eq!(get(&server.with("Range", "bytes=999999-")).status, 416);

        let other = get(&server.with("If-None-Match", "\"another\""));
        assert_eq!((other.status, &other.body), (200, &whole.body));
        let changed = server
            .with("Range", "bytes=100-")
            .with("If-Range", "\"another\"");
        let changed = get(&changed);
        assert_eq!((changed.status, &changed.body), (200, &whole.body));
        assert_eq!(downloads(&site, "1.0.0"), 4, "both had to be sent whole");

        let operation = node.endpoint("free");
        let rest = operation
            .with("Range", "bytes=100-")
            .get("/post/release/download/loggiafree_1_0_0");
        assert_eq!(rest.status, 206);
        assert_eq!(
            downloads(&site, "1.0.0"),
            4,
            "an operation counts as the path does"
        );
        assert_eq!(
            operation.get("/post/release/download/com_loggiafree").body,
            whole.body
        );
        assert_eq!(downloads(&site, "1.0.0"), 5);
    }
}
