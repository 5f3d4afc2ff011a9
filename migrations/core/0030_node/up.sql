CREATE TABLE "node" (
    "id" {id},
    "name" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "started_ms" BIGINT NOT NULL,
    "heartbeat_ms" BIGINT NOT NULL,
    "first_command" BIGINT NOT NULL,
    "modules" TEXT NOT NULL
);

CREATE INDEX "node_by_heartbeat" ON "node" ("heartbeat_ms");

CREATE TABLE "node_command" (
    "id" {id},
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "created_ms" BIGINT NOT NULL
);

CREATE TABLE "node_answer" (
    "command_id" BIGINT NOT NULL REFERENCES "node_command" ("id") ON DELETE CASCADE,
    "node_id" BIGINT NOT NULL,
    "failure" TEXT,
    "answered_ms" BIGINT NOT NULL,
    PRIMARY KEY ("command_id", "node_id")
);
