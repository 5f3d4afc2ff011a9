//! The tables, as diesel sees them.

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Bool, Text};

    forum_category (id) {
        id -> BigInt,
        parent_id -> BigInt,
        level -> BigInt,
        position -> BigInt,
        name -> Text,
        alias -> Text,
        description -> Text,
        icon -> Text,
        icon_id -> BigInt,
        state -> BigInt,
        locked -> Bool,
        by_group -> Bool,
        view_level_id -> BigInt,
        group_id -> BigInt,
        group_recurse -> Bool,
        review -> Bool,
        allow_anonymous -> Bool,
        post_anonymous -> Bool,
        allow_polls -> Bool,
        topic_ordering -> Text,
        topics -> BigInt,
        posts -> BigInt,
        hits -> BigInt,
        last_topic_id -> BigInt,
        last_post_id -> BigInt,
        last_post_ms -> BigInt,
        version -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::BigInt;

    forum_category_ancestor (category_id, ancestor_id) {
        category_id -> BigInt,
        ancestor_id -> BigInt,
        distance -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::BigInt;

    forum_moderator (id) {
        id -> BigInt,
        category_id -> BigInt,
        user_id -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Bool, Text};

    forum_topic (id) {
        id -> BigInt,
        category_id -> BigInt,
        subject -> Text,
        icon_id -> BigInt,
        locked -> Bool,
        hold -> BigInt,
        sticky -> Bool,
        posts -> BigInt,
        hits -> BigInt,
        attachments -> BigInt,
        first_post_id -> BigInt,
        first_post_ms -> BigInt,
        first_post_user_id -> BigInt,
        last_post_id -> BigInt,
        last_post_ms -> BigInt,
        last_post_user_id -> BigInt,
        deleted_by -> BigInt,
        version -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Bool, Nullable, Text};

    forum_message (id) {
        id -> BigInt,
        topic_id -> BigInt,
        parent_id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        email -> Text,
        ip -> Text,
        subject -> Text,
        text -> Text,
        markup -> Text,
        time_ms -> BigInt,
        emoticon -> BigInt,
        locked -> Bool,
        hold -> BigInt,
        hits -> BigInt,
        modified_by -> BigInt,
        modified_ms -> Nullable<BigInt>,
        modified_reason -> Text,
        deleted_by -> BigInt,
        version -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Text};

    forum_thanks (id) {
        id -> BigInt,
        message_id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        time_ms -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Text};

    forum_attachment (id) {
        id -> BigInt,
        message_id -> BigInt,
        user_id -> BigInt,
        filename -> Text,
        media_type -> Text,
        size -> BigInt,
        hash -> Text,
        path -> Text,
        comment -> Text,
    }
}

diesel::table! {
    use loggia_sql::sql_types::BigInt;

    forum_subscription (id) {
        id -> BigInt,
        category_id -> BigInt,
        topic_id -> BigInt,
        user_id -> BigInt,
    }
}

diesel::joinable!(forum_message -> forum_topic (topic_id));
diesel::allow_tables_to_appear_in_same_query!(
    forum_attachment,
    forum_category,
    forum_category_ancestor,
    forum_message,
    forum_moderator,
    forum_subscription,
    forum_thanks,
    forum_topic,
);
