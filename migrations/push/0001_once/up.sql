CREATE TABLE "push_once" (
    "caller" TEXT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "answer" TEXT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    PRIMARY KEY ("caller", "idempotency_key")
);

CREATE INDEX "push_once_created" ON "push_once" ("created_ms");
