CREATE TABLE "core_import" (
    "module" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "id" BIGINT NOT NULL,
    "source_digest" TEXT NOT NULL,
    "our_digest" TEXT,
    PRIMARY KEY ("module", "kind", "id")
);
