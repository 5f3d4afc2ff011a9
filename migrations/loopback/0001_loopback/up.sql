CREATE TABLE "loopback_notification" (
    "id" {id},
    "public_id" TEXT NOT NULL UNIQUE,
    "members" TEXT NOT NULL,
    "created_ms" BIGINT NOT NULL,
    "modified_ms" BIGINT NOT NULL
);
