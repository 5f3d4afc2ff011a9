//! Every operation of jBackend's contract, in every form, against the contract's own schemas.

use std::collections::BTreeSet;
use std::ops::Index;
use std::sync::{LazyLock, OnceLock};

use jsonschema::Validator;
use loggia_tests::client::Answer;
use loggia_tests::site::Node;
use serde_json::Value;

use crate::fixture::{self, account, licence_key, session};
use crate::form::{Call, Doors, Form};

const CONTRACTS: [&str; 8] = [
    include_str!("../contract/catalog.json"),
    include_str!("../contract/comprofiler.json"),
    include_str!("../contract/content.json"),
    include_str!("../contract/kunena.json"),
    include_str!("../contract/push.json"),
    include_str!("../contract/release.json"),
    include_str!("../contract/search.json"),
    include_str!("../contract/user.json"),
];

/// An operation of these contracts: what they say of it, by the name of the member.
pub(crate) struct Operation {
    facts: Value,
    response: OnceLock<Validator>,
}

impl Index<&str> for Operation {
    type Output = Value;

    fn index(&self, member: &str) -> &Value {
        &self.facts[member]
    }
}

impl Operation {
    /// Holds an answer against the schema of the operation's answers.
    pub(crate) fn check_schema(&self, answer: &Value, context: &str) {
        let schema = self
            .response
            .get_or_init(|| jsonschema::validator_for(&self.facts["response"]).expect("a schema"));
        let broken: Vec<String> = schema
            .iter_errors(answer)
            .map(|error| error.to_string())
            .collect();
        assert!(broken.is_empty(), "{context}: {broken:?}");
    }
}

/// The operations of these contracts.
pub(crate) fn operations() -> &'static [Operation] {
    static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
        let parse = |text: &&str| serde_json::from_str::<Value>(text).expect("a contract is JSON");
        let contracts = CONTRACTS.iter().map(parse);
        let operations = contracts.flat_map(|mut contract| match contract["operations"].take() {
            Value::Array(operations) => operations,
            _ => Vec::new(),
        });
        let known = operations.map(|facts| Operation {
            facts,
            response: OnceLock::new(),
        });
        known.collect()
    });
    &OPERATIONS
}

/// A call of an operation that succeeds, made anew for every form, since some succeed once only.
fn good_call(node: &Node, operation: &Operation, form: Form) -> Call {
    let text = |name: &str| operation[name].as_str().expect("a text").to_owned();
    let call = Call::new(&text("action"), &text("module"), &text("resource"));
    let member = |name: &str| node.fact(&format!("/users/member/{name}"));
    let with_account = |call: Call| {
        call.with("username", &member("username"))
            .with("password", &member("password"))
    };
    let group = node.fact("/release/group");
    let of_app = |call: Call| call.with("app", &node.fact("/catalog/app"));
    match (call.module.as_str(), call.resource.as_str()) {
        ("release", "keybyemail") => call.with("id", &group).with("email", &member("email")),
        ("release", "keybyauth") => with_account(call.with("id", &group)),
        ("release", resource) => {
            let id = if resource == "validate" {
                group
            } else {
                node.fact("/release/package")
            };
            call.with("id", &id)
                .with("email", &member("email"))
                .with("key", &licence_key(node))
        }
        ("catalog", "items") if !is_of_one(operation) => of_app(call)
            .with("category", &node.fact("/catalog/category"))
            .with("limit", "1"),
        ("catalog", "items") => of_app(call).with("id", &node.fact("/catalog/item")),
        ("catalog", _) if is_of_one(operation) => {
            of_app(call).with("id", &node.fact("/catalog/category"))
        }
        ("catalog", _) => of_app(call),
        ("content", "tagarticles") => call
            .with("tagid", &node.fact("/content/tag"))
            .with("limit", "1"),
        ("content", _) if is_of_one(operation) => {
            let name = if call.resource == "articles" {
                "article"
            } else {
                "category"
            };
            call.with("id", &node.fact(&format!("/content/{name}")))
        }
        ("content", "categories") => call.with("recursive", "true").with("countitems", "1"),
        ("content", _) => call
            .with("catid", &node.fact("/content/category"))
            .with("maxsubs", "5")
            .with("limit", "1"),
        ("push", "register") => call
            .with("token", &format!("token of {form:?}"))
            .with("appcode", &node.fact("/push/app").to_uppercase())
            .with("platform", "Android")
            .with("ios_alert", "1"),
        ("push", _) => call,
        ("profiles", "users") => call.with("limit", "1").with("offset", "1"),
        ("profiles", _) if call.action == "get" => call.with("id", &account(node, "member")),
        ("profiles", _) => call
            .with("id", &account(node, "member"))
            .with("username", &member("username"))
            .with("email", &member("email"))
            .with("name", "Élise & <Co>")
            .with("cb_city", &format!("{form:?}")),
        ("forum", resource) if is_of_one(operation) => {
            let name = if resource == "topics" {
                "topic"
            } else {
                "category"
            };
            call.with("id", &node.fact(&format!("/forum/{name}")))
        }
        ("forum", "categories") => call.with("levels", "0").with("unpublished", "1"),
        ("forum", _) => call
            .with("catid", &node.fact("/forum/category"))
            .with("limit", "1"),
        ("search", _) => call
            .with("searchword", &node.fact("/search/word"))
            .with("areas[]", "content")
            .with("limit", "1"),
        ("user", "login") => with_account(call),
        ("user", "logout" | "profile" | "status") => {
            call.with("session_id", &session(node, "member"))
        }
        ("user", "register") => {
            let name = format!("new-{form:?}").to_lowercase();
            call.with("username", &name)
                .with("password", "a-Long-enough-1-password")
                .with("email", &format!("{name}@example.org"))
                .with("firstname", "Élise & <Co>")
                .with("lastname", "O'Neill")
        }
        ("user", "remind" | "reset") => call.with("email", &member("email")),
        (module, resource) => panic!("the test knows no call of {module}/{resource}"),
    }
}

