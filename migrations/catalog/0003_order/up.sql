DROP INDEX "catalog_item_by_priority";

CREATE INDEX "catalog_item_by_order" ON "catalog_item"
    ("application_id", "priority" DESC, "name", "id", "state", "view_level_id", "publish_up_ms", "publish_down_ms");
