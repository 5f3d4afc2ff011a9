DROP INDEX "catalog_item_by_publish_down";
DROP INDEX "catalog_item_by_publish_up";
DROP TABLE "catalog_change";
