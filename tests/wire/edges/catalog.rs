//! The catalog.

use loggia_tests::site::Site;
use serde_json::{Value, json};

use super::{Asked, add, call, each, each_site};
use crate::fixture::{self, operate};
use crate::form::Call;

const ELEMENTS: &str = r#"{
    "price": { "type": "number", "name": "Full price" },
    "about": { "type": "textarea", "name": "About" }
}"#;

/// An application with a type, a category with an item, and one below a hidden category.
struct Shop {
    app: String,
    category: String,
    hidden: String,
    below: String,
    item: String,
    below_item: String,
}

impl Shop {
    fn open(site: &Site) -> Shop {
        let app = add(site, &["catalog", "application", "--name", "Edges"]);
        let of = |what: &str, more: &[&str]| {
            add(site, &[&["catalog", what, "--app", &app], more].concat())
        };
        of("type", &["--name", "Thing", "--elements", ELEMENTS]);
        let category = of("category", &["--name", "Open"]);
        let hidden = of("category", &["--name", "Hidden", "--state", "0"]);
        let below = of("category", &["--name", "Below", "--parent", &hidden]);
        let item = |name: &str, category: &str| {
            let words = ["--type", "thing", "--name", name, "--categories", category];
            let elements = ["--elements", r#"{ "price": 5, "about": "It is" }"#];
            of("item", &[&words[..], &elements].concat())
        };
        let (item, below_item) = (item("Seen", &category), item("Unseen", &below));
        Shop {
            app,
            category,
            hidden,
            below,
            item,
            below_item,
        }
    }

    fn call(&self, resource: &str, members: &[(&str, &str)]) -> Call {
        let app = [("app", self.app.as_str())];
        call("get", "zoo", resource, &[&app, members].concat())
    }
}

#[test]
fn pages_aliases_and_hidden_categories() {
    each_site(
        "\n[module.catalog]\nupdate_hits = false\n",
        |site, asked| {
            let shop = Shop::open(site);
            let items = |members: &[(&str, &str)]| {
                let category = [("category", shop.category.as_str())];
                asked.answer(&shop.call("items", &[&category, members].concat()))
            };
            let list = items(&[]);
            assert_eq!(each(&list, "items", "id"), [shop.item.as_str()]);
            assert_eq!(
                (&list["total"], &list["limit"]),
                (&json!(1), &json!(20)),
                "{list}"
            );
            assert_eq!(items(&[("limit", "20"), ("page", "1")]), list);
            let with_alias = format!("{}-open", shop.category);
            let by_alias = shop.call("items", &[("category", &with_alias)]);
            assert_eq!(asked.answer(&by_alias), list);
            let app = format!("{}-edges", shop.app);
            let by_alias = call(
                "get",
                "zoo",
                "items",
                &[("app", &app), ("category", &shop.category)],
            );
            assert_eq!(asked.answer(&by_alias), list);
            let one = asked.answer(&shop.call("items", &[("id", &shop.item)]));
            let with_alias = format!("{}-seen", shop.item);
            assert_eq!(
                asked.answer(&shop.call("items", &[("id", &with_alias)])),
                one
            );
            let category = asked.answer(&shop.call("categories", &[("id", &shop.category)]));
            let with_alias = format!("{}-open", shop.category);
            assert_eq!(
                asked.answer(&shop.call("categories", &[("id", &with_alias)])),
                category
            );
            let tree = asked.answer(&shop.call("categories", &[]));
            assert_eq!(each(&tree, "categories", "id"), [shop.category.as_str()]);
            for id in [&shop.hidden, &shop.below, &"99999".to_owned()] {
                assert_eq!(
                    asked.code(&shop.call("categories", &[("id", id)])),
                    "ZOO_CNF"
                );
                assert_eq!(
                    asked.code(&shop.call("items", &[("category", id)])),
                    "ZOO_CNF"
                );
            }
            assert_eq!(
                asked.code(&shop.call("items", &[("id", &shop.below_item)])),
                "ZOO_INF"
            );
            assert_eq!(
                asked.code(&shop.call("items", &[("id", "99999")])),
                "ZOO_INF"
            );
        },
    );
}

#[test]
fn elements_are_a_map_or_a_list_by_identifier_or_name() {
    let settings = |identified: bool, named: bool| {
        format!(
            "identify_elements = {identified}\nname_elements = {named}\ninclude_elements = true\n"
        )
    };
    let first = settings(false, false);
    let more = format!("\n[module.catalog]\nupdate_hits = false\n{first}");
    each_site(&more, |site, asked| {
        let shop = Shop::open(site);
        let mut present = first.clone();
        for (identified, named) in [(false, false), (false, true), (true, false), (true, true)] {
            let next = settings(identified, named);
            fixture::replace(site, &present, &next);
            operate(site, &["reload"]);
            present = next;
            elements(&shop, asked, identified, named);
        }
    });
}

fn elements(shop: &Shop, asked: &Asked<'_>, identified: bool, named: bool) {
    let one = asked.answer(&shop.call("items", &[("id", &shop.item)]));
    let list = asked.answer(&shop.call("items", &[("category", &shop.category)]));
    let names = if named {
        ["full-price", "about"]
    } else {
        ["price", "about"]
    };
    for shown in [&one["elements"], &list["items"][0]["elements"]] {
        let first = if identified {
            let members: Vec<&String> = shown.as_object().expect("a map").keys().collect();
            assert_eq!(members, names);
            &shown[names[0]]
        } else {
            let all = shown.as_array().unwrap_or_else(|| panic!("{shown}"));
            let members: Vec<&Value> = all.iter().map(|one| &one["identifier"]).collect();
            assert_eq!(members, names);
            &all[0]
        };
        assert_eq!(
            (&first["identifier"], &first["data"]),
            (&json!(names[0]), &json!({ "0": { "value": 5 } })),
            "{shown}"
        );
    }
}
