DROP INDEX "catalog_item_by_publish_up";
CREATE INDEX "catalog_item_by_publish_up" ON "catalog_item" ("publish_up_ms") WHERE "publish_up_ms" IS NOT NULL;
DROP INDEX "catalog_item_by_publish_down";
CREATE INDEX "catalog_item_by_publish_down" ON "catalog_item" ("publish_down_ms") WHERE "publish_down_ms" IS NOT NULL;
