//! A file of the demo site, named by what it says, so that it is there once.

use serde_json::json;

use super::operate::operate;
use crate::app::House;

const NAME: &str = "welcome.txt";

/// Adds a file that everybody may have.
pub(super) fn media(house: &House) -> Result<(), String> {
    let listed = operate(house, "media", "get", "items", &json!({}), None)?;
    let items = listed["items"].as_array();
    if items.is_some_and(|items| items.iter().any(|item| item["name"] == NAME)) {
        return Ok(());
    }
    let text = "Welcome to the demo site.\n";
    let members = json!({ "name": NAME });
    operate(
        house,
        "media",
        "post",
        "files",
        &members,
        Some(text.as_bytes()),
    )
    .map(drop)
}
