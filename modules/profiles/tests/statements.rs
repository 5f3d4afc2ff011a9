//! How many statements a request costs: as many for a long list as for a short one. It has a process of its
//! own, because every connection of the process is counted.

use loggia::store::testing::TestDatabase;
use loggia_module_profiles::loggia_module_v1;
use loggia_testkit::TestHost;
use loggia_testkit::statements::{self, cost};
use serde_json::json;

#[test]
fn a_page_costs_the_same_statements_whatever_its_length() {
    statements::count(|text| text.contains("profiles_") || text.contains("\"account\""));
    for database in TestDatabase::each() {
        let settings = json!({ "fields_in_lists": true });
        let settings = settings.as_object().unwrap().clone();
        let host = TestHost::with(database, loggia_module_v1, settings);
        let accounts: Vec<i64> = (0..30)
            .map(|number| host.account(&format!("user{number}"), "a long password", &[2]))
            .collect();
        for number in 0..5 {
            let call = host.call("put", "fields").as_operator();
            call.with("name", format!("cb_{number}")).json();
        }
        let users = |limit: i64| cost(host.call("get", "users").with("limit", limit));
        let statements = "all, blocked, page, fields, values";
        assert_eq!((users(1), users(30)), (5, 5), "{statements}");
        let one = host.call("get", "profile").with("id", accounts[0]);
        assert_eq!(cost(one), 3, "account, fields, values");
    }
}
