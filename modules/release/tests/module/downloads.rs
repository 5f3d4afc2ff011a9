//! Downloads: to whom, of what, and which of them count.

use std::io::Read;
use std::thread;

use loggia_testkit::{Answer, TestRoute};
use serde_json::Value;

use crate::shop::{Shop, component};

const PATH: &str = "/download/com_redj_1_0_0/com_redj-1.0.0.zip";

fn count(shop: &Shop) -> i64 {
    let list = shop.operator("get", "packages").json();
    let packages = list["packages"].as_array().expect("packages").clone();
    packages
        .iter()
        .filter_map(|package| package["downloads"].as_i64())
        .sum()
}

fn get<'s>(shop: &'s Shop, query: &str) -> TestRoute<'s> {
    shop.host.route("GET", &format!("{PATH}?{query}"))
}

#[test]
fn a_package_is_sent_under_its_own_name_with_its_own_bytes() {
    for shop in Shop::each() {
        let published = shop.publish("1.0.0", "5.*");
        let key = shop.key();
        for answer in [
            shop.claim("download", "com_redj_1_0_0", &key).send(),
            shop.claim("download", "com_redj", &key).send(),
            shop.call("post", "download")
                .with("id", "com_redj")
                .with("key", key.as_str())
                .send(),
            shop.call("post", "download")
                .with("id", "com_redj")
                .with("dlid", key.as_str())
                .send(),
            get(&shop, &format!("dlid={key}")).send(),
            get(&shop, &format!("key={key}&site=one.com")).send(),
            get(&shop, &format!("x=1&amp;dlid={}", key.to_lowercase())).send(),
            get(&shop, &format!("email=member%40example.org&amp;key={key}")).send(),
        ] {
            let Ok(Answer::File {
                file,
                name,
                headers,
            }) = answer
            else {
                panic!("a file was expected, not {answer:?}")
            };
            assert_eq!(name, "com_redj-1.0.0.zip");
            let mut sent = Vec::new();
            file.reader().unwrap().read_to_end(&mut sent).unwrap();
            assert_eq!(sent, component("redj", "1.0.0"));
            let etag = headers.iter().find(|(name, _)| name == "etag").unwrap();
            assert!(etag.1.contains(published["sha256"].as_str().unwrap()));
        }
        assert_eq!(count(&shop), 8);
    }
}

#[test]
fn a_refusal_below_a_path_has_a_real_status_and_a_short_text() {
    for shop in Shop::each() {
        shop.publish("1.0.0", "5.*");
        let key = shop.key();
        for (query, status, text) in [
            ("", 400, "Key required\n"),
            ("dlid=LG-WRONG", 403, "Key invalid\n"),
            (
                &format!("key={key}&email=outsider%40example.org"),
                403,
                "Key invalid\n",
            ),
        ] {
            assert_eq!(
                get(&shop, query).text(),
                (status, text.to_owned()),
                "{query}"
            );
        }
        assert_eq!(
            shop.host.route("GET", "/download/none/none.zip").text().0,
            404
        );
        let yank = shop.operator("post", "yank").with("id", "com_redj_1_0_0");
        assert_eq!(yank.with("reason", "x").json()["status"], "ok");
        assert_eq!(get(&shop, &format!("dlid={key}")).text().0, 410);
        assert_eq!(count(&shop), 0);
    }
}

#[test]
fn a_lost_file_is_named_as_such() {
    for shop in Shop::each() {
        shop.publish("1.0.0", "5.*");
        let key = shop.key();
        std::fs::remove_dir_all(shop.host.folder().join("files/release")).unwrap();
        assert_eq!(shop.claim("download", "com_redj", &key).fault(), "REL_FNA");
        assert_eq!(count(&shop), 0);
    }
}

#[test]
fn a_free_package_asks_for_nothing() {
    for shop in Shop::each() {
        let free = shop
            .publishing(&component("free", "1.0"))
            .with("free", true)
            .with("platform", "5.*");
        assert_eq!(free.json()["group"], Value::Null);
        assert!(
            shop.call("post", "download")
                .with("id", "com_free")
                .send()
                .is_ok()
        );
        assert!(
            shop.claim("download", "com_free_1_0", "anything")
                .send()
                .is_ok()
        );
        assert_eq!(
            shop.claim("verify", "com_free", "anything").json()["status"],
            "ok"
        );
    }
}

#[test]
fn what_begins_at_the_first_byte_counts_and_head_never() {
    for shop in Shop::each() {
        shop.publish("1.0.0", "5.*");
        let query = format!("dlid={}", shop.key());
        let mut expected = 0;
        for (range, counts) in [
            ("bytes=0-", 1),
            ("bytes=0-9", 1),
            ("bytes=10-", 0),
            ("bytes=-5", 0),
            ("bytes=-999999", 1),
        ] {
            assert!(get(&shop, &query).header("range", range).send().is_ok());
            expected += counts;
            assert_eq!(count(&shop), expected, "{range}");
        }
        assert!(
            shop.host
                .route("HEAD", &format!("{PATH}?{query}"))
                .send()
                .is_ok()
        );
        assert_eq!(count(&shop), expected);
    }
}

#[test]
fn every_one_of_many_downloads_at_once_is_counted() {
    for shop in Shop::each() {
        shop.publish("1.0.0", "5.*");
        let query = format!("dlid={}", shop.key());
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        assert!(get(&shop, &query).send().is_ok());
                    }
                });
            }
        });
        assert_eq!(count(&shop), 200);
    }
}
