//! How many statements a request costs: as many for a long list as for a short one. It has a process of its
//! own, because every connection of the process is counted.

use loggia_module_forum::loggia_module_v1;
use loggia_testkit::statements::{self, cost};
use loggia_testkit::{TestCall, TestHost};
use serde_json::{Value, json};

/// A call with members.
fn call<'h>(host: &'h TestHost, action: &str, resource: &str, members: &Value) -> TestCall<'h> {
    let members = members.as_object().expect("an object");
    members
        .iter()
        .fold(host.call(action, resource), |call, (name, value)| {
            call.with(name, value.clone())
        })
}

fn id(host: &TestHost, action: &str, resource: &str, members: &Value, name: &str) -> i64 {
    let answer = call(host, action, resource, members).as_operator().json();
    let id = answer[name].as_str().and_then(|id| id.parse().ok());
    id.unwrap_or_else(|| panic!("{resource} {members}: {answer}"))
}

#[test]
fn a_request_costs_as_many_statements_for_a_long_list_as_for_a_short_one() {
    statements::count(|text| text.contains("forum_"));
    for host in TestHost::each(loggia_module_v1) {
        let member = host.account("member", "correct horse battery", &[2]);
        let category = id(&host, "put", "categories", &json!({ "name": "Help" }), "id");
        let mut long = 0;
        for number in 0..30 {
            let name = format!("Below {number}");
            let below = json!({ "name": name, "parent": category });
            id(&host, "put", "categories", &below, "id");
            let topic = json!({ "catid": category, "subject": name, "message": "m" });
            long = id(&host, "post", "topics", &topic, "topic");
        }
        let short = long - 1;
        for _ in 0..30 {
            let post = id(
                &host,
                "post",
                "posts",
                &json!({ "topic": long, "message": "m" }),
                "post",
            );
            let thanks = host
                .call("post", "thanks")
                .with("id", post)
                .as_user(member)
                .json();
            assert_eq!(thanks["status"], "ok", "{thanks}");
        }
        let topics = |limit: i64| {
            host.call("get", "topics")
                .with("catid", category)
                .with("limit", limit)
        };
        assert_eq!(
            (cost(topics(1)), cost(topics(30))),
            (4, 4),
            "category, ids, topics, messages"
        );
        let of_member = (
            cost(topics(1).as_user(member)),
            cost(topics(30).as_user(member)),
        );
        assert_eq!(of_member, (6, 6), "what he moderates, what is on hold");
        let tree = |levels: i64| host.call("get", "categories").with("levels", levels);
        assert_eq!((cost(tree(1)), cost(tree(0))), (1, 1), "categories");
        let topic = |id: i64| host.call("get", "topics").with("id", id);
        // The first view of a while is written at once.
        cost(topic(short));
        let costs = (cost(topic(short)), cost(topic(long)));
        assert!(
            costs.0 <= 5 && costs.1 <= 5,
            "{costs:?}: topic, messages, thanks, ends, views"
        );
        let reply = |topic: i64| {
            let members = json!({ "topic": topic, "message": "m" });
            cost(call(&host, "post", "posts", &members).as_operator())
        };
        assert_eq!(reply(short), reply(long));
        let delete = |post: i64| host.call("delete", "posts").with("id", post).as_operator();
        let posts = host.call("get", "topics").with("id", long).json();
        let last = posts["messages"][30]["id"]
            .as_str()
            .and_then(|id| id.parse().ok());
        assert!(cost(delete(last.expect("a message"))) <= 15);
    }
}
