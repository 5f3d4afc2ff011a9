//! The tables as diesel sees them; `migrations/media` makes them.

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Nullable, Text};

    media_file (id) {
        id -> BigInt,
        owner_id -> BigInt,
        name -> Text,
        media_type -> Text,
        size_bytes -> BigInt,
        sha256 -> Text,
        width -> Nullable<BigInt>,
        height -> Nullable<BigInt>,
        view_level_id -> BigInt,
        created_ms -> BigInt,
        file_key -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Text};

    media_thumbnail (file_id, width, height) {
        file_id -> BigInt,
        width -> BigInt,
        height -> BigInt,
        media_type -> Text,
        file_key -> Text,
    }
}

diesel::table! {
    use loggia_sql::sql_types::BigInt;

    media_account (owner_id) {
        owner_id -> BigInt,
        size_bytes -> BigInt,
    }
}
