CREATE TABLE "profiles_field" (
    "id" {id},
    "name" TEXT NOT NULL UNIQUE,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "options" {json} NOT NULL,
    "default_value" TEXT NOT NULL,
    "max_length" BIGINT NOT NULL,
    "required" {bool} NOT NULL,
    "readonly" {bool} NOT NULL,
    "published" {bool} NOT NULL,
    "position" BIGINT NOT NULL
);

CREATE TABLE "profiles_value" (
    "account_id" BIGINT NOT NULL,
    "field_id" BIGINT NOT NULL REFERENCES "profiles_field" ("id") ON DELETE CASCADE,
    "value" TEXT NOT NULL,
    PRIMARY KEY ("account_id", "field_id")
);

CREATE INDEX "profiles_value_by_field" ON "profiles_value" ("field_id");
