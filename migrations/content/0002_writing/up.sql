ALTER TABLE "content_category" ADD COLUMN "version" BIGINT NOT NULL DEFAULT 1;

ALTER TABLE "content_article" ADD COLUMN "version" BIGINT NOT NULL DEFAULT 1;
ALTER TABLE "content_article" ADD COLUMN "modified_ms" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "content_article" ADD COLUMN "modified_by" BIGINT NOT NULL DEFAULT 0;

CREATE TABLE "content_revision" (
    "id" {id},
    "article_id" BIGINT NOT NULL REFERENCES "content_article" ("id") ON DELETE CASCADE,
    "version" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "user_name" TEXT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    "document" {json} NOT NULL,
    UNIQUE ("article_id", "version")
);

CREATE INDEX "content_revision_by_user" ON "content_revision" ("user_id");

CREATE TABLE "content_once" (
    "caller" TEXT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "answer" TEXT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    PRIMARY KEY ("caller", "idempotency_key")
);

CREATE INDEX "content_once_by_created" ON "content_once" ("created_ms");
