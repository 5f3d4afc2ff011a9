CREATE TABLE "account_field_group" (
    "id" {id},
    "title" TEXT NOT NULL UNIQUE
);

CREATE TABLE "account_field" (
    "id" {id},
    "name" TEXT NOT NULL UNIQUE,
    "title" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "default_value" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "group_id" BIGINT REFERENCES "account_field_group" ("id") ON DELETE SET NULL,
    "view_level_id" BIGINT NOT NULL,
    "required" {bool} NOT NULL,
    "editable" {bool} NOT NULL,
    "position" BIGINT NOT NULL
);

CREATE TABLE "account_field_value" (
    "field_id" BIGINT NOT NULL REFERENCES "account_field" ("id") ON DELETE CASCADE,
    "account_id" BIGINT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
    "value" TEXT NOT NULL,
    PRIMARY KEY ("field_id", "account_id")
);

CREATE INDEX "account_field_value_by_account" ON "account_field_value" ("account_id");
