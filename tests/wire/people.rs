//! People in the search: where profiles are, by those who may read them, as the accounts and fields are at this moment.

use diesel::connection::SimpleConnection as _;
use loggia::store::testing::{self, TestDatabase};
use loggia_tests::client::Client;
use loggia_tests::site::{Node, Site};
use serde_json::{Value, json};

use crate::fixture::{self, account, operate, session};

const PRIVATE: &str = r#"
[[endpoint]]
name = "staff"
path = "/api/staff"
access = "user"
private = true

[[endpoint]]
name = "narrow"
path = "/api/narrow"
access = "key"
modules = ["search", "content"]
"#;

/// Where one asks with a key.
fn keyed(node: &Node) -> Client {
    node.endpoint("key").with_key(&node.fact("/keys/unlimited"))
}

fn ask(client: &Client, words: &str) -> Value {
    let path = format!("/get/search/site?searchphrase=exact&searchword={words}");
    let answer = client.get(&path).json();
    assert_eq!(answer["status"], "ok", "{words}: {answer}");
    answer
}

/// The names of those who are found behind a key; the total says how many they are.
fn found(node: &Node, words: &str) -> Vec<String> {
    let answer = ask(&keyed(node), words);
    let results = answer["results"].as_array().expect("a list");
    assert_eq!(answer["total"], results.len(), "{answer}");
    let title = |one: &Value| one["title"].as_str().expect("a title").to_owned();
    results.iter().map(title).collect()
}

/// Changes a profile behind a key: the account as it is shown, with other members.
fn put(node: &Node, id: &str, members: &Value) {
    let key = keyed(node);
    let shown = key.get(&format!("/get/profiles/profile/{id}")).json();
    let mut body = json!({ "id": id.parse::<i64>().expect("a number") });
    for name in ["username", "email", "name"] {
        body[name] = shown[name].clone();
    }
    for (name, value) in members.as_object().expect("an object") {
        body[name] = value.clone();
    }
    let answer = key.post_json("/put/profiles/profile", &body);
    assert_eq!(answer.json()["status"], "ok", "{}", answer.text());
}

/// That nothing differs between what there is and what can be found.
fn check(site: &Site) {
    let told = operate(site, &["search", "check"]);
    let people = &told["modules"]["profiles"];
    for count in ["missing", "different", "surplus"] {
        assert_eq!(people[count], 0, "{told}");
    }
    assert_ne!(people["entries"], 0, "{told}");
}

/// Makes an account and gives its id.
fn create(site: &Site, username: &str, name: &str) -> String {
    let address = format!("{username}@example.org");
    let words = [
        "user", "create", username, "--email", &address, "--name", name,
    ];
    operate(site, &words)["id"].to_string()
}

#[test]
fn people_are_found_where_profiles_are_read_and_in_no_total_elsewhere() {
    for site in fixture::each(PRIVATE) {
        let node = site.node();
        let member = account(&node, "member");
        put(&node, &member, &json!({ "cb_city": "Zanzibarville" }));
        let key = keyed(&node);
        for words in ["zanzibarville", "Demo+member"] {
            let answer = ask(&key, words);
            assert_eq!(answer["total"], 1, "{answer}");
            let one = &answer["results"][0];
            let href = one["href"].as_str().expect("an address");
            assert!(
                href.ends_with(&format!("/api/key/get/profiles/profile/{member}")),
                "{one}"
            );
            assert_eq!(one["title"], "Demo member");
        }
        assert!(
            ask(&key, "zanzibarville")["results"][0]["text"]
                .to_string()
                .contains("Zanzibarville")
        );
        for (area, total) in [("comprofiler", 1), ("profiles", 1), ("content", 0)] {
            let answer = ask(&key, &format!("zanzibarville&areas[]={area}"));
            assert_eq!(answer["total"], total, "{area}: {answer}");
        }
        let session = session(&node, "member");
        let of_session = format!("zanzibarville&session_id={session}");
        let staff = node.server().below("/api/staff");
        assert_eq!(ask(&staff, &of_session)["total"], 1);
        let narrow = node
            .server()
            .below("/api/narrow")
            .with_key(&node.fact("/keys/unlimited"));
        for elsewhere in [&node.endpoint("free"), &node.endpoint("user"), &narrow] {
            for words in [
                of_session.clone(),
                format!("{of_session}&areas[]=profiles"),
                format!("Demo+member&session_id={session}"),
                format!("zanzibarvile&searchphrase=all&session_id={session}"),
            ] {
                let answer = ask(elsewhere, &words);
                assert_eq!(
                    (&answer["total"], &answer["results"]),
                    (&json!(0), &json!([])),
                    "{words}: {answer}"
                );
            }
        }
        // The address is no endpoint's to search.
        assert!(found(&node, "member@example.org").is_empty());
        check(&site);
    }
}

