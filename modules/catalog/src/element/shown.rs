//! From what an item keeps of an element to what answers show of it.

use std::collections::HashSet;

use loggia_site::media;
use serde_json::{Map, Value};

use super::field::{self, Rule};
use super::read::{numbered, numbered_members, related};
use super::{Element, Kind};

/// Schemes that no member may have, whatever it is for.
const HARMFUL: [&str; 3] = ["javascript:", "vbscript:", "data:"];

/// The data as answers show it: an object, HTML without what could do harm, no address that runs code, files of the
/// module media by where they are sent from at the endpoint with this address, and only those related items that the caller may see. What was moved in from elsewhere was not checked when it was kept.
pub(crate) fn data(
    element: &Element,
    kept: Value,
    items_in_sight: &HashSet<i64>,
    base_url: &str,
) -> Map<String, Value> {
    let kind = element.definition.kind;
    if kind == Kind::Relation {
        let ids = related(&kept).into_iter();
        let shown = ids.filter(|id| items_in_sight.contains(id));
        let shown = shown.map(|id| id.to_string().into()).collect();
        return Map::from_iter([("item".to_owned(), numbered(shown))]);
    }
    let mut data = kept;
    each_text("", &mut data, &mut |name, text| match kind {
        Kind::Textarea if element.definition.html => *text = ammonia::clean(text),
        Kind::Text | Kind::Textarea => {}
        _ if !is_good(kind, name, text) => text.clear(),
        _ if field::rule(kind, name) == Some(Rule::Path) => {
            *text = media::shown(base_url, std::mem::take(text));
        }
        _ => {}
    });
    match data {
        Value::Object(members) => members,
        Value::Array(values) => numbered_members(values),
        other => Map::from_iter([("value".to_owned(), other)]),
    }
}

fn is_good(kind: Kind, name: &str, text: &str) -> bool {
    match field::rule(kind, name) {
        Some(Rule::Address) => field::address(text).is_ok(),
        Some(Rule::Path) => field::path(text).is_ok(),
        Some(Rule::Folder) => field::within(text).is_ok(),
        Some(_) => true,
        None => {
            let plain = text.chars().filter(|character| !character.is_whitespace());
            let plain: String = plain.take(20).flat_map(char::to_lowercase).collect();
            !HARMFUL.iter().any(|scheme| plain.starts_with(scheme))
        }
    }
}

/// Calls with each text, however deep it lies, and the name of the member that it belongs to.
pub(crate) fn each_text(name: &str, data: &mut Value, change: &mut impl FnMut(&str, &mut String)) {
    match data {
        Value::String(text) => change(name, text),
        Value::Array(values) => values
            .iter_mut()
            .for_each(|value| each_text(name, value, change)),
        Value::Object(members) => members
            .iter_mut()
            .for_each(|(name, value)| each_text(name, value, change)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::element::defined;

    fn shown(definition: Value, kept: Value) -> Value {
        let given = Map::from_iter([("e".to_owned(), definition)]);
        let element = defined(given).unwrap().remove(0);
        data(&element, kept, &HashSet::from([7]), "https://a.org/api").into()
    }

    #[test]
    fn nothing_harmful_is_shown_however_it_came_in() {
        let html = json!({ "type": "textarea", "name": "Text", "html": true });
        let kept = json!({ "0": { "value": "<p onclick=x()>a<script>b()</script></p>" } });
        assert_eq!(shown(html, kept)["0"]["value"], "<p>a</p>");
        let link = json!({ "type": "link", "name": "Link" });
        let kept = json!({ "0": { "value": "javascript:x()", "text": "javascript: a history" } });
        let wanted = json!({ "0": { "value": "", "text": "javascript: a history" } });
        assert_eq!(shown(link, kept), wanted);
        let image = json!({ "type": "image", "name": "Image" });
        let kept = json!({ "file": ["a.png", "data:x"], "href": "Java\nscript:x()", "rel": "a" });
        let wanted = json!({ "file": ["a.png", ""], "href": "", "rel": "a" });
        assert_eq!(shown(image, kept), wanted);
        for kept in [
            json!({ "item": { "0": "5", "1": "7" } }),
            json!({ "item": [5, "7"] }),
        ] {
            let relation = json!({ "type": "relation", "name": "Others" });
            assert_eq!(shown(relation, kept), json!({ "item": { "0": "7" } }));
        }
    }

    #[test]
    fn a_file_of_the_module_media_is_shown_by_its_address_where_an_address_may_stand() {
        let wanted = "https://a.org/api/get/media/files/7";
        let image = json!({ "type": "image", "name": "Image" });
        let kept = json!({ "file": "media:7", "lightbox_image": "media:x", "title": "media:7" });
        let shown_image = shown(image, kept);
        assert_eq!(
            shown_image,
            json!({ "file": wanted, "lightbox_image": "", "title": "media:7" })
        );
        let gallery = json!({ "type": "gallery", "name": "Gallery" });
        let kept = json!({ "0": { "file": "media:7" }, "value": "media:7" });
        assert_eq!(
            shown(gallery, kept),
            json!({ "0": { "file": wanted }, "value": "" })
        );
    }

    #[test]
    fn a_list_is_shown_as_an_object_by_its_numbers() {
        let text = json!({ "type": "text", "name": "Text" });
        let kept = json!([{ "value": "a" }, { "value": "b" }]);
        let wanted = json!({ "0": { "value": "a" }, "1": { "value": "b" } });
        assert_eq!(shown(text, kept), wanted);
    }

    #[test]
    fn text_that_is_no_html_stays_as_it_was_written() {
        let text = json!({ "type": "textarea", "name": "Text" });
        let kept = json!({ "0": { "value": "a < b & <c>" } });
        assert_eq!(shown(text, kept.clone()), kept);
    }
}
