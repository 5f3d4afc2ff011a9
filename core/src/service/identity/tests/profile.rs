use serde_json::json;

use super::*;
use crate::service::identity::ProfileChange;
use crate::store::fields::{self, NewField};

fn field(name: &str, view_level_id: i64, group_id: Option<i64>) -> NewField<'_> {
    NewField {
        name,
        title: "Title",
        label: "Label",
        kind: "text",
        description: "",
        default_value: "none",
        language: "*",
        group_id,
        view_level_id,
        required: name == "city",
        editable: name != "rank",
        position: 0,
    }
}

/// Three fields: one for registered users, one of which the owner only sees, one for managers.
fn add_fields(world: &World) {
    let mut connection = Connections::write(&world.pool).unwrap();
    let group = fields::insert_group(&mut connection, "Address").unwrap();
    for new in [
        field("city", 2, Some(group)),
        field("rank", 1, None),
        field("note", 3, None),
    ] {
        fields::insert(&mut connection, &new).unwrap();
    }
}

fn change(json: serde_json::Value) -> ProfileChange {
    serde_json::from_value(json).unwrap()
}

#[test]
fn the_fields_of_a_profile_are_those_its_owner_may_see() {
    on_each("", |world| {
        add_fields(world);
        let user = world.user("somebody");
        let wanted = change(json!({ "fields": { "city": "Köln" } }));
        world
            .identity
            .change_profile(&world.operator(), user.id, &wanted)
            .unwrap();
        let shown = world.identity.fields(&world.operator(), user.id).unwrap();
        let names: Vec<_> = shown
            .iter()
            .map(|field| field["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["city", "rank"]);
        assert_eq!(shown[0]["value"], "Köln");
        assert_eq!(shown[0]["group_title"], "Address");
        assert_eq!(shown[0]["required"], "1");
        assert_eq!(shown[0]["type"], "text");
        assert!(shown[0]["id"].is_string());
        assert_eq!(shown[1]["value"], "none");
        assert_eq!(shown[1]["group_title"], json!(null));
    });
}

#[test]
fn an_owner_changes_what_he_names_and_nothing_else() {
    on_each("", |world| {
        let user = world.user("somebody");
        let wanted = change(json!({ "name": "Another Name", "language": "de-DE" }));
        let changed = world
            .identity
            .change_profile(&world.operator(), user.id, &wanted)
            .unwrap();
        assert_eq!(
            (&*changed.name, &*changed.language),
            ("Another Name", "de-DE")
        );
        assert_eq!(changed.email, user.email);
        let same = world
            .identity
            .change_profile(&world.operator(), user.id, &change(json!({})));
        assert_eq!(same.unwrap(), changed);
    });
}

#[test]
fn a_new_address_needs_the_password_and_must_be_free() {
    on_each("", |world| {
        let user = world.user("somebody");
        world.user("other");
        let try_with = |email: &str, password: &str| {
            let wanted = change(json!({ "email": email, "password": password }));
            world
                .identity
                .change_profile(&world.operator(), user.id, &wanted)
        };
        assert_eq!(code(try_with("new@example.test", "wrong")), "USR_LIF");
        assert_eq!(code(try_with("OTHER@example.test", PASSWORD)), "USR_EAX");
        assert_eq!(code(try_with("no address", PASSWORD)), "USR_EDR");
        assert_eq!(
            try_with("new@example.test", PASSWORD).unwrap().email,
            "new@example.test"
        );
    });
}

#[test]
fn a_field_that_may_not_be_changed_is_refused_by_name() {
    on_each("", |world| {
        add_fields(world);
        let user = world.user("somebody");
        for (name, value) in [
            ("rank", json!("general")),
            ("note", json!("x")),
            ("unknown", json!("x")),
            ("city", json!(" ")),
            ("city", json!(null)),
        ] {
            let wanted = change(json!({ "name": "Changed", "fields": { name: value } }));
            let refused = world
                .identity
                .change_profile(&world.operator(), user.id, &wanted);
            let Err(IdentityFault::Refused(refusal)) = refused else {
                panic!("{name} was changed");
            };
            assert_eq!(refusal.code, "REQ_PNV");
            assert!(
                refusal.detail.starts_with(&format!("fields.{name}: ")),
                "{}",
                refusal.detail
            );
        }
        let account = world
            .identity
            .locate(&world.operator(), "somebody")
            .unwrap();
        assert_eq!(account.name, "Some Body");
    });
}

#[test]
fn a_new_password_needs_the_old_one_and_wrong_ones_are_guesses() {
    on_each("throttle.login_failures_per_account = 2\n", |world| {
        let user = world.user("somebody");
        let try_with = |old: &str, new: &str| {
            world
                .identity
                .change_password(&world.operator(), user.id, old, new)
        };
        assert_eq!(code(try_with("wrong", "another long password")), "USR_LIF");
        assert_eq!(code(try_with(PASSWORD, "short")), "USR_EDR");
        try_with(PASSWORD, "another long password").unwrap();
        assert!(world.log_in("somebody", "another long password").is_ok());
        assert_eq!(code(try_with("wrong", PASSWORD)), "USR_LIF");
        assert_eq!(code(try_with("wrong", PASSWORD)), "USR_LIF");
        assert_eq!(code(try_with("another long password", PASSWORD)), "REQ_RLM");
    });
}
