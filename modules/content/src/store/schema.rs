//! The tables as diesel sees them; `migrations/content` makes them.

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Text};

    content_category (id) {
        id -> BigInt,
        parent_id -> BigInt,
        level -> BigInt,
        position -> BigInt,
        title -> Text,
        alias -> Text,
        description -> Text,
        metadesc -> Text,
        metakey -> Text,
        page_title -> Text,
        author -> Text,
        robots -> Text,
        language -> Text,
        state -> BigInt,
        view_level_id -> BigInt,
        version -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::BigInt;

    content_category_ancestor (category_id, ancestor_id) {
        category_id -> BigInt,
        ancestor_id -> BigInt,
        distance -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Bool, Json, Nullable, Text};

    content_article (id) {
        id -> BigInt,
        category_id -> BigInt,
        title -> Text,
        alias -> Text,
        introduction -> Text,
        full_text -> Text,
        featured -> Bool,
        position -> BigInt,
        hits -> BigInt,
        created_ms -> BigInt,
        created_by -> BigInt,
        author_name -> Text,
        author_alias -> Text,
        publish_up_ms -> Nullable<BigInt>,
        publish_down_ms -> Nullable<BigInt>,
        metadesc -> Text,
        metakey -> Text,
        metadata -> Json,
        images -> Json,
        language -> Text,
        state -> BigInt,
        view_level_id -> BigInt,
        version -> BigInt,
        modified_ms -> BigInt,
        modified_by -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Json, Text};

    content_revision (id) {
        id -> BigInt,
        article_id -> BigInt,
        version -> BigInt,
        user_id -> BigInt,
        user_name -> Text,
        created_ms -> BigInt,
        document -> Json,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Text};

    content_tag (id) {
        id -> BigInt,
        title -> Text,
        alias -> Text,
        state -> BigInt,
        view_level_id -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::BigInt;

    content_article_tag (article_id, tag_id) {
        article_id -> BigInt,
        tag_id -> BigInt,
    }
}

diesel::joinable!(content_article_tag -> content_tag (tag_id));
diesel::allow_tables_to_appear_in_same_query!(
    content_article,
    content_article_tag,
    content_category,
    content_category_ancestor,
    content_revision,
    content_tag,
);
