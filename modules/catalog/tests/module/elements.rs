//! Typed elements: what is taken, what is refused and why, and what answers show.

use serde_json::{Value, json};

use crate::library::{MEMBERS, Shop, id_of, one, with};

fn typed(shop: &Shop) {
    let options = json!([{ "value": "r", "name": "Red" }, { "value": "g", "name": "Green" }]);
    shop.type_of(
        "All",
        &json!({
            "line": { "type": "text", "name": "Line", "max_length": 10, "repeatable": true },
            "text": { "type": "textarea", "name": "Text" },
            "html": { "type": "textarea", "name": "HTML", "html": true },
            "number": { "type": "number", "name": "Number", "minimum": 1, "maximum": 9 },
            "date": { "type": "date", "name": "Date" },
            "image": { "type": "image", "name": "Image" },
            "gallery": { "type": "gallery", "name": "Gallery" },
            "link": { "type": "link", "name": "Link" },
            "select": { "type": "select", "name": "Select", "options": options, "repeatable": true },
            "one": { "type": "select", "name": "One", "options": options },
            "relation": { "type": "relation", "name": "Relation", "types": ["product"], "repeatable": true },
            "country": { "type": "country", "name": "Country" },
            "email": { "type": "email", "name": "E-mail" },
            "file": { "type": "file", "name": "File" },
            "rating": { "type": "rating", "name": "Rating", "maximum": 10 },
        }),
    );
}

fn data(shown: &Value, name: &str) -> Value {
    let elements = shown["elements"].as_array().expect("a list");
    let found = elements
        .iter()
        .find(|element| element["identifier"] == name);
    found.map_or(Value::Null, |element| element["data"].clone())
}

#[test]
fn each_kind_of_element_keeps_what_is_given_in_its_own_form() {
    for shop in Shop::each() {
        typed(&shop);
        let lamp = shop.product("Lamp", &[], &json!({}));
        let cases = [
            (
                "line",
                json!(["a", "b"]),
                json!({ "0": { "value": "a" }, "1": { "value": "b" } }),
            ),
            (
                "text",
                json!("a <b>\n& c"),
                json!({ "0": { "value": "a <b>\n& c" } }),
            ),
            (
                "html",
                json!("<p onclick=\"x\">a<script>b</script></p>"),
                json!({ "0": { "value": "<p>a</p>" } }),
            ),
            ("number", json!("8.50"), json!({ "0": { "value": 8.50 } })),
            (
                "date",
                json!("2027-01-31T13:00:00+01:00"),
                json!({ "0": { "value": "2027-01-31 12:00:00" } }),
            ),
            (
                "date",
                json!("2027-01-31"),
                json!({ "0": { "value": "2027-01-31 00:00:00" } }),
            ),
            (
                "image",
                json!("images/a.png"),
                json!({ "file": "images/a.png" }),
            ),
            (
                "image",
                json!({ "file": "/a.png", "title": "A", "width": 10 }),
                json!({ "file": "/a.png", "title": "A", "width": 10 }),
            ),
            (
                "gallery",
                json!(["a.png", { "file": "b.png", "title": "B" }]),
                json!({ "images": { "0": { "file": "a.png" }, "1": { "file": "b.png", "title": "B" } } }),
            ),
            (
                "gallery",
                json!({ "value": "images/g", "title": "G" }),
                json!({ "value": "images/g", "title": "G" }),
            ),
            (
                "link",
                json!({ "value": "https://a.org/?x=1", "text": "A" }),
                json!({ "0": { "value": "https://a.org/?x=1", "text": "A" } }),
            ),
            (
                "select",
                json!(["g", "r", "g"]),
                json!({ "option": { "0": "g", "1": "r" } }),
            ),
            ("one", json!("r"), json!({ "option": { "0": "r" } })),
            (
                "relation",
                json!([lamp]),
                json!({ "item": { "0": lamp.to_string() } }),
            ),
            ("country", json!("de"), json!({ "country": { "0": "DE" } })),
            (
                "email",
                json!("a@b.org"),
                json!({ "0": { "value": "a@b.org" } }),
            ),
            (
                "file",
                json!("files/a.pdf"),
                json!({ "file": "files/a.pdf" }),
            ),
            (
                "rating",
                json!({ "value": 7.5, "votes": 2 }),
                json!({ "value": 7.5, "votes": 2 }),
            ),
        ];
        for (name, given, shown) in cases {
            let id = shop.saved(
                "items",
                &json!({ "app": shop.app, "type": "all", "name": name, "elements": { name: given } }),
            );
            let answer = one(shop.item(id));
            assert_eq!(data(&answer, name), shown, "{name}");
            // What is shown can be given back.
            shop.saved(
                "items",
                &json!({ "id": id, "elements": { name: data(&answer, name) } }),
            );
            assert_eq!(data(&one(shop.item(id)), name), shown, "{name} again");
            shop.saved("items", &json!({ "id": id, "elements": { name: null } }));
            assert_eq!(one(shop.item(id))["elements"], json!([]), "{name} cleared");
        }
    }
}

