//! Requests as shipped clients of jBackend send them, each in the form of its own library: members without a value,
//! a slash at the end, paths of several segments, cookies, the default request with a module of the site's own.

use std::fs;

use loggia_tests::client::Client;
use loggia_tests::product::dist;
use loggia_tests::site::{Node, Site};
use loggia_tests::{cc, source_tree};
use serde_json::Value;

use crate::fixture;

const ENDPOINTS: &str = r#"
[[endpoint]]
name = "alamofire"
path = "/endpoint"
access = "key"

[[endpoint]]
name = "axios"
path = "/blog/api"
access = "key"

[[endpoint]]
name = "proxy"
path = "/rest"
access = "free"
"#;

/// The ids of the articles of an answer.
fn articles(answer: &Value) -> Vec<String> {
    assert_eq!(answer["status"], "ok", "{answer}");
    // An app looks for this member alone.
    assert!(answer.get("error_code").is_none(), "{answer}");
    let list = answer["articles"].as_array().expect("articles");
    let ids = list.iter().map(|one| one["id"].as_str().expect("an id"));
    ids.map(str::to_owned).collect()
}

#[test]
fn lists_and_articles_are_read_as_apps_ask_for_them() {
    for site in fixture::each(ENDPOINTS) {
        let node = site.node();
        let (category, article) = (
            node.fact("/content/category"),
            node.fact("/content/article"),
        );
        let (tag, key) = (node.fact("/content/tag"), node.fact("/keys/unlimited"));
        let get = |path: String| node.server().get(&path).json();
        let alamofire = get(format!(
            "/endpoint/get/content/articles/?api_key={key}&catid={category}&limit=30&orderby=created&maxsubs=5&offset"
        ));
        assert!(articles(&alamofire).contains(&article));
        assert_eq!(alamofire["limit"], 30);
        let newest = get(format!(
            "/blog/api/get/content/articles?limit=10&offset=0&orderby=created&orderdir=desc&api_key={key}"
        ));
        let mut oldest_first = articles(&get(format!(
            "/blog/api/get/content/articles?limit=10&offset=0&orderby=created&orderdir=asc&api_key={key}"
        )));
        oldest_first.reverse();
        assert_eq!(articles(&newest), oldest_first);
        let proxy = get(
            "/rest/get/content/articles?maxsubs=2&limit=10&orderby=id&orderdir=desc&catid="
                .to_owned(),
        );
        assert!(
            articles(&proxy).contains(&article),
            "an empty category is none"
        );
        let one = get(format!("/rest/get/content/articles/{article}"));
        assert_eq!(
            (&one["status"], one["id"].as_str()),
            (&"ok".into(), Some(article.as_str()))
        );
        let tagged = get(format!("/rest/get/content/tagarticles?tagid={tag}"));
        assert!(articles(&tagged).contains(&article));
    }
}

#[test]
fn a_log_in_by_jquery_and_one_by_a_program_that_keeps_cookies_are_sessions() {
    for site in fixture::each(ENDPOINTS) {
        let node = site.node();
        let (username, password) = (
            node.fact("/users/member/username"),
            node.fact("/users/member/password"),
        );
        let key = node.fact("/keys/unlimited");
        let form = [
            ("username", username.as_str()),
            ("password", password.as_str()),
            ("api_key", key.as_str()),
        ];
        let jquery = node.server().with("X-Requested-With", "XMLHttpRequest");
        let answer = jquery.post_form("/blog/api/post/user/login", &form).json();
        assert_eq!(
            (&answer["status"], &answer["username"]),
            (&"ok".into(), &username.as_str().into())
        );
        let path = format!("/rest/post/user/login?username={username}&password={password}");
        let answer = node.server().post_form(&path, &[]);
        assert_eq!(answer.json()["status"], "ok");
        let cookie = answer.header("set-cookie").expect("a cookie");
        let cookie = cookie.split(';').next().unwrap_or_default();
        let program = node.server().with("Cookie", cookie);
        let profile = program.get("/rest/get/user/profile").json();
        assert_eq!(profile["email"], node.fact("/users/member/email"));
    }
}

/// The module in C under the name and with the members that the client asks for.
fn add_module(site: &Site) {
    let source = fs::read_to_string(source_tree().join("sdk/include/example/hello.c"));
    let source = source
        .expect("the example can be read")
        .replace(r#"\"module\":\"hello\""#, r#"\"module\":\"querytojson\""#)
        .replace(r#"\"resource\":\"greeting\""#, r#"\"resource\":\"list\""#)
        .replace(r#"\"name\":\"name\""#, r#"\"name\":\"queryname\""#)
        .replace(
            r#"(const uint8_t *)"hello", 5"#,
            r#"(const uint8_t *)"querytojson", 11"#,
        )
        .replace("0001_hello", "0001_querytojson")
        .replace("hello_visit", "querytojson_visit");
    let file = site.folder().join("querytojson.c");
    fs::write(&file, source).expect("the source can be written");
    let modules = site.folder().join("modules");
    fs::create_dir_all(&modules).expect("a folder for modules");
    cc::shared_library(&file, &modules.join("querytojson.so"));
    let own = dist().join("lib/loggia/modules");
    fixture::append(
        site,
        &format!(
            "\n[modules]\nfolders = [\"modules\", \"{}\"]\n",
            own.display()
        ),
    );
}

#[test]
fn a_module_of_the_sites_own_answers_on_the_default_request() {
    for site in fixture::each("") {
        add_module(&site);
        let node: Node = site.node();
        let key = node.fact("/keys/unlimited");
        let client: Client = node.server();
        let path = format!(
            "/index.php?option=com_jbackend&view=request&module=querytojson&resource=list&action=get\
             &queryname=Ada&api_key={key}"
        );
        let answer = client.get(&path).json();
        assert_eq!(answer["greeting"], "Hello, Ada!", "{answer}");
    }
}
