DROP TABLE "search_module";
