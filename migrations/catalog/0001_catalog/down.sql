DROP TABLE "catalog_once";
DROP TABLE "catalog_revision";
DROP TABLE "catalog_item_category";
DROP TABLE "catalog_item";
DROP TABLE "catalog_category_ancestor";
DROP TABLE "catalog_category";
DROP TABLE "catalog_type";
DROP TABLE "catalog_application";
