//! Whose applications they are.

use loggia_module_pushback::loggia_module_v1;
use loggia_testkit::TestHost;
use serde_json::json;

#[test]
fn an_application_is_seen_and_changed_by_its_owner_and_the_operator_alone() {
    for host in TestHost::each(loggia_module_v1) {
        let [ada, bob] = ["ada", "bob"].map(|name| host.account(name, "a long password", &[2]));
        let made = host
            .call("post", "application")
            .with("name", "Shop")
            .as_user(ada)
            .json();
        let id = made["id"].as_i64().expect("an id");
        assert_eq!(made["owner"], json!(ada));
        let listed = |user| {
            let answer = host.call("get", "applications").as_user(user).json();
            answer["applications"].as_array().expect("a list").len()
        };
        assert_eq!((listed(ada), listed(bob)), (1, 0));
        for (action, resource) in [
            ("put", "application"),
            ("delete", "application"),
            ("get", "clients"),
            ("get", "notifications"),
        ] {
            let asked = host.call(action, resource).with("id", id).as_user(bob);
            assert_eq!(asked.fault(), "PBK_NOT", "{action}/{resource}");
        }
        let clients = host
            .call("get", "clients")
            .with("id", id)
            .as_user(ada)
            .json();
        assert_eq!(clients["clients"], json!([]));
        let longest = "x".repeat(31);
        let renamed = host
            .call("put", "application")
            .with("id", id)
            .with("name", longest);
        assert_eq!(renamed.as_user(ada).fault(), "REQ_PNV");
        let kept = host
            .call("get", "person")
            .with("user", ada)
            .as_operator()
            .json();
        assert_eq!(kept["applications"].as_array().expect("a list").len(), 1);
        for erased in [1, 0] {
            let answer = host
                .call("delete", "person")
                .with("user", ada)
                .as_operator()
                .json();
            assert_eq!(answer["applications"], json!(erased));
        }
        assert_eq!(listed(ada), 0);
        host.call("delete", "application")
            .with("id", id)
            .as_operator()
            .json();
        let again = host
            .call("delete", "application")
            .with("id", id)
            .as_operator();
        assert_eq!(again.fault(), "PBK_ANF");
    }
}
