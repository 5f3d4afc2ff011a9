//! The licence file of `docs/release.md`, checked by the very commands that stand there.

use std::fs;
use std::path::Path;
use std::process::Command;

use loggia_tests::product::Ran;
use loggia_tests::site::Site;
use loggia_tests::source_tree;

/// The first block of shell commands behind a sentence of the page.
fn commands(sentence: &str) -> String {
    let page =
        fs::read_to_string(source_tree().join("docs/release.md")).expect("the page is there");
    let (_, behind) = page.split_once(sentence).expect("the sentence is there");
    let (_, block) = behind.split_once("```sh\n").expect("commands follow");
    let (block, _) = block.split_once("```").expect("the block ends");
    block.to_owned()
}

fn check(folder: &Path) -> Ran {
    let commands = commands("By hand, with openssl:");
    Ran::command(
        Command::new("sh")
            .args(["-ec", &commands])
            .current_dir(folder),
    )
}

#[test]
fn a_licence_file_verifies_with_openssl_until_a_byte_of_it_is_changed() {
    for site in Site::each() {
        let node = site.node();
        let group = node.fact("/release/group");
        let member = node.fact("/users/member/username");
        let issue = [
            "licence",
            "issue",
            "--group",
            &group,
            "--user",
            &member,
            "--reference",
            "order-17",
        ];
        site.operator(&issue).done();
        let folder = site.folder().join("program");
        fs::create_dir(&folder).expect("a folder can be made");
        let file = folder.join("licence.json");
        let path = file.to_str().expect("a plain path");
        let write = [
            "licence",
            "file",
            "order-17",
            "--site",
            "shop.example.com",
            "--output",
            path,
        ];
        site.operator(&write).done();

        let key = node.server().get("/updates/licence-key.pem");
        assert_eq!(key.status, 200);
        assert!(
            key.header("cache-control")
                .is_some_and(|value| value.contains("max-age"))
        );
        let etag = key.header("etag").expect("a validator").to_owned();
        let known = node.server().with("If-None-Match", &etag);
        assert_eq!(known.get("/updates/licence-key.pem").status, 304);
        let shown = site
            .operator(&["licence", "public-key", "--json"])
            .done()
            .json();
        assert_eq!(shown["pem"].as_str(), Some(key.text().as_str()));
        fs::write(folder.join("licence-key.pem"), &key.body).expect("the key can be written");

        let ran = check(&folder).done();
        assert!(
            ran.stdout.contains("Signature Verified Successfully"),
            "{ran:?}"
        );
        let good = fs::read_to_string(&file).expect("the file can be read");
        assert!(good.contains("\"site\": \"shop.example.com\""), "{good}");
        for (from, to) in [
            ("shop.example", "shop.examples"),
            ("\"sites\": 0", "\"sites\": 1"),
        ] {
            let changed = good.replacen(from, to, 1);
            assert_ne!(changed, good);
            fs::write(&file, changed).expect("the file can be changed");
            let ran = check(&folder);
            assert_ne!(ran.status, 0, "{ran:?}");
        }
    }
}

#[test]
fn a_holder_gets_his_file_over_http_and_a_wrong_key_gets_none() {
    for site in Site::each() {
        let node = site.node();
        let (group, member) = (
            node.fact("/release/group"),
            node.fact("/users/member/username"),
        );
        let issue = [
            "licence", "issue", "--group", &group, "--user", &member, "--json",
        ];
        let issued = site.operator(&issue).done().json();
        let key = issued["key"].as_str().expect("a key");
        for name in ["free", "semantic"] {
            let client = node.endpoint(name);
            let path = format!("/post/release/licencefile/{group}");
            let answer = client.post_form(&path, &[("key", key)]);
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(
                answer.header("content-type"),
                Some("application/vnd.loggia.licence+json")
            );
            assert_eq!(answer.json()["licence"]["licence"], issued["licence"]);
            let refused = client.post_form(&path, &[("key", "LG-WRONG")]);
            assert_eq!(refused.error_code(), "REL_KYI");
        }
    }
}
