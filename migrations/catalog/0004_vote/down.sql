DROP TABLE "catalog_vote";
