CREATE TABLE "content_change" ("id" BIGINT PRIMARY KEY, "number" BIGINT NOT NULL);

INSERT INTO "content_change" ("id", "number") VALUES (1, 0);

CREATE INDEX "content_article_by_publish_up" ON "content_article" ("publish_up_ms");
CREATE INDEX "content_article_by_publish_down" ON "content_article" ("publish_down_ms");