#[test]
fn whatever_becomes_of_an_account_the_next_search_knows_it() {
    for site in fixture::each("") {
        let node = site.node();
        let id = create(&site, "wanda-q", "Wanda Quillfeather");
        let wanda = ["Wanda Quillfeather".to_owned()];
        assert_eq!(found(&node, "quillfeather"), wanda);
        assert_eq!(found(&node, "wanda-q"), wanda);
        put(&node, &id, &json!({ "cb_city": "Timbuktutown" }));
        assert_eq!(found(&node, "timbuktutown"), wanda);
        operate(&site, &["user", "block", "wanda-q"]);
        for words in ["quillfeather", "wanda-q", "timbuktutown"] {
            assert!(found(&node, words).is_empty(), "{words}");
        }
        check(&site);
        operate(&site, &["user", "block", "wanda-q", "--undo"]);
        assert_eq!(found(&node, "timbuktutown"), wanda);
        put(
            &node,
            &id,
            &json!({ "name": "Wanda Inkwell", "username": "wanda-i" }),
        );
        let renamed = ["Wanda Inkwell".to_owned()];
        assert!(found(&node, "quillfeather").is_empty());
        assert!(found(&node, "wanda-q").is_empty());
        for words in ["inkwell", "wanda-i", "timbuktutown"] {
            assert_eq!(found(&node, words), renamed, "{words}");
        }
        put(&node, &id, &json!({ "cb_city": null }));
        assert!(found(&node, "timbuktutown").is_empty());
        check(&site);
        put(&node, &id, &json!({ "cb_city": "Timbuktutown" }));
        operate(&site, &["user", "delete", "wanda-i"]);
        for words in ["inkwell", "wanda-i", "timbuktutown"] {
            assert!(found(&node, words).is_empty(), "{words}");
        }
        check(&site);
    }
}

#[test]
fn an_account_that_its_owner_renames_is_found_by_its_new_name() {
    for site in fixture::each("") {
        let node = site.node();
        let session = session(&node, "member");
        let form = [
            ("name", "Octavia Thistledown"),
            ("session_id", session.as_str()),
        ];
        let answer = node.endpoint("user").post_form("/put/user/profile", &form);
        assert_eq!(answer.json()["status"], "ok", "{}", answer.text());
        assert_eq!(found(&node, "thistledown"), ["Octavia Thistledown"]);
        assert!(found(&node, "Demo+member").is_empty());
        check(&site);
    }
}

#[test]
fn people_who_are_moved_in_are_found_and_rebuilt() {
    for site in fixture::each("") {
        let node = site.node();
        let account = |id: i64, name: &str, blocked: bool| {
            json!({ "module": "core", "kind": "account", "record": {
                "id": id, "username": format!("moved{id}"), "email": format!("moved{id}@example.org"),
                "name": name, "language": "*", "blocked": blocked, "created_ms": 0, "last_visit_ms": null,
                "groups": [2], "fields": {},
            }})
        };
        let profile = |id: i64, city: &str| {
            json!({ "module": "profiles", "kind": "profile",
                "record": { "id": id, "values": { "cb_city": city } } })
        };
        let lines = [
            account(9001, "Ottoline Marchbanks", false),
            account(9002, "Barnaby Marchbanks", true),
            profile(9001, "Quitoville"),
            profile(9002, "Quitoville"),
        ];
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        let file = site.folder().join("people.ndjson");
        std::fs::write(&file, lines.join("\n") + "\n").expect("the lines can be written");
        site.operator(&["import", "ndjson", file.to_str().expect("a plain path")])
            .done();
        let moved = ["Ottoline Marchbanks".to_owned()];
        for words in [
            ["search", "check"],
            ["search", "repair"],
            ["search", "rebuild"],
        ] {
            assert_eq!(found(&node, "marchbanks"), moved, "before {words:?}");
            assert_eq!(found(&node, "quitoville"), moved, "before {words:?}");
            operate(&site, &words);
        }
        assert_eq!(found(&node, "quitoville"), moved);
        check(&site);
    }
}

