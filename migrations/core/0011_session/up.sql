CREATE TABLE "session" (
    "id_hash" {bytes} NOT NULL PRIMARY KEY,
    "account_id" BIGINT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
    "created_ms" BIGINT NOT NULL,
    "last_seen_ms" BIGINT NOT NULL,
    "expires_ms" BIGINT NOT NULL
);

CREATE INDEX "session_by_account" ON "session" ("account_id");
CREATE INDEX "session_by_expiry" ON "session" ("expires_ms");

CREATE TABLE "account_token" (
    "token_hash" {bytes} NOT NULL PRIMARY KEY,
    "account_id" BIGINT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
    "purpose" TEXT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    "expires_ms" BIGINT NOT NULL
);

CREATE INDEX "account_token_by_account" ON "account_token" ("account_id", "purpose");
CREATE INDEX "account_token_by_expiry" ON "account_token" ("expires_ms");

CREATE TABLE "throttle" (
    "subject_hash" {bytes} NOT NULL PRIMARY KEY,
    "charges" BIGINT NOT NULL,
    "window_ends_ms" BIGINT NOT NULL
);

CREATE INDEX "throttle_by_end" ON "throttle" ("window_ends_ms");
