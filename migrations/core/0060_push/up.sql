CREATE TABLE "push_application" (
    "id" {id},
    "code" TEXT NOT NULL UNIQUE,
    "public_id" TEXT NOT NULL UNIQUE,
    "token_digest" TEXT UNIQUE,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "alarms" TEXT NOT NULL,
    "credentials" TEXT,
    "platforms" TEXT NOT NULL,
    "details" TEXT NOT NULL,
    "version" BIGINT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    "modified_ms" BIGINT NOT NULL
);

CREATE TABLE "push_device" (
    "id" {id},
    "public_id" TEXT NOT NULL UNIQUE,
    "application_id" BIGINT NOT NULL REFERENCES "push_application" ("id"),
    "platform" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "token_digest" TEXT NOT NULL,
    "user_id" BIGINT,
    "user_ref" TEXT,
    "status" TEXT NOT NULL,
    "retired_ms" BIGINT,
    "retired_reason" TEXT,
    "language" TEXT,
    "time_zone" TEXT,
    "app_version" TEXT,
    "badge" BIGINT,
    "ios_alert" {bool} NOT NULL,
    "ios_badge" {bool} NOT NULL,
    "ios_sound" {bool} NOT NULL,
    "preferences" TEXT,
    "details" TEXT NOT NULL,
    "hits" BIGINT NOT NULL,
    "last_request_ms" BIGINT NOT NULL,
    "push_hits" BIGINT NOT NULL,
    "last_push_ms" BIGINT,
    "created_ms" BIGINT NOT NULL,
    "modified_ms" BIGINT NOT NULL,
    UNIQUE ("token_digest", "application_id", "platform")
);

CREATE INDEX "push_device_by_application" ON "push_device" ("application_id", "id");
CREATE INDEX "push_device_by_user" ON "push_device" ("user_id", "id") WHERE "user_id" IS NOT NULL;
CREATE INDEX "push_device_by_user_ref" ON "push_device" ("user_ref", "id") WHERE "user_ref" IS NOT NULL;

CREATE TABLE "push_subscription" (
    "topic" TEXT NOT NULL,
    "application_id" BIGINT NOT NULL,
    "device_id" BIGINT NOT NULL REFERENCES "push_device" ("id") ON DELETE CASCADE,
    "created_ms" BIGINT NOT NULL,
    PRIMARY KEY ("topic", "application_id", "device_id")
);

CREATE INDEX "push_subscription_by_device" ON "push_subscription" ("device_id");

CREATE TABLE "push_preference" (
    "application_id" BIGINT NOT NULL REFERENCES "push_application" ("id") ON DELETE CASCADE,
    "user_ref" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "modified_ms" BIGINT NOT NULL,
    PRIMARY KEY ("application_id", "user_ref")
);

CREATE TABLE "push_notification" (
    "id" {id},
    "public_id" TEXT NOT NULL UNIQUE,
    "application_id" BIGINT REFERENCES "push_application" ("id"),
    "platform" TEXT,
    "audience" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "topic" TEXT,
    "context" TEXT,
    "details" TEXT NOT NULL,
    "unknown_policy" TEXT NOT NULL,
    "urgent" {bool} NOT NULL,
    "status" BIGINT NOT NULL,
    "scheduled_ms" BIGINT NOT NULL,
    "expires_ms" BIGINT,
    "due_ms" BIGINT,
    "last_device_id" BIGINT NOT NULL,
    "last_run_ms" BIGINT,
    "queued" BIGINT NOT NULL,
    "sent" BIGINT NOT NULL,
    "accepted" BIGINT NOT NULL,
    "refused" BIGINT NOT NULL,
    "gone" BIGINT NOT NULL,
    "expired" BIGINT NOT NULL,
    "skipped" BIGINT NOT NULL,
    "unknown" BIGINT NOT NULL,
    "attempts" BIGINT NOT NULL,
    "unknowns" BIGINT NOT NULL,
    "opened" BIGINT NOT NULL,
    "clicked" BIGINT NOT NULL,
    "version" BIGINT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    "modified_ms" BIGINT NOT NULL
);

CREATE INDEX "push_notification_by_due" ON "push_notification" ("due_ms", "id") WHERE "due_ms" IS NOT NULL;
CREATE INDEX "push_notification_by_application" ON "push_notification" ("application_id", "id");
CREATE INDEX "push_notification_by_status" ON "push_notification" ("status", "modified_ms");

CREATE TABLE "push_delivery" (
    "notification_id" BIGINT NOT NULL,
    "device_id" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT,
    "vendor_id" TEXT,
    "node_id" BIGINT,
    "fence" BIGINT,
    "attempts" BIGINT NOT NULL,
    "next_attempt_ms" BIGINT,
    "created_ms" BIGINT NOT NULL,
    "updated_ms" BIGINT NOT NULL,
    PRIMARY KEY ("notification_id", "device_id")
){rewritten};

CREATE INDEX "push_delivery_by_turn" ON "push_delivery" ("notification_id", "next_attempt_ms")
    WHERE "next_attempt_ms" IS NOT NULL;
CREATE INDEX "push_delivery_by_device" ON "push_delivery" ("device_id", "notification_id");

CREATE TABLE "push_claim" (
    "id" {id},
    "notification_id" BIGINT NOT NULL,
    "node_id" BIGINT NOT NULL,
    "devices" TEXT NOT NULL,
    "created_ms" BIGINT NOT NULL
);

CREATE INDEX "push_claim_by_notification" ON "push_claim" ("notification_id");

CREATE TABLE "push_receipt" (
    "notification_id" BIGINT NOT NULL,
    "device_id" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "received_ms" BIGINT NOT NULL,
    PRIMARY KEY ("notification_id", "device_id", "kind")
);

CREATE INDEX "push_receipt_by_device" ON "push_receipt" ("device_id");