#[test]
fn only_fields_that_every_endpoint_shows_are_searched() {
    for site in fixture::each("") {
        let node = site.node();
        let member = account(&node, "member");
        operate(&site, &["profiles", "field", "cb_secret"]);
        let said = json!({ "cb_city": "Opentown", "cb_secret": "Hiddentown" });
        put(&node, &member, &said);
        assert_eq!(found(&node, "hiddentown").len(), 1);
        operate(
            &site,
            &["profiles", "field", "cb_secret", "--published", "false"],
        );
        assert!(found(&node, "hiddentown").is_empty());
        assert_eq!(found(&node, "opentown").len(), 1);
        operate(
            &site,
            &["profiles", "field", "cb_secret", "--published", "true"],
        );
        assert_eq!(found(&node, "hiddentown").len(), 1);
        check(&site);
        // A start by other settings hands in anew before it serves.
        node.stop();
        fixture::append(&site, "\n[module.profiles]\nfields = [\"cb_city\"]\n");
        let node = site.node();
        assert!(found(&node, "hiddentown").is_empty());
        assert_eq!(found(&node, "opentown").len(), 1);
        check(&site);
        // So does a running node that reads them again.
        let lists = "fields = [\"cb_city\", \"cb_secret\"]\nendpoint_fields = { partner = [\"cb_secret\"] }";
        fixture::replace(&site, "fields = [\"cb_city\"]", lists);
        operate(&site, &["reload"]);
        assert_eq!(found(&node, "hiddentown").len(), 1);
        assert!(found(&node, "opentown").is_empty());
        check(&site);
    }
}

#[test]
fn a_module_that_cannot_hand_in_anew_is_not_found_and_the_rest_is_served() {
    for site in fixture::each("") {
        let node = site.node();
        let member = account(&node, "member");
        operate(&site, &["profiles", "field", "cb_secret"]);
        put(&node, &member, &json!({ "cb_secret": "Hiddentown" }));
        assert_eq!(found(&node, "hiddentown").len(), 1);
        node.stop();
        fixture::append(&site, "\n[module.profiles]\nfields = [\"cb_city\"]\n");
        rename(&site, "profiles_value", "lost");
        let node = site.node();
        let word = node.fact("/search/word");
        assert!(found(&node, "hiddentown").is_empty());
        assert_ne!(ask(&keyed(&node), &word)["total"], 0);
        rename(&site, "lost", "profiles_value");
        fixture::replace(&site, "fields = [\"cb_city\"]", "fields = [\"cb_secret\"]");
        operate(&site, &["reload"]);
        assert_eq!(found(&node, "hiddentown").len(), 1);
        check(&site);
    }
}

fn rename(site: &Site, table: &str, name: &str) {
    let pool = site.database().pool();
    let mut connection = pool.write(testing::patience()).expect("a connection");
    let statement = format!("ALTER TABLE \"{table}\" RENAME TO \"{name}\"");
    connection.batch_execute(&statement).expect("it is renamed");
}

#[test]
fn what_one_node_writes_of_people_the_other_finds() {
    let Some(database) = TestDatabase::postgresql() else {
        return;
    };
    let site = Site::new(database);
    let nodes = [site.node(), site.node()];
    let member = account(&nodes[0], "member");
    for round in 0..6 {
        let (writer, reader) = (&nodes[round % 2], &nodes[(round + 1) % 2]);
        let (name, city) = (format!("Person{round}q"), format!("City{round}q"));
        put(writer, &member, &json!({ "name": name, "cb_city": city }));
        for words in [&name, &city] {
            assert_eq!(found(reader, words), [name.as_str()], "{words}");
            assert_eq!(found(writer, words), [name.as_str()], "{words}");
        }
    }
    assert!(found(&nodes[0], "Person4q").is_empty());
    check(&site);
}
