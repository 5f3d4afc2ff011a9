//! PushBack in the demo site: an application whose pages may listen with its token, as the original's did.

use serde_json::json;

use super::facts::DemoPushback;
use super::operate::operate;
use crate::app::House;

/// Makes the application; its notifications count against a key, as if the pages' owner had sent it.
pub(super) fn pushback(house: &House, key: i64) -> Result<DemoPushback, String> {
    let members = json!({ "name": "Demo pages", "open_subscribe": true, "key": key });
    let made = operate(house, "pushback", "post", "application", &members, None)?;
    let token = made["app_token"].as_str();
    let token =
        token.ok_or_else(|| "pushback post/application answered without a token".to_owned())?;
    Ok(DemoPushback {
        base: "/".to_owned(),
        app_token: token.to_owned(),
        script: "/static/core/js/pusher.js".to_owned(),
    })
}
