//! The operator's fields.

use serde_json::json;

use crate::partner::{Partner, with};

#[test]
fn a_field_is_added_once_and_changed_by_its_name() {
    for site in Partner::each() {
        let id = site.field("cb_city", &json!({ "title": "City" }));
        assert_eq!(site.field("cb_city", &json!({ "required": true })), id);
        let fields = site.call("get", "fields").json();
        let wanted = json!([{
            "id": id.to_string(), "name": "cb_city", "title": "City", "description": "", "type": "text",
            "values": [], "default": "", "required": true, "readonly": false,
        }]);
        assert_eq!(fields["fields"], wanted);
        let delete = || {
            site.host
                .call("delete", "fields")
                .as_operator()
                .with("id", id)
        };
        assert_eq!(delete().json(), json!({ "status": "ok" }));
        assert_eq!(delete().fault(), "CBP_FNA");
    }
}

#[test]
fn a_field_that_cannot_be_is_refused() {
    for site in Partner::each() {
        let first = site.field("cb_city", &json!({}));
        site.field("cb_colour", &json!({ "type": "select", "values": ["red"] }));
        let put = |members: serde_json::Value| {
            with(site.host.call("put", "fields").as_operator(), &members).fault()
        };
        for name in [
            "email", "password", "action", "status", "Cb", "1cb", "cb-x", "cb x",
        ] {
            assert_eq!(put(json!({ "name": name })), "REQ_PNV", "{name}");
        }
        assert_eq!(put(json!({ "title": "No name" })), "REQ_PNV");
        let number = json!({ "name": "cb_n", "type": "integer", "default": "x" });
        assert_eq!(put(number), "REQ_PNV");
        let select = json!({ "name": "cb_s", "type": "select" });
        assert_eq!(put(select), "REQ_PNV");
        let kind = json!({ "name": "cb_k", "type": "delimiter" });
        assert_eq!(put(kind), "REQ_PNV");
        let other_kind = json!({ "id": first, "type": "date" });
        assert_eq!(put(other_kind), "REQ_PNV");
        assert_eq!(put(json!({ "id": first, "name": "cb_colour" })), "CBP_NAX");
        assert_eq!(put(json!({ "id": 99999, "name": "cb_x" })), "CBP_FNA");
        let of_partner = site.call("put", "fields").with("name", "cb_x");
        assert_eq!(of_partner.fault(), "REQ_AKN");
    }
}
