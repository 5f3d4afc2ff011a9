//! The tables as diesel sees them; `migrations/menu` makes them.

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Text};

    menu_menu (id) {
        id -> BigInt,
        menutype -> Text,
        title -> Text,
        description -> Text,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Bool, Json, Nullable, Text};

    menu_item (id) {
        id -> BigInt,
        menu_id -> BigInt,
        parent_id -> BigInt,
        level -> BigInt,
        position -> BigInt,
        place -> BigInt,
        title -> Text,
        alias -> Text,
        note -> Text,
        path -> Text,
        link -> Text,
        kind -> Text,
        home -> Bool,
        browser_navigation -> BigInt,
        params -> Json,
        language -> Text,
        state -> BigInt,
        view_level_id -> BigInt,
        publish_up_ms -> Nullable<BigInt>,
        publish_down_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    use loggia_sql::sql_types::BigInt;

    menu_item_ancestor (item_id, ancestor_id) {
        item_id -> BigInt,
        ancestor_id -> BigInt,
    }
}

diesel::joinable!(menu_item -> menu_menu (menu_id));
diesel::allow_tables_to_appear_in_same_query!(menu_item, menu_item_ancestor, menu_menu);
