//! From what an item keeps of an element to what answers show of it.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::field::{self, Rule};
use super::read::{numbered, related};
use super::{Element, Kind};

/// The data as answers show it: HTML without what could do harm, no address that runs code, and only those related
/// items that the caller may see. What was moved in from elsewhere was not checked when it was kept.
pub(crate) fn data(element: &Element, kept: Value, items_in_sight: &HashSet<i64>) -> Value {
    let kind = element.definition.kind;
    if kind == Kind::Relation {
        let ids = related(&kept).into_iter();
        let shown = ids.filter(|id| items_in_sight.contains(id));
        let shown = shown.map(|id| id.to_string().into()).collect();
        return Map::from_iter([("item".to_owned(), numbered(shown))]).into();
    }
    let mut data = kept;
    if kind == Kind::Textarea && element.definition.html {
        each_member(&mut data, &mut |name, text| {
            if name == "value" {
                *text = ammonia::clean(text);
            }
        });
    }
    each_member(&mut data, &mut |name, text| {
        let is_good = match field::rule(kind, name) {
            Some(Rule::Address) => field::address(text).is_ok(),
            Some(Rule::Path) => field::path(text).is_ok(),
            _ => true,
        };
        if !is_good {
            text.clear();
        }
    });
    data
}

/// Calls with the name and text of each member, however deep it lies.
fn each_member(data: &mut Value, change: &mut impl FnMut(&str, &mut String)) {
    let Value::Object(members) = data else {
        return;
    };
    for (name, value) in members {
        match value {
            Value::String(text) => change(name, text),
            other => each_member(other, change),
        }
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
        data(&element, kept, &HashSet::from([7]))
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
        let relation = json!({ "type": "relation", "name": "Others" });
        let kept = json!({ "item": { "0": "5", "1": "7" } });
        assert_eq!(shown(relation, kept), json!({ "item": { "0": "7" } }));
    }

    #[test]
    fn text_that_is_no_html_stays_as_it_was_written() {
        let text = json!({ "type": "textarea", "name": "Text" });
        let kept = json!({ "0": { "value": "a < b & <c>" } });
        assert_eq!(shown(text, kept.clone()), kept);
    }
}