/// Whether an operation shows one thing by its id; without it the same resource shows a list.
fn is_of_one(operation: &Operation) -> bool {
    let rest = operation["rest"].as_str().unwrap_or_default();
    let modules = ["catalog", "content", "forum"];
    let is_among = |name: &str| modules.contains(&name);
    operation["module"].as_str().is_some_and(is_among) && rest.ends_with("/{id}")
}

/// What holds for every JSON answer.
pub(crate) fn check_layer(form: Form, answer: &Answer) {
    let text = answer.text();
    assert_eq!(
        answer.header("content-type"),
        Some("application/json"),
        "{form:?}"
    );
    if form.is_compatible() {
        assert_eq!(answer.status, 200, "{form:?}: {text}");
        assert_eq!(
            answer.header("content-disposition"),
            Some("attachment;filename=\"response.json\""),
            "{form:?}"
        );
    } else {
        assert_eq!(answer.header("content-disposition"), None, "{form:?}");
    }
    // One shipped client reads the characters 11 and 12.
    assert!(
        matches!(
            text.get(..13),
            Some("{\"status\":\"ok" | "{\"status\":\"ko")
        ),
        "{form:?}: {text}"
    );
    let parsed: Value = serde_json::from_str(&text).expect("JSON");
    let compact = parsed.to_string();
    let same_length = text.replace("\\/", "/").len();
    assert!(
        !text.contains('\n') && same_length >= compact.len() && !text.contains("\": "),
        "{form:?}: {text} is not compact"
    );
    if text.starts_with("{\"status\":\"ko") {
        let members: Vec<_> = parsed.as_object().expect("an object").keys().collect();
        assert_eq!(
            members,
            ["status", "error_code", "error_description"],
            "{form:?}"
        );
    }
}

#[test]
fn every_operation_answers_by_its_schema_in_every_form() {
    for site in fixture::each("") {
        let node = site.node();
        for operation in operations() {
            for form in Form::ALL {
                for name in names(operation) {
                    check(&node, operation, form, &name);
                }
            }
        }
        let log = site.log();
        let error = log.lines().find(|line| line.contains("ERROR"));
        assert_eq!(error, None, "the server logged an error");
    }
}

/// What shows personal data is asked for with a key.
fn doors_of(node: &Node, operation: &Operation) -> Doors {
    if operation["module"] == "profiles" {
        Doors::keyed(node)
    } else {
        Doors::of(node)
    }
}

/// The names of an operation's module: Loggia's, and jBackend's where that is another.
fn names(operation: &Operation) -> BTreeSet<String> {
    let rest = operation["rest"].as_str().unwrap_or_default();
    let names = [operation["module"].as_str(), rest.split('/').nth(1)];
    names.into_iter().flatten().map(str::to_owned).collect()
}

