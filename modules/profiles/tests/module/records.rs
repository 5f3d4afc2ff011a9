//! Moving in and out, and what the module keeps of a person.

use serde_json::{Value, json};

use crate::partner::Partner;

fn all(site: &Partner, kind: &str) -> Vec<Value> {
    let (mut records, mut after) = (Vec::new(), 0);
    loop {
        let call = site.host.call("get", "records").as_operator();
        let call = call.with("kind", kind).with("after", after);
        let page = call.with("limit", 1).json();
        records.extend(page["records"].as_array().expect("records").iter().cloned());
        match page["next"].as_i64() {
            Some(next) => after = next,
            None => return records,
        }
    }
}

fn put(site: &Partner, kind: &str, records: &Value) -> Value {
    let call = site.host.call("put", "records").as_operator();
    call.with("kind", kind)
        .with("records", records.clone())
        .json()
}

fn filled() -> Vec<Partner> {
    let sites = Partner::each();
    for site in &sites {
        site.fields();
        site.change(&json!({ "cb_city": "Köln", "cb_colours": ["red", "green"] }))
            .json();
        let grace = json!({
            "id": site.grace, "username": "grace", "email": "grace@example.org", "cb_city": "Ulm",
        });
        site.change(&grace).json();
    }
    sites
}

#[test]
fn what_one_site_gives_another_takes_and_gives_again() {
    for old in filled() {
        let kinds = old.host.call("get", "records").as_operator().json();
        assert_eq!(kinds["kinds"], json!(["field", "profile"]));
        for new in Partner::each() {
            for kind in ["field", "profile"] {
                let records = all(&old, kind);
                let taken = put(&new, kind, &json!(records));
                assert_eq!(taken["refused"], json!([]));
                assert_eq!(taken["taken"], records.len());
                put(&new, kind, &json!(records));
                assert_eq!(all(&new, kind), records, "{kind}");
            }
            assert_eq!(new.profile(new.ada), {
                let mut wanted = old.profile(old.ada);
                wanted["created"] = new.profile(new.ada)["created"].clone();
                wanted
            });
            new.field("cb_next", &json!({}));
            let gone = new.host.call("delete", "records").as_operator();
            let gone = gone.with("kind", "profile").with("ids", json!([new.ada]));
            assert_eq!(gone.json()["deleted"], 1);
            assert_eq!(new.profile(new.ada)["cb_city"], "");
        }
    }
}

#[test]
fn a_record_that_breaks_a_rule_is_refused_alone() {
    for site in filled() {
        let mut fields = all(&site, "field");
        fields[0]["name"] = json!("email");
        fields[1]["kind"] = json!("video");
        fields[2]["options"] = json!([]);
        fields[3]["title"] = json!("Rank");
        let taken = put(&site, "field", &json!(fields));
        assert_eq!(taken["taken"], 2, "{taken}");
        let refused = taken["refused"].as_array().unwrap();
        assert_eq!(refused.len(), 3, "{taken}");
        let unknown = json!([{ "id": site.ada, "values": { "cb_unknown": "x" } }]);
        let taken = put(&site, "profile", &unknown);
        assert_eq!(taken["refused"][0]["why"], "cb_unknown is no field");
        assert_eq!(site.profile(site.ada)["cb_city"], "Köln");
        assert_eq!(put(&site, "nonsense", &json!([]))["error_code"], "REQ_PNV");
    }
}

#[test]
fn a_persons_fields_are_exported_and_erased() {
    for site in filled() {
        let house = site.host.house();
        let export = house.export_person(site.ada).unwrap();
        let wanted = json!({ "cb_city": "Köln", "cb_colours": "red|*|green" });
        assert_eq!(export["profiles"]["fields"], wanted);
        house.erase_person(site.ada).unwrap();
        let left = all(&site, "profile");
        assert_eq!(left.len(), 1, "{left:?}");
        assert_eq!(left[0]["id"], site.grace);
    }
}
