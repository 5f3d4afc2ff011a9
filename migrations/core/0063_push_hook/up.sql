CREATE TABLE "push_hook" (
    "application_id" BIGINT PRIMARY KEY REFERENCES "push_application" ("id") ON DELETE CASCADE,
    "url" TEXT NOT NULL,
    "secret" TEXT NOT NULL,
    "kinds" TEXT NOT NULL,
    "failures" BIGINT NOT NULL,
    "paused_until_ms" BIGINT NOT NULL,
    "stopped_ms" BIGINT,
    "last_error" TEXT,
    "last_error_ms" BIGINT,
    "last_success_ms" BIGINT,
    "created_ms" BIGINT NOT NULL,
    "modified_ms" BIGINT NOT NULL
);

CREATE TABLE "push_event" (
    "id" {id},
    "public_id" TEXT NOT NULL UNIQUE,
    "application_id" BIGINT NOT NULL,
    "content" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "attempts" BIGINT NOT NULL,
    "next_attempt_ms" BIGINT,
    "reason" TEXT,
    "created_ms" BIGINT NOT NULL,
    "updated_ms" BIGINT NOT NULL
);

CREATE INDEX "push_event_by_application" ON "push_event" ("application_id", "id");
CREATE INDEX "push_event_by_turn" ON "push_event" ("application_id", "next_attempt_ms", "id")
    WHERE "next_attempt_ms" IS NOT NULL;