fn check(node: &Node, operation: &Operation, form: Form, module: &str) {
    let mut call = good_call(node, operation, form);
    module.clone_into(&mut call.module);
    let answer = form.send_to(&doors_of(node, operation), &call);
    if operation["media"] != "application/json" {
        check_package(node, form, &call, &answer);
        return;
    }
    let context = format!("{form:?} of {}: {}", operation["rest"], answer.text());
    check_layer(form, &answer);
    assert_eq!(answer.status, 200, "{context}");
    operation.check_schema(&answer.json(), &context);
}

/// A package comes as it is, whole, under its own name.
fn check_package(node: &Node, form: Form, call: &Call, answer: &Answer) {
    let context = format!("{form:?} of {call:?}: {}", answer.status);
    assert_eq!(answer.status, 200, "{context}");
    assert_eq!(
        answer.header("content-type"),
        Some("application/octet-stream"),
        "{context}"
    );
    let disposition = answer.header("content-disposition").unwrap_or_default();
    assert!(
        disposition.contains("filename=\"") && disposition.contains(".zip"),
        "{disposition}"
    );
    assert!(answer.body.starts_with(b"PK"), "{context}");
    let free =
        Call::new("post", "release", "download").with("id", &node.fact("/release/free_package"));
    assert!(form.send(node, &free).body.starts_with(b"PK"), "{context}");
}

#[test]
fn no_operation_of_the_contract_is_left_out() {
    let listed: BTreeSet<String> = operations()
        .iter()
        .map(|operation| format!("{}/{}", operation["module"], operation["resource"]))
        .collect();
    assert_eq!(listed.len(), 25);
}

#[test]
fn every_missing_mandatory_member_is_refused_in_every_form() {
    for site in fixture::each("") {
        let node = site.node();
        for operation in operations().iter().filter(|one| !is_of_one(one)) {
            let (required, others) = parameters(operation);
            for name in &required {
                let module = operation["module"].as_str().expect("a name");
                let mut call = Call::new(
                    operation["action"].as_str().expect("a text"),
                    module,
                    operation["resource"].as_str().expect("a text"),
                );
                for other in required.iter().chain(&others).filter(|one| *one != name) {
                    call = call.with(other, "something");
                }
                let resource = operation["resource"].as_str().expect("a name");
                let code = missing_code(module, resource, name);
                let doors = doors_of(&node, operation);
                for form in Form::ALL {
                    let answer = form.send_to(&doors, &call);
                    check_layer(form, &answer);
                    let context = format!("{form:?} of {call:?} without {name}");
                    assert_eq!(answer.error_code(), code, "{context}");
                }
            }
        }
    }
}

/// The names of an operation's parameters and members of its body: mandatory ones, and others.
fn parameters(operation: &Operation) -> (Vec<String>, Vec<String>) {
    let text = |name: &Value| name.as_str().expect("a name").to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (required, others): (Vec<Value>, Vec<Value>) = list(&operation["params"])
        .into_iter()
        .partition(|one| one["required"] == true);
    let names = |of: Vec<Value>| of.iter().map(|one| text(&one["name"])).collect::<Vec<_>>();
    let of_body = list(&operation["body"]["required"]);
    let of_body = of_body.iter().map(text).collect();
    ([names(required), of_body].concat(), names(others))
}

fn missing_code(module: &str, resource: &str, name: &str) -> &'static str {
    match (module, name) {
        ("catalog", "app") => "ZOO_ANS",
        ("catalog", "category") => "ZOO_CNS",
        ("content", "tagid") => "CNT_TNS",
        ("profiles", "id") => "CBP_UNS",
        ("push", "token") => "PSH_TNS",
        ("push", "appcode") => "PSH_ANS",
        ("push", "platform") => "PSH_PNS",
        ("search", "searchword") => "SRH_WNS",
        ("profiles", "username") => "CBP_UNR",
        ("profiles", "email") => "CBP_EMR",
        ("profiles", "name") => "CBP_NMR",
        ("forum", "catid") => "KUN_CNS",
        ("release", "id") if matches!(resource, "verify" | "download") => "REL_PNS",
        ("release", "id") => "REL_GNS",
        ("release", "email") => "REL_EMR",
        ("release", "username") => "REL_UNR",
        ("release", "password") => "REL_PWR",
        ("release", "key") => "REL_KYR",
        ("user", "username") => "USR_UNR",
        ("user", "password") => "USR_PWR",
        ("user", "email") => "USR_EMR",
        ("user", "firstname") => "USR_NMR",
        _ => panic!("no code is known for {module} {name}"),
    }
}
