//! Publishing: what is taken, what is refused and by which rule, what changes afterwards.

use serde_json::{Value, json};

use crate::shop::{Shop, archive, component};

fn refusal(answer: &Value) -> (String, String) {
    let text = |member: &str| answer[member].as_str().unwrap_or_default().to_owned();
    (text("error_code"), text("error_description"))
}

#[test]
fn a_package_is_known_by_its_own_manifest() {
    for shop in Shop::each() {
        let plugin = archive(&[(
            "example.xml",
            "<extension type=\"plugin\" group=\"system\"><name>Example</name><version>1.2.0-beta3</version>\
             <files><filename plugin=\"example\">example.php</filename></files>\
             <targetplatform name=\"joomla\" version=\"5\\.[0-9]\"/><php_minimum>8.1</php_minimum></extension>",
        )]);
        let answer = shop.publishing(&plugin).with("free", true).json();
        for (member, value) in [
            ("status", json!("ok")),
            ("package", json!("plg_system_example_1_2_0-beta3")),
            ("product", json!("plg_system_example")),
            ("group", json!(null)),
            ("version", json!("1.2.0-beta3")),
            ("stability", json!("beta")),
            ("type", json!("plugin")),
            ("element", json!("example")),
            ("client", json!("site")),
            ("folder", json!("system")),
            ("platform", json!("5.0-5.9.*")),
            ("php", json!("8.1")),
            ("size", json!(plugin.len())),
            ("file_name", json!("plg_system_example-1.2.0-beta3.zip")),
            (
                "update_xml",
                json!("http://localhost/test/extension/plg_system_example.xml"),
            ),
        ] {
            assert_eq!(answer[member], value, "{member} of {answer}");
        }
    }
}

#[test]
fn what_the_feed_could_not_serve_is_refused_with_the_rule() {
    for shop in Shop::each() {
        shop.publish("2.0.0", "4.0-6.*");
        let manifest = |text: &str| archive(&[("x.xml", text)]);
        for (package, rule) in [
            (b"no archive".to_vec(), "zip:"),
            (archive(&[("readme.txt", "x")]), "manifest:"),
            (
                manifest("<extension type=\"component\"><name>com_redj</name></extension>"),
                "version:",
            ),
            (
                manifest(
                    "<extension type=\"module\"><name>redj</name><version>2.1</version></extension>",
                ),
                "product:",
            ),
            (component("redj", "1.0.0"), "superseded:"),
            (component("redj", "2.1.0-Beta"), "version:"),
        ] {
            let call = shop
                .publishing(&package)
                .with("product", "com_redj")
                .with("platform", "5.0-5.2");
            let (code, text) = refusal(&call.json());
            assert_eq!(code, "REL_PRF", "{rule} {text}");
            assert!(text.contains(rule), "{text} does not name the rule {rule}");
        }
        let without_platform = shop
            .publishing(&component("other", "1.0"))
            .with("group", "redj")
            .json();
        assert!(
            refusal(&without_platform).1.contains("platform:"),
            "{without_platform}"
        );
        let packages = shop.operator("get", "packages").json();
        assert_eq!(
            packages["packages"].as_array().unwrap().len(),
            1,
            "nothing refused is published"
        );
    }
}

#[test]
fn a_version_is_published_once_and_a_product_belongs_somewhere() {
    for shop in Shop::each() {
        let package = component("redj", "1.0.0");
        let publish = || shop.publishing(&package).with("platform", "5.*");
        assert_eq!(publish().fault(), "REQ_PNV", "neither group nor free");
        assert_eq!(publish().with("group", "other").fault(), "REL_GNF");
        assert_eq!(
            publish().with("group", "redj").with("dry_run", true).json()["dry_run"],
            true
        );
        assert_eq!(
            publish()
                .with("group", "redj")
                .with("package", "redj_ent_100")
                .json()["package"],
            "redj_ent_100"
        );
        assert_eq!(publish().fault(), "REL_PAX", "the version is there");
        let newer = component("redj", "1.1.0");
        let publish = || shop.publishing(&newer).with("platform", "5.*");
        assert_eq!(
            publish().with("package", "redj_ent_100").fault(),
            "REL_PAX",
            "the id is taken"
        );
        assert_eq!(publish().with("package", "../x").fault(), "REQ_PNV");
        assert_eq!(publish().with("file_name", "x.exe").fault(), "REQ_PNV");
        assert_eq!(
            publish().with("info_url", "javascript:x").fault(),
            "REQ_PNV"
        );
        assert_eq!(publish().with("platform", "five").fault(), "REQ_PNV");
        assert_eq!(
            publish().with("free", true).fault(),
            "REQ_PNV",
            "it belongs to a group"
        );
        assert_eq!(
            publish().json()["group"],
            "redj",
            "a product keeps its group"
        );
    }
}

