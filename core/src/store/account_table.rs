//! The table of accounts: what stands in it, and what the search finds of them, are both read there.

diesel::table! {
    account (id) {
        id -> BigInt,
        username -> Text,
        username_key -> Text,
        name -> Text,
        email -> Text,
        email_key -> Text,
        password_hash -> Text,
        blocked -> Bool,
        language -> Text,
        created_ms -> BigInt,
        last_visit_ms -> Nullable<BigInt>,
    }
}
