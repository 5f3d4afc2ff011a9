//! The same random call in every form gets the same members.

use std::thread;

use loggia_tests::client::Answer;
use loggia_tests::rounds;
use loggia_tests::site::{Node, Site};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::Value;

use crate::contract::operations;
use crate::fixture;
use crate::form::{Call, Doors, Form};

/// Calls that the contract knows and calls that it does not, with values that a client might send.
fn any_call() -> impl Strategy<Value = Call> {
    // What only keyed endpoints know is not the same on all doors; it has tests of its own.
    let for_all = operations()
        .iter()
        .filter(|operation| operation["access"] != "key");
    let known = for_all.map(|operation| {
        let text = |name: &str| operation[name].as_str().unwrap_or_default().to_owned();
        (text("action"), text("module"), text("resource"))
    });
    let known: Vec<_> = known
        // Hashing a password takes long, and registering may be done once only.
        .filter(|(_, _, resource)| {
            !matches!(
                resource.as_str(),
                "register" | "login" | "keybyauth" | "keybyemail"
            )
        })
        .collect();
    let word = || {
        prop_oneof![
            select(vec!["get", "post", "put", "delete"]).prop_map(str::to_owned),
            "[a-zA-Z]{1,8}"
        ]
    };
    let unknown = (
        word(),
        select(vec!["user", "release", "User", "nothing"]),
        "[a-z-]{1,12}",
    )
        .prop_map(|(action, module, resource)| (action, module.to_owned(), resource));
    let selectors = prop_oneof![4 => select(known), 1 => unknown];
    (selectors, vec(any_member(), 0..5)).prop_map(|((action, module, resource), members)| {
        let mut call = Call::new(&action, &module, &resource);
        for (name, value) in members {
            if call.members.iter().all(|(known, _)| *known != name) {
                call.members.push((name, value));
            }
        }
        call
    })
}

fn any_member() -> impl Strategy<Value = (String, String)> {
    let name = prop_oneof![
        8 => select(vec!["id", "email", "key", "site", "limit"]).prop_map(str::to_owned),
        1 => "[a-z_]{1,10}".prop_filter("selectors and credentials are not members", |name| {
            !["action", "module", "resource", "api_key", "session_id", "option", "view"].contains(&name.as_str())
        }),
    ];
    let value = prop_oneof![
        select(vec![
            "demo",
            "12-alias",
            "-1",
            "0",
            "loggiademo_1_2_0",
            "member@example.org",
            "true",
            "null",
            "<b>&amp;</b>"
        ])
        .prop_map(str::to_owned),
        // What a header line of a multipart body cannot hold is for the hostile tests.
        "[ -~äöü€😀]{0,24}",
    ];
    (name, value)
}

/// What all forms must agree on: the members of an answer, or the code and text of a refusal.
fn essence(answer: &Answer) -> Value {
    if answer.header("content-type") == Some("application/json") {
        without_hits(answer.json())
    } else {
        Value::from(answer.body.len())
    }
}

/// How often a thing was read changes with the calls that are compared.
fn without_hits(answer: Value) -> Value {
    match answer {
        Value::Object(members) => members
            .into_iter()
            .filter(|(name, _)| name != "hits")
            .map(|(name, value)| (name, without_hits(value)))
            .collect(),
        Value::Array(entries) => entries.into_iter().map(without_hits).collect(),
        other => other,
    }
}

/// The forms in which a call can be sent.
fn forms_of(call: &Call) -> Vec<Form> {
    let is_verb = matches!(call.action.as_str(), "get" | "post" | "put" | "delete");
    let no_body = call.action == "delete";
    Form::ALL
        .into_iter()
        // In the modern form the method is the action, so that an unknown action cannot be said.
        .filter(|form| is_verb || *form != Form::SemanticRest)
        .filter(|form| !matches!(form, Form::Modern | Form::ModernJson) || (is_verb && !no_body))
        .collect()
}

/// On a semantic endpoint a resource that exists for another method is 405, where the classic forms know only
/// the pair of action and resource.
fn agrees(form: Form, answer: &Value, wanted: &Value) -> bool {
    answer == wanted
        || (matches!(form, Form::Modern | Form::ModernJson)
            && answer["error_code"] == "REQ_MNA"
            && wanted["error_code"] == "REQ_RUN")
}

fn is_right_status(form: Form, answer: &Answer) -> bool {
    match answer.status {
        200 => true,
        _ if form.is_compatible() => false,
        503 | 504 => true,
        status => status < 500,
    }
}

/// How many send calls at the same time.
const THREADS: u32 = 4;

#[test]
fn the_same_call_gets_the_same_members_in_every_form() {
    let calls = rounds(60, 100_000);
    let seed = seed();
    for site in fixture::each("") {
        // The throttle must not come between one form and the next.
        fixture::replace(&site, "mails_per_email = 50", "mails_per_email = 0");
        let node = site.node();
        thread::scope(|scope| {
            let node = &node;
            let senders: Vec<_> = (0..THREADS)
                .map(|number| scope.spawn(move || send_calls(node, seed, number, calls / THREADS)))
                .collect();
            for sender in senders {
                if let Err(failure) = sender.join().expect("a sender ends") {
                    panic!("LOGGIA_SEED={seed}: {failure}");
                }
            }
        });
        assert_serves(&node, &site);
    }
}

/// One sender's calls; each sender has its own, which the seed decides.
fn send_calls(node: &Node, seed: u64, number: u32, calls: u32) -> Result<(), String> {
    let config = Config {
        cases: calls,
        failure_persistence: None,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..12].copy_from_slice(&number.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let doors = Doors::keeping(node);
    TestRunner::new_with_rng(config, random)
        .run(&any_call(), |call| {
            compare(&doors, &call).map_err(TestCaseError::fail)
        })
        .map_err(|failure| failure.to_string())
}

/// The seed is printed, and `LOGGIA_SEED` repeats a run.
#[expect(
    clippy::print_stdout,
    reason = "whoever runs the tests has to see the seed of a failure"
)]
pub(crate) fn seed() -> u64 {
    let seed = std::env::var("LOGGIA_SEED")
        .ok()
        .and_then(|seed| seed.parse::<u64>().ok());
    let seed = seed.unwrap_or_else(|| {
        let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        time.map_or(0, |time| time.as_secs())
    });
    println!("LOGGIA_SEED={seed}");
    seed
}

/// Sends a call in every form; what differs.
fn compare(doors: &Doors, call: &Call) -> Result<(), String> {
    let wanted = Form::Query.send_to(doors, call);
    if !is_right_status(Form::Query, &wanted) {
        return Err(format!("{call:?}: {} {}", wanted.status, wanted.text()));
    }
    let wanted = essence(&wanted);
    if wanted["error_code"] == "REQ_GER" {
        return Err(format!("{call:?}: {wanted}"));
    }
    for form in forms_of(call) {
        let answer = form.send_to(doors, call);
        let status = answer.status;
        if !is_right_status(form, &answer) {
            return Err(format!("{form:?} {call:?}: {status} {}", answer.text()));
        }
        let answer = essence(&answer);
        if !agrees(form, &answer, &wanted) {
            return Err(format!("{call:?}\n{form:?}: {answer}\nQuery: {wanted}"));
        }
    }
    Ok(())
}

/// The node still serves and nothing panicked in it.
pub(crate) fn assert_serves(node: &Node, site: &Site) {
    assert_eq!(node.server().get("/readyz").status, 200);
    let log = site.log();
    assert!(!log.contains("panic"), "{log}");
}
