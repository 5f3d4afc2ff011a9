//! The tables as diesel sees them; `migrations/release` makes them.

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Text};

    release_group (id) {
        id -> Text,
        name -> Text,
        seed -> Text,
        created_ms -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Text};

    release_group_user_group (group_id, user_group_id) {
        group_id -> Text,
        user_group_id -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Nullable, Text};

    release_product (id) {
        id -> Text,
        group_id -> Nullable<Text>,
        name -> Text,
        description -> Text,
        kind -> Text,
        element -> Text,
        client -> Text,
        folder -> Text,
        created_ms -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Json, Nullable, Text};

    release_package (id) {
        id -> Text,
        product_id -> Text,
        version -> Text,
        stability -> Text,
        file_key -> Text,
        file_name -> Text,
        size_bytes -> BigInt,
        sha256 -> Text,
        sha384 -> Text,
        sha512 -> Text,
        platforms -> Text,
        php_minimum -> Nullable<Text>,
        databases -> Json,
        info_url -> Text,
        changelog -> Json,
        published_ms -> BigInt,
        yanked_ms -> Nullable<BigInt>,
        yank_reason -> Nullable<Text>,
        downloads -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Nullable, Text};

    release_licence (id) {
        id -> BigInt,
        group_id -> Text,
        user_id -> BigInt,
        serial -> BigInt,
        key_lookup -> Text,
        key_hint -> Text,
        reference -> Nullable<Text>,
        note -> Text,
        expires_ms -> Nullable<BigInt>,
        site_limit -> BigInt,
        revoked_ms -> Nullable<BigInt>,
        revoke_reason -> Nullable<Text>,
        created_ms -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Text};

    release_licence_site (licence_id, site) {
        licence_id -> BigInt,
        site -> Text,
        first_seen_ms -> BigInt,
        last_seen_ms -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Text};

    release_download (package_id, day) {
        package_id -> Text,
        day -> BigInt,
        downloads -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Text};

    release_signing_key (id) {
        id -> BigInt,
        secret -> Text,
        created_ms -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::BigInt;

    release_state (id) {
        id -> BigInt,
        generation -> BigInt,
    }
}
