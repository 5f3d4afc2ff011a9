CREATE TABLE "api_key" (
    "id" {id},
    "user_id" BIGINT NOT NULL,
    "endpoints" {json},
    "default_request" {bool} NOT NULL,
    "modules" {json} NOT NULL,
    "operations" {json} NOT NULL,
    "scopes" {json} NOT NULL,
    "daily_requests" BIGINT NOT NULL,
    "expires_ms" BIGINT,
    "comment" TEXT NOT NULL,
    "state" SMALLINT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    "changed" BIGINT NOT NULL
);

CREATE INDEX "api_key_by_change" ON "api_key" ("changed");

CREATE TABLE "api_key_secret" (
    "digest" {bytes} NOT NULL PRIMARY KEY,
    "key_id" BIGINT NOT NULL REFERENCES "api_key" ("id") ON DELETE CASCADE,
    "prefix" TEXT NOT NULL,
    "legacy" {bool} NOT NULL,
    "created_ms" BIGINT NOT NULL,
    "expires_ms" BIGINT
);

CREATE INDEX "api_key_secret_by_key" ON "api_key_secret" ("key_id");

CREATE TABLE "api_key_usage" (
    "key_id" BIGINT NOT NULL PRIMARY KEY REFERENCES "api_key" ("id") ON DELETE CASCADE,
    "hits" BIGINT NOT NULL,
    "last_visit_ms" BIGINT NOT NULL,
    "current_day" BIGINT NOT NULL,
    "current_hits" BIGINT NOT NULL,
    "near_day" BIGINT NOT NULL
);

CREATE TABLE "api_key_share" (
    "key_id" BIGINT NOT NULL REFERENCES "api_key" ("id") ON DELETE CASCADE,
    "node_id" BIGINT NOT NULL,
    "day" BIGINT NOT NULL,
    "granted" BIGINT NOT NULL,
    "used" BIGINT NOT NULL,
    "prepaid" {bool} NOT NULL,
    "last_visit_ms" BIGINT NOT NULL,
    PRIMARY KEY ("key_id", "node_id", "day")
);

CREATE TABLE "quota_node" (
    "id" {id},
    "expires_ms" BIGINT NOT NULL
);

CREATE TABLE "api_key_version" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL
);

INSERT INTO "api_key_version" ("id", "version") VALUES (1, 0);
