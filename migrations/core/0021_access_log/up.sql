CREATE TABLE "access_log" (
    "id" {id},
    "endpoint" TEXT NOT NULL,
    "access_type" SMALLINT NOT NULL,
    "request_ms" BIGINT NOT NULL,
    "request_day" BIGINT NOT NULL,
    "error" SMALLINT NOT NULL,
    "error_code" TEXT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "key_id" BIGINT NOT NULL,
    "key_prefix" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "module" TEXT NOT NULL,
    "resource" TEXT NOT NULL,
    "duration_us" BIGINT NOT NULL,
    "request_id" TEXT NOT NULL,
    "node" TEXT NOT NULL,
    "client_address" TEXT NOT NULL,
    "http_status" SMALLINT NOT NULL
);

CREATE INDEX "access_log_by_time" ON "access_log" ("request_ms");
