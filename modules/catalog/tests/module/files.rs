//! Elements that are files of the module media.

use serde_json::json;

use crate::library::{Shop, one, with};

#[test]
fn a_file_of_the_module_media_may_stand_where_an_address_may() {
    let url = |id: i64| format!("http://localhost/test/get/media/files/{id}");
    for shop in Shop::each() {
        let elements = json!({
            "image": { "type": "image", "name": "Image" },
            "file": { "type": "file", "name": "File" },
            "gallery": { "type": "gallery", "name": "Gallery" },
        });
        shop.type_of("All", &elements);
        let cases = [
            (
                "image",
                json!({ "file": "media:7", "lightbox_image": url(8), "title": "media:7" }),
                json!({ "file": url(7), "lightbox_image": url(8), "title": "media:7" }),
            ),
            ("file", json!(url(9)), json!({ "file": url(9) })),
            (
                "gallery",
                json!(["media:7", { "file": url(8) }]),
                json!({ "images": { "0": { "file": url(7) }, "1": { "file": url(8) } } }),
            ),
        ];
        for (name, given, shown) in cases {
            let id = shop.saved(
                "items",
                &json!({ "app": shop.app, "type": "all", "name": name, "elements": { name: given } }),
            );
            let elements = one(shop.item(id))["elements"].clone();
            assert_eq!(elements[0]["data"], shown, "{name}");
            // What is shown can be given back.
            shop.saved("items", &json!({ "id": id, "elements": { name: shown } }));
        }
        let records = shop.host.call("get", "records").with("kind", "item");
        let kept = records.as_operator().json()["records"].to_string();
        for file in ["media:7", "media:8", "media:9"] {
            assert!(kept.contains(file), "{file}: {kept}");
        }
        assert!(!kept.contains("/get/media/files/"), "{kept}");
        for (name, given, told) in [
            (
                "image",
                json!("media:x"),
                "elements.image: must be media: and the id of a file",
            ),
            (
                "file",
                json!({ "file": "media:0" }),
                "elements.file.file: must be media:",
            ),
            (
                "image",
                json!({ "file": "a.png", "link": "media:7" }),
                "elements.image.link: must be an",
            ),
            (
                "gallery",
                json!({ "value": "media:7" }),
                "elements.gallery.value: must be",
            ),
        ] {
            let members =
                json!({ "app": shop.app, "type": "all", "name": "x", "elements": { name: given } });
            let refused = with(shop.put("items"), &members).json();
            let said = refused["error_description"].as_str().unwrap_or_default();
            assert!(said.contains(told), "{told}: {refused}");
        }
        let members = json!({ "app": shop.app, "name": "Lamps", "content_image": url(7) });
        let category = shop.saved("categories", &members);
        let shown = shop.host.call("get", "categories").with("app", shop.app);
        assert_eq!(shown.with("id", category).json()["content_image"], url(7));
    }
}
