//! How many statements a request costs: as many for a long list as for a short one. It has a process of its
//! own, because every connection of the process is counted.

use loggia_module_menu::loggia_module_v1;
use loggia_testkit::TestHost;
use loggia_testkit::statements::{self, cost};

#[test]
fn a_page_costs_the_same_statements_whatever_its_length() {
    statements::count(|text| text.contains("menu_"));
    for host in TestHost::each(loggia_module_v1) {
        for number in 0..30 {
            let put = |resource: &str| host.call("put", resource).as_operator();
            let menu = put("menus").with("menutype", format!("menu{number}"));
            assert_eq!(menu.json()["status"], "ok");
            let item = put("items").with("menutype", "menu0");
            let item = item.with("title", format!("Item {number}"));
            assert_eq!(item.json()["status"], "ok");
        }
        let menus = |limit: i64| cost(host.call("get", "menus").with("limit", limit));
        assert_eq!((menus(1), menus(30)), (3, 3), "total, page, counts");
        let items = |limit: i64| {
            let call = host.call("get", "items").with("menutype", "menu0");
            cost(call.with("limit", limit))
        };
        assert_eq!((items(1), items(30)), (3, 3), "menu, total, page");
        assert_eq!(cost(host.call("get", "items").with("id", 1)), 1);
    }
}
