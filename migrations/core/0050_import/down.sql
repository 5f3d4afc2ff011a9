DROP TABLE "core_import";
