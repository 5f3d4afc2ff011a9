DROP INDEX "catalog_item_by_order";

CREATE INDEX "catalog_item_by_priority" ON "catalog_item" ("application_id", "priority" DESC, "name", "id");
