CREATE TABLE "catalog_vote" (
    "id" {id},
    "item_id" BIGINT NOT NULL REFERENCES "catalog_item" ("id") ON DELETE CASCADE,
    "element" TEXT NOT NULL,
    "voter" TEXT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "stars" BIGINT NOT NULL,
    "voted_ms" BIGINT NOT NULL,
    UNIQUE ("item_id", "element", "voter")
);

CREATE INDEX "catalog_vote_by_person" ON "catalog_vote" ("user_id");
