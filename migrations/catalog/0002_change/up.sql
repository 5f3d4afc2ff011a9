CREATE TABLE "catalog_change" ("id" BIGINT PRIMARY KEY, "number" BIGINT NOT NULL);

INSERT INTO "catalog_change" ("id", "number") VALUES (1, 0);

CREATE INDEX "catalog_item_by_publish_up" ON "catalog_item" ("publish_up_ms");
CREATE INDEX "catalog_item_by_publish_down" ON "catalog_item" ("publish_down_ms");
