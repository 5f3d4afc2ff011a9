CREATE TABLE "channel_message" (
    "id" {id},
    "created_ms" BIGINT NOT NULL,
    "is_end" {bool} NOT NULL,
    "content" TEXT NOT NULL
);

CREATE INDEX "channel_message_by_time" ON "channel_message" ("created_ms");

CREATE TABLE "channel_target" (
    "channel" TEXT NOT NULL,
    "message_id" BIGINT NOT NULL,
    "notification_id" BIGINT,
    "device_id" BIGINT,
    PRIMARY KEY ("channel", "message_id")
);

CREATE INDEX "channel_target_by_message" ON "channel_target" ("message_id");

CREATE TABLE "channel_presence" (
    "node_id" BIGINT NOT NULL,
    "channel" TEXT NOT NULL,
    "member" TEXT NOT NULL,
    PRIMARY KEY ("channel", "member", "node_id")
);

CREATE INDEX "channel_presence_by_node" ON "channel_presence" ("node_id");

CREATE TABLE "channel_state" (
    "id" BIGINT PRIMARY KEY,
    "forgotten_id" BIGINT NOT NULL
);

INSERT INTO "channel_state" ("id", "forgotten_id") VALUES (1, 0);