#[test]
fn only_the_operator_and_keys_with_the_scope_publish() {
    for shop in Shop::each() {
        let package = component("redj", "1.0.0");
        let publish = || {
            shop.call("post", "publish")
                .with_file("file", &package)
                .with("group", "redj")
                .with("platform", "5.*")
        };
        assert!(publish().fault().starts_with("REQ_"));
        assert!(
            publish()
                .with_key(1, &["licence.manage"])
                .fault()
                .starts_with("REQ_")
        );
        assert_eq!(
            publish().with_key(1, &["release.manage"]).json()["status"],
            "ok"
        );
    }
}

#[test]
fn a_yanked_package_leaves_the_feed_and_comes_back() {
    for shop in Shop::each() {
        shop.publish("1.0.0", "5.*");
        shop.publish("1.1.0", "5.*");
        let key = shop.key();
        let feed = || shop.host.route("GET", "/extension/com_redj.xml").text().1;
        let yank = || shop.operator("post", "yank").with("id", "com_redj_1_1_0");
        assert!(feed().contains("<version>1.1.0<"));
        assert_eq!(yank().fault(), "REQ_PNV", "a reason is needed");
        assert_eq!(
            yank().with("reason", "It breaks the search.").json()["yanked"],
            true
        );
        assert!(!feed().contains("<version>1.1.0<") && feed().contains("<version>1.0.0<"));
        let answer = shop.claim("download", "com_redj_1_1_0", &key).json();
        assert_eq!(answer["error_code"], "REL_YNK");
        assert!(
            answer["error_description"]
                .as_str()
                .unwrap()
                .contains("It breaks the search.")
        );
        assert_eq!(
            shop.claim("verify", "com_redj_1_1_0", &key).fault(),
            "REL_YNK"
        );
        assert!(
            shop.claim("download", "com_redj_1_0_0", &key)
                .send()
                .is_ok(),
            "old versions stay"
        );
        assert_eq!(yank().with("undo", true).json()["yanked"], false);
        assert!(feed().contains("<version>1.1.0<"));
        assert_eq!(
            shop.operator("post", "yank")
                .with("id", "none")
                .with("reason", "x")
                .fault(),
            "REL_PNF"
        );
    }
}

#[test]
fn what_is_said_of_a_package_may_change_and_its_file_may_not() {
    for shop in Shop::each() {
        shop.publish("1.0.0", "5.*");
        let put = || shop.operator("put", "package").with("id", "com_redj_1_0_0");
        let answer = put()
            .with("platform", "5.0-6.*")
            .with("php", "8.2")
            .with("info_url", "https://example.com/1.0?a=1&b=2")
            .with("changelog", json!({ "fix": ["<b>All</b> of it"] }))
            .json();
        assert_eq!(answer["status"], "ok", "{answer}");
        assert_eq!(
            (&answer["platform"], &answer["php"]),
            (&json!("5.0-6.*"), &json!("8.2"))
        );
        let feed = shop.host.route("GET", "/extension/com_redj.xml").text().1;
        assert!(
            feed.contains("a=1&amp;b=2") && feed.contains("<php_minimum>8.2<"),
            "{feed}"
        );
        assert_eq!(put().with("php", json!(null)).json()["php"], json!(null));
        assert_eq!(put().with("platform", "x").fault(), "REQ_PNV");
        assert_eq!(put().with("id", "none").fault(), "REL_PNF");
        let changelog = shop.host.route("GET", "/changelog/com_redj.xml").text().1;
        assert!(
            changelog.contains("<![CDATA[<b>All</b> of it]]>"),
            "{changelog}"
        );
    }
}

#[test]
fn a_product_changes_its_group() {
    for shop in Shop::each() {
        shop.publish("1.0.0", "5.*");
        let put = || shop.operator("put", "product").with("id", "com_redj");
        assert_eq!(put().with("group", "other").fault(), "REL_GNF");
        assert_eq!(put().with("name", "Red & J").json()["group"], "redj");
        assert_eq!(
            put().with("group", json!(null)).json()["group"],
            json!(null)
        );
        let free = shop.call("post", "download").with("id", "com_redj").send();
        assert!(free.is_ok(), "{free:?}");
        assert_eq!(put().with("group", "redj").json()["group"], "redj");
        assert_eq!(
            shop.call("post", "download").with("id", "com_redj").fault(),
            "REL_KYR"
        );
    }
}
