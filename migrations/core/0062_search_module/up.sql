CREATE TABLE "search_module" (
    "module" TEXT NOT NULL PRIMARY KEY,
    "rules" TEXT NOT NULL
);
