//! The catalog of the demo site: an application of which a guest sees a part. Each step names what it adds by its place
//! and alias, so doing it again adds nothing.

use serde_json::{Value, json};

use super::facts::DemoCatalog;
use super::operate::operate;
use crate::app::House;

/// The view level of those who have an account.
const REGISTERED: i64 = 2;

/// Adds an application with a type, categories and items, and gives those that a guest sees.
pub(super) fn catalog(house: &House) -> Result<DemoCatalog, String> {
    let app = put(
        house,
        "applications",
        &json!({ "name": "Shop", "description": "<p>What we have.</p>" }),
    )?;
    put(house, "types", &product(number(&app)?))?;
    let shop = Shop {
        house,
        app: number(&app)?,
    };
    let lamps = shop.category(
        "Lamps",
        json!({ "description": "<p>Light for every room.</p>" }),
    )?;
    let parent = number(&lamps)?;
    let desk = shop.category("Desk lamps", json!({ "parent": parent }))?;
    let offers = json!({ "parent": parent, "access": REGISTERED });
    let offers = shop.category("Offers for members", offers)?;
    let next = shop.category("Next season", json!({ "state": 0 }))?;
    let lantern = shop.item("Lantern", &[&lamps], 25.0, &[])?;
    let similar = [number(&lantern)?];
    shop.item("Desk lamp", &[&lamps, &desk], 40.0, &similar)?;
    shop.item("Night light", &[&lamps, &offers], 9.5, &similar)?;
    shop.item("Chandelier", &[&offers], 900.0, &[])?;
    shop.item("Lava lamp", &[&next], 30.0, &[])?;
    Ok(DemoCatalog {
        app,
        category: lamps,
        item: lantern,
    })
}

fn product(app: i64) -> Value {
    let colours = json!([{ "value": "red", "name": "Red" }, { "value": "brass", "name": "Brass" }]);
    json!({
        "app": app, "name": "Product", "elements": {
            "price": { "type": "number", "name": "Price", "required": true, "minimum": 0 },
            "about": { "type": "textarea", "name": "About it", "html": true },
            "picture": { "type": "image", "name": "Picture" },
            "colour": { "type": "select", "name": "Colour", "options": colours, "repeatable": true },
            "made-in": { "type": "country", "name": "Made in" },
            "maker": { "type": "link", "name": "Maker" },
            "similar": { "type": "relation", "name": "Similar products", "repeatable": true },
        },
    })
}

/// The application that is being filled.
struct Shop<'h> {
    house: &'h House,
    app: i64,
}

impl Shop<'_> {
    fn category(&self, name: &str, more: Value) -> Result<String, String> {
        let mut members = json!({ "app": self.app, "name": name });
        if let (Some(members), Value::Object(more)) = (members.as_object_mut(), more) {
            members.extend(more);
        }
        put(self.house, "categories", &members)
    }

    fn item(
        &self,
        name: &str,
        categories: &[&str],
        price: f64,
        similar: &[i64],
    ) -> Result<String, String> {
        let categories: Result<Vec<i64>, String> = categories.iter().map(|id| number(id)).collect();
        let elements = json!({
            "price": price, "about": format!("<p>This is the {name}.</p>"), "picture": "images/demo.png",
            "colour": ["brass"], "made-in": "DE", "maker": "https://example.org/", "similar": similar,
        });
        let members = json!({
            "app": self.app, "type": "product", "name": name, "categories": categories?, "elements": elements,
        });
        put(self.house, "items", &members)
    }
}

/// Adds something, or finds it there, and gives its id.
fn put(house: &House, resource: &str, members: &Value) -> Result<String, String> {
    let saved = operate(house, "catalog", "put", resource, members, None)?;
    let id = saved["id"].as_str().map(str::to_owned);
    id.ok_or_else(|| format!("catalog put/{resource} answered without an id"))
}

fn number(id: &str) -> Result<i64, String> {
    id.parse().map_err(|_| format!("{id} is no id"))
}
