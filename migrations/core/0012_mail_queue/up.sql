CREATE TABLE "mail_queue" (
    "id" {id},
    "message_id" TEXT NOT NULL UNIQUE,
    "account_id" BIGINT,
    "recipient" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" BIGINT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    "next_try_ms" BIGINT NOT NULL,
    "lease_node" TEXT NOT NULL,
    "lease_fence" BIGINT NOT NULL,
    "lease_ends_ms" BIGINT NOT NULL,
    "finished_ms" BIGINT,
    "last_error" TEXT
);

CREATE INDEX "mail_queue_by_turn" ON "mail_queue" ("state", "next_try_ms");
CREATE INDEX "mail_queue_by_account" ON "mail_queue" ("account_id");
