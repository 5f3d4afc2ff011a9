CREATE TABLE "media_file" (
    "id" {id},
    "owner_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "media_type" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "sha256" TEXT NOT NULL,
    "width" BIGINT,
    "height" BIGINT,
    "view_level_id" BIGINT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    "file_key" TEXT NOT NULL UNIQUE
);

CREATE INDEX "media_file_by_owner" ON "media_file" ("owner_id", "id");

CREATE TABLE "media_thumbnail" (
    "file_id" BIGINT NOT NULL REFERENCES "media_file" ("id") ON DELETE CASCADE,
    "width" BIGINT NOT NULL,
    "height" BIGINT NOT NULL,
    "media_type" TEXT NOT NULL,
    "file_key" TEXT NOT NULL UNIQUE,
    PRIMARY KEY ("file_id", "width", "height")
);

CREATE TABLE "media_account" (
    "owner_id" BIGINT NOT NULL PRIMARY KEY,
    "size_bytes" BIGINT NOT NULL
);
