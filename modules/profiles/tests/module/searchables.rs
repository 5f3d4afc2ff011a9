//! What the search finds of people beside their names.

use serde_json::{Value, json};

use crate::partner::Partner;

/// The texts that are offered, by account.
fn texts(partner: &Partner) -> Vec<(i64, String)> {
    let (mut found, mut after) = (Vec::new(), None::<String>);
    loop {
        let call = partner.host.call("get", "searchables").as_operator();
        let call = call.with("limit", 1);
        let page = match &after {
            Some(place) => call.with("after", place.as_str()).json(),
            None => call.json(),
        };
        for entry in page["entries"].as_array().expect("entries") {
            let document = &entry["document"];
            assert_eq!(document["area"], "profiles");
            let text = document["text"].as_str().expect("a text").to_owned();
            found.push((document["id"].as_i64().expect("a number"), text));
        }
        match page["next"].as_str() {
            Some(place) => after = Some(place.to_owned()),
            None => return found,
        }
    }
}

fn say(partner: &Partner, members: &Value) {
    let answer = partner.change(members).json();
    assert_eq!(answer["status"], "ok", "{answer}");
}

#[test]
fn values_are_offered_as_the_text_that_they_are() {
    for partner in Partner::each() {
        partner.fields();
        partner.field("cb_about", &json!({ "type": "editorta" }));
        partner.field("cb_agrees", &json!({ "type": "checkbox" }));
        assert_eq!(texts(&partner), [], "nobody has said anything");
        say(
            &partner,
            &json!({
                "cb_city": "London", "cb_colours": ["red", "green"], "cb_agrees": true,
                "cb_about": "<p>Wrote <b>notes</b><script>x()</script></p>",
            }),
        );
        let all = texts(&partner);
        let [(id, text)] = all.as_slice() else {
            panic!("{all:?}");
        };
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        assert_eq!(*id, partner.ada);
        assert_eq!(lines, ["London", "red, green", "Wrote notes"], "{text:?}");
        say(&partner, &json!({ "cb_colours": null, "cb_about": "" }));
        assert_eq!(texts(&partner), [(partner.ada, "London".to_owned())]);
    }
}

#[test]
fn a_field_that_one_endpoint_withholds_is_not_offered() {
    let settings = json!({
        "fields": ["cb_city", "cb_born"],
        "endpoint_fields": { "partner": ["cb_city", "cb_rank"], "other": ["cb_city", "cb_born"] },
    });
    for partner in Partner::each_with(&settings) {
        partner.fields();
        say(
            &partner,
            &json!({ "cb_city": "London", "cb_born": "1815-12-10" }),
        );
        assert_eq!(texts(&partner), [(partner.ada, "London".to_owned())]);
    }
}

#[test]
fn only_the_search_is_told() {
    for partner in Partner::each() {
        let call = partner.call("get", "searchables");
        assert_eq!(call.fault(), "REQ_AKN");
    }
}
