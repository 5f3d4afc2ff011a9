//! The edges of jBackend's contract, in every form of a request: pages without a limit and beyond their end, ids with an
//! alias behind them, what lies below something hidden, all levels, several areas, and the settings of elements.

mod catalog;
mod content;
mod forum;
mod profiles;
mod search;

use loggia_tests::site::{Node, Site};
use loggia_tests::wait::soon;
use serde_json::{Value, json};

use crate::contract::{check_layer, operations};
use crate::fixture::{self, key, operate};
use crate::form::{Call, Doors, Form};

/// A node, and who asks: nobody, and on the default request a key that may nothing.
struct Asked<'n> {
    node: &'n Node,
    doors: Doors,
}

impl<'n> Asked<'n> {
    fn of(site: &Site, node: &'n Node) -> Self {
        let key = key(site, &["--default-request"]);
        let api = node.endpoint("key").with_key(&key);
        soon(|| api.get("/get/user/status").error_code().is_empty());
        Asked {
            node,
            doors: Doors::of(node).with_key(&key),
        }
    }

    /// The answer to a call, which is the same in every form and as the contract says.
    fn answer(&self, call: &Call) -> Value {
        let mut same: Option<Value> = None;
        for form in Form::ALL {
            let answer = form.send_to(&self.doors, call);
            check_layer(form, &answer);
            let mut json = answer.json();
            if json["status"] == "ok" {
                check_schema(call, &json);
            }
            forget_differences(&mut json);
            let same = same.get_or_insert_with(|| json.clone());
            assert_eq!(json, *same, "{form:?} of {call:?}");
        }
        same.expect("there are forms")
    }

    /// The code by which a call is refused in every form.
    fn code(&self, call: &Call) -> String {
        let answer = self.answer(call);
        assert_eq!(answer["status"], "ko", "{call:?}: {answer}");
        answer["error_code"].as_str().expect("a code").to_owned()
    }
}

/// Where something is read depends on the endpoint that was asked, and so does whether e-mail addresses are shown; hits
/// count the questions.
fn forget_differences(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("href");
            members.remove("email");
            members.remove("hits");
            members.values_mut().for_each(forget_differences);
        }
        Value::Array(list) => list.iter_mut().for_each(forget_differences),
        _ => {}
    }
}

fn check_schema(call: &Call, answer: &Value) {
    let has_id = call.members.iter().any(|(name, _)| name == "id");
    let operation = operations().iter().find(|one| {
        let rest = one["rest"].as_str().unwrap_or_default();
        let begin = format!("{}/{}/{}", call.action, call.module, call.resource);
        rest.starts_with(&begin) && rest.ends_with("/{id}") == has_id
    });
    let operation = operation.unwrap_or_else(|| panic!("{call:?} is not in the contract"));
    operation.check_schema(answer, &format!("{call:?}: {answer}"));
}

/// A call with members.
fn call(action: &str, module: &str, resource: &str, members: &[(&str, &str)]) -> Call {
    let call = Call::new(action, module, resource);
    let add = |call: Call, (name, value): &(&str, &str)| call.with(name, value);
    members.iter().fold(call, add)
}

/// Runs a command that adds something, and gives its id.
fn add(site: &Site, words: &[&str]) -> String {
    let added = operate(site, words);
    match &added["id"] {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => panic!("{words:?}: {added}"),
    }
}

/// The texts or numbers of a member of each entry of a list, as texts.
fn each(answer: &Value, list: &str, member: &str) -> Vec<String> {
    let entries = answer[list]
        .as_array()
        .unwrap_or_else(|| panic!("{answer}"));
    let text = |one: &Value| match &one[member] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    entries.iter().map(text).collect()
}

/// The members of a page.
fn page(answer: &Value) -> Value {
    let names = ["total", "limit", "offset", "pages_current", "pages_total"];
    json!(names.map(|name| answer[name].clone()))
}

/// Does something on a site on each database.
fn each_site(more: &str, test: impl Fn(&Site, &Asked<'_>)) {
    for site in fixture::each(more) {
        let node = site.node();
        let asked = Asked::of(&site, &node);
        test(&site, &asked);
    }
}
