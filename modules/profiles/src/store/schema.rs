//! The tables as diesel sees them; `migrations/profiles` makes them.

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Bool, Json, Text};

    profiles_field (id) {
        id -> BigInt,
        name -> Text,
        title -> Text,
        description -> Text,
        kind -> Text,
        options -> Json,
        default_value -> Text,
        max_length -> BigInt,
        required -> Bool,
        readonly -> Bool,
        published -> Bool,
        position -> BigInt,
    }
}

diesel::table! {
    use loggia_sql::sql_types::{BigInt, Text};

    profiles_value (account_id, field_id) {
        account_id -> BigInt,
        field_id -> BigInt,
        value -> Text,
    }
}

diesel::joinable!(profiles_value -> profiles_field (field_id));
diesel::allow_tables_to_appear_in_same_query!(profiles_field, profiles_value);
