//! What the people of the demo site say of themselves. Each field is named, so adding it again adds nothing.

use serde_json::{Value, json};

use super::facts::{DemoUser, DemoUsers};
use super::operate::operate;
use crate::app::House;
use crate::service::identity::By;

/// Adds fields, and fills in those of two accounts.
pub(super) fn profiles(house: &House, users: &DemoUsers) -> Result<(), String> {
    for field in [
        json!({ "name": "cb_city", "title": "City", "max_length": 100, "ordering": 1 }),
        json!({ "name": "cb_website", "title": "Website", "type": "webaddress", "ordering": 2 }),
        json!({
            "name": "cb_interests", "title": "Interests", "type": "multicheckbox",
            "values": ["Music", "Books", "Sports"], "ordering": 3,
        }),
        json!({
            "name": "cb_rank", "title": "Rank", "default": "Guest", "readonly": true, "ordering": 4,
        }),
    ] {
        operate(house, "profiles", "put", "fields", &field, None)?;
    }
    fill(
        house,
        &users.member,
        json!({ "cb_city": "Turin", "cb_interests": ["Music", "Books"] }),
    )?;
    fill(house, &users.outsider, json!({ "cb_city": "Köln" }))
}

fn fill(house: &House, user: &DemoUser, mut members: Value) -> Result<(), String> {
    let (identity, operator) = (&house.identity, house.identity.operator());
    let account = identity
        .find(&operator, By::Username(&user.username))
        .map_err(|fault| fault.to_string())?;
    members["id"] = account.id.into();
    members["username"] = account.username.into();
    members["email"] = account.email.into();
    members["name"] = account.name.into();
    operate(house, "profiles", "put", "profile", &members, None).map(drop)
}
