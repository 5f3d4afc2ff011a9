//! The tables as diesel sees them; `migrations/catalog` makes them.

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Text};

    catalog_application (id) {
        id -> BigInt,
        name -> Text,
        alias -> Text,
        description -> Text,
        state -> BigInt,
        view_level_id -> BigInt,
        version -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Json, Text};

    catalog_type (id) {
        id -> BigInt,
        application_id -> BigInt,
        identifier -> Text,
        name -> Text,
        elements -> Json,
        version -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Json, Text};

    catalog_category (id) {
        id -> BigInt,
        application_id -> BigInt,
        parent_id -> BigInt,
        position -> BigInt,
        name -> Text,
        alias -> Text,
        description -> Text,
        content -> Json,
        metadata -> Json,
        state -> BigInt,
        view_level_id -> BigInt,
        version -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::BigInt;

    catalog_category_ancestor (category_id, ancestor_id) {
        category_id -> BigInt,
        ancestor_id -> BigInt,
        distance -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Bool, Json, Nullable, Text};

    catalog_item (id) {
        id -> BigInt,
        application_id -> BigInt,
        type_id -> BigInt,
        name -> Text,
        alias -> Text,
        state -> BigInt,
        view_level_id -> BigInt,
        publish_up_ms -> Nullable<BigInt>,
        publish_down_ms -> Nullable<BigInt>,
        priority -> BigInt,
        searchable -> Bool,
        comments_enabled -> Bool,
        primary_category_id -> BigInt,
        created_ms -> BigInt,
        created_by -> BigInt,
        created_by_alias -> Text,
        modified_ms -> BigInt,
        modified_by -> BigInt,
        hits -> BigInt,
        elements -> Json,
        metadata -> Json,
        version -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::BigInt;

    catalog_item_category (item_id, category_id) {
        item_id -> BigInt,
        category_id -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Json, Text};

    catalog_revision (id) {
        id -> BigInt,
        item_id -> BigInt,
        version -> BigInt,
        act -> Text,
        saved_ms -> BigInt,
        saved_by -> BigInt,
        snapshot -> Json,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Text};

    catalog_vote (id) {
        id -> BigInt,
        item_id -> BigInt,
        element -> Text,
        voter -> Text,
        user_id -> BigInt,
        stars -> BigInt,
        voted_ms -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    catalog_application,
    catalog_category,
    catalog_category_ancestor,
    catalog_item,
    catalog_item_category,
    catalog_revision,
    catalog_type,
    catalog_vote,
);
