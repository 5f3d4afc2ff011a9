//! The tables, for statements that this crate does not have.
#![allow(
    missing_docs,
    reason = "columns are explained where rows are, and the macro takes no comments for the rest"
)]

diesel::table! {
    push_application (id) {
        id -> BigInt,
        code -> Text,
        public_id -> Text,
        token_digest -> Nullable<Text>,
        name -> Text,
        description -> Text,
        status -> Text,
        alarms -> Text,
        credentials -> Nullable<Text>,
        platforms -> Text,
        details -> Text,
        version -> BigInt,
        created_ms -> BigInt,
        modified_ms -> BigInt,
    }
}

diesel::table! {
    push_device (id) {
        id -> BigInt,
        public_id -> Text,
        application_id -> BigInt,
        platform -> Text,
        token -> Text,
        token_digest -> Text,
        user_id -> Nullable<BigInt>,
        user_ref -> Nullable<Text>,
        status -> Text,
        retired_ms -> Nullable<BigInt>,
        retired_reason -> Nullable<Text>,
        language -> Nullable<Text>,
        time_zone -> Nullable<Text>,
        app_version -> Nullable<Text>,
        badge -> Nullable<BigInt>,
        ios_alert -> Bool,
        ios_badge -> Bool,
        ios_sound -> Bool,
        preferences -> Nullable<Text>,
        details -> Text,
        hits -> BigInt,
        last_request_ms -> BigInt,
        push_hits -> BigInt,
        last_push_ms -> Nullable<BigInt>,
        created_ms -> BigInt,
        modified_ms -> BigInt,
    }
}

diesel::table! {
    push_subscription (topic, application_id, device_id) {
        topic -> Text,
        application_id -> BigInt,
        device_id -> BigInt,
        created_ms -> BigInt,
    }
}

diesel::table! {
    push_preference (application_id, user_ref) {
        application_id -> BigInt,
        user_ref -> Text,
        content -> Text,
        modified_ms -> BigInt,
    }
}

diesel::table! {
    push_notification (id) {
        id -> BigInt,
        public_id -> Text,
        application_id -> Nullable<BigInt>,
        platform -> Nullable<Text>,
        audience -> Text,
        message -> Text,
        topic -> Nullable<Text>,
        context -> Nullable<Text>,
        details -> Text,
        unknown_policy -> Text,
        urgent -> Bool,
        status -> BigInt,
        scheduled_ms -> BigInt,
        expires_ms -> Nullable<BigInt>,
        due_ms -> Nullable<BigInt>,
        last_device_id -> BigInt,
        last_run_ms -> Nullable<BigInt>,
        queued -> BigInt,
        sent -> BigInt,
        accepted -> BigInt,
        refused -> BigInt,
        gone -> BigInt,
        expired -> BigInt,
        skipped -> BigInt,
        unknown -> BigInt,
        attempts -> BigInt,
        unknowns -> BigInt,
        opened -> BigInt,
        clicked -> BigInt,
        version -> BigInt,
        created_ms -> BigInt,
        modified_ms -> BigInt,
    }
}

diesel::table! {
    push_delivery (notification_id, device_id) {
        notification_id -> BigInt,
        device_id -> BigInt,
        state -> Text,
        reason -> Nullable<Text>,
        vendor_id -> Nullable<Text>,
        node_id -> Nullable<BigInt>,
        fence -> Nullable<BigInt>,
        attempts -> BigInt,
        next_attempt_ms -> Nullable<BigInt>,
        created_ms -> BigInt,
        updated_ms -> BigInt,
    }
}

diesel::table! {
    push_claim (id) {
        id -> BigInt,
        notification_id -> BigInt,
        node_id -> BigInt,
        devices -> Text,
        created_ms -> BigInt,
    }
}

diesel::table! {
    push_receipt (notification_id, device_id, kind) {
        notification_id -> BigInt,
        device_id -> BigInt,
        kind -> Text,
        received_ms -> BigInt,
    }
}

diesel::table! {
    push_hook (application_id) {
        application_id -> BigInt,
        url -> Text,
        secret -> Text,
        kinds -> Text,
        failures -> BigInt,
        paused_until_ms -> BigInt,
        stopped_ms -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        last_error_ms -> Nullable<BigInt>,
        last_success_ms -> Nullable<BigInt>,
        created_ms -> BigInt,
        modified_ms -> BigInt,
    }
}

diesel::table! {
    push_event (id) {
        id -> BigInt,
        public_id -> Text,
        application_id -> BigInt,
        content -> Text,
        size -> BigInt,
        attempts -> BigInt,
        next_attempt_ms -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        created_ms -> BigInt,
        updated_ms -> BigInt,
    }
}

diesel::table! {
    account_group (account_id, group_id) {
        account_id -> BigInt,
        group_id -> BigInt,
    }
}

diesel::table! {
    user_group (id) {
        id -> BigInt,
        parent_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    node (id) {
        id -> BigInt,
        heartbeat_ms -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    push_application,
    push_device,
    push_subscription,
    push_preference,
    push_notification,
    push_delivery,
    push_claim,
    push_receipt,
    push_hook,
    push_event,
    account_group,
    user_group,
    node,
);
