ALTER TABLE "media_file" ADD COLUMN "version" BIGINT NOT NULL DEFAULT 1;

CREATE TABLE "media_once" (
    "caller" TEXT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "answer" TEXT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    PRIMARY KEY ("caller", "idempotency_key")
);

CREATE INDEX "media_once_by_created" ON "media_once" ("created_ms");
