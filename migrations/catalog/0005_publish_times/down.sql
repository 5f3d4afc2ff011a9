DROP INDEX "catalog_item_by_publish_down";
CREATE INDEX "catalog_item_by_publish_down" ON "catalog_item" ("publish_down_ms");
DROP INDEX "catalog_item_by_publish_up";
CREATE INDEX "catalog_item_by_publish_up" ON "catalog_item" ("publish_up_ms");
