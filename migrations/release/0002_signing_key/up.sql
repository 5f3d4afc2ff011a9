CREATE TABLE "release_signing_key" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "secret" TEXT NOT NULL,
    "created_ms" BIGINT NOT NULL
);