#[test]
fn what_breaks_a_rule_is_refused_by_the_name_of_element_member_and_rule() {
    for shop in Shop::each() {
        typed(&shop);
        let cases = [
            (
                "line",
                json!("12345678901"),
                "elements.line: must have at most 10 characters",
            ),
            (
                "line",
                json!(["a", { "value": "b", "x": 1 }]),
                "elements.line.1.x: is none of its members",
            ),
            ("text", json!(["a", "b"]), "elements.text: has one value"),
            (
                "text",
                json!({ "value": ["a"] }),
                "elements.text.value: must be a text",
            ),
            ("number", json!("many"), "elements.number: must be a number"),
            ("number", json!(0.5), "elements.number: must be at least 1"),
            (
                "number",
                json!("1e400"),
                "elements.number: must be a number",
            ),
            ("number", json!(10), "elements.number: must be at most 9"),
            ("date", json!("soon"), "elements.date: must be a time"),
            (
                "image",
                json!("javascript:x()"),
                "elements.image: must be an address",
            ),
            (
                "image",
                json!("../../etc/passwd"),
                "elements.image: must be a path within the site",
            ),
            (
                "image",
                json!({ "title": "A" }),
                "elements.image.file: must be given",
            ),
            (
                "image",
                json!({ "file": "a", "link": "data:x" }),
                "elements.image.link: must be an address",
            ),
            (
                "gallery",
                json!(["a", "vbscript:x"]),
                "elements.gallery.images.1: must be an address",
            ),
            (
                "link",
                json!("JaVaScRiPt:alert(1)"),
                "elements.link: must be an address with http, https or mailto",
            ),
            (
                "select",
                json!("blue"),
                "elements.select: must be one of r, g",
            ),
            ("one", json!(["r", "g"]), "elements.one: has one value"),
            (
                "relation",
                json!([99999]),
                "elements.relation: 99999 is no item",
            ),
            (
                "relation",
                json!("x"),
                "elements.relation: must be the id of an item",
            ),
            (
                "country",
                json!("XX"),
                "elements.country: must be the two letters",
            ),
            (
                "email",
                json!("a@b.org\nBcc: c@d.org"),
                "elements.email: must be an e-mail address",
            ),
            (
                "file",
                json!({ "file": "a", "size": -1 }),
                "elements.file.size: must be a whole number",
            ),
            (
                "rating",
                json!(11),
                "elements.rating: must be between 0 and 10",
            ),
            ("unknown", json!(1), "elements.unknown: is no element"),
        ];
        for (name, given, reason) in cases {
            let members =
                json!({ "app": shop.app, "type": "all", "name": "x", "elements": { name: given } });
            let answer = with(shop.put("items"), &members).json();
            let said = answer["error_description"].as_str().unwrap_or_default();
            assert_eq!(answer["error_code"], "REQ_PNV", "{given}: {answer}");
            assert!(said.contains(reason), "{given}: {said}");
        }
    }
}

