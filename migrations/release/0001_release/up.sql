CREATE TABLE "release_group" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "seed" TEXT NOT NULL,
    "created_ms" BIGINT NOT NULL
);

CREATE TABLE "release_group_user_group" (
    "group_id" TEXT NOT NULL REFERENCES "release_group" ("id") ON DELETE CASCADE,
    "user_group_id" BIGINT NOT NULL,
    PRIMARY KEY ("group_id", "user_group_id")
);

CREATE TABLE "release_product" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "group_id" TEXT REFERENCES "release_group" ("id"),
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "element" TEXT NOT NULL,
    "client" TEXT NOT NULL,
    "folder" TEXT NOT NULL,
    "created_ms" BIGINT NOT NULL
);

CREATE TABLE "release_package" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "product_id" TEXT NOT NULL REFERENCES "release_product" ("id"),
    "version" TEXT NOT NULL,
    "stability" TEXT NOT NULL,
    "file_key" TEXT NOT NULL,
    "file_name" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "sha256" TEXT NOT NULL,
    "sha384" TEXT NOT NULL,
    "sha512" TEXT NOT NULL,
    "platforms" TEXT NOT NULL,
    "php_minimum" TEXT,
    "databases" {json} NOT NULL,
    "info_url" TEXT NOT NULL,
    "changelog" {json} NOT NULL,
    "published_ms" BIGINT NOT NULL,
    "yanked_ms" BIGINT,
    "yank_reason" TEXT,
    "downloads" BIGINT NOT NULL,
    UNIQUE ("product_id", "version")
);

CREATE TABLE "release_licence" (
    "id" {id},
    "group_id" TEXT NOT NULL REFERENCES "release_group" ("id"),
    "user_id" BIGINT NOT NULL,
    "serial" BIGINT NOT NULL,
    "key_lookup" TEXT NOT NULL UNIQUE,
    "key_hint" TEXT NOT NULL,
    "reference" TEXT UNIQUE,
    "note" TEXT NOT NULL,
    "expires_ms" BIGINT,
    "site_limit" BIGINT NOT NULL,
    "revoked_ms" BIGINT,
    "revoke_reason" TEXT,
    "created_ms" BIGINT NOT NULL,
    UNIQUE ("group_id", "user_id", "serial")
);

CREATE INDEX "release_licence_by_user" ON "release_licence" ("user_id");

CREATE TABLE "release_licence_site" (
    "licence_id" BIGINT NOT NULL REFERENCES "release_licence" ("id") ON DELETE CASCADE,
    "site" TEXT NOT NULL,
    "first_seen_ms" BIGINT NOT NULL,
    "last_seen_ms" BIGINT NOT NULL,
    PRIMARY KEY ("licence_id", "site")
);

CREATE TABLE "release_download" (
    "package_id" TEXT NOT NULL REFERENCES "release_package" ("id") ON DELETE CASCADE,
    "day" BIGINT NOT NULL,
    "downloads" BIGINT NOT NULL,
    PRIMARY KEY ("package_id", "day")
);

CREATE TABLE "release_state" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "generation" BIGINT NOT NULL
);

INSERT INTO "release_state" ("id", "generation") VALUES (1, 1);
