//! How many statements a request costs: as many for a long list as for a short one. It has a process of its
//! own, because every connection of the process is counted.

use loggia_module_media::loggia_module_v1;
use loggia_testkit::{TestCall, TestHost, statements};

/// How many statements a call costs that succeeds, whatever it answers.
fn cost(call: TestCall<'_>) -> usize {
    statements::made_by(|| drop(call.send().expect("the call succeeds")))
}

#[test]
fn a_page_costs_the_same_statements_whatever_its_length() {
    statements::count(|text| text.contains("media_"));
    for host in TestHost::each(loggia_module_v1) {
        let post = || {
            let call = host.call("post", "files").as_operator();
            cost(call.with_file("file", b"text"))
        };
        for _ in 0..30 {
            assert_eq!(post(), 3, "the account, its bytes, the file");
        }
        let items = |limit: i64| cost(host.call("get", "items").as_operator().with("limit", limit));
        assert_eq!((items(1), items(30)), (2, 2), "total, page");
        assert_eq!(cost(host.call("get", "files").with("id", 1)), 1);
    }
}