#[test]
fn a_required_element_must_have_a_value() {
    for shop in Shop::each() {
        shop.type_of(
            "Strict",
            &json!({ "sku": { "type": "text", "name": "SKU", "required": true } }),
        );
        let new = json!({ "app": shop.app, "type": "strict", "name": "x" });
        let without = with(shop.put("items"), &new).json();
        assert!(
            without["error_description"]
                .as_str()
                .unwrap()
                .contains("elements.sku: must be given"),
            "{without}"
        );
        let put = with(shop.put("items"), &new).with("elements", json!({ "sku": "1" }));
        let id = id_of(&put.json()).expect("an id");
        let cleared = shop
            .put("items")
            .with("id", id)
            .with("elements", json!({ "sku": "" }));
        assert_eq!(cleared.fault(), "REQ_PNV");
        shop.saved("items", &json!({ "id": id, "name": "y" }));
    }
}

#[test]
fn related_items_are_shown_to_those_who_may_see_them_only() {
    for shop in Shop::each() {
        typed(&shop);
        let open = shop.product("open", &[], &json!({}));
        let members = shop.product("members", &[], &json!({ "access": MEMBERS }));
        let draft = shop.product("draft", &[], &json!({ "state": 0 }));
        let closed = shop.category("Closed", 0, &json!({ "state": 0 }));
        let inside = shop.product("inside", &[closed], &json!({}));
        let relation = json!({ "relation": [draft, open, members, inside] });
        let all = json!({ "app": shop.app, "type": "all", "name": "x", "elements": relation });
        let id = shop.saved("items", &all);
        let shown = data(&one(shop.item(id)), "relation");
        assert_eq!(shown, json!({ "item": { "0": open.to_string() } }));
        let shown = data(&one(shop.item(id).as_user(shop.member)), "relation");
        assert_eq!(
            shown,
            json!({ "item": { "0": open.to_string(), "1": members.to_string() } })
        );
        // A relation leads only to the types of its definition.
        let wrong = shop
            .put("items")
            .with("id", id)
            .with("elements", json!({ "relation": id }));
        assert_eq!(wrong.fault(), "REQ_PNV");
    }
}

#[test]
fn an_element_of_a_view_level_is_hidden_from_others_and_stays_when_they_write() {
    for shop in Shop::each() {
        shop.type_of(
            "Offer",
            &json!({
                "open": { "type": "text", "name": "Open" },
                "secret": { "type": "text", "name": "Secret", "access": 6 },
            }),
        );
        let members = json!({
            "app": shop.app, "type": "offer", "name": "x", "created_by": shop.author,
            "elements": { "open": "a", "secret": "b" },
        });
        let id = shop.saved("items", &members);
        let shown = one(shop.item(id));
        assert_eq!(
            (
                data(&shown, "open")["0"]["value"].clone(),
                data(&shown, "secret")
            ),
            (json!("a"), Value::Null)
        );
        let put = shop
            .host
            .call("put", "items")
            .as_user(shop.author)
            .with("id", id);
        assert_eq!(
            put.with("elements", json!({ "secret": "c" })).fault(),
            "REQ_PNV"
        );
        let put = shop
            .host
            .call("put", "items")
            .as_user(shop.author)
            .with("id", id);
        assert_eq!(
            put.with("elements", json!({ "open": "c" })).json()["status"],
            "ok"
        );
        let records = shop
            .host
            .call("get", "records")
            .as_operator()
            .with("kind", "item")
            .json();
        assert_eq!(
            records["records"][0]["elements"]["secret"]["0"]["value"],
            "b"
        );
    }
}

#[test]
fn a_type_that_loses_an_element_keeps_the_items_values_out_of_sight() {
    for shop in Shop::each() {
        let id = shop.product(
            "a",
            &[],
            &json!({ "elements": { "price": 5, "about": "x" } }),
        );
        let fewer = json!({ "about": { "type": "textarea", "name": "About" } });
        shop.type_of("Product", &fewer);
        let shown = one(shop.item(id));
        assert_eq!(shown["elements"].as_array().unwrap().len(), 1);
        shop.saved("items", &json!({ "id": id, "name": "b" }));
        let price = json!({ "price": { "type": "number", "name": "Price" } });
        shop.type_of("Product", &price);
        assert_eq!(
            data(&one(shop.item(id)), "price"),
            json!({ "0": { "value": 5 } })
        );
    }
}
