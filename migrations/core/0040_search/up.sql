CREATE TABLE "search_entry" (
    "number" {id},
    "is_category" {bool} NOT NULL,
    "area" TEXT NOT NULL,
    "entry_id" BIGINT NOT NULL,
    "module" TEXT NOT NULL,
    "is_present" {bool} NOT NULL,
    "epoch" BIGINT NOT NULL,
    "content" TEXT NOT NULL,
    UNIQUE ("is_category", "area", "entry_id")
);

CREATE INDEX "search_entry_by_epoch" ON "search_entry" ("epoch", "number");

CREATE TABLE "search_state" (
    "id" BIGINT PRIMARY KEY,
    "generation" BIGINT NOT NULL
);

INSERT INTO "search_state" ("id", "generation") VALUES (1, 1);
