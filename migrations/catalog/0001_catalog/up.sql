CREATE TABLE "catalog_application" (
    "id" {id},
    "name" TEXT NOT NULL,
    "alias" TEXT NOT NULL UNIQUE,
    "description" TEXT NOT NULL,
    "state" BIGINT NOT NULL,
    "view_level_id" BIGINT NOT NULL,
    "version" BIGINT NOT NULL
);

CREATE TABLE "catalog_type" (
    "id" {id},
    "application_id" BIGINT NOT NULL REFERENCES "catalog_application" ("id"),
    "identifier" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "elements" {json} NOT NULL,
    "version" BIGINT NOT NULL,
    UNIQUE ("application_id", "identifier")
);

CREATE TABLE "catalog_category" (
    "id" {id},
    "application_id" BIGINT NOT NULL REFERENCES "catalog_application" ("id"),
    "parent_id" BIGINT NOT NULL,
    "position" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "alias" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "content" {json} NOT NULL,
    "metadata" {json} NOT NULL,
    "state" BIGINT NOT NULL,
    "view_level_id" BIGINT NOT NULL,
    "version" BIGINT NOT NULL,
    UNIQUE ("application_id", "parent_id", "alias")
);

CREATE TABLE "catalog_category_ancestor" (
    "category_id" BIGINT NOT NULL REFERENCES "catalog_category" ("id") ON DELETE CASCADE,
    "ancestor_id" BIGINT NOT NULL REFERENCES "catalog_category" ("id") ON DELETE CASCADE,
    "distance" BIGINT NOT NULL,
    PRIMARY KEY ("category_id", "ancestor_id")
);

CREATE INDEX "catalog_category_ancestor_by_ancestor"
    ON "catalog_category_ancestor" ("ancestor_id", "distance", "category_id");

CREATE TABLE "catalog_item" (
    "id" {id},
    "application_id" BIGINT NOT NULL REFERENCES "catalog_application" ("id"),
    "type_id" BIGINT NOT NULL REFERENCES "catalog_type" ("id"),
    "name" TEXT NOT NULL,
    "alias" TEXT NOT NULL,
    "state" BIGINT NOT NULL,
    "view_level_id" BIGINT NOT NULL,
    "publish_up_ms" BIGINT,
    "publish_down_ms" BIGINT,
    "priority" BIGINT NOT NULL,
    "searchable" {bool} NOT NULL,
    "comments_enabled" {bool} NOT NULL,
    "primary_category_id" BIGINT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    "created_by" BIGINT NOT NULL,
    "created_by_alias" TEXT NOT NULL,
    "modified_ms" BIGINT NOT NULL,
    "modified_by" BIGINT NOT NULL,
    "hits" BIGINT NOT NULL,
    "elements" {json} NOT NULL,
    "metadata" {json} NOT NULL,
    "version" BIGINT NOT NULL,
    UNIQUE ("application_id", "alias")
);

CREATE INDEX "catalog_item_by_priority" ON "catalog_item" ("application_id", "priority" DESC, "name", "id");
CREATE INDEX "catalog_item_by_type" ON "catalog_item" ("type_id");
CREATE INDEX "catalog_item_by_author" ON "catalog_item" ("created_by");
CREATE INDEX "catalog_item_by_editor" ON "catalog_item" ("modified_by");

CREATE TABLE "catalog_item_category" (
    "item_id" BIGINT NOT NULL REFERENCES "catalog_item" ("id") ON DELETE CASCADE,
    "category_id" BIGINT NOT NULL REFERENCES "catalog_category" ("id") ON DELETE CASCADE,
    PRIMARY KEY ("item_id", "category_id")
);

CREATE INDEX "catalog_item_category_by_category" ON "catalog_item_category" ("category_id", "item_id");

CREATE TABLE "catalog_revision" (
    "id" {id},
    "item_id" BIGINT NOT NULL REFERENCES "catalog_item" ("id") ON DELETE CASCADE,
    "version" BIGINT NOT NULL,
    "act" TEXT NOT NULL,
    "saved_ms" BIGINT NOT NULL,
    "saved_by" BIGINT NOT NULL,
    "snapshot" {json} NOT NULL,
    UNIQUE ("item_id", "version")
);

CREATE INDEX "catalog_revision_by_person" ON "catalog_revision" ("saved_by");

CREATE TABLE "catalog_once" (
    "caller" TEXT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "answer" TEXT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    PRIMARY KEY ("caller", "idempotency_key")
);

CREATE INDEX "catalog_once_created" ON "catalog_once" ("created_ms");
