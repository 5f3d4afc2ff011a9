//! People, behind keys.

use serde_json::{Value, json};

use super::{Asked, call, each};
use crate::fixture::{self, account};
use crate::form::Doors;

#[test]
fn limit_and_offset_stand_in_the_answer_only_where_they_were_given() {
    for site in fixture::each("") {
        let node = site.node();
        let asked = Asked {
            node: &node,
            doors: Doors::keyed(&node),
        };
        let users =
            |members: &[(&str, &str)]| asked.answer(&call("get", "comprofiler", "users", members));
        let all = users(&[]);
        let ids = each(&all, "users", "id");
        assert_eq!(all["total"], ids.len(), "{all}");
        assert!(
            all.get("limit").is_none() && all.get("offset").is_none(),
            "{all}"
        );
        // Without a limit the offset is passed over, and stands there all the same.
        let offset = users(&[("offset", "2")]);
        assert_eq!(each(&offset, "users", "id"), ids);
        assert_eq!(members(&offset), (Value::Null, json!(2)));
        let none = users(&[("limit", "0")]);
        assert_eq!(each(&none, "users", "id"), ids);
        let two = users(&[("limit", "2"), ("offset", "1")]);
        assert_eq!(each(&two, "users", "id"), ids[1..3]);
        assert_eq!(members(&two), (json!(2), json!(1)));
        assert_eq!(two["total"], all["total"]);
        let negative = users(&[("limit", "-1")]);
        assert_eq!(
            (&negative["users"], &negative["total"]),
            (&json!([]), &all["total"])
        );
        let member = account(&node, "member");
        let profile = |id: &str| call("get", "comprofiler", "profile", &[("id", id)]);
        let plain = asked.answer(&profile(&member));
        assert_eq!(asked.answer(&profile(&format!("{member}-member"))), plain);
        assert_eq!(asked.code(&profile("99999")), "CBP_UNF");
    }
}

fn members(answer: &Value) -> (Value, Value) {
    (answer["limit"].clone(), answer["offset"].clone())
}
